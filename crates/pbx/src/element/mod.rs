//! The tree by natural keys: reading and changing elements and collections at their addresses
//! ([`custompbx_model::address`]).
//!
//! Reading: [`Pbx::find`], [`Pbx::show`], [`Pbx::list`]. Changing: [`Pbx::put`], [`Pbx::patch`], [`Pbx::create`],
//! [`Pbx::relocate`], [`Pbx::remove`], each of which is one revision, made by [`Pbx::edit`] for the tree as it is at
//! that moment: conditions ([`Condition`]) are looked at there.

mod change;
mod container;
mod cursor;
mod find;
mod list;
mod many;
mod names;
mod relocate;
mod version;
mod view;

use custompbx_model::address::Address;
use custompbx_model::wanted::Fault;

use crate::Pbx;
use crate::edit::Edited;
use crate::error::Result;

pub use change::{Body, missing_message as describe_missing};
pub use find::{Collection, Element, Found, Missing};
pub(crate) use find::{at, at_known, find, users};
pub use list::{Listing, Query};
pub(crate) use many::{Named, named_container};
pub use relocate::{Destination, Where};
pub use version::{Condition, Version};
pub use view::{Shown, View};

/// How many nodes an answer may have, and how many may lie below what is replaced by one request.
pub const LARGEST: u32 = 10_000;

/// What was asked for, or why it was not to be had.
pub type Outcome<T> = std::result::Result<T, Refused>;

/// Why something about an element was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// There is nothing at the address; and what would have to be there first.
    Missing(String),
    /// It is a collection, and only elements can be dealt with so.
    IsCollection(String),
    /// An element of this name is there already.
    Taken(String),
    /// A condition is not met.
    Changed {
        /// The element as it is, unless it is gone or large.
        current: Option<Box<Shown>>,
        /// What was expected.
        expected: String,
    },
    /// What somebody wants makes no sense.
    Faults(Vec<Fault>),
    /// There is more than [`LARGEST`].
    TooLarge(String),
    /// A parameter of the request is wrong.
    Query {
        /// Which one.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
}

/// A change of an element that was made.
#[derive(Debug)]
pub struct Written {
    /// Whether the element is new.
    pub is_new: bool,
    /// The element as it is now; `None` when somebody else took it away at once.
    pub shown: Option<Shown>,
    /// The edit.
    pub edited: Edited<()>,
}

/// How an address is said to people.
fn named(address: &Address) -> String {
    address.to_string()
}

impl Pbx {
    /// What is at an address of an instance.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find(&self, instance: custompbx_store::InstanceId, address: &Address) -> Result<Found> {
        find(&self.store()?, instance, address).await
    }
}
