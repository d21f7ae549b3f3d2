//! Reading trees and subtrees as a whole.

use std::collections::{HashMap, HashSet};

use custompbx_model::edit::Step;
use custompbx_model::{Node, NodeId};

use crate::engine::{Tx, Value, composed};
use crate::error::{Error, Result};
use crate::flat::{Flat, Texts, assemble, flat_columns, flat_names};
use crate::instance::InstanceId;
use crate::{Operation, Store};

/// A node with all below it, and its order among its siblings.
#[derive(Clone, Debug, PartialEq)]
pub struct Subtree {
    /// `None` for a root.
    pub parent: Option<NodeId>,
    /// Greater than those of the siblings before. It is no place: there are gaps, and it may be below 0. It changes
    /// when the node is moved, and when its siblings are numbered anew to make room; the revision that did so has
    /// their domain among its parts.
    pub order: i64,
    /// The domain's node, when this is a user of the directory and no pointer.
    pub domain: Option<NodeId>,
    /// The node.
    pub node: Node,
}

/// A node with all below it, and the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// 1 for the first child.
    pub position: i64,
    /// Root first, the node itself last.
    pub path: Vec<Step>,
    /// The node.
    pub node: Node,
}

/// Assembling a million nodes at once is faster than asking for them in the order of the tree.
const ALL: &str = concat!("SELECT ", flat_columns!(), " FROM node WHERE instance_id = $1");

/// Does not go down into users, so that it costs what it returns.
const WITHOUT_USERS_OF: &str = concat!(
    "WITH RECURSIVE kept (",
    flat_names!(),
    ") AS (SELECT ",
    flat_columns!(),
    " FROM node WHERE id = $1 UNION ALL SELECT ",
    flat_columns!(),
    " FROM kept JOIN node ON node.parent_id = kept.id WHERE node.domain_id IS NULL) SELECT ",
    flat_names!(),
    " FROM kept"
);

impl Store {
    /// Everything that an instance has.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such instance.
    pub async fn tree(&self, instance: InstanceId) -> Result<Node> {
        let mut tx = self.read(format!("read the tree of instance {instance}")).await?;
        root(&mut tx, instance).await
    }

    /// A node with all below it but the users of domains.
    ///
    /// # Errors
    /// [`Error::Corrupt`] besides those of the connection.
    pub async fn without_users(&self, id: NodeId) -> Result<Option<Node>> {
        let mut tx = self.read(format!("read node {id} without users")).await?;
        let mut texts = Texts::default();
        let rows = tx.rows(WITHOUT_USERS_OF, &[id.0.into()], |row| Flat::read(row, &mut texts)).await?;
        Ok(assemble(rows).into_iter().next().map(|top| top.node))
    }

    /// These nodes, whatever their instances, each with all below it; in no particular order. Those that are gone
    /// are left out, those below another of them are found there.
    ///
    /// # Errors
    /// [`Error::Corrupt`] besides those of the connection.
    pub async fn subtrees(&self, ids: &[NodeId]) -> Result<Vec<Subtree>> {
        let mut tx = self.read(format!("read {} nodes", ids.len())).await?;
        let flat = subtrees(&mut tx, ids).await?;
        let subtree = |Flat { parent, order, domain, node }| Subtree { parent, order, domain, node };
        Ok(flat.into_iter().map(subtree).collect())
    }

    /// The way to a node: root first, the node itself last.
    ///
    /// # Errors
    /// [`Error::Corrupt`] besides those of the connection.
    pub async fn path(&self, id: NodeId) -> Result<Option<Vec<Step>>> {
        let mut tx = self.read(format!("find node {id}")).await?;
        Ok(locate(&mut tx, id).await?.map(|found| found.path))
    }

    /// A node with all below it, and the way to it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] besides those of the connection.
    pub async fn subtree(&self, id: NodeId) -> Result<Option<Located>> {
        let mut tx = self.read(format!("read node {id} and all below it")).await?;
        let Some(found) = locate(&mut tx, id).await? else { return Ok(None) };
        let position = position(&mut tx, &found.flat).await?;
        let node = subtrees(&mut tx, &[id]).await?.pop().map_or(found.flat.node, |top| top.node);
        Ok(Some(Located { instance: found.instance, position, path: found.path, node }))
    }
}

async fn root(tx: &mut Tx, instance: InstanceId) -> Result<Node> {
    let mut texts = Texts::default();
    let rows = tx.rows(ALL, &[instance.0.into()], |row| Flat::read(row, &mut texts)).await?;
    let mut tops = assemble(rows);
    match tops.pop() {
        Some(root) if tops.is_empty() => Ok(root.node),
        Some(lost) => Err(Error::Corrupt {
            operation: tx.operation(),
            table: "node",
            column: "parent_id".into(),
            row: lost.node.id.to_string(),
            source: "there is no such node".into(),
        }),
        None => {
            let operation = tx.operation();
            Err(Error::NotFound { operation, what: "instance", id: instance.to_string() })
        }
    }
}

