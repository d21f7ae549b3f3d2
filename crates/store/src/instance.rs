//! Instances: one tree each, and the switches that are served from it.

use std::fmt;

use custompbx_model::{Node, Part};
use serde::{Deserialize, Serialize};

use crate::edit::keys::Keys;
use crate::edit::place::Place;
use crate::edit::{Author, Work};
use crate::engine::{Row, Tx, is_taken};
use crate::error::{Error, Result};
use crate::revision::{self, RevisionId};
use crate::{Applied, Store};

/// Identifies an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(pub i64);

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One tree with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// No other has the same.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whether switches are served from it.
    pub enabled: bool,
    /// Whether it serves the switches that are assigned to none.
    pub is_default: bool,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

const COLUMNS: &str =
    "SELECT id, name, description, enabled, is_default, created_at FROM instance ORDER BY id";
const BY_NAME: &str =
    "SELECT id, name, description, enabled, is_default, created_at FROM instance WHERE name = $1";

fn read(row: &Row) -> Result<Instance> {
    Ok(Instance {
        id: InstanceId(row.int(0)?),
        name: row.text(1)?.to_owned(),
        description: row.text(2)?.to_owned(),
        enabled: row.bool(3)?,
        is_default: row.bool(4)?,
        created_at: row.int(5)?,
    })
}

impl Store {
    /// All instances, oldest first.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn instances(&self) -> Result<Vec<Instance>> {
        self.read("list the instances").await?.rows(COLUMNS, &[], read).await
    }

    /// The instance with this name.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn instance_by_name(&self, name: &str) -> Result<Option<Instance>> {
        let mut tx = self.read(format!("find instance {name}")).await?;
        tx.row(BY_NAME, &[name.into()]).await?.as_ref().map(read).transpose()
    }

    /// Makes an instance with an empty document, as a revision of its own.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is one with this name.
    pub async fn create_instance(&self, name: &str, description: &str, author: &Author) -> Result<Instance> {
        let mut tx = self.write(format!("create instance {name}")).await?;
        let (instance, applied) = create(&mut tx, name, description, false, author).await?;
        self.commit(tx, applied.revision).await?;
        Ok(instance)
    }

    /// Lets a switch, known by its switchname in whatever case, be served from `instance` from now on. It is a
    /// revision of that instance without changes, so that all nodes hear of it; a repetition is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such instance.
    pub async fn assign_switch(
        &self,
        name: &str,
        instance: InstanceId,
        author: &Author,
    ) -> Result<Option<RevisionId>> {
        let name = name.to_lowercase();
        let mut tx = self.write(format!("assign switch {name} to instance {instance}")).await?;
        lock(&mut tx, instance).await?;
        let same = "SELECT 1 FROM switch WHERE name = $1 AND instance_id = $2";
        if tx.row(same, &[name.as_str().into(), instance.0.into()]).await?.is_some() {
            return Ok(None);
        }
        let sql = "INSERT INTO switch (name, instance_id) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET instance_id = excluded.instance_id";
        tx.execute(sql, &[name.as_str().into(), instance.0.into()]).await?;
        let id = revision::begin(&mut tx, instance, author, &format!("switch {name}")).await?;
        self.commit(tx, Some(id)).await?;
        Ok(Some(id))
    }

    /// The switches that were assigned, by name.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn switches(&self) -> Result<Vec<(String, InstanceId)>> {
        let mut tx = self.read("list the switches").await?;
        let read = |row: &Row| Ok((row.text(0)?.to_owned(), InstanceId(row.int(1)?)));
        tx.rows("SELECT name, instance_id FROM switch ORDER BY name", &[], read).await
    }

    /// Commits, and tells the subscribers of this process.
    pub(crate) async fn commit(&self, tx: Tx, revision: Option<RevisionId>) -> Result<()> {
        match revision {
            Some(revision) => {
                tx.commit_revision(revision.0).await?;
                self.0.signal.committed(revision);
                Ok(())
            }
            None => tx.commit().await,
        }
    }
}

/// Keeps all others from editing the instance until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, instance: InstanceId) -> Result<()> {
    let sql = format!("SELECT id FROM instance WHERE id = $1{}", tx.for_update());
    if tx.row(crate::engine::composed(sql), &[instance.0.into()]).await?.is_none() {
        let operation = tx.operation();
        return Err(Error::NotFound { operation, what: "instance", id: instance.to_string() });
    }
    Ok(())
}

/// An instance with its root node.
pub(crate) async fn create(
    tx: &mut Tx,
    name: &str,
    description: &str,
    is_default: bool,
    author: &Author,
) -> Result<(Instance, Applied)> {
    let id = InstanceId(tx.next_ids("instance", 1).await?);
    let instance = Instance {
        id,
        name: name.to_owned(),
        description: description.to_owned(),
        enabled: true,
        is_default,
        created_at: author.at_ms,
    };
    let sql = "INSERT INTO instance (id, name, description, enabled, is_default, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values =
        [id.0.into(), name.into(), description.into(), true.into(), is_default.into(), author.at_ms.into()];
    if let Err(error) = tx.execute(sql, &values).await {
        let operation = tx.operation();
        return Err(if is_taken(&error) { Error::Conflict { operation, what: "the name" } } else { error });
    }
    let mut work = Work::begin(tx, id, author, &format!("instance {name}")).await?;
    let root = Node::new("document").with("type", "freeswitch/xml");
    work.insert_below(None, Keys::NEW, Place::FIRST, vec![root], &[]).await?;
    work.touch(Part::Everything);
    let applied = work.finish().await?;
    Ok((instance, applied))
}
