//! Where nodes stand, as a revision records it: the place that people count, and the sibling before.
//!
//! The database counts them. A revision that asks for many places among the same siblings gets these in memory
//! instead: counting anew for each would take a time that grows with their square.

use std::collections::HashMap;

use custompbx_model::NodeId;

use crate::engine::{Tx, Value, composed};
use crate::error::Result;

/// A place among siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// 1 for the first.
    pub(super) position: i64,
    /// The sibling before.
    pub(super) after: Option<NodeId>,
}

impl Place {
    /// Before all others.
    pub(crate) const FIRST: Self = Self { position: 1, after: None };
}

/// How often the database counts among the same siblings. Reading 100,000 of them takes about as long as counting
/// them some fifty times.
const MOST_COUNTS: u32 = 50;

const PLACE: &str = "SELECT (SELECT count(*) FROM node WHERE parent_id = $1 AND order_key < $2), \
    (SELECT id FROM node WHERE parent_id = $1 AND order_key < $2 ORDER BY order_key DESC LIMIT 1)";

/// Of how many children of one node the places are counted in one question.
const MOST_TOGETHER: u32 = 20;

/// [`PLACE`] of several nodes that are there.
const PLACES: &str = "SELECT node.id, \
    (SELECT count(*) FROM node AS other WHERE other.parent_id = node.parent_id AND other.order_key < node.order_key), \
    (SELECT other.id FROM node AS other WHERE other.parent_id = node.parent_id AND other.order_key < node.order_key \
     ORDER BY other.order_key DESC LIMIT 1) FROM node";

const ALL: &str = "SELECT order_key, id FROM node WHERE parent_id = $1 ORDER BY order_key";

/// What one revision knows of places, by the parent.
#[derive(Default)]
pub(super) struct Places(HashMap<NodeId, Known>);

enum Known {
    /// They were counted so often.
    Counted(u32),
    Listed(Listed),
}

impl Places {
    /// The place that a key has among the children of a node, whether it is there or not.
    pub(super) async fn of(&mut self, tx: &mut Tx, parent: NodeId, key: i64) -> Result<Place> {
        let known = self.0.entry(parent).or_insert(Known::Counted(0));
        if let Known::Counted(times) = known {
            if *times < MOST_COUNTS {
                *times += 1;
                let Some(row) = tx.row(PLACE, &[parent.0.into(), key.into()]).await? else {
                    return Ok(Place::FIRST);
                };
                return Ok(Place { position: row.int(0)? + 1, after: row.optional_int(1)?.map(NodeId) });
            }
            let read = |row: &crate::engine::Row| Ok((row.int(0)?, NodeId(row.int(1)?)));
            *known = Known::Listed(Listed::of(&tx.rows(ALL, &[parent.0.into()], read).await?));
        }
        Ok(match known {
            Known::Listed(listed) => listed.place(key),
            Known::Counted(_) => Place::FIRST,
        })
    }

    /// The places of nodes that are there, each with its parent and its key.
    pub(super) async fn of_all(
        &mut self,
        tx: &mut Tx,
        nodes: Vec<(NodeId, NodeId, i64)>,
    ) -> Result<HashMap<NodeId, Place>> {
        let mut asked: HashMap<NodeId, u32> = HashMap::new();
        nodes.iter().for_each(|(_, parent, _)| *asked.entry(*parent).or_default() += 1);
        let mut counted = Vec::new();
        let mut places = HashMap::with_capacity(nodes.len());
        for (id, parent, key) in nodes {
            let times = asked.get(&parent).copied().unwrap_or_default();
            match self.0.entry(parent).or_insert(Known::Counted(0)) {
                // One question for all of them counts as one.
                Known::Counted(_) if times <= MOST_TOGETHER => counted.push(id.0),
                _ => _ = places.insert(id, self.of(tx, parent, key).await?),
            }
        }
        if !counted.is_empty() {
            let sql = format!("{PLACES} WHERE {}", tx.among("node.id", "$1"));
            tx.each(composed(sql), &[Value::Ids(counted.into())], |row| {
                let place = Place { position: row.int(1)? + 1, after: row.optional_int(2)?.map(NodeId) };
                places.insert(NodeId(row.int(0)?), place);
                Ok(())
            })
            .await?;
        }
        Ok(places)
    }

