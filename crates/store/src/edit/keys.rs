//! Where nodes go: between the order keys of those that will be their siblings.
//!
//! Keys have gaps, so that a node that comes, goes or moves is one row. Only where a gap is used up are the siblings
//! numbered anew, all of them, which takes about a second for 100,000.

use custompbx_model::edit::{Step, part_of};
use custompbx_model::{At, NodeId, Part};

use super::Work;
use crate::error::Result;
use crate::tree::missing;

/// From the key of a sibling to that of the next one that is put behind it. Half of a key's bits are for that many
/// siblings, the other half for 32 nodes, one after the other, that are put into the same place between two.
pub(super) const GAP: i64 = 1 << 32;

/// What numbers the children of a node anew.
const SPREAD: &str = "UPDATE node SET order_key = spread.order_key FROM (\
    SELECT id, (row_number() OVER (ORDER BY order_key) - 1) * $2 AS order_key FROM node WHERE parent_id = $1\
    ) AS spread WHERE node.id = spread.id";

/// The order keys of new siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Of the first.
    pub(super) first: i64,
    /// From one to the next.
    pub(super) step: i64,
}

impl Keys {
    /// Of the first children that a node gets.
    pub(crate) const NEW: Self = Self { first: 0, step: GAP };
}

/// The keys between which there is a place; `None` where nobody stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    low: Option<i64>,
    high: Option<i64>,
}

impl Room {
    /// Whether a key is in it.
    pub(super) fn has(self, key: i64) -> bool {
        self.low.is_none_or(|low| low < key) && self.high.is_none_or(|high| key < high)
    }

    /// Keys for `count` nodes, as far from each other as may be. `None` when there is no room for them.
    fn keys(self, count: usize) -> Option<Keys> {
        let count = i64::try_from(count).ok()?;
        let all = GAP.checked_mul(count)?;
        match (self.low, self.high) {
            (None, None) => Some(Keys::NEW),
            (Some(low), None) => low.checked_add(all).map(|_| Keys { first: low + GAP, step: GAP }),
            (None, Some(high)) => high.checked_sub(all).map(|first| Keys { first, step: GAP }),
            (Some(low), Some(high)) => {
                let step = high.checked_sub(low)? / (count + 1);
                (step > 0).then_some(Keys { first: low + step, step })
            }
        }
    }
}

impl Work<'_> {
    /// The room at this place below `parent`. `without` takes none, because it is the node that moves there.
    pub(super) async fn room(&mut self, parent: NodeId, at: At, without: NodeId) -> Result<Room> {
        let values = [parent.0.into(), without.0.into()];
        match at {
            At::First => {
                let sql = "SELECT order_key FROM node WHERE parent_id = $1 AND id <> $2 \
                           ORDER BY order_key LIMIT 1";
                Ok(Room { low: None, high: self.key(sql, &values).await? })
            }
            At::Last => {
                let sql = "SELECT order_key FROM node WHERE parent_id = $1 AND id <> $2 \
                           ORDER BY order_key DESC LIMIT 1";
                Ok(Room { low: self.key(sql, &values).await?, high: None })
            }
            At::After(sibling) if sibling == without => {
                Err(self.invalid(format!("node {sibling} cannot stand behind itself")))
            }
            At::After(sibling) => {
                let sql = "SELECT parent_id, order_key FROM node WHERE id = $1 AND instance_id = $2";
                let found = self.tx.row(sql, &[sibling.0.into(), self.instance.0.into()]).await?;
                let Some(row) = found else { return Err(missing(self.operation(), sibling)) };
                if row.optional_int(0)? != Some(parent.0) {
                    return Err(self.invalid(format!("node {sibling} is no child of node {parent}")));
                }
                let low = row.int(1)?;
                let sql = "SELECT order_key FROM node WHERE parent_id = $1 AND id <> $2 AND order_key > $3 \
                           ORDER BY order_key LIMIT 1";
                let [parent, without] = values;
                Ok(Room { low: Some(low), high: self.key(sql, &[parent, without, low.into()]).await? })
            }
        }
    }

    async fn key(&mut self, sql: &'static str, values: &[crate::engine::Value<'_>]) -> Result<Option<i64>> {
        self.tx.row(sql, values).await?.map(|row| row.int(0)).transpose()
    }

    /// Keys for `count` nodes in a [`Work::room`] below the node at the end of `path`; they are only taken when the
    /// nodes are written.
    pub(super) async fn keys(
        &mut self,
        path: &[Step],
        at: At,
        without: NodeId,
        room: Room,
        count: usize,
    ) -> Result<Keys> {
        if let Some(keys) = room.keys(count) {
            return Ok(keys);
        }
        let parent = path.last().map_or(NodeId::NEW, |last| last.id);
        self.tx.execute(SPREAD, &[parent.0.into(), GAP.into()]).await?;
        self.places.forget(parent);
        self.users.clear();
        // Whoever keeps the keys of a domain's users and pointers has to read them again.
        if let Part::Domain { id } | Part::DomainHead { domain: id } = part_of(path) {
            self.touch(Part::Domain { id });
        }
        let room = self.room(parent, at, without).await?;
        room.keys(count).ok_or_else(|| self.invalid(format!("there is no room for {count} nodes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_evenly_spread_in_their_room() {
        let keys = |low, high, count| Room { low, high }.keys(count).map(|keys| (keys.first, keys.step));
        assert_eq!(keys(None, None, 3), Some((0, GAP)));
        assert_eq!(keys(Some(5), None, 3), Some((5 + GAP, GAP)));
        assert_eq!(keys(None, Some(5), 3), Some((5 - 3 * GAP, GAP)));
        assert_eq!(keys(Some(-4), Some(4), 1), Some((0, 4)));
        assert_eq!(keys(Some(0), Some(4), 3), Some((1, 1)));
        assert_eq!(keys(Some(0), Some(4), 4), None);
        assert_eq!(keys(Some(0), Some(1), 1), None);
        assert_eq!(keys(Some(i64::MAX - GAP), None, 1), Some((i64::MAX, GAP)));
        assert_eq!(keys(Some(i64::MAX - GAP), None, 2), None);
        assert_eq!(keys(None, Some(i64::MIN), 1), None);
        assert_eq!(keys(Some(i64::MIN), Some(i64::MAX), 1), None, "a difference that is no number here");
    }

    /// As many as the constant says.
    #[test]
    fn a_gap_has_room_for_some_time() {
        let mut room = Room { low: Some(0), high: Some(GAP) };
        let mut nodes = 0;
        while let Some(keys) = room.keys(1) {
            assert!(room.has(keys.first));
            room.high = Some(keys.first);
            nodes += 1;
        }
        assert_eq!(nodes, 32);
    }
}
