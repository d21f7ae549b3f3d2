//! Revisions: what was changed, when, by whom and by which way.

use std::fmt;

use custompbx_model::{Node, NodeId, Part};
use serde::{Deserialize, Serialize};

use crate::edit::{Author, record};
use crate::engine::{Row, Tx};
use crate::error::{Error, Result};
use crate::instance::InstanceId;
use crate::{Page, Store};

/// Identifies a revision. A later one has a greater id, and becomes visible later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RevisionId(pub i64);

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One transaction's worth of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// Whose tree it changed.
    pub instance: InstanceId,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Who made it.
    pub actor: String,
    /// By which way: the interface, an import.
    pub origin: String,
    /// For people.
    pub summary: String,
    /// What has to be rebuilt. None at all: the assignment of a switch.
    pub parts: Vec<Part>,
}

/// What a step of a revision did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Siblings with all below them came: `after`.
    Insert,
    /// One node got other attributes or another text.
    Update,
    /// One node was enabled or disabled.
    Enable,
    /// One node went to another place; its children are not told.
    Move,
    /// Siblings went with all below them: `before`.
    Delete,
}

/// Neighbours as they stood, or stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Siblings {
    /// `None` for the root.
    pub parent: Option<NodeId>,
    /// The place of the first as people count, beginning with 1.
    pub position: i64,
    /// The sibling right before the first; `None` before all others. It still says where they belong when others
    /// came and went meanwhile.
    pub after: Option<NodeId>,
    /// With children where they came or went with them.
    pub nodes: Vec<Node>,
}

/// One step of a revision. Made in order, the steps lead from the tree before to the tree after; undone in the
/// opposite order, they lead back. Large subtrees come in several steps: parents first, and go children first.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// 1 for the first.
    pub seq: i64,
    /// What it did.
    pub op: Op,
    /// The (first) node.
    pub node: NodeId,
    /// Everything but an [`Op::Insert`] has it.
    pub before: Option<Siblings>,
    /// Everything but an [`Op::Delete`] has it.
    pub after: Option<Siblings>,
}

impl Op {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Enable => "enable",
            Self::Move => "move",
            Self::Delete => "delete",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Insert, Self::Update, Self::Enable, Self::Move, Self::Delete]
            .into_iter()
            .find(|op| op.as_str() == text)
    }
}

const AFTER: &str = "SELECT id, instance_id, at_ms, actor, origin, summary, parts FROM revision \
                     WHERE id > $1 ORDER BY id";
const OF_INSTANCE: &str = "SELECT id, instance_id, at_ms, actor, origin, summary, parts FROM revision \
                           WHERE instance_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

pub(crate) fn read(row: &Row) -> Result<Revision> {
    let id = RevisionId(row.int(0)?);
    let parts = serde_json::from_str(row.text(6)?).map_err(|error| Error::Corrupt {
        operation: crate::Operation("read a revision".into()),
        table: "revision",
        column: "parts".into(),
        row: id.to_string(),
        source: error.into(),
    })?;
    Ok(Revision {
        id,
        instance: InstanceId(row.int(1)?),
        at_ms: row.int(2)?,
        actor: row.text(3)?.to_owned(),
        origin: row.text(4)?.to_owned(),
        summary: row.text(5)?.to_owned(),
        parts,
    })
}

