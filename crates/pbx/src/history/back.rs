//! The edits that bring nodes back to how they stood. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use custompbx_model::{At, Attribute, Edit, Node, NodeId};

use super::past::{Past, Stood};

/// Nodes as they stand now: those that are touched, and everything below them.
pub(super) type Present = HashMap<NodeId, Stood>;

/// Something that stands in the way of taking a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The node.
    pub node: NodeId,
    /// Why, in words.
    pub why: String,
}

/// One node on its way back.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The node.
    pub id: NodeId,
    /// Its parent, where it is or where it comes to.
    pub parent: Option<NodeId>,
    /// As it stands, without its children; `None`: it is not there.
    pub before: Option<Node>,
    /// As it will stand; `None`: it goes.
    pub after: Option<Node>,
    /// Whether it goes to another place.
    pub moves: bool,
}

/// The way back.
#[derive(Debug, Default)]
pub(super) struct Back {
    pub(super) edits: Vec<Edit>,
    pub(super) steps: Vec<Step>,
    pub(super) conflicts: Vec<Conflict>,
}

/// How strictly what was changed since is respected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Later {
    /// There is nothing later: everything since is taken back too.
    TakenBack,
    /// It stays, and what depends on it is a conflict.
    Stays,
}

/// The edits that bring everything in `past` back to how it was before.
pub(super) fn back(past: &Past, present: &Present, later: Later) -> Back {
    let mut way = Way { past, present, later, back: Back::default() };
    let wanted: BTreeMap<NodeId, Option<Stood>> =
        past.before.iter().map(|(id, stood)| (*id, way.wanted(*id, stood.as_ref()))).collect();
    way.restore(&wanted);
    way.change(&wanted);
    way.remove(&wanted);
    way.back
}

struct Way<'a> {
    past: &'a Past,
    present: &'a Present,
    later: Later,
    back: Back,
}

