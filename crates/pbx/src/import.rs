//! Taking over FreeSWITCH's files.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use custompbx_conf::{Progress, ReadOptions, Reading, Report};
use custompbx_model::merge::{Counts, merge};
use custompbx_model::{Edit, Node, declare};
use custompbx_store::{Applied, Author, Instance, RevisionId, Store, Subtree};
use tokio::sync::mpsc;

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
    /// The users that came with it, for [`Pbx::open_after`].
    pub users: Vec<Subtree>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Reading files.
    Reading(Progress),
    /// Writing: nodes so far, of these.
    Writing(u64, u64),
}

/// What is taken over.
#[derive(Debug)]
pub enum Source {
    /// What was read.
    Reading(Reading),
    /// Fragments that go into what the instance has ([`ReadOptions::into`]), so that they are read once more whenever that
    /// has changed.
    Fragments {
        /// The files.
        paths: Vec<PathBuf>,
        /// How to read them; the base is the instance's tree.
        options: ReadOptions,
    },
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

/// Makes `instance` hold the source, in one transaction: all of it or nothing. It is compared with the tree that it is
/// written to, whoever else writes.
///
/// # Errors
/// [`Error::Overtaken`], those of [`read`] for fragments, and those of the database.
pub async fn write(
    store: &Store,
    instance: &Instance,
    source: Source,
    author: &Author,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<Imported> {
    let mut source = Some(source);
    for _ in 0..COMPARISONS {
        let Some(taken) = source.take() else { break };
        let since = store.head_of(instance.id).await?;
        let stored = store.tree(instance.id).await?;
        let Compared { edits, counts, findings, report, source: again } =
            compare(stored, taken, tell).await?;
        source = Some(again);
        let total = u64::try_from(counts.added).unwrap_or(u64::MAX);
        let summary =
            format!("import: {} added, {} changed, {} removed", counts.added, counts.changed, counts.removed);
        let mut progress = |done| {
            // It is large, and once it is being written it is not compared again.
            source = None;
            tell(Step::Writing(done, total));
        };
        match store.apply_if_unchanged(instance.id, since, author, &summary, edits, &mut progress).await {
            Ok(Applied { revision, users, .. }) => {
                return Ok(Imported { report, counts, findings, revision, served: false, users });
            }
            Err(custompbx_store::Error::Changed { .. }) => {
                tracing::info!(instance = instance.name, "others changed the instance; comparing anew");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Overtaken { instance: instance.name.clone() })
}

/// A source beside a tree.
struct Compared {
    edits: Vec<Edit>,
    counts: Counts,
    findings: Vec<declare::Finding>,
    report: Report,
    /// To be compared once more.
    source: Source,
}

/// This is a second of work, so it is done elsewhere.
async fn compare(stored: Node, source: Source, tell: &mut (dyn FnMut(Step) + Send)) -> Result<Compared> {
    let (send, mut steps) = mpsc::unbounded_channel();
    let work = move || {
        let stored = Arc::new(stored);
        let reading = match &source {
            Source::Reading(reading) => Cow::Borrowed(reading),
            Source::Fragments { paths, options } => {
                let options = ReadOptions { base: Some(stored.clone()), ..options.clone() };
                let mut tell = |step| {
                    // Nobody may be listening any more.
                    let _ = send.send(step);
                };
                Cow::Owned(read(paths, &options, &mut tell)?)
            }
        };
        let (edits, counts) = merge(&stored, &reading.document);
        let findings = declare::check(&[], &reading.document);
        let report = reading.report.clone();
        Ok(Compared { edits, counts, findings, report, source })
    };
    let work = tokio::task::spawn_blocking(work);
    while let Some(step) = steps.recv().await {
        tell(step);
    }
    work.await.map_err(|error| Error::File {
        operation: "compare the import with what is stored".to_owned(),
        source: std::io::Error::other(error),
    })?
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
        let mut imported = write(&store, &instance, Source::Reading(reading), &author, tell).await?;
        let users = std::mem::take(&mut imported.users);
        imported.served = self.serve_changed(&store, imported.revision, users).await;
        Ok(imported)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use custompbx_model::At;
    use custompbx_store::Engine;

    use super::*;

    const SOFIA: &str = "<configuration name=\"sofia.conf\">\n<profiles>\n<profile name=\"external\">\n\
        <gateways>\n</gateways>\n</profile>\n</profiles>\n</configuration>\n";
    const INTO: &str = "configuration/sofia.conf/profiles/external/gateways";

    fn author() -> Author {
        Author { actor: "a".to_owned(), origin: "test".to_owned(), at_ms: 0 }
    }

    async fn open(path: &Path) -> (Store, Instance) {
        let store = Store::open(&Engine::Sqlite { path: path.to_owned() }, 0).await.unwrap();
        let instance = store.instance_by_name("default").await.unwrap().unwrap();
        (store, instance)
    }

    fn nodes<'n>(root: &'n Node, tag: &str) -> Vec<&'n Node> {
        let mut found = Vec::new();
        root.walk(&mut |node| {
            if &*node.tag == tag {
                found.push(node);
            }
        });
        found
    }

    /// Adds another profile, as somebody else would.
    fn edit(path: &Path, name: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (store, instance) = open(path).await;
            let tree = store.tree(instance.id).await.unwrap();
            let parent = nodes(&tree, "profiles")[0].id;
            let profile = Node::new("profile").with("name", name);
            let insert = Edit::Insert { parent, at: At::Last, nodes: vec![profile] };
            store.apply(instance.id, &author(), "a profile", vec![insert]).await.unwrap();
            store.close().await;
        });
    }

