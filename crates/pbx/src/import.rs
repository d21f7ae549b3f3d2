//! Taking over FreeSWITCH's files.

use std::path::PathBuf;

use custompbx_conf::{Progress, ReadOptions, Reading, Report};
use custompbx_model::declare;
use custompbx_model::merge::{Counts, merge};
use custompbx_store::{Applied, Author, Instance, RevisionId, Store};

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
    /// Whether FreeSWITCH gets it already. Where that failed after the import was stored, a running server makes up
    /// for it; [`write`] itself serves nothing.
    pub served: bool,
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

/// How often an import is compared anew because others changed the instance meanwhile.
const COMPARISONS: u32 = 5;

/// Makes `instance` hold what was read, in one transaction: all of it or nothing. It is compared with the tree that it
/// is written to, whoever else writes.
///
/// # Errors
/// [`Error::Overtaken`], and those of the database.
pub async fn write(
    store: &Store,
    instance: &Instance,
    reading: Reading,
    author: &Author,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<Imported> {
    let Reading { document, report } = reading;
    let mut document = Some(document);
    for _ in 0..COMPARISONS {
        let Some(imported) = document.take() else { break };
        let since = store.head_of(instance.id).await?;
        let stored = store.tree(instance.id).await?;
        // This is a second of work.
        let compared = tokio::task::spawn_blocking(move || {
            let (edits, counts) = merge(&stored, &imported);
            let findings = declare::check(&[], &imported);
            (edits, counts, findings, imported)
        });
        let (edits, counts, findings, imported) = compared.await.map_err(|error| Error::File {
            operation: "compare the import with what is stored".to_owned(),
            source: std::io::Error::other(error),
        })?;
        document = Some(imported);
        let total = u64::try_from(counts.added).unwrap_or(u64::MAX);
        let summary =
            format!("import: {} added, {} changed, {} removed", counts.added, counts.changed, counts.removed);
        let mut progress = |done| {
            // It is large, and once it is being written it is not compared again.
            document = None;
            tell(Step::Writing(done, total));
        };
        match store.apply_if_unchanged(instance.id, since, author, &summary, edits, &mut progress).await {
            Ok(Applied { revision, .. }) => {
                return Ok(Imported { report, counts, findings, revision, served: false });
            }
            Err(custompbx_store::Error::Changed { .. }) => {
                tracing::info!(instance = instance.name, "others changed the instance; comparing anew");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Overtaken { instance: instance.name.clone() })
}

/// The instance of this name; it is made when it is not there.
///
/// # Errors
/// Those of the database.
pub async fn instance(store: &Store, name: &str, author: &Author) -> Result<Instance> {
    if let Some(instance) = store.instance_by_name(name).await? {
        return Ok(instance);
    }
    match store.create_instance(name, "", author).await {
        Ok(instance) => Ok(instance),
        // Another import was quicker.
        Err(error @ custompbx_store::Error::Conflict { .. }) => {
            store.instance_by_name(name).await?.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
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
        let served = self.serve_changed(&store, imported.revision).await;
        Ok(Imported { served, ..imported })
    }
}
