//! Channels joined to calls.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::Live;
use super::rows::Channel;

/// The calls of a switch.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calls {
    /// How many channels there are.
    pub total: usize,
    /// How many of the channels are in call state `ACTIVE`.
    pub answered: usize,
    /// The calls, the oldest first.
    pub calls: Vec<Call>,
}

/// Channels that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Call {
    /// The id of the call: that of the channel that began it, or that it had.
    pub uuid: Arc<str>,
    /// Its channels, the oldest first.
    pub legs: Vec<Arc<Channel>>,
}

impl Live {
    /// The channels, joined by `call_uuid` and by the other legs that are still there.
    pub fn calls(&self) -> Calls {
        let channels = &self.tables.channels;
        let mut calls = Joined::default();
        for row in channels.rows() {
            calls.join(row.call(), row.call());
            let other = row.other_leg.as_deref().and_then(|uuid| channels.get(uuid));
            if let Some(other) = other {
                calls.join(row.call(), other.call());
            }
        }
        let mut legs: BTreeMap<&str, Vec<Arc<Channel>>> = BTreeMap::new();
        for row in channels.rows() {
            legs.entry(calls.root(row.call())).or_default().push(row.clone());
        }
        let mut calls: Vec<Call> = legs
            .into_iter()
            .map(|(uuid, mut legs)| {
                // Within a second the one that began the call is the first.
                legs.sort_by_key(|leg| (leg.created_s, *leg.uuid != *uuid));
                Call { uuid: uuid.into(), legs }
            })
            .collect();
        calls.sort_by_key(|call| call.legs.first().and_then(|leg| leg.created_s));
        let answered = channels.rows().filter(|row| row.callstate.as_deref() == Some("ACTIVE")).count();
        Calls { total: channels.len(), answered, calls }
    }
}

/// Names that were found to mean the same.
#[derive(Default)]
struct Joined<'a> {
    up: HashMap<&'a str, &'a str>,
}

impl<'a> Joined<'a> {
    fn root(&self, mut name: &'a str) -> &'a str {
        while let Some(up) = self.up.get(name)
            && *up != name
        {
            name = up;
        }
        name
    }

    fn join(&mut self, a: &'a str, b: &'a str) {
        let (a, b) = (self.root(a), self.root(b));
        // Always the smaller one is the root, so that nothing goes round in a circle.
        self.up.insert(a.max(b), a.min(b));
    }
}