    /// A child was written.
    pub(super) fn came(&mut self, parent: NodeId, key: i64, id: NodeId) {
        if let Some(Known::Listed(listed)) = self.0.get_mut(&parent) {
            listed.add(key, id);
        }
    }

    /// A child is there no more.
    pub(super) fn went(&mut self, parent: NodeId, key: i64) {
        if let Some(Known::Listed(listed)) = self.0.get_mut(&parent) {
            listed.remove(key);
        }
    }

    /// The children have other keys.
    pub(super) fn forget(&mut self, parent: NodeId) {
        self.0.remove(&parent);
    }
}

/// About how many siblings are moved on in memory when one comes or goes.
const PIECE: usize = 512;

/// Siblings in order, with their keys, in pieces none of which is empty.
#[derive(Default)]
struct Listed(Vec<Vec<(i64, NodeId)>>);

impl Listed {
    fn of(all: &[(i64, NodeId)]) -> Self {
        Self(all.chunks(PIECE).map(<[_]>::to_vec).collect())
    }

    /// The piece and the place in it behind everything that is before the key.
    fn find(&self, key: i64) -> (usize, usize) {
        let begins_before = |piece: &Vec<(i64, NodeId)>| piece.first().is_some_and(|first| first.0 < key);
        let piece = self.0.partition_point(begins_before).saturating_sub(1);
        (piece, self.0.get(piece).map_or(0, |piece| piece.partition_point(|one| one.0 < key)))
    }

    fn place(&self, key: i64) -> Place {
        let (piece, at) = self.find(key);
        let before: usize = self.0[..piece].iter().map(Vec::len).sum();
        let after = at.checked_sub(1).map(|at| self.0[piece][at].1);
        Place { position: i64::try_from(before + at).unwrap_or(i64::MAX - 1) + 1, after }
    }

    fn add(&mut self, key: i64, id: NodeId) {
        let (at, within) = self.find(key);
        let Some(piece) = self.0.get_mut(at) else { return self.0.push(vec![(key, id)]) };
        piece.insert(within, (key, id));
        if piece.len() > 2 * PIECE {
            let rest = piece.split_off(PIECE);
            self.0.insert(at + 1, rest);
        }
    }

    fn remove(&mut self, key: i64) {
        let (mut at, mut within) = self.find(key);
        if self.0.get(at).is_some_and(|piece| within == piece.len()) {
            (at, within) = (at + 1, 0);
        }
        let Some(piece) = self.0.get_mut(at) else { return };
        if piece.get(within).is_some_and(|one| one.0 == key) {
            piece.remove(within);
        }
        if piece.is_empty() {
            self.0.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    #[test]
    fn places_in_pieces_are_those_in_a_simple_list() {
        for seed in 0..4 {
            let mut random = StdRng::seed_from_u64(seed);
            let mut simple: Vec<(i64, NodeId)> =
                (0..[0, 3, 2_000, 3_000][seed as usize]).map(|at| (at * 10, NodeId(at))).collect();
            let mut listed = Listed::of(&simple);
            // They become more, then fewer until nobody is there, then more again.
            for (rounds, more) in [(3_000, 0.9), (12_000, 0.1), (1_000, 0.9)] {
                for _ in 0..rounds {
                    let key = random.random_range(-1_000..40_000);
                    let at = simple.partition_point(|one| one.0 < key);
                    let after = at.checked_sub(1).map(|at| simple[at].1);
                    assert_eq!(listed.place(key), Place { position: at as i64 + 1, after });
                    if random.random_bool(more) {
                        if simple.get(at).is_none_or(|one| one.0 != key) {
                            simple.insert(at, (key, NodeId(key)));
                            listed.add(key, NodeId(key));
                        }
                    } else if !simple.is_empty() {
                        let (key, _) = simple.remove(at.min(simple.len() - 1));
                        listed.remove(key);
                    }
                }
                assert_eq!(listed.0.concat(), simple);
                assert!(listed.0.iter().all(|piece| !piece.is_empty() && piece.len() <= 2 * PIECE));
            }
        }
    }
}
