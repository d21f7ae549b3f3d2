//! What changed, and when.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::kind::Kind;

/// How many changes are remembered.
pub(super) const REMEMBERED: usize = 65_536;

/// What changed between two numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    /// The number up to which this tells everything.
    pub seq: u64,
    /// The rows, in the order of their last changes.
    pub rows: Vec<Change>,
}

/// A row that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The table it belongs to.
    pub kind: Kind,
    /// Its key in there.
    pub key: Arc<str>,
    /// How it is now; `null` when it is gone.
    pub row: Arc<Value>,
}

/// The last changes. Each has the number after the one before it, so that no number is stored.
#[derive(Debug, Default)]
pub(super) struct Log {
    seq: u64,
    changes: VecDeque<(Kind, Arc<str>)>,
}

impl Log {
    /// The number of the last change.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Writes a change down, and says its number.
    pub(super) fn push(&mut self, kind: Kind, key: Arc<str>) -> u64 {
        if self.changes.len() >= REMEMBERED {
            self.changes.pop_front();
        }
        self.changes.push_back((kind, key));
        self.seq += 1;
        self.seq
    }

    /// What changed after a number, each key once, in the order of the last changes.
    pub(super) fn since(&self, seq: u64, kinds: &[Kind]) -> Option<Vec<(Kind, Arc<str>)>> {
        let behind = usize::try_from(self.seq.checked_sub(seq)?).ok()?;
        let start = self.changes.len().checked_sub(behind)?;
        let mut seen = HashSet::new();
        let mut changes: Vec<_> = self
            .changes
            .range(start..)
            .rev()
            .filter(|(kind, _)| kinds.contains(kind))
            .filter(|(kind, key)| seen.insert((*kind, &**key)))
            .cloned()
            .collect();
        changes.reverse();
        Some(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_once_and_the_log_has_an_end() {
        let mut log = Log::default();
        for key in ["a", "b", "a"] {
            log.push(Kind::Channels, key.into());
        }
        log.push(Kind::Queues, "a".into());
        let keys = |seq: u64, kinds: &[Kind]| -> Option<Vec<String>> {
            Some(log.since(seq, kinds)?.iter().map(|(_, key)| key.to_string()).collect())
        };
        assert_eq!(keys(0, &[Kind::Channels]).unwrap(), ["b", "a"]);
        assert_eq!(keys(2, Kind::ALL).unwrap(), ["a", "a"]);
        assert_eq!(keys(4, Kind::ALL).unwrap(), [""; 0]);
        assert_eq!(keys(5, Kind::ALL), None);
        for _ in 0..REMEMBERED {
            log.push(Kind::Channels, "c".into());
        }
        assert!(log.since(3, Kind::ALL).is_none());
        assert_eq!(log.since(4, Kind::ALL).unwrap().len(), 1);
    }
}
