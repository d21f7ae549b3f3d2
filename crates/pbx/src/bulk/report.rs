//! What became of rows.

use custompbx_model::wanted::Fault;
use custompbx_store::RevisionId;

/// How many failures a report tells of; all are counted.
pub const MOST_FAILURES: usize = 1_000;

/// What became of all rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// How many rows there were.
    pub rows: usize,
    /// Elements that are new.
    pub created: usize,
    /// Elements that are not as they were.
    pub updated: usize,
    /// Elements that were so already.
    pub unchanged: usize,
    /// Rows that are wrong.
    pub failed: usize,
    /// The first [`MOST_FAILURES`] of these.
    pub failures: Vec<RowFailure>,
    /// Whether what is right was written, or would have been.
    pub written: bool,
    /// The revision; `None` when nothing was changed.
    pub revision: Option<RevisionId>,
    /// Whether FreeSWITCH gets it already.
    pub served: bool,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowFailure {
    /// The line that it begins on.
    pub line: u64,
    /// The name of its element, if it says one.
    pub key: Option<String>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Report {
    pub(super) fn fail(&mut self, line: u64, key: Option<&str>, faults: Vec<Fault>) {
        self.failed += 1;
        if self.failures.len() < MOST_FAILURES {
            self.failures.push(RowFailure { line, key: key.map(str::to_owned), faults });
        }
    }
}
