//! Nodes found by the tags on the way to them.

use std::collections::HashMap;

use custompbx_model::{Node, NodeId};

use crate::engine::{Row, Tx, Value, composed};
use crate::error::Result;
use crate::flat::{Flat, Texts, flat_columns};
use crate::tree::positions;
use crate::{InstanceId, Store, UserCursor};

/// A node, and from where it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Below {
    /// Where the search began.
    pub owner: NodeId,
    /// Its parent.
    pub parent: NodeId,
    /// Its place there, from 1.
    pub position: i64,
    /// Without its children.
    pub node: Node,
}

const OF_DOMAIN: &str = concat!(
    "SELECT ",
    flat_columns!(),
    " FROM node WHERE domain_id = $1 AND (user_id, id) > ($2, $3) ORDER BY user_id, id LIMIT $4"
);
const POINTERS: &str = concat!(
    "SELECT ",
    flat_columns!(),
    " FROM node WHERE instance_id = $1 AND lower(user_id) = lower($2) AND domain_id IS NULL ",
    "AND user_id IS NOT NULL ORDER BY id"
);
/// Each step is a search in an index.
const IN_DOMAIN: &str = "WITH RECURSIVE up (id, parent_id) AS (SELECT id, parent_id FROM node WHERE id = $1 \
    UNION ALL SELECT node.id, node.parent_id FROM up JOIN node ON node.id = up.parent_id) \
    SELECT count(*) FROM up WHERE id = $2";

impl Store {
    /// The nodes that are reached from any of `owners` by a way of tags, theirs last; in the order of the owners, and
    /// below each in the order of the tree.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn below(&self, owners: &[NodeId], way: &[&str]) -> Result<Vec<Below>> {
        let mut tx = self.read(format!("find {} below {} nodes", way.join("/"), owners.len())).await?;
        let among = tx.among("parent_id", "$1");
        let sql = format!(
            concat!("SELECT ", flat_columns!(), " FROM node WHERE {} AND tag = $2 ORDER BY order_key"),
            among
        );
        let mut texts = Texts::default();
        // Whose way led here, and in which order.
        let mut from: HashMap<NodeId, (usize, NodeId)> = HashMap::new();
        for (order, owner) in owners.iter().enumerate() {
            from.entry(*owner).or_insert((order, *owner));
        }
        let mut found: Vec<(i64, Below)> = Vec::new();
        for (level, tag) in way.iter().enumerate() {
            if from.is_empty() {
                return Ok(Vec::new());
            }
            let ids: Vec<i64> = from.keys().map(|id| id.0).collect();
            found.clear();
            tx.each(composed(sql.clone()), &[Value::Ids(ids.into()), (*tag).into()], |row| {
                let Flat { parent, order, node, .. } = Flat::read(&row, &mut texts)?;
                let parent = parent.unwrap_or_default();
                let owner = from.get(&parent).map_or(parent, |(_, owner)| *owner);
                found.push((order, Below { owner, parent, position: 0, node }));
                Ok(())
            })
            .await?;
            found.sort_by_key(|(key, below)| {
                (from.get(&below.parent).map_or(usize::MAX, |(order, _)| *order), *key)
            });
            if level + 1 < way.len() {
                from = found
                    .iter()
                    .enumerate()
                    .map(|(order, (_, below))| (below.node.id, (order, below.owner)))
                    .collect();
            }
        }
        placed(&mut tx, found.into_iter().map(|(_, below)| below).collect()).await
    }

    /// Some users of a domain by the text of their ids, without what is below them; `after` is the last one of those
    /// before.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn user_heads(
        &self,
        domain: NodeId,
        after: Option<&UserCursor>,
        limit: u32,
    ) -> Result<Vec<Below>> {
        let (user, id) = after.map_or(("", 0), |cursor| (cursor.user.as_str(), cursor.id.0));
        let values = [domain.0.into(), user.into(), id.into(), i64::from(limit).into()];
        self.heads(format!("list the users of domain {domain}"), domain, OF_DOMAIN, &values).await
    }

    /// The users of a domain with any of these ids, as FreeSWITCH compares ids; there should be one of each.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn users_named(&self, domain: NodeId, ids: &[&str]) -> Result<Vec<Below>> {
        let mut tx = self.read(format!("find {} users of domain {domain}", ids.len())).await?;
        let among = tx.among("lower(user_id)", "$2");
        let sql = format!(
            concat!("SELECT ", flat_columns!(), " FROM node WHERE domain_id = $1 AND {} ORDER BY id"),
            among
        );
        // PostgreSQL has no zero bytes in its texts.
        let ids = ids.iter().filter(|id| !id.contains('\0'));
        let ids: Vec<String> = ids.map(|id| id.to_ascii_lowercase()).collect();
        let mut texts = Texts::default();
        let values = [domain.0.into(), Value::Texts(ids.into())];
        let found = tx.rows(composed(sql), &values, |row| unplaced(domain, row, &mut texts)).await?;
        placed(&mut tx, found).await
    }

    /// The pointers of groups to the user of this id in a domain.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn pointers_to(&self, instance: InstanceId, domain: NodeId, id: &str) -> Result<Vec<Below>> {
        let operation = format!("find the pointers to user {id} of domain {domain}");
        let values = [instance.0.into(), id.into()];
        let all = self.heads(operation.clone(), domain, POINTERS, &values).await?;
        let mut tx = self.read(operation).await?;
        let mut pointers = Vec::new();
        for pointer in all {
            if tx.number(IN_DOMAIN, &[pointer.node.id.0.into(), domain.0.into()]).await? > 0 {
                pointers.push(pointer);
            }
        }
        Ok(pointers)
    }

    async fn heads(
        &self,
        operation: String,
        owner: NodeId,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Below>> {
        let mut tx = self.read(operation).await?;
        let mut texts = Texts::default();
        let found = tx.rows(sql, values, |row| unplaced(owner, row, &mut texts)).await?;
        placed(&mut tx, found).await
    }
}

fn unplaced(owner: NodeId, row: &Row, texts: &mut Texts) -> Result<Below> {
    let Flat { parent, node, .. } = Flat::read(row, texts)?;
    Ok(Below { owner, parent: parent.unwrap_or_default(), position: 0, node })
}

async fn placed(tx: &mut Tx, mut found: Vec<Below>) -> Result<Vec<Below>> {
    let places = positions(tx, found.iter().map(|below| (below.parent, below.node.id))).await?;
    for below in &mut found {
        below.position = places.get(&below.node.id).copied().unwrap_or_default();
    }
    Ok(found)
}
