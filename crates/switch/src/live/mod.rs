//! What goes on in one FreeSWITCH now, held in memory.
//!
//! [`Live`] is filled with what the switch answers ([`Part`], [`Reading`]) and kept by what it tells of itself
//! ([`Live::apply`]). There is no clock and no connection in here. Who follows it asks for
//! [what changed since](Live::changes_since), and gets everything again where that is no longer known.
//!
//! Nothing is counted up and down: a number is the length of a table or of one of its indexes.

mod apply;
mod calls;
mod changes;
mod kind;
mod parse;
mod part;
mod replace;
pub mod rows;
mod table;
mod telling;
#[cfg(test)]
mod tests;
mod told;

use std::sync::Arc;

pub(crate) use apply::{CUSTOM, EVENTS};
pub use calls::{Call, Calls};
pub use changes::{Change, Delta};
pub use kind::{Kind, Tables};
pub(crate) use part::{Ask, differing, read};
pub use part::{Part, Wanted};
pub use part::{ReadError, Reading};
pub use table::{Row, Table};
pub use telling::Told;

use self::changes::Log;
use self::rows::{Channel, Registration, registration};

/// The live state of one switch.
#[derive(Debug, Default)]
pub struct Live {
    tables: Tables,
    log: Log,
    /// `Core-UUID` of the events; another one is another start of the switch.
    core: Option<Box<str>>,
    /// The number of the last change that was told.
    told: u64,
}

impl Live {
    /// A switch of which nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The number of the last change; it only rises.
    pub fn seq(&self) -> u64 {
        self.log.seq()
    }

    /// What changed after `seq`, each row once and as it is now; of these kinds only.
    ///
    /// `None` where this reaches back too far, or was never a number of this state: then take
    /// [`everything`](Self::everything).
    pub fn changes_since(&self, seq: u64, kinds: &[Kind]) -> Option<Delta> {
        let keys = self.log.since(seq, kinds)?;
        let rows = keys.into_iter().map(|(kind, key)| {
            let row = self.tables.value(kind, &key);
            Change { kind, key, row }
        });
        Some(Delta { seq: self.seq(), rows: rows.collect() })
    }

    /// Whether one of these kinds changed after `seq`; yes where that is no longer known.
    pub(crate) fn is_changed_since(&self, seq: u64, kinds: &[Kind]) -> bool {
        self.log.since(seq, kinds).is_none_or(|keys| !keys.is_empty())
    }

    /// All rows of these kinds, in the order of their keys, with the number of the last change. They are held and not
    /// written down, so that ten thousand of them keep nothing waiting: that is done when the state is let go.
    pub fn everything(&self, kinds: &[Kind]) -> (u64, Vec<Told>) {
        (self.seq(), kinds.iter().flat_map(|kind| self.tables.all(*kind)).collect())
    }

    /// Forgets everything: the switch restarted, or went away.
    pub fn clear(&mut self) {
        self.tables.clear(&mut self.log);
        self.core = None;
    }

    /// Whether a user has a registration.
    pub fn is_registered(&self, user: &str, realm: &str) -> bool {
        self.registrations_of(user, realm).next().is_some()
    }

    /// The registrations of a user.
    pub fn registrations_of<'a>(
        &'a self,
        user: &'a str,
        realm: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Registration>> + 'a {
        let start = registration::keys_of(user, realm);
        let rows = self.tables.registrations.starting_with(start);
        rows.filter(move |row| *row.user == *user && *row.realm == *realm)
    }

    /// How many registrations each realm has.
    pub fn registrations_per_realm(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tables.registrations.indexed()
    }

    /// The channels of a presence, `user@domain`.
    pub fn channels_of<'a>(&'a self, presence: &'a str) -> impl Iterator<Item = &'a Arc<Channel>> + 'a {
        self.tables.channels.by_index(presence)
    }
}
