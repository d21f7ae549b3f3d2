//! Rows by key.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use super::changes::Log;
use super::kind::Kind;
use super::telling::{Told, Untold};
use super::told::Shared;

/// Something that lives in the switch, as one row.
pub trait Row: Serialize + Clone + PartialEq + Send + Sync + 'static {
    /// The table it belongs to.
    const KIND: Kind;

    /// What tells it from the other rows of the table.
    fn key(&self) -> String;

    /// A second name, by which several rows may be found.
    fn index(&self) -> Option<&str> {
        None
    }

    /// The texts in it that many rows have.
    fn repeated(&mut self) -> impl Iterator<Item = &mut Shared> {
        std::iter::empty()
    }

    /// Takes over from the row that was known what an answer of the switch does not tell.
    fn keep(&mut self, _known: &Self) {}
}

/// How an event stands to what was heard of a row before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It tells something new.
    Newer,
    /// It was heard already.
    Same,
    /// Something newer was heard already.
    Older,
}

#[derive(Debug)]
struct Entry<R> {
    row: Arc<R>,
    /// The number of the last change.
    seq: u64,
    /// `Event-Sequence` of the newest event about it; 0 when there was none.
    heard: u64,
    /// What is not told yet.
    untold: Untold<R>,
}

/// Rows by key, each with the number of its last change.
#[derive(Debug)]
pub struct Table<R> {
    rows: BTreeMap<Arc<str>, Entry<R>>,
    index: BTreeMap<Box<str>, BTreeSet<Arc<str>>>,
    gone: Gone,
    shared: Pool,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), index: BTreeMap::new(), gone: Gone::default(), shared: Pool::default() }
    }
}

impl<R: Row> Table<R> {
    /// The row with this key.
    pub fn get(&self, key: &str) -> Option<&Arc<R>> {
        self.rows.get(key).map(|entry| &entry.row)
    }

    /// The number of the last change of the row with this key.
    pub fn changed(&self, key: &str) -> Option<u64> {
        self.rows.get(key).map(|entry| entry.seq)
    }

