//! Changing a tree: a list of edits is one transaction and one revision.

mod insert;
pub(crate) mod keys;
pub(crate) mod place;
pub(crate) mod record;
mod spot;
mod steps;
mod updates;

use std::collections::HashSet;

use custompbx_model::edit::collapse;
use custompbx_model::{Edit, NodeId, Part};

use crate::engine::Tx;
use crate::error::{Error, Result};
use crate::instance::{self, InstanceId};
use crate::revision::{self, RevisionId};
use crate::tree::{Found, Subtree, locate, missing};
use crate::{Operation, Store};
use insert::Ids;
use place::Places;
use record::Recorder;
use updates::Content;

/// Who changes something, by which way, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// A login, or the name of a program.
    pub actor: String,
    /// The way: the interface, an import, a switch.
    pub origin: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// What [`Store::apply`] did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// `None` when everything was so already.
    pub revision: Option<RevisionId>,
    /// What has to be rebuilt.
    pub parts: Vec<Part>,
    /// The ids of the nodes that were inserted or restored, in the order of the edits; not of those below them.
    pub inserted: Vec<NodeId>,
    /// Users that were inserted and are as they stand here, so that who serves them needs not read 100,000 back. Not all
    /// of them where other edits came behind.
    pub users: Vec<Subtree>,
}

impl Store {
    /// Makes all these edits, or none of them.
    ///
    /// Edits that change nothing leave no trace. Others who edit the same instance wait.
    ///
    /// # Errors
    /// [`Error::NotFound`] when an edit names a node that is not in this instance, [`Error::Invalid`] when it would
    /// break the tree, [`Error::Full`] and the errors of the connection.
    pub async fn apply(
        &self,
        instance: InstanceId,
        author: &Author,
        summary: &str,
        edits: Vec<Edit>,
    ) -> Result<Applied> {
        self.apply_with_progress(instance, author, summary, edits, &mut |_| {}).await
    }

