//! Everything that FreeSWITCH can ask for, in memory.
//!
//! A snapshot never changes. An edit makes a new one that shares all parts but the changed one with the old, and
//! whoever is answering goes on with the one that was current when the question came.
//!
//! Disabled nodes are not in it.

mod build;
mod bytes;
mod container;
mod directory;
mod document;
mod domain;
mod encoded;
mod listing;
mod saved;
mod saved_domain;
mod search;
mod searchable;
mod secret;
mod shard;
mod symbols;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use custompbx_model::NodeId;
use custompbx_model::variables::Variables;

pub use build::{BuildError, UserRow, UsersBuilder};

pub use container::Container;
pub use directory::Directory;
pub use document::{Document, Section};
pub use domain::Domain;
pub(crate) use encoded::Shown;
pub use listing::Item;
pub(crate) use listing::Of;
pub use saved::LoadError;
pub use search::{Hit, Rank, Words};

/// All instances, and which switch belongs to which.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The last revision that is in it.
    pub revision: i64,
    /// Which store it was made from.
    pub store: String,
    /// By id.
    pub instances: BTreeMap<i64, Arc<Instance>>,
    /// The instance that switches get which are not in [`Snapshot::switches`].
    pub default_instance: i64,
    /// Instances by the name of a switch, lower case.
    pub switches: Arc<HashMap<String, i64>>,
}

/// One tree.
#[derive(Clone, Debug, Default)]
pub struct Instance {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The node that holds the global variables, if the tree has it.
    pub variables_node: Option<NodeId>,
    /// The global variables whose values are known.
    pub variables: Arc<Variables>,
    /// All sections but the directory, by name.
    pub sections: BTreeMap<String, Arc<Section>>,
    /// The directory.
    pub directory: Arc<Directory>,
}

impl Snapshot {
    /// The instance of a switch, and whether the switch is known.
    pub fn instance(&self, hostname: &str) -> Option<(&Arc<Instance>, bool)> {
        let known = self.switches.get(&hostname.to_lowercase()).and_then(|id| self.instances.get(id));
        match known {
            Some(instance) => Some((instance, true)),
            None => self.instances.get(&self.default_instance).map(|instance| (instance, false)),
        }
    }

    /// How many users there are in all instances.
    pub fn users(&self) -> usize {
        self.instances
            .values()
            .flat_map(|instance| &instance.directory.domains)
            .map(|domain| domain.users())
            .sum()
    }

    /// The same with one instance put in, or changed.
    #[must_use]
    pub fn with_instance(&self, instance: Instance) -> Self {
        let mut next = self.clone();
        next.instances.insert(instance.id, Arc::new(instance));
        next
    }
}
