//! How much of everything.

use std::time::Duration;

use crate::turns::Turns;

/// The extent of all workloads.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether this is the whole measurement, whose report is kept.
    pub(crate) full: bool,
    /// How often everything is measured; the report has medians.
    pub(crate) runs: usize,
    /// How much servers are asked that are compared with each other.
    pub(crate) turns: Turns,
    /// In how many pieces with edits a run is made, and as many without them in turns with these.
    pub(crate) slices: usize,
    /// How long a piece with edits is.
    pub(crate) edit_slice: Duration,
    /// How long a server is asked before it counts.
    pub(crate) warm_up: Duration,
    /// Numbers of users; the second one is that of the targets.
    pub(crate) users: Vec<usize>,
    /// Numbers of clients beside [`CLIENTS`].
    pub(crate) more_clients: Vec<usize>,
    /// Numbers of users that are imported, in rising order.
    pub(crate) import: Vec<usize>,
    /// How long a server is left alone before its memory is looked at.
    pub(crate) idle: Duration,
    /// How often each configuration is asked for in a run.
    pub(crate) documents: usize,
    /// How many messages that change something are sent in a run.
    pub(crate) messages: usize,
    /// What the event socket brings.
    pub(crate) events: EventLoad,
}

/// What a switch does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventLoad {
    /// Calls that are up, of two legs each.
    pub(crate) calls: usize,
    /// Events a second.
    pub(crate) rate: usize,
    /// For how long.
    pub(crate) time: Duration,
    /// How many watch.
    pub(crate) watchers: usize,
}

/// How many clients ask at once where nothing else is said.
pub(crate) const CLIENTS: usize = 16;

impl Plan {
    /// For the report.
    pub(crate) fn full() -> Self {
        Self {
            full: true,
            runs: 5,
            turns: Turns { rounds: 20, slice: Duration::from_secs(1), warm_up: Duration::from_secs(2) },
            slices: 4,
            edit_slice: Duration::from_secs(3),
            warm_up: Duration::from_secs(2),
            users: vec![100, 100_000, 1_000_000],
            more_clients: vec![1, 4, 64],
            import: vec![10_000, 50_000, 100_000],
            idle: Duration::from_secs(5),
            documents: 200,
            messages: 400,
            events: EventLoad { calls: 5_000, rate: 20_000, time: Duration::from_secs(20), watchers: 50 },
        }
    }

    /// To see that everything works.
    pub(crate) fn quick() -> Self {
        Self {
            full: false,
            runs: 1,
            turns: Turns {
                rounds: 4,
                slice: Duration::from_millis(400),
                warm_up: Duration::from_millis(200),
            },
            slices: 2,
            edit_slice: Duration::from_secs(1),
            warm_up: Duration::from_millis(200),
            users: vec![100, 10_000],
            more_clients: Vec::new(),
            import: vec![1_000, 10_000],
            idle: Duration::from_secs(1),
            documents: 20,
            messages: 40,
            events: EventLoad { calls: 200, rate: 2_000, time: Duration::from_secs(2), watchers: 5 },
        }
    }

    /// The number of users that the targets are about.
    pub(crate) fn many(&self) -> usize {
        self.users.get(1).copied().unwrap_or(100)
    }
}