/// See [`Store::subtrees`]. Goes down level by level: each is a search in an index, while a recursive query from many
/// nodes is planned as a scan of the whole table for every level.
pub(crate) async fn subtrees(tx: &mut Tx, ids: &[NodeId]) -> Result<Vec<Flat>> {
    let top = format!(concat!("SELECT ", flat_columns!(), " FROM node WHERE {}"), tx.among("id", "$1"));
    let next =
        format!(concat!("SELECT ", flat_columns!(), " FROM node WHERE {}"), tx.among("parent_id", "$1"));
    let mut texts = Texts::default();
    // A node that is named and also lies below another named one is found twice.
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    let mut level: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut sql = top;
    while !level.is_empty() {
        let mut below = Vec::new();
        let values = [Value::Ids(level.into())];
        tx.each(composed(sql), &values, |row| {
            let flat = Flat::read(&row, &mut texts)?;
            if seen.insert(flat.node.id) {
                below.push(flat.node.id.0);
                rows.push(flat);
            }
            Ok(())
        })
        .await?;
        level = below;
        sql = next.clone();
    }
    Ok(assemble(rows))
}

/// A node without children, and the way to it.
pub(crate) struct Found {
    pub(crate) instance: InstanceId,
    pub(crate) flat: Flat,
    pub(crate) path: Vec<Step>,
}

const WAY_UP: &str = concat!(
    "WITH RECURSIVE up (",
    flat_names!(),
    ", instance_id, level) AS (SELECT ",
    flat_columns!(),
    ", node.instance_id, 0 FROM node WHERE id = $1 UNION ALL SELECT ",
    flat_columns!(),
    ", node.instance_id, up.level + 1 FROM up JOIN node ON node.id = up.parent_id) SELECT ",
    flat_names!(),
    ", instance_id FROM up ORDER BY level DESC"
);

pub(crate) async fn locate(tx: &mut Tx, id: NodeId) -> Result<Option<Found>> {
    let mut texts = Texts::default();
    let mut path = Vec::new();
    let mut last = None;
    tx.each(WAY_UP, &[id.0.into()], |row| {
        let flat = Flat::read(&row, &mut texts)?;
        path.push(step(&flat.node));
        last = Some((flat, InstanceId(row.int(8)?)));
        Ok(())
    })
    .await?;
    Ok(last.map(|(flat, instance)| Found { instance, flat, path }))
}

/// The same for many nodes; those that are gone are left out. Goes up level by level, so that what several have above
/// them is read once.
pub(crate) async fn locate_all(tx: &mut Tx, ids: &[NodeId]) -> Result<HashMap<NodeId, Found>> {
    let sql = format!(
        concat!("SELECT ", flat_columns!(), ", instance_id FROM node WHERE {}"),
        tx.among("id", "$1")
    );
    let mut texts = Texts::default();
    let mut known: HashMap<NodeId, (Flat, InstanceId)> = HashMap::new();
    let mut level: HashSet<NodeId> = ids.iter().copied().collect();
    while !level.is_empty() {
        let asked: Vec<i64> = level.drain().map(|id| id.0).collect();
        tx.each(composed(sql.clone()), &[Value::Ids(asked.into())], |row| {
            let flat = Flat::read(&row, &mut texts)?;
            level.extend(flat.parent);
            known.insert(flat.node.id, (flat, InstanceId(row.int(8)?)));
            Ok(())
        })
        .await?;
        level.retain(|id| !known.contains_key(id));
    }
    let found = |id: &NodeId| {
        let (flat, instance) = known.get(id)?;
        let up = |(flat, _): &&(Flat, InstanceId)| flat.parent.and_then(|parent| known.get(&parent));
        let way = std::iter::successors(known.get(id), up);
        let mut path: Vec<Step> = way.map(|(flat, _)| step(&flat.node)).collect();
        path.reverse();
        Some((*id, Found { instance: *instance, flat: flat.clone(), path }))
    };
    Ok(ids.iter().filter_map(found).collect())
}

/// The place of a node among its siblings, as people count: 1 for the first.
pub(crate) async fn position(tx: &mut Tx, flat: &Flat) -> Result<i64> {
    let Some(parent) = flat.parent else { return Ok(1) };
    let sql = "SELECT count(*) FROM node WHERE parent_id = $1 AND order_key <= $2";
    tx.number(sql, &[parent.0.into(), flat.order.into()]).await
}

/// The same for several nodes: each with its parent. Costs as much as these parents have children.
pub(crate) async fn positions(
    tx: &mut Tx,
    nodes: impl Iterator<Item = (NodeId, NodeId)>,
) -> Result<HashMap<NodeId, i64>> {
    let mut wanted: HashMap<NodeId, HashSet<NodeId>> = HashMap::new();
    for (parent, node) in nodes {
        wanted.entry(parent).or_default().insert(node);
    }
    let mut positions = HashMap::new();
    for (parent, nodes) in wanted {
        let sql = "SELECT id FROM node WHERE parent_id = $1 ORDER BY order_key";
        let mut position = 0;
        tx.each(sql, &[parent.0.into()], |row| {
            position += 1;
            let id = NodeId(row.int(0)?);
            if nodes.contains(&id) {
                positions.insert(id, position);
            }
            Ok(())
        })
        .await?;
    }
    Ok(positions)
}

/// A node as a step of a way.
pub(crate) fn step(node: &Node) -> Step {
    Step { id: node.id, tag: node.tag.clone(), attributes: node.attributes.clone() }
}

/// Names the node that a write asked for in vain.
pub(crate) fn missing(operation: Operation, id: NodeId) -> Error {
    Error::NotFound { operation, what: "node", id: id.to_string() }
}
