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

    /// The rows of a kind, by key, and the number of the last change; `None` for a kind that there is not.
    pub fn live_rows(&self, driven: &Driven, kind: &str) -> Option<(u64, Map<String, Value>)> {
        let kind = Kind::named(kind)?;
        let everything = driven.supervisor.live().everything(&[kind]);
        let rows = everything.rows.into_iter().map(|change| (change.key.to_string(), (*change.row).clone()));
        Some((everything.seq, rows.collect()))
    }

    /// Calls with their legs.
    pub fn live_calls(&self, driven: &Driven) -> (u64, Vec<Value>) {
        let live = driven.supervisor.live();
        let call = |call: &custompbx_switch::live::Call| {
            let legs: Vec<Value> = call.legs.iter().map(|leg| json!(**leg)).collect();
            json!({ "uuid": *call.uuid, "legs": legs })
        };
        (live.seq(), live.calls().calls.iter().map(call).collect())
    }
}
