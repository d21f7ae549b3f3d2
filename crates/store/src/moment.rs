//! Looking back: single revisions, those that somebody or something has to do with, and nodes as they stand now for
//! comparing.

use std::collections::HashMap;

use custompbx_model::{Node, NodeId};

use crate::engine::{Value, composed};
use crate::error::Result;
use crate::flat::{Flat, Texts, flat_columns};
use crate::revision::{Revision, read};
use crate::{InstanceId, Page, RevisionId, Store};

const ONE: &str = "SELECT id, instance_id, at_ms, actor, origin, summary, parts FROM revision WHERE id = $1";
const AT: &str = "SELECT id, instance_id, at_ms, actor, origin, summary, parts FROM revision \
                  WHERE instance_id = $1 AND at_ms <= $2 ORDER BY id DESC LIMIT 1";

/// Which revisions are asked for; all of an instance by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Made by this actor.
    pub actor: Option<String>,
    /// Made at this time or later, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Made before this time, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// With steps that made, changed, moved or deleted one of these nodes or a child of one; of the first of them also
    /// with steps in which it came or went together with others.
    pub nodes: Option<Vec<NodeId>>,
}

impl Store {
    /// A revision.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] besides those of the connection.
    pub async fn revision(&self, id: RevisionId) -> Result<Option<Revision>> {
        let mut tx = self.read(format!("read revision {id}")).await?;
        tx.row(ONE, &[id.0.into()]).await?.as_ref().map(read).transpose()
    }

    /// An instance's newest revision at a time, in milliseconds since 1970; `None` when there was none yet.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] besides those of the connection.
    pub async fn revision_at(&self, instance: InstanceId, at_ms: i64) -> Result<Option<Revision>> {
        let mut tx = self.read(format!("find the revision of instance {instance} at a moment")).await?;
        tx.row(AT, &[instance.0.into(), at_ms.into()]).await?.as_ref().map(read).transpose()
    }

    /// Some of an instance's revisions, newest first; `before` is the `next` of the page before.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn revisions_of(
        &self,
        instance: InstanceId,
        which: &Which,
        before: Option<RevisionId>,
        limit: u32,
    ) -> Result<Page<Revision, RevisionId>> {
        let mut tx = self.read(format!("list revisions of instance {instance}")).await?;
        let ids: Vec<i64> = which.nodes.iter().flatten().map(|id| id.0).collect();
        let itself = ids.first().map(|id| within(NodeId(*id)));
        // PostgreSQL has no zero bytes in its texts, and wants to find each placeholder, with a type, in the statement.
        let actor = which.actor.as_deref().map(|actor| actor.replace('\0', "\u{fffd}"));
        let steps = format!(
            "SELECT revision_id FROM change WHERE {} OR {} \
             OR (op IN ('insert', 'delete') AND (before LIKE $6 OR after LIKE $6))",
            tx.among("node_id", "$5"),
            tx.among("parent_id", "$5")
        );
        let condition = format!(
            "FROM revision WHERE instance_id = $1 AND (CAST($2 AS text) IS NULL OR actor = $2) \
             AND at_ms >= $3 AND at_ms < $4 AND (CAST($6 AS text) IS NULL OR id IN ({steps}))"
        );
        let mut values: Vec<Value<'_>> = vec![
            instance.0.into(),
            actor.as_deref().into(),
            which.since_ms.unwrap_or(i64::MIN).into(),
            which.until_ms.unwrap_or(i64::MAX).into(),
            Value::Ids(ids.into()),
            itself.as_deref().into(),
        ];
        let count = format!("SELECT count(*) {condition}");
        let total = tx.number(composed(count), &values).await?;
        values.extend([before.map_or(i64::MAX, |id| id.0).into(), i64::from(limit).into()]);
        let sql = format!(
            "SELECT id, instance_id, at_ms, actor, origin, summary, parts {condition} \
             AND id < $7 ORDER BY id DESC LIMIT $8"
        );
        let items = tx.rows(composed(sql), &values, read).await?;
        Ok(Page::new(items, total, limit, |last: &Revision| last.id))
    }

    /// The newest revision behind this one that did something to a node by itself, if there is one.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn touched_since(&self, node: NodeId, since: RevisionId) -> Result<Option<RevisionId>> {
        let mut tx = self.read(format!("find what changed node {node}")).await?;
        let sql = "SELECT max(revision_id) FROM change WHERE node_id = $1 AND revision_id > $2";
        let row = tx.row(sql, &[node.0.into(), since.0.into()]).await?;
        Ok(row.map(|row| row.optional_int(0)).transpose()?.flatten().map(RevisionId))
    }

    /// The revision in which a node came for the first time, if there is one.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn made_in(&self, node: NodeId) -> Result<Option<RevisionId>> {
        let sql =
            "SELECT min(revision_id) FROM change WHERE op = 'insert' AND (node_id = $1 OR after LIKE $2)";
        self.revision_by(sql, node).await
    }

    /// The revision in which a node went for the last time, if there is one.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn gone_in(&self, node: NodeId) -> Result<Option<RevisionId>> {
        let sql =
            "SELECT max(revision_id) FROM change WHERE op = 'delete' AND (node_id = $1 OR before LIKE $2)";
        self.revision_by(sql, node).await
    }

    async fn revision_by(&self, sql: &'static str, node: NodeId) -> Result<Option<RevisionId>> {
        let mut tx = self.read(format!("find what made or deleted node {node}")).await?;
        let row = tx.row(sql, &[node.0.into(), within(node).into()]).await?;
        Ok(row.map(|row| row.optional_int(0)).transpose()?.flatten().map(RevisionId))
    }

    /// These nodes without what is below them, each with its parent; in no particular order. Those that are gone are
    /// left out.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn heads_of(&self, ids: &[NodeId]) -> Result<Vec<(Option<NodeId>, Node)>> {
        let mut tx = self.read(format!("read {} nodes", ids.len())).await?;
        let sql = format!(concat!("SELECT ", flat_columns!(), " FROM node WHERE {}"), tx.among("id", "$1"));
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut texts = Texts::default();
        tx.rows(composed(sql), &[Value::Ids(ids.into())], |row| {
            let Flat { parent, node, .. } = Flat::read(row, &mut texts)?;
            Ok((parent, node))
        })
        .await
    }

    /// The children of these nodes, in order. Those without any are not here.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn child_ids(&self, parents: &[NodeId]) -> Result<HashMap<NodeId, Vec<NodeId>>> {
        let mut tx = self.read(format!("list the children of {} nodes", parents.len())).await?;
        let sql = format!(
            "SELECT parent_id, id FROM node WHERE {} ORDER BY parent_id, order_key",
            tx.among("parent_id", "$1")
        );
        let parents: Vec<i64> = parents.iter().map(|id| id.0).collect();
        let mut children: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
        tx.each(composed(sql), &[Value::Ids(parents.into())], |row| {
            children.entry(NodeId(row.int(0)?)).or_default().push(NodeId(row.int(1)?));
            Ok(())
        })
        .await?;
        Ok(children)
    }
}

/// What a node looks like for LIKE among the nodes of a step ([`crate::edit::record`]): quotes in texts are escaped, so
/// that hardly a text looks like it.
fn within(node: NodeId) -> String {
    format!("%[%,{node},\"%")
}
