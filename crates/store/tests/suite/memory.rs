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
        Edit::Restore { parent, at, nodes } => {
            let mut ids = Vec::new();
            nodes.iter().for_each(|node| node.walk(&mut |node| ids.push(node.id)));
            if ids.into_iter().any(|id| find(root, id).is_some()) {
                return None;
            }
            let parent = find(root, *parent)?;
            let place = place(parent, *at)?;
            parent.children.splice(place..place, nodes.iter().cloned());
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
    if let Some(after) = &change.after {
        assert_stands(root, after);
    }
    let before = || change.before.as_ref().unwrap();
    match change.op {
        Op::Insert => {
            for node in &change.after.as_ref().unwrap().nodes {
                assert_eq!(take(root, node.id).as_ref(), Some(node));
            }
        }
        Op::Delete => put(root, before(), before().nodes.clone()),
        Op::Update | Op::Enable => {
            let (old, new) = (&before().nodes[0], &change.after.as_ref().unwrap().nodes[0]);
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
    if let Some(before) = &change.before {
        assert_stands(root, before);
    }
}

/// Puts nodes behind the sibling that they stood behind.
fn put(root: &mut Node, siblings: &Siblings, nodes: Vec<Node>) {
    let parent = find(root, siblings.parent.unwrap()).unwrap();
    let place = place(parent, siblings.after.map_or(At::First, At::After)).unwrap();
    parent.children.splice(place..place, nodes);
}

/// They are where a step of a revision says, by the place and by the sibling before.
fn assert_stands(root: &mut Node, siblings: &Siblings) {
    let Some(parent) = siblings.parent else {
        return assert_eq!((siblings.position, siblings.after), (1, None));
    };
    let children = &find(root, parent).unwrap().children;
    let place = usize::try_from(siblings.position).unwrap() - 1;
    let ids = |nodes: &[Node]| nodes.iter().map(|node| node.id).collect::<Vec<_>>();
    assert_eq!(ids(&children[place..place + siblings.nodes.len()]), ids(&siblings.nodes));
    assert_eq!(place.checked_sub(1).map(|before| children[before].id), siblings.after);
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

/// What is stored below a node are these children in this order, on places from 1 to n, with orders that grow.
pub(crate) async fn assert_children(store: &Store, parent: NodeId, expected: &[NodeId]) {
    let page = store.children(parent, None, None, 1_000_000).await.unwrap();
    let found: Vec<(i64, NodeId)> = page.items.iter().map(|row| (row.position, row.node.id)).collect();
    assert_eq!(found, (1..).zip(expected.iter().copied()).collect::<Vec<_>>());
    assert_eq!(page.total, found.len() as i64);
    let mut orders: Vec<(i64, NodeId)> =
        store.subtrees(expected).await.unwrap().iter().map(|found| (found.order, found.node.id)).collect();
    orders.sort_unstable();
    assert!(orders.is_sorted_by(|a, b| a.0 < b.0), "no two have the same: {orders:?}");
    assert_eq!(orders.iter().map(|one| one.1).collect::<Vec<_>>(), expected);
}
