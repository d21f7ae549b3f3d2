//! Objects: nodes of the tree as the API knows them, by their kinds ([`custompbx_model::declare::kind`]).
//!
//! Reading gives [`Object`]s, which know their place, their owners and their members. Changing goes through
//! [`Pbx::edit`](crate::Pbx::edit): what a change depends on (a free name, a place among others, the attributes that it
//! does not touch) is read in its plan, so two at once lose nothing.
//!
//! References by name are kept: pointers of groups follow a user that gets another name, and go with it; access lists
//! and sofia's profiles that name a domain follow it. Free text (`transfer` to a context, `user_context`) is left alone.

mod change;
mod changes;
pub(crate) mod live;
mod members;
mod modules;
mod pages;
pub(crate) mod read;
mod remove;
mod series;

use custompbx_model::declare::Finding;
use custompbx_model::declare::kind::{self, Field, Kind, Link, Seat};
use custompbx_model::{Node, NodeId};
use custompbx_store::{InstanceId, RevisionId};
use serde_json::{Map, Value};

pub use changes::{Changes, Removed};
pub use pages::UserPages;
pub use series::{LARGEST_SERIES, Series};

/// A node that is an object.
#[derive(Clone, Debug)]
pub struct Object {
    /// What it is.
    pub kind: &'static Kind,
    /// Without what is below it, but for the child that holds a field.
    pub node: Node,
    /// Its place; 0 where its kind has none.
    pub position: i64,
    /// The objects it belongs to, outermost first.
    pub owners: Vec<Link>,
    /// Its node's parent, and its place there.
    pub(crate) stands: (NodeId, i64),
    /// The object that it names, where its kind names another.
    pub(crate) named: Option<NodeId>,
    /// What the switches know of it.
    pub(crate) live: Map<String, Value>,
    pub(crate) instance: InstanceId,
}

impl Object {
    /// Its node.
    pub fn id(&self) -> NodeId {
        self.node.id
    }

    /// The nearest owner's id, or the instance's.
    pub fn parent(&self) -> i64 {
        self.owners.last().map_or(self.instance.0, |link| link.id.0)
    }

    /// This object as one of those that others belong to.
    pub fn link(&self) -> Link {
        Link { kind: self.kind, id: self.node.id }
    }

    /// This object as an owner.
    pub fn as_owner(&self) -> Owner {
        Owner { links: self.owners.iter().copied().chain([self.link()]).collect() }
    }

    /// The owner of this object.
    pub fn owner(&self) -> Owner {
        Owner { links: self.owners.clone() }
    }

    /// The id of this object or of the nearest owner of this kind.
    pub fn id_of(&self, kind: &Kind) -> Option<NodeId> {
        if self.kind == kind {
            return Some(self.node.id);
        }
        self.owners.iter().rev().find(|link| link.kind == kind).map(|link| link.id)
    }

    /// What it is known by.
    pub fn name(&self) -> String {
        self.kind.key().map(|key| key.read(&self.node).into_owned()).unwrap_or_default()
    }

    /// All members.
    pub fn members(&self) -> Map<String, Value> {
        let mut members =
            self.kind.object(&self.node, Seat { position: self.position, parent: self.parent() });
        members.extend(self.live.clone());
        if let Some(names) = &self.kind.names {
            let id = self.named.unwrap_or_default();
            members.insert(names.member.to_owned(), Value::Object(names.kind.reference(id.0)));
        }
        members
    }

    /// Some members, in this order; those that are left out of all members can be among them.
    pub fn pick(&self, names: &[&str]) -> Map<String, Value> {
        let mut members = self.members();
        let mut pick = |name: &str| {
            let hidden = || match &self.kind.names {
                Some(refers) if refers.id_member == name => Some(self.named.unwrap_or_default().0.into()),
                _ => self.kind.field(name).map(|field| field.json(&self.node)),
            };
            Some((name.to_owned(), members.remove(name).or_else(hidden)?))
        };
        names.iter().filter_map(|name| pick(name)).collect()
    }
}

/// Fields with what they are to be, as [`Field::parse`] gives it.
pub type Values = [(&'static Field, String)];

/// Where objects are, or are to be.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The objects on the way, outermost first, the owner last; none at all for what belongs to the instance.
    pub links: Vec<Link>,
}

/// A change that was made.
#[derive(Debug)]
pub struct Done {
    /// The object as it is now, or as it was before it went.
    pub object: Object,
    /// The revision; `None` when everything was so already.
    pub revision: Option<RevisionId>,
    /// What FreeSWITCH may not take as meant.
    pub warnings: Vec<Finding>,
}

/// Why an object is not changed, where no more general error says it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A value that is not taken.
    #[error("{field} {why}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: kind::Wrong,
    },
    /// It is not where the one who moves it saw it.
    #[error("it is at position {is}, and not at {seen}")]
    Moved {
        /// Where it was seen.
        seen: i64,
        /// Where it is.
        is: i64,
    },
    /// There is no such place.
    #[error("there is no position {position}; there are {count}")]
    Position {
        /// The place.
        position: i64,
        /// How many there are.
        count: i64,
    },
    /// FreeSWITCH sets it itself.
    #[error("{word} {name} is set by FreeSWITCH itself")]
    Fixed {
        /// What it is.
        word: &'static str,
        /// Its name.
        name: String,
    },
    /// A name without a number cannot be counted up.
    #[error("{0} has no number that could be counted up")]
    NoNumber(String),
    /// Too many at once.
    #[error("at most {most} at once")]
    TooMany {
        /// How many.
        most: usize,
    },
    /// It cannot go because of what stands in it.
    #[error("{count} users stand in it, and the domain has other users beside; move them first")]
    Occupied {
        /// How many.
        count: usize,
    },
}
