//! Taking over FreeSWITCH's files.

use std::path::PathBuf;

use custompbx_conf::{Progress, ReadOptions, Reading, Report};
use custompbx_model::declare;
use custompbx_model::merge::{Counts, merge};
use custompbx_store::{Author, Instance, RevisionId, Store};

use crate::Pbx;
use crate::error::{Error, Result};

/// What an import did, or would do.
#[derive(Debug)]
pub struct Imported {
    /// What was read.
    pub report: Report,
    /// What it changed.
    pub counts: Counts,
    /// What FreeSWITCH may not take as meant, by the declarations.
    pub findings: Vec<declare::Finding>,
    /// The revision; `None` when everything was there already.
    pub revision: Option<RevisionId>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Reading files.
    Reading(Progress),
    /// Writing: nodes so far, of these.
    Writing(u64, u64),
}

/// Reads files. Blocking.
///
/// # Errors
/// The file, the line and the way out; nothing is half read.
pub fn read(paths: &[PathBuf], options: &ReadOptions, tell: &mut dyn FnMut(Step)) -> Result<Reading> {
    Ok(custompbx_conf::read(paths, options, &mut |progress| tell(Step::Reading(progress)))?)
}

/// Makes `instance` hold what was read, in one transaction: all of it or nothing.
///
/// # Errors
/// Those of the database.
pub async fn write(
    store: &Store,
    instance: &Instance,
    reading: Reading,
    author: &Author,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<Imported> {
    let stored = store.tree(instance.id).await?;
    let Reading { document, report } = reading;
    // Both are large and neither is needed while the other is written; this is also a second of work.
    let compared = tokio::task::spawn_blocking(move || {
        let (edits, counts) = merge(&stored, &document);
        let findings = declare::check(&[], &document);
        (edits, counts, findings)
    });
    let (edits, counts, findings) = compared.await.map_err(|error| Error::File {
        operation: "compare the import with what is stored".to_owned(),
        source: std::io::Error::other(error),
    })?;
    let total = u64::try_from(counts.added).unwrap_or(u64::MAX);
    let summary =
        format!("import: {} added, {} changed, {} removed", counts.added, counts.changed, counts.removed);
    let mut progress = |done| tell(Step::Writing(done, total));
    let applied = store.apply_with_progress(instance.id, author, &summary, edits, &mut progress).await?;
    Ok(Imported { report, counts, findings, revision: applied.revision })
}

/// The instance of this name; it is made when it is not there.
///
/// # Errors
/// Those of the database.
pub async fn instance(store: &Store, name: &str, author: &Author) -> Result<Instance> {
    if let Some(instance) = store.instance_by_name(name).await? {
        return Ok(instance);
    }
    Ok(store.create_instance(name, "", author).await?)
}

impl Pbx {
    /// [`write`], and FreeSWITCH gets it.
    ///
    /// # Errors
    /// Those of [`write`].
    pub async fn import(
        &self,
        instance: &str,
        reading: Reading,
        actor: &str,
        tell: &mut (dyn FnMut(Step) + Send),
    ) -> Result<Imported> {
        let store = self.store()?;
        let author = Author { actor: actor.to_owned(), origin: "import".to_owned(), at_ms: self.now() };
        let instance = self::instance(&store, instance, &author).await?;
        let imported = write(&store, &instance, reading, &author, tell).await?;
        self.refresh_from(&store).await?;
        Ok(imported)
    }
}
