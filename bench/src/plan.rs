//! How much of everything.

use std::time::Duration;

/// The extent of all workloads.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether this is the whole measurement, whose report is kept.
    pub(crate) full: bool,
    /// How often everything is measured; the report has medians.
    pub(crate) runs: usize,
    /// In how many pieces a run asks one server. Between them the others are asked, so that whatever else the machine
    /// does falls on all of them.
    pub(crate) slices: usize,
    /// How long a piece is.
    pub(crate) slice: Duration,
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
}

/// How many clients ask at once where nothing else is said.
pub(crate) const CLIENTS: usize = 16;

impl Plan {
    /// For the report.
    pub(crate) fn full() -> Self {
        Self {
            full: true,
            runs: 5,
            slices: 4,
            slice: Duration::from_secs(1),
            edit_slice: Duration::from_secs(3),
            warm_up: Duration::from_secs(2),
            users: vec![100, 100_000, 1_000_000],
            more_clients: vec![1, 4, 64],
            import: vec![10_000, 50_000, 100_000],
            idle: Duration::from_secs(5),
            documents: 200,
        }
    }

    /// To see that everything works.
    pub(crate) fn quick() -> Self {
        Self {
            full: false,
            runs: 1,
            slices: 2,
            slice: Duration::from_millis(400),
            edit_slice: Duration::from_secs(1),
            warm_up: Duration::from_millis(200),
            users: vec![100, 10_000],
            more_clients: Vec::new(),
            import: vec![1_000, 10_000],
            idle: Duration::from_secs(1),
            documents: 20,
        }
    }

    /// The number of users that the targets are about.
    pub(crate) fn many(&self) -> usize {
        self.users.get(1).copied().unwrap_or(100)
    }
}