    /// All rows with their keys, in the order of the keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Arc<R>)> {
        self.rows.iter().map(|(key, entry)| (key, &entry.row))
    }

    /// All rows, in the order of their keys.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Arc<R>> {
        self.rows.values().map(|entry| &entry.row)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether there is a row with this key.
    pub fn contains(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    /// The rows whose second name this is ([`Row::index`]).
    pub fn by_index(&self, name: &str) -> impl Iterator<Item = &Arc<R>> {
        self.index.get(name).into_iter().flatten().filter_map(|key| self.get(key))
    }

    /// The second names, each with the number of its rows.
    pub fn indexed(&self) -> impl Iterator<Item = (&str, usize)> {
        self.index.iter().map(|(name, keys)| (&**name, keys.len()))
    }

    /// The rows whose keys start so.
    pub(super) fn starting_with(&self, start: String) -> impl Iterator<Item = &Arc<R>> {
        let from: Arc<str> = start.as_str().into();
        let rows = self.rows.range(from..).take_while(move |(key, _)| key.starts_with(&*start));
        rows.map(|(_, entry)| &entry.row)
    }

    /// How an event with this `Event-Sequence` stands to what was heard of the row before. An event without one is new.
    pub(super) fn order(&self, key: &str, heard: Option<u64>) -> Order {
        let known = self.rows.get(key).map(|entry| entry.heard).or_else(|| self.gone.heard(key));
        let (Some(heard), Some(known)) = (heard, known) else { return Order::Newer };
        match heard.cmp(&known) {
            Ordering::Greater => Order::Newer,
            Ordering::Equal => Order::Same,
            Ordering::Less => Order::Older,
        }
    }

    /// Whether a row with this key was there a while ago, by the events.
    pub(super) fn is_gone(&self, key: &str) -> bool {
        !self.contains(key) && self.gone.heard(key).is_some()
    }

    /// Puts a row in. What is equal to the row that is there changes nothing.
    pub(super) fn put(&mut self, mut row: R, heard: Option<u64>, log: &mut Log) {
        row.repeated().for_each(|text| self.shared.share(text));
        let key: Arc<str> = row.key().into();
        let heard = heard.unwrap_or_default();
        let Some(entry) = self.rows.get_mut(&key) else {
            if let Some(name) = row.index() {
                self.index.entry(name.into()).or_default().insert(key.clone());
            }
            let seq = log.push(R::KIND, key.clone());
            self.rows.insert(key, Entry { row: Arc::new(row), seq, heard, untold: Untold::All });
            return;
        };
        entry.heard = entry.heard.max(heard);
        if *entry.row == row {
            return;
        }
        let old = std::mem::replace(&mut entry.row, Arc::new(row));
        entry.untold.was(old.clone());
        // The keys that are there already are kept, so that each is in memory once.
        let Some((key, entry)) = self.rows.get_key_value(&key) else { return };
        let key = key.clone();
        if old.index() != entry.row.index() {
            unindex(&mut self.index, old.index(), &key);
            if let Some(name) = entry.row.index() {
                self.index.entry(name.into()).or_default().insert(key.clone());
            }
        }
        let seq = log.push(R::KIND, key.clone());
        if let Some(entry) = self.rows.get_mut(&key) {
            entry.seq = seq;
        }
    }

    /// What is not told yet of the row with this key; from now on it is.
    pub(super) fn tell(&mut self, key: Arc<str>) -> Told {
        match self.rows.get_mut(&key) {
            Some(entry) => {
                let untold = std::mem::replace(&mut entry.untold, Untold::NOTHING);
                Told::of(key, &entry.row, untold)
            }
            None => Told::gone(R::KIND, key),
        }
    }

    /// Changes a row, but not its key. Whether it is there.
    pub(super) fn update(
        &mut self,
        key: &str,
        heard: Option<u64>,
        log: &mut Log,
        change: impl FnOnce(&mut R),
    ) -> bool {
        let Some(known) = self.get(key) else { return false };
        let mut row = R::clone(known);
        change(&mut row);
        debug_assert_eq!(row.key(), key);
        self.put(row, heard, log);
        true
    }

    /// Takes a row out. That it is gone is remembered for a while if an event said so, for events that come late.
    pub(super) fn remove(&mut self, key: &str, heard: Option<u64>, log: &mut Log) -> Option<Arc<R>> {
        if let Some(heard) = heard {
            // What was heard of it before it is late as well, however it is numbered.
            let known = self.rows.get(key).map_or(0, |entry| entry.heard);
            if self.gone.add(key, heard.max(known)) && !self.rows.contains_key(key) {
                // It may be in an answer that is on its way. Written down as a change, it stays out.
                log.push(R::KIND, key.into());
            }
        }
        let (key, entry) = self.rows.remove_entry(key)?;
        unindex(&mut self.index, entry.row.index(), &key);
        log.push(R::KIND, key);
        Some(entry.row)
    }

    /// Makes those rows that are `within` equal to what was read. Of rows with the same key the first counts; rows
    /// whose keys are `fresh` stay as they are.
    pub(super) fn replace(
        &mut self,
        read: Vec<R>,
        within: impl Fn(&R) -> bool,
        fresh: &HashSet<Arc<str>>,
        log: &mut Log,
    ) {
        let mut seen = HashSet::with_capacity(read.len());
        for mut row in read {
            let key: Arc<str> = row.key().into();
            if fresh.contains(&key) || !seen.insert(key.clone()) {
                continue;
            }
            if let Some(known) = self.get(&key) {
                row.keep(known);
            }
            self.put(row, None, log);
        }
        let gone = self
            .rows
            .iter()
            .filter(|(key, entry)| !seen.contains(*key) && !fresh.contains(*key) && within(&entry.row));
        let gone: Vec<_> = gone.map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.remove(&key, None, log);
        }
    }

    /// Takes all rows out.
    pub(super) fn clear(&mut self, log: &mut Log) {
        for key in std::mem::take(&mut self.rows).into_keys() {
            log.push(R::KIND, key);
        }
        self.index.clear();
        self.gone = Gone::default();
        self.shared = Pool::default();
    }
}

fn unindex(index: &mut BTreeMap<Box<str>, BTreeSet<Arc<str>>>, name: Option<&str>, key: &Arc<str>) {
    let Some(name) = name else { return };
    let Some(keys) = index.get_mut(name) else { return };
    keys.remove(key);
    if keys.is_empty() {
        index.remove(name);
    }
}

/// How many keys that are gone are remembered; late events are late by some milliseconds.
const REMEMBERED: usize = 4096;

/// The keys that events took out last, with the `Event-Sequence` of those events.
#[derive(Debug, Default)]
struct Gone {
    heard: HashMap<Arc<str>, u64>,
    order: VecDeque<Arc<str>>,
}

impl Gone {
    fn heard(&self, key: &str) -> Option<u64> {
        self.heard.get(key).copied()
    }

    /// Whether that is news.
    fn add(&mut self, key: &str, heard: u64) -> bool {
        if let Some(known) = self.heard.get_mut(key) {
            let news = heard > *known;
            *known = heard.max(*known);
            return news;
        }
        let key: Arc<str> = key.into();
        self.heard.insert(key.clone(), heard);
        self.order.push_back(key);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.heard.remove(&oldest);
        }
        true
    }
}

/// How many texts are shared; there are fewer kinds of phones, unless somebody makes them up.
const SHARED: usize = 4096;

/// Texts that many rows have.
#[derive(Debug, Default)]
struct Pool(HashSet<Shared>);

impl Pool {
    fn share(&mut self, text: &mut Shared) {
        if let Some(known) = self.0.get(text) {
            *text = known.clone();
        } else if self.0.len() < SHARED {
            self.0.insert(text.clone());
        }
    }
}
