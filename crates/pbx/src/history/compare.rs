//! The edits that lead from a tree as it stands to the same tree as it should stand. Pure.

use std::collections::{HashMap, HashSet};

use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::Op;

use super::MOST_STEPS;
use super::canvas::Canvas;

/// A node and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// `None` for the document.
    pub parent: Option<NodeId>,
    /// 1 for the first child; `None` where nobody counted.
    pub position: Option<i64>,
    /// With all below it where it came or went with that.
    pub node: Node,
}

/// What is done to one node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) op: Op,
    pub(super) before: Option<Placed>,
    pub(super) after: Option<Placed>,
}

/// The edits, and the same as steps to be shown.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) edits: Vec<Edit>,
    /// The first of them.
    pub(super) steps: Vec<Step>,
    /// How many there are.
    pub(super) total: usize,
}

/// What leads from one to the other. Both have the same nodes above those that differ.
pub(super) fn difference(from: &Canvas, to: &Canvas) -> Difference {
    let mut out = Difference::default();
    let mut parents: Vec<(usize, NodeId)> = to
        .children
        .iter()
        .filter(|(id, wanted)| from.children.get(id) != Some(*wanted))
        .map(|(id, _)| (to.above(*id).count(), *id))
        .collect();
    // From above, so that what a node goes into stands already where it will stand, and never in the node itself.
    parents.sort_unstable();
    for (_, parent) in parents {
        out.children(from, to, parent);
    }
    out.content(from, to);
    out.gone(from, to);
    out
}

fn placed(canvas: &Canvas, id: NodeId, node: Node) -> Placed {
    let position = canvas.position(id).and_then(|at| i64::try_from(at).ok());
    Placed { parent: canvas.parent(id), position, node }
}

fn head(canvas: &Canvas, id: NodeId) -> Option<Placed> {
    canvas.nodes.get(&id).map(|cell| placed(canvas, id, cell.head.clone()))
}

impl Difference {
    fn step(&mut self, step: impl FnOnce() -> Step) {
        self.total += 1;
        // What nobody is shown need not be counted among its siblings.
        if self.steps.len() < MOST_STEPS {
            self.steps.push(step());
        }
    }

    /// The children of one node come into their order.
    fn children(&mut self, from: &Canvas, to: &Canvas, parent: NodeId) {
        let wanted = to.children_of(parent);
        let stay = if from.nodes.contains_key(&parent) {
            staying(from.children_of(parent), wanted, &|id| !from.nodes.contains_key(&id))
        } else {
            // It came back, with those of its children that came back too.
            wanted.iter().copied().filter(|id| !from.nodes.contains_key(id)).collect()
        };
        let is_known = |id: &NodeId| from.nodes.contains_key(id) || !to.nodes.contains_key(id);
        let mut at = At::First;
        let mut coming = Vec::new();
        let mut place = At::First;
        for id in wanted {
            if !stay.contains(id) && !is_known(id) {
                if coming.is_empty() {
                    place = at;
                }
                coming.extend(back(from, to, *id));
                self.step(|| {
                    let after = to.whole(*id).map(|node| placed(to, *id, node));
                    Step { op: Op::Insert, before: None, after }
                });
            } else {
                self.restore(parent, place, &mut coming);
                if !stay.contains(id) {
                    self.edits.push(Edit::Move { id: *id, parent, at });
                    self.step(|| Step { op: Op::Move, before: head(from, *id), after: head(to, *id) });
                }
            }
            at = At::After(*id);
        }
        self.restore(parent, place, &mut coming);
    }

    fn restore(&mut self, parent: NodeId, at: At, nodes: &mut Vec<Node>) {
        if !nodes.is_empty() {
            self.edits.push(Edit::Restore { parent, at, nodes: std::mem::take(nodes) });
        }
    }

    fn content(&mut self, from: &Canvas, to: &Canvas) {
        let mut both: Vec<NodeId> =
            from.nodes.keys().copied().filter(|id| to.nodes.contains_key(id)).collect();
        both.sort_unstable();
        for id in both {
            let (old, new) = (&from.nodes[&id].head, &to.nodes[&id].head);
            let mut ops = Vec::new();
            if old.attributes != new.attributes || old.text != new.text {
                let (attributes, text) = (new.attributes.clone(), new.text.clone());
                self.edits.push(Edit::Update { id, attributes, text });
                ops.push(Op::Update);
            }
            if old.enabled != new.enabled {
                self.edits.push(Edit::Enable { id, enabled: new.enabled });
                ops.push(Op::Enable);
            }
            if let Some(op) = ops.first() {
                self.step(|| Step { op: *op, before: head(from, id), after: head(to, id) });
            }
        }
    }

