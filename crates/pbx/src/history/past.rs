//! How nodes stood before some changes were made, and how they stood after them. Pure.

use std::collections::{BTreeMap, HashSet};

use custompbx_model::{Node, NodeId};
use custompbx_store::{Change, Op, Siblings};

/// A node alone, and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stood {
    pub(super) parent: Option<NodeId>,
    /// The sibling before it.
    pub(super) behind: Option<NodeId>,
    /// 1 for the first sibling.
    pub(super) position: i64,
    /// Without children.
    pub(super) node: Node,
}

/// What changes say of the nodes that they touched.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Before the first change that touched it; `None`: it was not there.
    pub(super) before: BTreeMap<NodeId, Option<Stood>>,
    /// After the last one.
    pub(super) after: BTreeMap<NodeId, Option<Stood>>,
    /// What went to another place at any time.
    pub(super) moved: HashSet<NodeId>,
}

impl Past {
    /// Takes in the next change, in the order in which they were made.
    pub(super) fn add(&mut self, change: &Change) {
        let before = change.before.iter().flat_map(stood);
        match change.op {
            Op::Insert => {}
            Op::Delete => {
                for stood in before {
                    let id = stood.node.id;
                    self.before.entry(id).or_insert(Some(stood));
                    self.after.insert(id, None);
                }
                return;
            }
            Op::Update | Op::Enable | Op::Move => {
                for stood in before {
                    self.before.entry(stood.node.id).or_insert(Some(stood));
                }
            }
        }
        if change.op == Op::Move {
            self.moved.insert(change.node);
        }
        for stood in change.after.iter().flat_map(stood) {
            self.before.entry(stood.node.id).or_insert(None);
            self.after.insert(stood.node.id, Some(stood));
        }
    }
}

/// Neighbours with all below them, one by one, parents first.
pub(super) fn stood(siblings: &Siblings) -> Vec<Stood> {
    let mut out = Vec::new();
    flatten(siblings.parent, siblings.after, siblings.position, &siblings.nodes, &mut out);
    out
}

fn flatten(
    parent: Option<NodeId>,
    mut behind: Option<NodeId>,
    position: i64,
    nodes: &[Node],
    out: &mut Vec<Stood>,
) {
    for (position, node) in (position..).zip(nodes) {
        out.push(Stood { parent, behind, position, node: node.head() });
        flatten(Some(node.id), None, 1, &node.children, out);
        behind = Some(node.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: i64, value: &str, children: Vec<Node>) -> Node {
        Node { id: NodeId(id), children, ..Node::new("t").with("value", value) }
    }

    fn siblings(parent: i64, after: Option<i64>, nodes: Vec<Node>) -> Option<Siblings> {
        Some(Siblings { parent: Some(NodeId(parent)), after: after.map(NodeId), position: 4, nodes })
    }

    fn change(op: Op, id: i64, before: Option<Siblings>, after: Option<Siblings>) -> Change {
        Change { seq: 1, op, node: NodeId(id), before, after }
    }

    #[test]
    fn the_first_before_and_the_last_after_count() {
        let mut past = Past::default();
        past.add(&change(
            Op::Update,
            5,
            siblings(1, Some(4), vec![node(5, "a", vec![])]),
            siblings(1, Some(4), vec![node(5, "b", vec![])]),
        ));
        past.add(&change(
            Op::Update,
            5,
            siblings(1, Some(4), vec![node(5, "b", vec![])]),
            siblings(1, Some(4), vec![node(5, "c", vec![])]),
        ));
        let value = |stood: &Option<Stood>| stood.as_ref().unwrap().node.attribute("value").unwrap().to_owned();
        assert_eq!(value(&past.before[&NodeId(5)]), "a");
        assert_eq!(value(&past.after[&NodeId(5)]), "c");
        assert!(past.moved.is_empty());
    }

    #[test]
    fn what_came_was_not_there_and_what_went_stood_somewhere() {
        let mut past = Past::default();
        let tree = || vec![node(7, "x", vec![node(8, "y", vec![]), node(9, "z", vec![])])];
        past.add(&change(Op::Insert, 7, None, siblings(1, None, tree())));
        assert!([7, 8, 9].iter().all(|id| past.before[&NodeId(*id)].is_none()));
        let mut gone = Past::default();
        gone.add(&change(Op::Delete, 7, siblings(1, Some(6), tree()), None));
        let last = gone.before[&NodeId(9)].as_ref().unwrap();
        assert_eq!((last.parent, last.behind, last.position), (Some(NodeId(7)), Some(NodeId(8)), 2));
        let top = gone.before[&NodeId(7)].as_ref().unwrap();
        assert_eq!((top.parent, top.behind, top.position), (Some(NodeId(1)), Some(NodeId(6)), 4));
        assert!(gone.after.values().all(Option::is_none));
        // What came and went again leaves nothing.
        past.add(&change(Op::Delete, 7, siblings(1, None, tree()), None));
        assert!(past.before.values().chain(past.after.values()).all(Option::is_none));
    }
}