impl Way<'_> {
    fn conflict(&mut self, node: NodeId, why: impl Into<String>) {
        if self.later == Later::Stays {
            self.back.conflicts.push(Conflict { node, why: why.into() });
        }
    }

    /// How a node is to stand, where what was changed since is kept.
    fn wanted(&mut self, id: NodeId, before: Option<&Stood>) -> Option<Stood> {
        let present = self.present.get(&id);
        let after = self.past.after.get(&id).and_then(Option::as_ref);
        if self.later == Later::TakenBack {
            return before.cloned();
        }
        match (before, after, present) {
            // It was there before and after, and is gone.
            (Some(_), Some(_), None) => {
                self.conflict(id, "was deleted since");
                None
            }
            (Some(before), Some(after), Some(present)) => Some(self.merged(before, after, present)),
            (None, Some(after), Some(present)) => {
                if !after.node.same_head(&present.node) {
                    self.conflict(id, "was changed since");
                }
                None
            }
            // It went, and is there again.
            (Some(_), None, Some(present)) => Some(present.clone()),
            (before, ..) => before.cloned(),
        }
    }

    /// What the change changed is as before, what somebody changed since stays.
    fn merged(&mut self, before: &Stood, after: &Stood, present: &Stood) -> Stood {
        let mut node = present.node.clone();
        let names = before.node.attributes.iter().chain(&after.node.attributes).map(|(name, _)| &**name);
        let mut seen = HashSet::new();
        for name in names.filter(|name| seen.insert(*name)) {
            let (was, became) = (before.node.attribute(name), after.node.attribute(name));
            if was == became {
                continue;
            }
            if present.node.attribute(name) != became {
                self.conflict(node.id, format!("its {name} was changed since"));
            }
            match was {
                Some(was) => node.set_attribute(name, was),
                None => node.attributes.retain(|(key, _)| &**key != name),
            }
        }
        if before.node.text != after.node.text {
            if present.node.text != after.node.text {
                self.conflict(node.id, "its text was changed since");
            }
            node.text.clone_from(&before.node.text);
        }
        if before.node.enabled != after.node.enabled {
            node.enabled = before.node.enabled;
        }
        if self.past.moved.contains(&node.id) {
            if present.parent != after.parent {
                self.conflict(node.id, "was moved since");
            }
            return Stood { node, ..before.clone() };
        }
        Stood { node, ..present.clone() }
    }

    /// What is gone comes back, parents with their children.
    fn restore(&mut self, wanted: &BTreeMap<NodeId, Option<Stood>>) {
        let gone: BTreeMap<NodeId, &Stood> = wanted
            .iter()
            .filter(|(id, _)| !self.present.contains_key(id))
            .filter_map(|(id, stood)| Some((*id, stood.as_ref()?)))
            .collect();
        let mut children: HashMap<Option<NodeId>, Vec<&Stood>> = HashMap::new();
        for stood in gone.values() {
            children.entry(stood.parent).or_default().push(stood);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|stood| (stood.position, stood.node.id));
        }
        let mut tops: Vec<&Stood> =
            gone.values().copied().filter(|stood| stood.parent.is_none_or(|id| !gone.contains_key(&id))).collect();
        tops.sort_by_key(|stood| (stood.parent, stood.position, stood.node.id));
        for top in tops {
            let Some(parent) = top.parent else { continue };
            let node = whole(top, &children);
            node.walk(&mut |node| {
                self.back.steps.push(Step {
                    id: node.id,
                    parent: gone.get(&node.id).and_then(|stood| stood.parent),
                    before: None,
                    after: Some(node.head()),
                    moves: false,
                });
            });
            self.back.edits.push(Edit::Restore { parent, at: place(top), nodes: vec![node] });
        }
    }

    /// What is there becomes what it was.
    fn change(&mut self, wanted: &BTreeMap<NodeId, Option<Stood>>) {
        let mut moves = Vec::new();
        let mut edits = Vec::new();
        for (id, wanted) in wanted {
            let (Some(wanted), Some(present)) = (wanted, self.present.get(id)) else { continue };
            let elsewhere = wanted.parent != present.parent
                || (self.past.moved.contains(id) && wanted.behind != present.behind);
            if elsewhere && let Some(parent) = wanted.parent {
                moves.push((wanted.position, Edit::Move { id: *id, parent, at: place(wanted) }));
            }
            let (old, new) = (&present.node, &wanted.node);
            if !same_attributes(&old.attributes, &new.attributes) || old.text != new.text {
                let (attributes, text) = (new.attributes.clone(), new.text.clone());
                edits.push(Edit::Update { id: *id, attributes, text });
            }
            if old.enabled != new.enabled {
                edits.push(Edit::Enable { id: *id, enabled: new.enabled });
            }
            if elsewhere || !old.same_head(new) {
                self.back.steps.push(Step {
                    id: *id,
                    parent: wanted.parent,
                    before: Some(old.clone()),
                    after: Some(new.clone()),
                    moves: elsewhere,
                });
            }
        }
        // Those before come to their places before those behind them.
        moves.sort_by_key(|(position, _)| *position);
        self.back.edits.extend(moves.into_iter().map(|(_, edit)| edit));
        self.back.edits.append(&mut edits);
    }

    /// What was not there goes.
    fn remove(&mut self, wanted: &BTreeMap<NodeId, Option<Stood>>) {
        let goes = |id: &NodeId| matches!(wanted.get(id), Some(None));
        let mut present: Vec<(&NodeId, &Stood)> = self.present.iter().collect();
        present.sort_by_key(|(id, _)| **id);
        for (id, stood) in present {
            let below_one_that_goes = stood.parent.is_some_and(|parent| goes(&parent));
            if goes(id) {
                // Something that was there before and is moved out of it is moved first.
                self.back.steps.push(Step {
                    id: *id,
                    parent: stood.parent,
                    before: Some(stood.node.clone()),
                    after: None,
                    moves: false,
                });
                if !below_one_that_goes {
                    self.back.edits.push(Edit::Delete { id: *id });
                }
            } else if below_one_that_goes && !wanted.contains_key(id) {
                self.conflict(*id, "was added since to something that would go");
            }
        }
    }
}

fn place(stood: &Stood) -> At {
    stood.behind.map_or(At::First, At::After)
}

fn same_attributes(old: &[Attribute], new: &[Attribute]) -> bool {
    old.len() == new.len() && old.iter().all(|pair| new.contains(pair))
}

fn whole(top: &Stood, children: &HashMap<Option<NodeId>, Vec<&Stood>>) -> Node {
    let mut node = top.node.clone();
    for child in children.get(&Some(node.id)).into_iter().flatten() {
        node.children.push(whole(child, children));
    }
    node
}
