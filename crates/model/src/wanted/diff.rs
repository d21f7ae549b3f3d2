//! From one state of an element to another.

use std::collections::{HashMap, HashSet};

use crate::edit::{At, Edit};
use crate::merge::longest_increasing;
use crate::node::{Node, NodeId};

/// The edits that make `stored` be `new`, which is the same element: nodes are the same by their ids, and those with
/// [`NodeId::NEW`] are new. The order of attributes does not matter.
pub fn edits(stored: &Node, new: &Node) -> Vec<Edit> {
    let mut edits = Vec::new();
    // What goes makes room first.
    deletes(stored, new, &mut edits);
    changes(stored, new, &mut edits);
    edits
}

fn deletes(stored: &Node, new: &Node, edits: &mut Vec<Edit>) {
    let staying: HashMap<NodeId, &Node> = new.children.iter().map(|child| (child.id, child)).collect();
    for child in &stored.children {
        match staying.get(&child.id) {
            Some(new) => deletes(child, new, edits),
            None => edits.push(Edit::Delete { id: child.id }),
        }
    }
}

fn changes(stored: &Node, new: &Node, edits: &mut Vec<Edit>) {
    let same = stored.attributes.len() == new.attributes.len()
        && new.attributes.iter().all(|(name, value)| stored.attribute(name) == Some(value));
    if !same || stored.text != new.text {
        let (attributes, text) = (new.attributes.clone(), new.text.clone());
        edits.push(Edit::Update { id: stored.id, attributes, text });
    }
    if stored.enabled != new.enabled {
        edits.push(Edit::Enable { id: stored.id, enabled: new.enabled });
    }
    let known: HashMap<NodeId, usize> =
        stored.children.iter().enumerate().map(|(index, child)| (child.id, index)).collect();
    let matched: Vec<Option<usize>> =
        new.children.iter().map(|child| known.get(&child.id).copied()).collect();
    let in_place: HashSet<usize> = longest_increasing(&matched);
    // Those that stay come into their order first; new ones are put between them then.
    let mut previous: Option<NodeId> = None;
    for (place, child) in new.children.iter().enumerate().filter(|(place, _)| matched[*place].is_some()) {
        if !in_place.contains(&place) {
            let at = previous.map_or(At::First, At::After);
            edits.push(Edit::Move { id: child.id, parent: stored.id, at });
        }
        previous = Some(child.id);
    }
    let mut previous: Option<NodeId> = None;
    let mut run: Vec<Node> = Vec::new();
    let insert = |previous: Option<NodeId>, run: &mut Vec<Node>, edits: &mut Vec<Edit>| {
        if !run.is_empty() {
            let at = previous.map_or(At::First, At::After);
            edits.push(Edit::Insert { parent: stored.id, at, nodes: std::mem::take(run) });
        }
    };
    for (child, found) in new.children.iter().zip(&matched) {
        match *found {
            Some(index) => {
                insert(previous, &mut run, edits);
                previous = Some(child.id);
                changes(&stored.children[index], child, edits);
            }
            None => run.push(child.clone()),
        }
    }
    insert(previous, &mut run, edits);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Makes the edits of one level, as a store would.
    fn apply(children: &mut Vec<Node>, edits: Vec<Edit>) {
        let place = |children: &[Node], at: At| match at {
            At::First => 0,
            At::Last => children.len(),
            At::After(id) => children.iter().position(|child| child.id == id).unwrap() + 1,
        };
        for edit in edits {
            match edit {
                Edit::Delete { id } => children.retain(|child| child.id != id),
                Edit::Move { id, at, .. } => {
                    let from = children.iter().position(|child| child.id == id).unwrap();
                    let moved = children.remove(from);
                    let to = place(children, at);
                    children.insert(to, moved);
                }
                Edit::Insert { at, nodes, .. } => {
                    let to = place(children, at);
                    children.splice(to..to, nodes);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    proptest! {
        /// Whatever goes, comes and changes places: afterwards it is as it was wanted.
        #[test]
        fn any_order_is_reached(
            order in Just((1_i64..9).collect::<Vec<_>>()).prop_shuffle(),
            lost in proptest::collection::vec(any::<bool>(), 8),
            new in proptest::collection::vec(0_usize..9, 0..4),
        ) {
            let node = |id: i64| Node { id: NodeId(id), ..Node::new("n").with("v", id.to_string()) };
            let stored = Node::new("p").containing((1..9).map(node));
            let mut wanted: Vec<Node> = order.iter().zip(&lost).filter(|(_, lost)| !**lost).map(|(id, _)| node(*id)).collect();
            for (number, at) in new.iter().enumerate() {
                let fresh = Node::new("n").with("v", format!("new{number}"));
                wanted.insert((*at).min(wanted.len()), fresh);
            }
            let mut children = stored.children.clone();
            apply(&mut children, edits(&stored, &Node::new("p").containing(wanted.clone())));
            prop_assert_eq!(children, wanted);
        }
    }
}
