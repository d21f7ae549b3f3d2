//! What is told of switches.

use std::collections::BTreeMap;

use custompbx_switch::live::Kind;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Driven;
use crate::Pbx;

/// A switch, for people and programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SwitchView {
    /// How it calls itself, as far as it has said so.
    pub name: String,
    /// What it is called here.
    pub key: String,
    /// Whether it is the one of the configuration.
    pub configured: bool,
    /// The id of the instance that it belongs to.
    pub instance_id: Option<i64>,
    /// The address or name of its machine.
    pub host: String,
    /// The port of its event socket.
    pub port: u16,
    /// `connecting`, `reading`, `live` or `away`.
    pub phase: &'static str,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Since when what is shown of it may be old; `null` while it is not.
    pub stale_since_ms: Option<i64>,
    /// What is in the way.
    pub trouble: Option<String>,
    /// What to do about it.
    pub advice: Option<&'static str>,
    /// How often in a row it failed.
    pub failures: u32,
    /// Parts of its state that could not be read, with the reasons.
    pub unread: BTreeMap<String, String>,
    /// How many rows there are of each kind.
    pub counts: BTreeMap<&'static str, usize>,
    /// Legs of calls.
    pub channels: usize,
    /// Those that are answered.
    pub answered: usize,
    /// What was counted since the start.
    pub figures: BTreeMap<&'static str, u64>,
    /// What it says of itself.
    pub status: Option<Value>,
}

impl Pbx {
    /// All switches.
    pub fn switch_views(&self) -> Vec<SwitchView> {
        self.switches().iter().map(|driven| self.switch_view(driven)).collect()
    }

    /// One switch.
    pub fn switch_view(&self, driven: &Driven) -> SwitchView {
        let supervisor = &driven.supervisor;
        let (status, address) = (supervisor.status(), supervisor.address());
        let live = supervisor.live();
        let calls = live.calls();
        let tables = live.tables();
        SwitchView {
            name: driven.name(),
            key: driven.key.clone(),
            configured: driven.is_configured,
            instance_id: self.instance_of(driven).map(|id| id.0),
            host: address.host,
            port: address.port,
            phase: status.phase.word(),
            since_ms: status.since_ms,
            stale_since_ms: status.stale_since_ms,
            trouble: status.trouble.as_ref().map(ToString::to_string),
            advice: status.trouble.as_ref().map(custompbx_switch::Trouble::advice),
            failures: status.failures,
            unread: status
                .unread
                .iter()
                .map(|(part, why)| (format!("{part:?}").to_lowercase(), why.clone()))
                .collect(),
            counts: Kind::ALL.iter().map(|kind| (kind.name(), tables.len(*kind))).collect(),
            channels: calls.total,
            answered: calls.answered,
            figures: supervisor.figures().all().into_iter().map(|(name, _, count)| (name, count)).collect(),
            status: tables.host.rows().next().map(|host| json!(**host)),
        }
    }

    /// The rows of a kind, by key: some of them, in the order of the keys. `None` for a kind that there is not.
    pub fn live_rows(&self, driven: &Driven, kind: &str, some: Range) -> Option<Shown<Map<String, Value>>> {
        let kind = Kind::named(kind)?;
        let (seq, rows) = driven.supervisor.live().everything(&[kind]);
        let shown = some.of(&rows).iter().map(|row| (row.key.to_string(), row.row()));
        Some(Shown { seq, total: rows.len(), rows: shown.collect() })
    }

    /// Calls with their legs: some of them, the oldest first.
    pub fn live_calls(&self, driven: &Driven, some: Range) -> Shown<Vec<Value>> {
        let (seq, calls) = {
            let live = driven.supervisor.live();
            (live.seq(), live.calls().calls)
        };
        let shown = some.of(&calls).iter().map(|call| {
            let legs: Vec<Value> = call.legs.iter().map(|leg| json!(**leg)).collect();
            json!({ "uuid": *call.uuid, "legs": legs })
        });
        Shown { seq, total: calls.len(), rows: shown.collect() }
    }
}

/// Which of many are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// So many are passed over.
    pub offset: usize,
    /// So many are shown, at most; all of them where nothing is said.
    pub limit: Option<usize>,
}

impl Range {
    fn of<T>(self, all: &[T]) -> &[T] {
        let rest = all.get(self.offset..).unwrap_or_default();
        rest.get(..self.limit.unwrap_or(rest.len())).unwrap_or(rest)
    }
}

/// Some of what lives in a switch.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown<R> {
    /// The number of the last change.
    pub seq: u64,
    /// How many there are in all.
    pub total: usize,
    /// Those that are shown.
    pub rows: R,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_many() {
        let some = |offset, limit| Range { offset, limit }.of(&[1, 2, 3]).to_vec();
        assert_eq!(some(0, None), [1, 2, 3]);
        assert_eq!((some(1, Some(1)), some(2, Some(9)), some(0, Some(0))), (vec![2], vec![3], vec![]));
        assert_eq!((some(3, None), some(usize::MAX, Some(usize::MAX))), (vec![], vec![]));
    }
}