impl Store {
    /// The newest revision of all instances; 0 when there is none.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn head(&self) -> Result<RevisionId> {
        let mut tx = self.read("find the newest revision").await?;
        tx.number("SELECT coalesce(max(id), 0) FROM revision", &[]).await.map(RevisionId)
    }

    /// An instance's newest revision; 0 when there is none.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn head_of(&self, instance: InstanceId) -> Result<RevisionId> {
        let mut tx = self.read(format!("find the newest revision of instance {instance}")).await?;
        head_of(&mut tx, instance).await
    }

    /// The revisions of all instances behind this one, oldest first.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn revisions_after(&self, id: RevisionId) -> Result<Vec<Revision>> {
        let mut tx = self.read(format!("read the revisions after {id}")).await?;
        tx.rows(AFTER, &[id.0.into()], read).await
    }

    /// An instance's revisions, newest first; `before` is the `next` of the page before.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn revisions(
        &self,
        instance: InstanceId,
        before: Option<RevisionId>,
        limit: u32,
    ) -> Result<Page<Revision, RevisionId>> {
        let mut tx = self.read(format!("list the revisions of instance {instance}")).await?;
        let count = "SELECT count(*) FROM revision WHERE instance_id = $1";
        let total = tx.number(count, &[instance.0.into()]).await?;
        let before = before.map_or(i64::MAX, |id| id.0);
        let values = [instance.0.into(), before.into(), i64::from(limit).into()];
        let items = tx.rows(OF_INSTANCE, &values, read).await?;
        Ok(Page::new(items, total, limit, |last| last.id))
    }

    /// How many steps a revision has.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn change_count(&self, revision: RevisionId) -> Result<u64> {
        let mut tx = self.read(format!("count the changes of revision {revision}")).await?;
        let sql = "SELECT count(*) FROM change WHERE revision_id = $1";
        tx.number(sql, &[revision.0.into()]).await.map(|count| u64::try_from(count).unwrap_or_default())
    }

    /// The steps of a revision, in order; none when there is no such revision.
    ///
    /// # Errors
    /// [`Error::Corrupt`] besides those of the connection.
    pub async fn changes(&self, revision: RevisionId) -> Result<Vec<Change>> {
        self.changes_behind(revision, 0, u32::MAX).await
    }

    /// The same behind the one of this number, at most `limit`.
    ///
    /// # Errors
    /// Those of [`Store::changes`].
    pub async fn changes_behind(&self, revision: RevisionId, seq: i64, limit: u32) -> Result<Vec<Change>> {
        let operation = format!("read the changes of revision {revision}");
        let mut tx = self.read(operation).await?;
        let sql = "SELECT seq, node_id, op, before, after FROM change WHERE revision_id = $1 AND seq > $2 \
                   ORDER BY seq LIMIT $3";
        let values = [revision.0.into(), seq.into(), i64::from(limit).into()];
        tx.rows(sql, &values, |row| {
            let seq = row.int(0)?;
            let corrupt = |column: &'static str, source: Box<dyn std::error::Error + Send + Sync>| {
                let row = format!("{revision}, {seq}");
                let operation = crate::Operation("read a change".into());
                Error::Corrupt { operation, table: "change", column: column.into(), row, source }
            };
            let siblings = |place, column| match row.optional_text(place)? {
                Some(text) => record::parse(text).map(Some).map_err(|error| corrupt(column, Box::new(error))),
                None => Ok(None),
            };
            Ok(Change {
                seq,
                op: Op::parse(row.text(2)?).ok_or_else(|| corrupt("op", "unknown".into()))?,
                node: NodeId(row.int(1)?),
                before: siblings(3, "before")?,
                after: siblings(4, "after")?,
            })
        })
        .await
    }
}

pub(crate) async fn head_of(tx: &mut Tx, instance: InstanceId) -> Result<RevisionId> {
    let sql = "SELECT coalesce(max(id), 0) FROM revision WHERE instance_id = $1";
    tx.number(sql, &[instance.0.into()]).await.map(RevisionId)
}

/// A revision that has no changes and touches no part yet.
pub(crate) async fn begin(
    tx: &mut Tx,
    instance: InstanceId,
    author: &Author,
    summary: &str,
) -> Result<RevisionId> {
    let id = tx.next_ids("revision", 1).await?;
    let sql = "INSERT INTO revision (id, instance_id, at_ms, actor, origin, summary, parts) \
               VALUES ($1, $2, $3, $4, $5, $6, '[]')";
    let values = [
        id.into(),
        instance.0.into(),
        author.at_ms.into(),
        author.actor.as_str().into(),
        author.origin.as_str().into(),
        summary.into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(RevisionId(id))
}

/// Says which parts a revision touched.
pub(crate) async fn touch(tx: &mut Tx, revision: RevisionId, parts: &[Part]) -> Result<()> {
    let json = serde_json::to_string(parts).map_err(|error| Error::Invalid {
        operation: tx.operation(),
        why: format!("its parts cannot be written: {error}"),
    })?;
    tx.execute("UPDATE revision SET parts = $2 WHERE id = $1", &[revision.0.into(), json.into()]).await?;
    Ok(())
}
