//! A part of a tree in memory, on which steps of revisions are taken back. Pure.

use std::collections::{HashMap, HashSet};

use custompbx_model::{Attribute, Node, NodeId};
use custompbx_store::{Change, Op, Siblings};

/// Something that was changed since and stands in the way of taking a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// What it is about.
    pub(super) node: Node,
    /// Where that is, or was.
    pub(super) parent: Option<NodeId>,
    /// Why, in words.
    pub(super) why: String,
}

/// A node without its children, and its parent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) parent: Option<NodeId>,
    pub(super) head: Node,
}

/// Some nodes, and the order of the children of some of these.
#[derive(Clone, Debug, Default)]
pub(super) struct Canvas {
    pub(super) nodes: HashMap<NodeId, Cell>,
    /// Of nodes that are here: all children, whether they are here or not.
    pub(super) children: HashMap<NodeId, Vec<NodeId>>,
}

impl Canvas {
    /// A node with all below it that is here.
    pub(super) fn whole(&self, id: NodeId) -> Option<Node> {
        let mut node = self.nodes.get(&id)?.head.clone();
        node.children = self.children_of(id).iter().filter_map(|child| self.whole(*child)).collect();
        Some(node)
    }

    pub(super) fn children_of(&self, id: NodeId) -> &[NodeId] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Its parent, that one's parent, and so on.
    pub(super) fn above(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.nodes.get(&id)?.parent
    }

    /// 1 for the first child.
    pub(super) fn position(&self, id: NodeId) -> Option<usize> {
        let siblings = self.children.get(&self.parent(id)?)?;
        siblings.iter().position(|sibling| *sibling == id).map(|at| at + 1)
    }

    /// Takes in a node that stands in the tree with everything below it.
    pub(super) fn add_whole(&mut self, parent: Option<NodeId>, node: &Node) {
        self.nodes.insert(node.id, Cell { parent, head: node.head() });
        self.children.insert(node.id, node.children.iter().map(|child| child.id).collect());
        node.children.iter().for_each(|child| self.add_whole(Some(node.id), child));
    }

    /// Takes one step back; what is in the way is noted, and left as it is where nothing else can be done.
    pub(super) fn undo(&mut self, change: &Change, obstacles: &mut Vec<Obstacle>) {
        let mut way = Way { canvas: self, obstacles };
        match (change.op, &change.before, &change.after) {
            (Op::Insert, _, Some(after)) => way.uninsert(after),
            (Op::Delete, Some(before), _) => way.restore(before),
            (Op::Update | Op::Enable, Some(before), Some(after)) => {
                for (old, new) in before.nodes.iter().zip(&after.nodes) {
                    way.unchange(before.parent, old, new);
                }
            }
            (Op::Move, Some(before), Some(after)) => way.unmove(change.node, before, after),
            _ => {}
        }
    }

    fn forget(&mut self, id: NodeId) {
        self.nodes.remove(&id);
        for child in self.children.remove(&id).unwrap_or_default() {
            self.forget(child);
        }
    }

    /// Takes children out of their parents' lists.
    fn unlink(&mut self, ids: &HashSet<NodeId>) {
        let parents: HashSet<NodeId> = ids.iter().filter_map(|id| self.parent(*id)).collect();
        for parent in parents {
            if let Some(children) = self.children.get_mut(&parent) {
                children.retain(|child| !ids.contains(child));
            }
        }
    }

    /// Puts children where they stood: behind the sibling that was before them, or at their place when it is not there.
    fn link(&mut self, parent: NodeId, siblings: &Siblings, ids: &[NodeId]) {
        let children = self.children.entry(parent).or_default();
        let place = match siblings.after {
            None => 0,
            Some(after) => match children.iter().position(|child| *child == after) {
                Some(at) => at + 1,
                None => usize::try_from(siblings.position - 1).unwrap_or_default().min(children.len()),
            },
        };
        children.splice(place..place, ids.iter().copied());
        for id in ids {
            if let Some(cell) = self.nodes.get_mut(id) {
                cell.parent = Some(parent);
            }
        }
    }
}

/// Taking one step back.
struct Way<'c> {
    canvas: &'c mut Canvas,
    obstacles: &'c mut Vec<Obstacle>,
}

