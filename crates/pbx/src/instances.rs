//! Instances: making, describing, enabling and deleting them, and which switches each of them serves.

use custompbx_store::{Error as StoreError, Instance, InstanceChange, InstanceId};

use crate::Pbx;
use crate::edit::By;
use crate::error::{Error, Result};

/// The longest name of an instance or a switch, in characters.
const LONGEST_NAME: usize = 100;
/// The longest description, in bytes.
const LONGEST_DESCRIPTION: usize = 4096;
/// The most switches that one instance serves.
const MOST_SWITCHES: usize = 1000;

/// An instance with its switches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The instance.
    pub instance: Instance,
    /// The switches that are served from it, by name; the default one also serves those that are assigned to none.
    pub switches: Vec<String>,
}

impl Pbx {
    /// All instances with their switches, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn instances_and_switches(&self) -> Result<Vec<Served>> {
        let store = self.store()?;
        let mut all: Vec<Served> = store
            .instances()
            .await?
            .into_iter()
            .map(|instance| Served { instance, switches: Vec::new() })
            .collect();
        for (name, id) in store.switches().await? {
            if let Some(served) = all.iter_mut().find(|served| served.instance.id == id) {
                served.switches.push(name);
            }
        }
        Ok(all)
    }

    /// The instance that serves the switches that are assigned to none; the messages of the documented API are about it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn default_instance(&self) -> Result<Instance> {
        let all = self.store()?.instances().await?;
        let found = all.into_iter().find(|instance| instance.is_default);
        found.ok_or_else(|| Error::NotFound { what: "instance", name: "default".to_owned() })
    }

    /// Makes an instance with an empty tree.
    ///
    /// # Errors
    /// [`Error::Taken`], and [`Error::BadRequest`] for a name or a description that cannot be.
    pub async fn create_instance(&self, by: &By, name: &str, change: &InstanceChange) -> Result<Instance> {
        let name = name.trim();
        check_name("the name of an instance", name)?;
        check(change)?;
        let store = self.store()?;
        let author = by.author(self.now());
        let description = change.description.as_deref().unwrap_or_default();
        let created = match store.create_instance(name, description, &author).await {
            Err(StoreError::Conflict { .. }) => {
                return Err(Error::Taken { what: "the instance", name: name.to_owned() });
            }
            created => created?,
        };
        let changed = store.change_instance(created.id, change, &author).await;
        self.serve_changed(&store, None, Vec::new()).await;
        changed?;
        self.instance(name).await
    }

    /// Changes what is around an instance's tree.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::BadRequest`] for a disabled default instance and for texts that cannot be.
    pub async fn change_instance(
        &self,
        by: &By,
        id: InstanceId,
        change: &InstanceChange,
    ) -> Result<Instance> {
        check(change)?;
        let store = self.store()?;
        store.change_instance(id, change, &by.author(self.now())).await?;
        self.serve_changed(&store, None, Vec::new()).await;
        let found = store.instances().await?.into_iter().find(|instance| instance.id == id);
        found.ok_or_else(|| Error::NotFound { what: "instance", name: id.to_string() })
    }

    /// Deletes an instance with its tree and its history.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::BadRequest`] for the default one, which is also the last one.
    pub async fn delete_instance(&self, by: &By, id: InstanceId) -> Result<()> {
        let store = self.store()?;
        store.delete_instance(id, &by.author(self.now())).await?;
        self.serve_changed(&store, None, Vec::new()).await;
        Ok(())
    }
}

fn check(change: &InstanceChange) -> Result<()> {
    let description = change.description.as_deref().unwrap_or_default();
    if description.len() > LONGEST_DESCRIPTION || description.contains('\0') {
        let reason = format!("a description has at most {LONGEST_DESCRIPTION} bytes, and no zero byte");
        return Err(Error::BadRequest(reason));
    }
    let switches = change.switches.as_deref().unwrap_or_default();
    if switches.len() > MOST_SWITCHES {
        return Err(Error::BadRequest(format!("an instance serves at most {MOST_SWITCHES} switches")));
    }
    switches.iter().try_for_each(|name| check_name("the name of a switch", name))
}

/// Names stand in URLs.
pub(crate) fn check_name(what: &str, name: &str) -> Result<()> {
    let good = (1..=LONGEST_NAME).contains(&name.chars().count())
        && name.trim() == name
        && !matches!(name, "." | "..")
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\' | '?' | '#' | '%'));
    if good {
        return Ok(());
    }
    Err(Error::BadRequest(format!(
        "{what} has 1 to {LONGEST_NAME} characters, no control characters and none of / \\ ? # %"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["default", "fs-1.example.com", "Büro 2"] {
            assert!(check_name("a name", good).is_ok(), "{good}");
        }
        for bad in ["", " a", "a/b", "..", "a%2Fb", "a\u{0}", "a\nb", &"x".repeat(101)] {
            assert!(check_name("a name", bad).is_err(), "{bad:?}");
        }
    }
}
