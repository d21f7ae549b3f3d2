//! Telling what changed, to those who follow: of a row that they have, only what is otherwise.
//!
//! Whoever follows may have read a row at any moment since it was last told. So what is told of it is every member that
//! was otherwise at any time since then, as it is now; one that went and came back is among them.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Live;
use super::kind::Kind;
use super::table::Row;

/// So many changes of a row are told member by member; from then on all of it is told.
pub(super) const MOST_VERSIONS: usize = 16;

/// What is not told yet of a row.
#[derive(Debug)]
pub(super) enum Untold<R> {
    /// All of it.
    All,
    /// What is otherwise than in one of these.
    Since(Vec<Arc<R>>),
}

impl<R> Untold<R> {
    /// Everything is told.
    pub(super) const NOTHING: Self = Self::Since(Vec::new());

    /// The row was so, and is so no more.
    pub(super) fn was(&mut self, row: Arc<R>) {
        match self {
            Self::Since(versions) if versions.len() < MOST_VERSIONS => versions.push(row),
            _ => *self = Self::All,
        }
    }
}

/// A row, whatever its kind.
trait AnyRow: Send + Sync {
    fn members(&self) -> Map<String, Value>;
    fn second_name(&self) -> Option<&str>;
}

impl<R: Row> AnyRow for R {
    fn members(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            // Rows are texts, numbers and flags by name: nothing that could not be written.
            _ => Map::new(),
        }
    }

    fn second_name(&self) -> Option<&str> {
        self.index()
    }
}

/// A row, or what changed of it. It is written down when somebody wants it, and not while the state is held.
#[derive(Clone)]
pub struct Told {
    /// The table it belongs to.
    pub kind: Kind,
    /// Its key in there.
    pub key: Arc<str>,
    row: Option<Arc<dyn AnyRow>>,
    /// What it was since it was last told; empty when all of it is new.
    versions: Vec<Arc<dyn AnyRow>>,
}

impl Told {
    pub(super) fn gone(kind: Kind, key: Arc<str>) -> Self {
        Self { kind, key, row: None, versions: Vec::new() }
    }

    pub(super) fn whole<R: Row>(key: Arc<str>, row: &Arc<R>) -> Self {
        Self::of(key, row, Untold::All)
    }

    pub(super) fn of<R: Row>(key: Arc<str>, row: &Arc<R>, untold: Untold<R>) -> Self {
        let versions: Vec<Arc<dyn AnyRow>> = match untold {
            Untold::All => Vec::new(),
            Untold::Since(versions) => versions.into_iter().map(|row| row as Arc<dyn AnyRow>).collect(),
        };
        Self { kind: R::KIND, key, row: Some(row.clone()), versions }
    }

    /// Whether the row is gone.
    pub fn is_gone(&self) -> bool {
        self.row.is_none()
    }

    /// By what else it is found, such as the presence of a channel ([`Row::index`]).
    pub fn second_name(&self) -> Option<&str> {
        self.row.as_ref().and_then(|row| row.second_name())
    }

    /// The row as it is now; `null` when it is gone.
    pub fn row(&self) -> Value {
        self.row.as_ref().map_or(Value::Null, |row| row.members().into())
    }

    /// The members that may be otherwise for whoever had the row before; `None` when all of it is new, or it is gone.
    pub fn changed(&self) -> Option<Map<String, Value>> {
        let row = self.row.as_ref().filter(|_| !self.versions.is_empty())?;
        let mut members = row.members();
        let versions: Vec<Map<String, Value>> = self.versions.iter().map(|row| row.members()).collect();
        members.retain(|name, value| versions.iter().any(|version| version.get(name) != Some(&*value)));
        Some(members)
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told")
            .field("kind", &self.kind)
            .field("key", &self.key)
            .field("row", &self.row())
            .finish()
    }
}

impl Live {
    /// What changed since this was last asked, each row once, with the number of the last change before and of the last
    /// one; the rows are `None` when that is too much to tell. For one who tells everybody else.
    pub fn tell(&mut self) -> (u64, u64, Option<Vec<Told>>) {
        let seq = self.seq();
        let after = std::mem::replace(&mut self.told, seq);
        let keys = self.log.since(after, Kind::ALL);
        let rows = keys.map(|keys| keys.into_iter().map(|(kind, key)| self.tables.tell(kind, key)).collect());
        (after, seq, rows)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Event;

    fn state(live: &mut Live, event: &str, state: &str, sequence: &str) {
        let fields = [
            ("Event-Name", event),
            ("Unique-ID", "u1"),
            ("Channel-Call-State", state),
            ("Caller-Channel-Name", "sofia/internal/1"),
            ("Event-Sequence", sequence),
        ];
        let _ = live.apply(&Event::of(&fields), 0);
    }

    #[test]
    fn of_a_known_row_only_what_was_otherwise_is_told() {
        let mut live = Live::new();
        state(&mut live, "CHANNEL_CREATE", "RINGING", "1");
        let (after, seq, rows) = live.tell();
        let rows = rows.unwrap();
        assert_eq!((after, rows.len(), rows[0].changed()), (0, 1, None));
        assert_eq!(rows[0].row()["callstate"], "RINGING");
        assert!(live.tell().2.unwrap().is_empty());
        // There and back: whoever looked in between has the other one.
        state(&mut live, "CHANNEL_CALLSTATE", "ACTIVE", "2");
        state(&mut live, "CHANNEL_CALLSTATE", "RINGING", "3");
        let (next, _, rows) = live.tell();
        assert_eq!(next, seq);
        assert_eq!(Value::from(rows.unwrap()[0].changed().unwrap()), json!({"callstate": "RINGING"}));
        state(&mut live, "CHANNEL_DESTROY", "HANGUP", "4");
        let rows = live.tell().2.unwrap();
        assert!(rows[0].is_gone() && rows[0].changed().is_none() && rows[0].row().is_null());
    }

    #[test]
    fn a_row_that_changed_very_often_is_told_whole() {
        let mut live = Live::new();
        state(&mut live, "CHANNEL_CREATE", "RINGING", "1");
        let _ = live.tell();
        for sequence in 2..40 {
            let word = if sequence % 2 == 0 { "ACTIVE" } else { "HELD" };
            state(&mut live, "CHANNEL_CALLSTATE", word, &sequence.to_string());
        }
        let rows = live.tell().2.unwrap();
        assert_eq!((rows.len(), rows[0].changed()), (1, None));
    }

    #[test]
    fn everything_is_held_without_the_state() {
        let mut live = Live::new();
        state(&mut live, "CHANNEL_CREATE", "RINGING", "1");
        let (seq, rows) = live.everything(&[Kind::Channels, Kind::Queues]);
        // Who writes it down has what was, whatever happens meanwhile.
        state(&mut live, "CHANNEL_DESTROY", "HANGUP", "2");
        assert_eq!((rows.len(), &*rows[0].key, rows[0].changed()), (1, "u1", None));
        assert_eq!(rows[0].row()["callstate"], "RINGING");
        assert!(seq < live.seq() && live.everything(&[Kind::Channels]).1.is_empty());
    }
}
