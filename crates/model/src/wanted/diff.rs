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
    let mut previous: Option<NodeId> = None;
    let mut run: Vec<Node> = Vec::new();
    let insert = |previous: Option<NodeId>, run: &mut Vec<Node>, edits: &mut Vec<Edit>| {
        if !run.is_empty() {
            let at = previous.map_or(At::First, At::After);
            edits.push(Edit::Insert { parent: stored.id, at, nodes: std::mem::take(run) });
        }
    };
    for (place, (child, found)) in new.children.iter().zip(&matched).enumerate() {
        let Some(index) = *found else {
            run.push(child.clone());
            continue;
        };
        insert(previous, &mut run, edits);
        if !in_place.contains(&place) {
            let at = previous.map_or(At::First, At::After);
            edits.push(Edit::Move { id: child.id, parent: stored.id, at });
        }
        previous = Some(child.id);
        changes(&stored.children[index], child, edits);
    }
    insert(previous, &mut run, edits);
}