    /// What should not be there goes, when nothing that stays is in it any more.
    fn gone(&mut self, from: &Canvas, to: &Canvas) {
        let goes = |id: &NodeId| from.nodes.contains_key(id) && !to.nodes.contains_key(id);
        let tops = from.nodes.keys().filter(|id| goes(id) && !from.parent(**id).is_some_and(|id| goes(&id)));
        let mut tops: Vec<NodeId> = tops.copied().collect();
        tops.sort_unstable();
        for id in tops {
            self.edits.push(Edit::Delete { id });
            self.step(|| {
                let before = from.whole(id).map(|node| placed(from, id, node));
                Step { op: Op::Delete, before, after: None }
            });
        }
    }
}

/// A node that comes back, with what comes back in it.
fn back(from: &Canvas, to: &Canvas, id: NodeId) -> Option<Node> {
    let mut node = to.nodes.get(&id)?.head.clone();
    let new = to.children_of(id).iter().filter(|child| !from.nodes.contains_key(child));
    node.children = new.filter_map(|child| back(from, to, *child)).collect();
    Some(node)
}

/// The most children that can stay where they are while the others come into the wanted order: the longest series of
/// those wanted that stand in that order already. All that nobody touched are among them: they are in the same order
/// in both.
fn staying(now: &[NodeId], wanted: &[NodeId], untouched: &dyn Fn(NodeId) -> bool) -> HashSet<NodeId> {
    let places: HashMap<NodeId, usize> = now.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let there: Vec<(usize, NodeId)> =
        wanted.iter().filter_map(|id| places.get(id).map(|at| (*at, *id))).collect();
    // For each, where the next untouched one stands.
    let mut high = vec![usize::MAX; there.len()];
    let mut next = usize::MAX;
    for (index, (at, id)) in there.iter().enumerate().rev() {
        high[index] = next;
        if untouched(*id) {
            next = *at;
        }
    }
    // Of the series of each length, the one that ends first; and for each member the one before it.
    let mut low = None;
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(there.len());
    for (index, (at, id)) in there.iter().enumerate() {
        let length = ends.partition_point(|end| there[*end].0 < *at);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        let passes = low.is_some_and(|low| *at < low) || high[index] < *at;
        if untouched(*id) {
            low = Some(*at);
        } else if passes {
            continue;
        }
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    std::iter::successors(ends.last().copied(), |index| before[*index]).map(|index| there[index].1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[i64]) -> Vec<NodeId> {
        ids.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn as_many_as_possible_stay() {
        for (now, wanted, expected) in [
            (&[1, 2, 3, 4][..], &[1, 2, 3, 4][..], 4),
            (&[1, 2, 3, 4], &[4, 1, 2, 3], 3),
            (&[1, 2, 3, 4], &[2, 3, 4, 1], 3),
            (&[1, 2, 3, 4], &[4, 3, 2, 1], 1),
            (&[1, 2, 3], &[9, 3, 8, 1, 2], 2),
            (&[], &[1], 0),
        ] {
            let (now, wanted) = (ids(now), ids(wanted));
            let stay = staying(&now, &wanted, &|_| false);
            assert_eq!(stay.len(), expected, "{now:?} {wanted:?}");
            let order =
                |all: &[NodeId]| all.iter().copied().filter(|id| stay.contains(id)).collect::<Vec<_>>();
            assert_eq!(order(&now), order(&wanted));
        }
    }

    #[test]
    fn the_untouched_stay_even_where_others_are_as_many() {
        for (now, wanted, untouched) in [
            (&[1, 2][..], &[2, 1][..], &[1][..]),
            (&[1, 2], &[2, 1], &[2]),
            (&[1, 2, 3, 4], &[4, 3, 1, 2], &[1]),
            (&[1, 2, 3, 4, 5], &[2, 3, 4, 5, 1], &[1]),
            (&[1, 2, 3, 4, 5], &[3, 1, 5, 4, 2], &[1, 4]),
        ] {
            let (now, wanted, untouched) = (ids(now), ids(wanted), ids(untouched));
            let stay = staying(&now, &wanted, &|id| untouched.contains(&id));
            assert!(untouched.iter().all(|id| stay.contains(id)), "{now:?} {wanted:?}: {stay:?}");
            let order =
                |all: &[NodeId]| all.iter().copied().filter(|id| stay.contains(id)).collect::<Vec<_>>();
            assert_eq!(order(&now), order(&wanted));
        }
    }
}
