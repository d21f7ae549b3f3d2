//! The switch itself.

use serde::Serialize;

use super::Word;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;

/// The switch itself, by `status`, `version` and the like, and by `HEARTBEAT`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Host {
    /// Its machine.
    pub hostname: Option<Word>,
    /// How it calls itself.
    pub switchname: Option<Word>,
    /// The id of this start of it.
    pub core_uuid: Option<Word>,
    /// Its version.
    pub version: Option<Word>,
    /// How long it runs.
    pub uptime_ms: Option<u64>,
    /// Sessions now; one session is one channel.
    pub sessions: Option<u64>,
    /// Sessions since it started.
    pub sessions_since_startup: Option<u64>,
    /// The most sessions at once since it started.
    pub sessions_peak: Option<u64>,
    /// The most sessions at once in the last five minutes.
    pub sessions_peak_five_min: Option<u64>,
    /// How many sessions it takes.
    pub sessions_max: Option<u64>,
    /// Sessions that began in the last second.
    pub sessions_per_sec: Option<u64>,
    /// How many may begin in a second.
    pub sessions_per_sec_max: Option<u64>,
    /// What of the processor is not used, in percent.
    pub idle_cpu: Option<f64>,
    /// Our time minus the switch's; only events tell.
    pub clock_offset_ms: Option<i64>,
    /// When it was last heard of, by our clock, in milliseconds since 1970; only `HEARTBEAT` tells.
    pub heartbeat_ms: Option<i64>,
}

impl Host {
    /// The key of the one row.
    pub const KEY: &'static str = "host";
}

impl Row for Host {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn keep(&mut self, known: &Self) {
        if self.core_uuid.is_none() {
            self.core_uuid.clone_from(&known.core_uuid);
        }
        self.clock_offset_ms = self.clock_offset_ms.or(known.clock_offset_ms);
        self.heartbeat_ms = self.heartbeat_ms.or(known.heartbeat_ms);
    }
}