    /// A fragment takes what it goes into with it as a whole, and that is what is there when it is written.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_edit_between_reading_and_writing_a_fragment_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let (path, file) = (directory.path().join("pbx.db"), directory.path().join("gateway.xml"));
        std::fs::write(&file, "<gateway name=\"g\"/>\n").unwrap();
        let (store, instance) = open(&path).await;
        let reading = custompbx_conf::read_text("pasted", SOFIA.as_bytes(), &ReadOptions::default()).unwrap();
        write(&store, &instance, Source::Reading(reading), &author(), &mut |_| {}).await.unwrap();

        let source = || Source::Fragments {
            paths: vec![file.clone()],
            options: ReadOptions { into: Some(INTO.to_owned()), ..ReadOptions::default() },
        };
        let mut readings = 0;
        let mut edits = 0;
        let mut tell = |step| {
            if let Step::Reading(Progress { elements: 1.., .. }) = step {
                readings += 1;
                // The tree was read before the files were.
                if edits < 2 {
                    edits += 1;
                    std::thread::scope(|scope| {
                        scope.spawn(|| edit(&path, &format!("late-{edits}"))).join().unwrap();
                    });
                }
            }
        };
        let imported = write(&store, &instance, source(), &author(), &mut tell).await.unwrap();
        assert_eq!((readings, imported.counts.added, imported.counts.removed), (3, 1, 0), "{imported:?}");
        let tree = store.tree(instance.id).await.unwrap();
        let named = |tag: &str| -> Vec<&str> {
            nodes(&tree, tag).into_iter().filter_map(|node| node.attribute("name")).collect()
        };
        assert_eq!(named("profile"), ["external", "late-1", "late-2"]);
        assert_eq!(named("gateway"), ["g"]);

        // Whoever is overtaken each time gives up, and has changed nothing.
        let mut others = 0;
        let mut tell = |step| {
            if let Step::Reading(Progress { elements: 1.., .. }) = step {
                others += 1;
                let name = format!("other-{others}");
                std::thread::scope(|scope| scope.spawn(|| edit(&path, &name)).join().unwrap());
            }
        };
        std::fs::write(&file, "<gateway name=\"h\"/>\n").unwrap();
        let error = write(&store, &instance, source(), &author(), &mut tell).await.unwrap_err();
        assert!(matches!(error, Error::Overtaken { .. }), "{error:?}");
        assert_eq!(others, COMPARISONS);
        assert_eq!(nodes(&store.tree(instance.id).await.unwrap(), "gateway").len(), 1);
        store.close().await;
    }
}