impl Way<'_> {
    fn obstacle(&mut self, node: &Node, parent: Option<NodeId>, why: impl Into<String>) {
        self.obstacles.push(Obstacle { node: node.head(), parent, why: why.into() });
    }

    /// A node that is there.
    fn obstacle_at(&mut self, id: NodeId, why: impl Into<String>) {
        if let Some(Cell { parent, head }) = self.canvas.nodes.get(&id).cloned() {
            self.obstacle(&head, parent, why);
        }
    }

    fn uninsert(&mut self, after: &Siblings) {
        let mut recorded = HashSet::new();
        let mut tops = HashSet::new();
        for node in &after.nodes {
            node.walk(&mut |node| {
                recorded.insert(node.id);
            });
            if after.parent.is_none() {
                self.obstacle(node, None, "is the document itself, which cannot go");
            } else if self.canvas.nodes.contains_key(&node.id) {
                tops.insert(node.id);
            }
        }
        for node in after.nodes.iter().filter(|node| tops.contains(&node.id)) {
            self.look_at(after.parent, node, &recorded);
        }
        self.canvas.unlink(&tops);
        tops.iter().for_each(|id| self.canvas.forget(*id));
    }

    /// Notes what is not as it came.
    fn look_at(&mut self, parent: Option<NodeId>, node: &Node, recorded: &HashSet<NodeId>) {
        let Some(cell) = self.canvas.nodes.get(&node.id) else { return };
        let (is_elsewhere, is_other) = (cell.parent != parent, cell.head != node.head());
        if is_elsewhere {
            self.obstacle_at(node.id, "was moved since");
        } else if is_other {
            self.obstacle_at(node.id, "was changed since");
        }
        for child in self.canvas.children_of(node.id).to_vec() {
            if !recorded.contains(&child) {
                self.obstacle_at(child, "was put since into what would go");
            }
        }
        node.children.iter().for_each(|child| self.look_at(Some(node.id), child, recorded));
    }

    fn restore(&mut self, before: &Siblings) {
        let Some(parent) = before.parent else { return };
        let gone: Vec<&Node> =
            before.nodes.iter().filter(|node| !self.canvas.nodes.contains_key(&node.id)).collect();
        if !self.canvas.nodes.contains_key(&parent) {
            for node in gone {
                self.obstacle(node, Some(parent), "cannot come back: what it was in is gone");
            }
            return;
        }
        let ids: Vec<NodeId> = gone.iter().map(|node| node.id).collect();
        gone.iter().for_each(|node| self.canvas.add_whole(Some(parent), node));
        self.canvas.link(parent, before, &ids);
    }

    /// What the change changed is as before, what somebody changed since stays.
    fn unchange(&mut self, parent: Option<NodeId>, before: &Node, after: &Node) {
        let Some(cell) = self.canvas.nodes.get_mut(&after.id) else {
            return self.obstacle(before, parent, "was deleted since");
        };
        let Node { attributes, text, enabled, .. } = &mut cell.head;
        let mut why = Vec::new();
        if *attributes == after.attributes {
            attributes.clone_from(&before.attributes);
        } else {
            unset(attributes, &before.attributes, &after.attributes, &mut why);
        }
        if before.text != after.text {
            if *text != after.text && *text != before.text {
                why.push("its text was changed since".to_owned());
            }
            text.clone_from(&before.text);
        }
        if before.enabled != after.enabled {
            *enabled = before.enabled;
        }
        why.into_iter().for_each(|why| self.obstacle_at(after.id, why));
    }

    fn unmove(&mut self, id: NodeId, before: &Siblings, after: &Siblings) {
        let (Some(parent), Some(node)) = (before.parent, before.nodes.first()) else { return };
        let Some(cell) = self.canvas.nodes.get(&id) else {
            return self.obstacle(node, before.parent, "was deleted since");
        };
        if cell.parent != after.parent && cell.parent != before.parent {
            self.obstacle_at(id, "was moved since");
        }
        if !self.canvas.nodes.contains_key(&parent) {
            return self.obstacle_at(id, "cannot go back: what it was in is gone");
        }
        if parent == id || self.canvas.above(parent).any(|above| above == id) {
            return self.obstacle_at(id, "cannot go back: what it was in is in it by now");
        }
        self.canvas.unlink(&HashSet::from([id]));
        self.canvas.link(parent, before, &[id]);
    }
}

/// Of attributes that somebody else changed too, only those that the change changed are as before.
fn unset(now: &mut Vec<Attribute>, before: &[Attribute], after: &[Attribute], why: &mut Vec<String>) {
    let value = |attributes: &[Attribute], name: &str| {
        attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.clone())
    };
    let mut seen = HashSet::new();
    for (name, _) in before.iter().chain(after).filter(|(name, _)| seen.insert(name.clone())) {
        let (was, became, is) = (value(before, name), value(after, name), value(now, name));
        if was == became || is == was {
            continue;
        }
        if is != became {
            why.push(format!("its {name} was changed since"));
        }
        match (was, now.iter_mut().find(|(key, _)| key == name)) {
            (Some(was), Some((_, value))) => *value = was,
            (Some(was), None) => now.push((name.clone(), was)),
            (None, _) => now.retain(|(key, _)| key != name),
        }
    }
}
