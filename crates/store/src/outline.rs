//! Trees without the users of domains: small enough to be read as a whole.

use std::collections::HashMap;

use custompbx_model::{Node, NodeId};

use crate::engine::Tx;
use crate::error::{Error, Result};
use crate::flat::{Flat, Texts, assemble, flat_columns, flat_names};
use crate::{InstanceId, Store};

/// A tree without the users of its domains; pointers to users in groups are in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its top.
    pub node: Node,
    /// The order of every node in it, as in [`Subtree::order`](crate::Subtree::order): comparable with those of users
    /// that stand beside.
    pub orders: HashMap<NodeId, i64>,
}

/// Does not go down into users, so that it costs what it returns.
const OUTLINE: &str = concat!(
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

const BELOW: &str = "SELECT count(*) FROM (WITH RECURSIVE below (id) AS (SELECT id FROM node WHERE id = $1 \
    UNION ALL SELECT node.id FROM below JOIN node ON node.parent_id = below.id) \
    SELECT id FROM below LIMIT $2) AS found";

impl Store {
    /// The root of an instance's tree.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such instance.
    pub async fn root(&self, instance: InstanceId) -> Result<NodeId> {
        let mut tx = self.read(format!("find the tree of instance {instance}")).await?;
        root(&mut tx, instance).await
    }

    /// An instance's tree without the users of its domains.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such instance.
    pub async fn outline(&self, instance: InstanceId) -> Result<Outline> {
        let mut tx = self.read(format!("read the outline of instance {instance}")).await?;
        let root = root(&mut tx, instance).await?;
        let found = outline(&mut tx, root).await?;
        found.ok_or_else(|| Error::NotFound {
            operation: tx.operation(),
            what: "instance",
            id: instance.to_string(),
        })
    }

    /// A node and what is below it without the users of its domains.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn outline_of(&self, id: NodeId) -> Result<Option<Outline>> {
        let mut tx = self.read(format!("read the outline of node {id}")).await?;
        outline(&mut tx, id).await
    }

    /// How many nodes a subtree has, counted up to `most`.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn count_below(&self, id: NodeId, most: u32) -> Result<i64> {
        let mut tx = self.read(format!("count the nodes below {id}")).await?;
        tx.number(BELOW, &[id.0.into(), i64::from(most).into()]).await
    }
}

async fn root(tx: &mut Tx, instance: InstanceId) -> Result<NodeId> {
    let sql = "SELECT id FROM node WHERE instance_id = $1 AND parent_id IS NULL";
    match tx.row(sql, &[instance.0.into()]).await? {
        Some(row) => Ok(NodeId(row.int(0)?)),
        None => {
            Err(Error::NotFound { operation: tx.operation(), what: "instance", id: instance.to_string() })
        }
    }
}

async fn outline(tx: &mut Tx, id: NodeId) -> Result<Option<Outline>> {
    let mut texts = Texts::default();
    let rows = tx.rows(OUTLINE, &[id.0.into()], |row| Flat::read(row, &mut texts)).await?;
    let orders = rows.iter().map(|row| (row.node.id, row.order)).collect();
    Ok(assemble(rows).into_iter().next().map(|top| Outline { node: top.node, orders }))
}