    /// [`Store::apply`] that tells now and then how many nodes it has inserted.
    ///
    /// # Errors
    /// Those of [`Store::apply`].
    pub async fn apply_with_progress(
        &self,
        instance: InstanceId,
        author: &Author,
        summary: &str,
        edits: Vec<Edit>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Applied> {
        self.apply_to(instance, None, author, summary, edits, progress).await
    }

    /// [`Store::apply_with_progress`] of edits that were made for the tree as it was at this revision
    /// ([`Store::head_of`], asked for before the tree).
    ///
    /// # Errors
    /// [`Error::Changed`] when there is a later one by now, before anything else is looked at; those of
    /// [`Store::apply`].
    pub async fn apply_if_unchanged(
        &self,
        instance: InstanceId,
        since: RevisionId,
        author: &Author,
        summary: &str,
        edits: Vec<Edit>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Applied> {
        self.apply_to(instance, Some(since), author, summary, edits, progress).await
    }

    async fn apply_to(
        &self,
        instance: InstanceId,
        since: Option<RevisionId>,
        author: &Author,
        summary: &str,
        edits: Vec<Edit>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Applied> {
        if edits.is_empty() {
            return Ok(Applied::default());
        }
        let mut tx = self.write(format!("change instance {instance} ({summary})")).await?;
        instance::lock(&mut tx, instance).await?;
        if let Some(since) = since
            && revision::head_of(&mut tx, instance).await? != since
        {
            return Err(Error::Changed { operation: tx.operation() });
        }
        let mut work = Work::begin(&mut tx, instance, author, summary).await?;
        work.progress = Some(progress);
        work.edits(edits).await?;
        let applied = work.finish().await?;
        if applied.revision.is_some() {
            self.commit(tx, applied.revision).await?;
        }
        Ok(applied)
    }
}

/// From so many new nodes on, what the database knows of its table is out of date.
const MANY_ROWS: u64 = 10_000;

/// A revision in the making.
pub(crate) struct Work<'w> {
    tx: &'w mut Tx,
    instance: InstanceId,
    recorder: Recorder,
    places: Places,
    revision: RevisionId,
    parts: Vec<Part>,
    inserted: Vec<NodeId>,
    users: Vec<Subtree>,
    rows: u64,
    progress: Option<&'w mut (dyn FnMut(u64) + Send)>,
}

impl<'w> Work<'w> {
    /// The instance must be locked, or new.
    pub(crate) async fn begin(
        tx: &'w mut Tx,
        instance: InstanceId,
        author: &Author,
        summary: &str,
    ) -> Result<Self> {
        let revision = revision::begin(tx, instance, author, summary).await?;
        Ok(Self {
            tx,
            instance,
            recorder: Recorder::new(revision),
            places: Places::default(),
            revision,
            parts: Vec::new(),
            inserted: Vec::new(),
            users: Vec::new(),
            rows: 0,
            progress: None,
        })
    }

    /// Writes what is left. Without a revision the transaction is not worth a commit.
    pub(crate) async fn finish(mut self) -> Result<Applied> {
        if self.recorder.is_empty() {
            return Ok(Applied::default());
        }
        self.recorder.flush(self.tx).await?;
        if self.rows >= MANY_ROWS {
            self.tx.look_at_nodes().await?;
        }
        let parts = collapse(std::mem::take(&mut self.parts));
        revision::touch(self.tx, self.revision, &parts).await?;
        let Self { revision, inserted, users, .. } = self;
        Ok(Applied { revision: Some(revision), parts, inserted, users })
    }

    /// The tree is not what it was in this part.
    pub(crate) fn touch(&mut self, part: Part) {
        self.parts.push(part);
    }

    async fn edits(&mut self, edits: Vec<Edit>) -> Result<()> {
        let mut edits = edits.into_iter().peekable();
        while let Some(edit) = edits.next() {
            let Edit::Update { id, attributes, text } = edit else {
                self.edit(edit).await?;
                continue;
            };
            let mut same = vec![Content { id, attributes, text }];
            let mut ids = HashSet::from([id]);
            let goes_on = |ids: &HashSet<NodeId>, edit: &Edit| {
                matches!(edit, Edit::Update { id, .. } if !ids.contains(id)) && ids.len() < updates::TOGETHER
            };
            while let Some(Edit::Update { id, attributes, text }) = edits.next_if(|edit| goes_on(&ids, edit))
            {
                ids.insert(id);
                same.push(Content { id, attributes, text });
            }
            // They may be about users that were inserted.
            self.users.clear();
            if same.len() > updates::FEW {
                self.update_all(same).await?;
                continue;
            }
            for content in same {
                self.update(content).await?;
            }
        }
        Ok(())
    }

    async fn edit(&mut self, edit: Edit) -> Result<()> {
        if !matches!(edit, Edit::Insert { .. }) {
            // It may be about one of them.
            self.users.clear();
        }
        match edit {
            Edit::Insert { parent, at, nodes } => self.insert(parent, at, nodes, Ids::New).await,
            Edit::Restore { parent, at, nodes } => self.insert(parent, at, nodes, Ids::Kept).await,
            Edit::Update { id, attributes, text } => self.update(Content { id, attributes, text }).await,
            Edit::Enable { id, enabled } => self.enable(id, enabled).await,
            Edit::Move { id, parent, at } => self.move_to(id, parent, at).await,
            Edit::Delete { id } => self.delete(id).await,
        }
    }

    /// A node that an edit names. Those of other instances do not exist for it.
    async fn find(&mut self, id: NodeId) -> Result<Found> {
        match locate(self.tx, id).await? {
            Some(found) if found.instance == self.instance => Ok(found),
            _ => Err(missing(self.tx.operation(), id)),
        }
    }

    fn invalid(&self, why: impl Into<String>) -> Error {
        Error::Invalid { operation: self.tx.operation(), why: why.into() }
    }

    fn operation(&self) -> Operation {
        self.tx.operation()
    }
}
