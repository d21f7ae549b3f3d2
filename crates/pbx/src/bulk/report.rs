//! What became of rows.

use custompbx_model::wanted::Fault;
use custompbx_store::RevisionId;

/// How many refusals a report tells of; all are counted.
pub const MOST_REFUSALS: usize = 1_000;

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
    pub refused: usize,
    /// The first [`MOST_REFUSALS`] of these, by their lines.
    pub refusals: Vec<Refusal>,
    /// What became of each row, by its line, where that was asked for.
    pub lines: Option<Vec<(u64, Became)>>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// Whether rows that are right were to be written although others are wrong.
    pub partly: bool,
    /// Whether the rows that are right are what the tree says now. Not after a dry run, nor when all or nothing was
    /// asked for and a row is wrong; then the numbers say what would have been.
    pub written: bool,
    /// The revision; `None` when nothing was changed.
    pub revision: Option<RevisionId>,
    /// Whether FreeSWITCH gets it already.
    pub served: bool,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Its element is new.
    Created,
    /// Its element was another.
    Updated,
    /// Its element was so already.
    Unchanged,
    /// It is wrong.
    Refused,
}

impl Became {
    /// As it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// The name of its element, if it says one.
    pub key: Option<String>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Counts a row.
    pub(super) fn took(&mut self, line: u64, became: Became) {
        match became {
            Became::Created => self.created += 1,
            Became::Updated => self.updated += 1,
            Became::Unchanged => self.unchanged += 1,
            Became::Refused => self.refused += 1,
        }
        if let Some(lines) = &mut self.lines {
            lines.push((line, became));
        }
    }

    /// Counts a row that is wrong.
    pub(super) fn refuse(&mut self, line: u64, key: Option<&str>, faults: Vec<Fault>) {
        self.took(line, Became::Refused);
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push(Refusal { line, key: key.map(str::to_owned), faults });
        }
    }
}
