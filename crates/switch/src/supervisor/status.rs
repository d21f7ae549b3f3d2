//! What is told of a connection.

use crate::Trouble;
use crate::live::Part;

/// Where the supervision of a switch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It tries to connect.
    Connecting,
    /// It is connected and reads what there is.
    Reading,
    /// The state is the switch's.
    Live,
    /// There is no connection; the state is what it was.
    Away,
}

impl Phase {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Reading => "reading",
            Self::Live => "live",
            Self::Away => "away",
        }
    }
}

/// How the connection to a switch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where it is.
    pub phase: Phase,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Since when the state is no longer known to be the switch's; `None` while it is.
    pub stale_since_ms: Option<i64>,
    /// What is in the way, or was the last time; `None` while there is a connection.
    pub trouble: Option<Trouble>,
    /// How often in a row it failed.
    pub failures: u32,
    /// How the switch calls itself.
    pub switchname: Option<String>,
    /// The id of its run: another one after each start.
    pub core_uuid: Option<String>,
    /// Parts of the state that could not be read, with the reasons.
    pub unread: Vec<(Part, String)>,
}

impl Status {
    pub(super) fn at_first(now_ms: i64) -> Self {
        Self {
            phase: Phase::Connecting,
            since_ms: now_ms,
            stale_since_ms: Some(now_ms),
            trouble: None,
            failures: 0,
            switchname: None,
            core_uuid: None,
            unread: Vec::new(),
        }
    }

    pub(super) fn enter(&mut self, phase: Phase, now_ms: i64) {
        if self.phase != phase {
            self.since_ms = now_ms;
        }
        self.phase = phase;
        match phase {
            Phase::Live => {
                self.stale_since_ms = None;
                self.failures = 0;
            }
            Phase::Connecting | Phase::Reading | Phase::Away => {
                self.stale_since_ms.get_or_insert(now_ms);
            }
        }
        if matches!(phase, Phase::Live | Phase::Reading) {
            self.trouble = None;
        }
    }

    /// Whether the state is the switch's.
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }
}
