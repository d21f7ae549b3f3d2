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

/// What is to be otherwise with an instance; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceChange {
    /// [`Instance::description`].
    pub description: Option<String>,
    /// [`Instance::enabled`].
    pub enabled: Option<bool>,
    /// Whether it serves the switches that are assigned to none, in the place of the one that did.
    pub make_default: bool,
    /// The switches that are served from it, in whatever case: these and no others.
    pub switches: Option<Vec<String>>,
}

const COLUMNS: &str =
    "SELECT id, name, description, enabled, is_default, created_at FROM instance ORDER BY id";
const BY_NAME: &str =
    "SELECT id, name, description, enabled, is_default, created_at FROM instance WHERE name = $1";

const BY_ID: &str =
    "SELECT id, name, description, enabled, is_default, created_at FROM instance WHERE id = $1";
const ASSIGN: &str = "INSERT INTO switch (name, instance_id) VALUES ($1, $2) \
                      ON CONFLICT (name) DO UPDATE SET instance_id = excluded.instance_id";

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
        tx.execute(ASSIGN, &[name.as_str().into(), instance.0.into()]).await?;
        let id = revision::begin(&mut tx, instance, author, &format!("switch {name}")).await?;
        self.commit(tx, Some(id)).await?;
        Ok(Some(id))
    }

    /// Changes what is around an instance's tree, as one revision of it, so that all nodes hear of it; nothing that
    /// changes is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such instance; [`Error::Invalid`] for a disabled one that would be the
    /// default one.
    pub async fn change_instance(
        &self,
        instance: InstanceId,
        change: &InstanceChange,
        author: &Author,
    ) -> Result<Option<RevisionId>> {
        let mut tx = self.write(format!("change instance {instance}")).await?;
        // Two that become the default one at the same time would each see the other's state before.
        lock_all(&mut tx).await?;
        let before = by_id(&mut tx, instance).await?;
        let mut changing = Changing { tx: &mut tx, before: &before, said: Vec::new() };
        changing.describe(change.description.as_deref()).await?;
        changing.enable(change.enabled, change.make_default).await?;
        if let Some(switches) = &change.switches {
            changing.serve(switches).await?;
        }
        let said = changing.said;
        if said.is_empty() {
            return Ok(None);
        }
        let id = revision::begin(&mut tx, instance, author, &said.join(", ")).await?;
        if change.enabled == Some(true) && !before.enabled {
            // Nobody has its tree.
            revision::touch(&mut tx, id, &[Part::Everything]).await?;
        }
        self.commit(tx, Some(id)).await?;
        Ok(Some(id))
    }

    /// Deletes an instance with its tree, its history and all that belongs to it. A revision of the default instance
    /// tells of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such instance, [`Error::Invalid`] when it is the default one.
    pub async fn delete_instance(&self, instance: InstanceId, author: &Author) -> Result<RevisionId> {
        let mut tx = self.write(format!("delete instance {instance}")).await?;
        lock_all(&mut tx).await?;
        let found = by_id(&mut tx, instance).await?;
        let default = tx.number("SELECT id FROM instance WHERE is_default", &[]).await?;
        if found.is_default {
            let why = "the default instance cannot be deleted; make another one the default first".to_owned();
            return Err(Error::Invalid { operation: tx.operation(), why });
        }
        for sql in [
            "DELETE FROM change WHERE revision_id IN (SELECT id FROM revision WHERE instance_id = $1)",
            "DELETE FROM revision WHERE instance_id = $1",
            "DELETE FROM template WHERE domain_id IN (SELECT id FROM node WHERE instance_id = $1)",
            "DELETE FROM node WHERE instance_id = $1",
            "DELETE FROM switch WHERE instance_id = $1",
            "DELETE FROM instance_setting WHERE instance_id = $1",
            "DELETE FROM instance WHERE id = $1",
        ] {
            tx.execute(sql, &[instance.0.into()]).await?;
        }
        let summary = format!("instance {} is deleted", found.name);
        let id = revision::begin(&mut tx, InstanceId(default), author, &summary).await?;
        self.commit(tx, Some(id)).await?;
        Ok(id)
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

/// What is changed with an instance, and what there is to say of it.
struct Changing<'a> {
    tx: &'a mut Tx,
    before: &'a Instance,
    said: Vec<String>,
}

impl Changing<'_> {
    async fn describe(&mut self, description: Option<&str>) -> Result<()> {
        let Some(description) = description.filter(|new| *new != self.before.description) else {
            return Ok(());
        };
        let sql = "UPDATE instance SET description = $2 WHERE id = $1";
        self.tx.execute(sql, &[self.before.id.0.into(), description.into()]).await?;
        self.said.push("description".to_owned());
        Ok(())
    }

    async fn enable(&mut self, enabled: Option<bool>, make_default: bool) -> Result<()> {
        let new = enabled.unwrap_or(self.before.enabled);
        if !new && (make_default || self.before.is_default) {
            let why =
                "the default instance cannot be disabled; make another one the default first".to_owned();
            return Err(Error::Invalid { operation: self.tx.operation(), why });
        }
        let id = self.before.id.0;
        if new != self.before.enabled {
            self.tx
                .execute("UPDATE instance SET enabled = $2 WHERE id = $1", &[id.into(), new.into()])
                .await?;
            self.said.push(if new { "enabled" } else { "disabled" }.to_owned());
        }
        if make_default && !self.before.is_default {
            self.tx.execute("UPDATE instance SET is_default = (id = $1)", &[id.into()]).await?;
            self.said.push("is the default instance".to_owned());
        }
        Ok(())
    }

    async fn serve(&mut self, switches: &[String]) -> Result<()> {
        let mut wanted: Vec<String> = switches.iter().map(|name| name.to_lowercase()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let id = self.before.id.0;
        let sql = "SELECT name FROM switch WHERE instance_id = $1 ORDER BY name";
        let served = self.tx.rows(sql, &[id.into()], |row| row.text(0).map(str::to_owned)).await?;
        for name in served.iter().filter(|name| !wanted.contains(name)) {
            self.tx.execute("DELETE FROM switch WHERE name = $1", &[name.as_str().into()]).await?;
            self.said.push(format!("without switch {name}"));
        }
        for name in wanted.iter().filter(|name| !served.contains(name)) {
            self.tx.execute(ASSIGN, &[name.as_str().into(), id.into()]).await?;
            self.said.push(format!("switch {name}"));
        }
        Ok(())
    }
}

/// Keeps all others from changing instances, and from editing any, until the end of the transaction.
async fn lock_all(tx: &mut Tx) -> Result<()> {
    let sql = format!("SELECT id FROM instance ORDER BY id{}", tx.for_update());
    tx.rows(crate::engine::composed(sql), &[], |_| Ok(())).await?;
    Ok(())
}

async fn by_id(tx: &mut Tx, instance: InstanceId) -> Result<Instance> {
    match tx.row(BY_ID, &[instance.0.into()]).await?.as_ref().map(read).transpose()? {
        Some(found) => Ok(found),
        None => {
            Err(Error::NotFound { operation: tx.operation(), what: "instance", id: instance.to_string() })
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
