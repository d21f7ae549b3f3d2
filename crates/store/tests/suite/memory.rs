//! The same tree in memory: what edits mean, in the simplest words.

use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{Change, Op, Siblings, Store};

/// Makes an edit; `false`, and perhaps half of it made, when it cannot be made. New nodes get the ids from `next` on.
pub(crate) fn apply(root: &mut Node, edit: &Edit, next: &mut i64) -> bool {
    try_apply(root, edit, next).is_some()
}

fn try_apply(root: &mut Node, edit: &Edit, next: &mut i64) -> Option<()> {
    match edit {
        Edit::Insert { parent, at, nodes } => {
            let parent = find(root, *parent)?;
            let place = place(parent, *at)?;
            let mut nodes = nodes.clone();
            nodes.iter_mut().for_each(|node| number(node, next));
            parent.children.splice(place..place, nodes);
        }
        Edit::Update { id, attributes, text } => {
            let node = find(root, *id)?;
            node.attributes.clone_from(attributes);
            node.text.clone_from(text);
        }
        Edit::Enable { id, enabled } => find(root, *id)?.enabled = *enabled,
        Edit::Move { id, parent, at } => {
            let node = take(root, *id)?;
            let parent = find(root, *parent)?;
            let place = place(parent, *at)?;
            parent.children.insert(place, node);
        }
        Edit::Delete { id } => drop(take(root, *id)?),
    }
    Some(())
}

/// Takes one step of a revision back.
pub(crate) fn undo(root: &mut Node, change: &Change) {
    let after = || change.after.as_ref().unwrap();
    let before = || change.before.as_ref().unwrap();
    match change.op {
        Op::Insert => {
            for node in &after().nodes {
                assert_eq!(take(root, node.id).as_ref(), Some(node));
            }
        }
        Op::Delete => put(root, before(), before().nodes.clone()),
        Op::Update | Op::Enable => {
            let (old, new) = (&before().nodes[0], &after().nodes[0]);
            let node = find(root, change.node).unwrap();
            assert!(node.same_head(new), "{node:?} {new:?}");
            node.enabled = old.enabled;
            node.attributes.clone_from(&old.attributes);
            node.text.clone_from(&old.text);
        }
        Op::Move => {
            let node = take(root, change.node).unwrap();
            put(root, before(), vec![node]);
        }
    }
}

fn put(root: &mut Node, siblings: &Siblings, nodes: Vec<Node>) {
    let parent = find(root, siblings.parent.unwrap()).unwrap();
    let place = usize::try_from(siblings.position).unwrap() - 1;
    parent.children.splice(place..place, nodes);
}

pub(crate) fn number(node: &mut Node, next: &mut i64) {
    node.id = NodeId(*next);
    *next += 1;
    node.children.iter_mut().for_each(|child| number(child, next));
}

pub(crate) fn find(node: &mut Node, id: NodeId) -> Option<&mut Node> {
    if node.id == id {
        return Some(node);
    }
    node.children.iter_mut().find_map(|child| find(child, id))
}

fn take(node: &mut Node, id: NodeId) -> Option<Node> {
    if let Some(place) = node.children.iter().position(|child| child.id == id) {
        return Some(node.children.remove(place));
    }
    node.children.iter_mut().find_map(|child| take(child, id))
}

fn place(parent: &Node, at: At) -> Option<usize> {
    match at {
        At::First => Some(0),
        At::Last => Some(parent.children.len()),
        At::After(id) => Some(parent.children.iter().position(|child| child.id == id)? + 1),
    }
}

/// The positions of a node's children are 1 to n.
pub(crate) async fn assert_dense(store: &Store, parent: NodeId) {
    let page = store.children(parent, None, None, 1_000_000).await.unwrap();
    let positions: Vec<i64> = page.items.iter().map(|row| row.position).collect();
    assert_eq!(positions, (1..=page.total).collect::<Vec<_>>());
}
