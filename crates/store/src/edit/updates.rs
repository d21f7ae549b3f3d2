//! Many nodes that get other content at once. What the database is asked for one node alone, it is asked for all of
//! them together: each question costs more than what it is about.

use std::collections::HashMap;

use custompbx_model::edit::{Step, part_of};
use custompbx_model::{Attribute, Node, NodeId, Text};

use super::Work;
use super::insert::storable;
use super::place::Place;
use crate::error::Result;
use crate::flat::attributes_json;
use crate::revision::Op;
use crate::tree::{Found, locate_all, missing, step};

/// How many are made together.
pub(super) const TOGETHER: usize = 500;
/// Fewer are made one after the other: reading the ways to many takes a question for each level.
pub(super) const FEW: usize = 8;

/// What a node is to hold.
pub(super) struct Content {
    pub(super) id: NodeId,
    pub(super) attributes: Vec<Attribute>,
    pub(super) text: Option<Text>,
}

/// A node that will hold something else.
struct Change {
    found: Found,
    new: Node,
}

impl Work<'_> {
    /// Does what [`Work::update`] does for each of these, of which no two are of the same node.
    pub(super) async fn update_all(&mut self, contents: Vec<Content>) -> Result<()> {
        let changes = self.changes(contents).await?;
        let rows: Vec<_> = changes
            .iter()
            .map(|Change { new, .. }| (new.id.0, attributes_json(&new.attributes), new.text.as_deref()))
            .collect();
        self.tx.rewrite_nodes(&rows).await?;
        let places = changes.iter().filter_map(|Change { found, .. }| {
            let flat = &found.flat;
            flat.parent.map(|parent| (flat.node.id, parent, flat.order))
        });
        let places = self.places.of_all(self.tx, places.collect()).await?;
        // As the ways to nodes are when those above them have changed already.
        let mut done: HashMap<NodeId, Step> = HashMap::new();
        for Change { mut found, new } in changes {
            for step in &mut found.path {
                if let Some(new) = done.get(&step.id) {
                    *step = new.clone();
                }
            }
            let changed = step(&new);
            self.touch_changed(&found.path, &changed).await?;
            done.insert(new.id, changed);
            let place = places.get(&new.id).copied().unwrap_or(Place::FIRST);
            let (before, after) = (found.stand(place, &found.flat.node), found.stand(place, &new));
            self.recorder.step(self.tx, Op::Update, Some(before), Some(after)).await?;
        }
        Ok(())
    }

    /// Those that are not so already, with what is there.
    async fn changes(&mut self, contents: Vec<Content>) -> Result<Vec<Change>> {
        let ids: Vec<NodeId> = contents.iter().map(|content| content.id).collect();
        let mut known = locate_all(self.tx, &ids).await?;
        let mut changes = Vec::with_capacity(contents.len());
        for Content { id, attributes, text } in contents {
            let found = known.remove(&id).filter(|found| found.instance == self.instance);
            let found = found.ok_or_else(|| missing(self.operation(), id))?;
            let old = &found.flat.node;
            if old.attributes == attributes && old.text == text {
                continue;
            }
            if !storable(&attributes, text.as_deref()) {
                return Err(self.zero_byte());
            }
            let new = Node { attributes, text, ..old.clone() };
            changes.push(Change { found, new });
        }
        Ok(changes)
    }

    /// A node has other content: `path` leads to it as it was.
    pub(super) async fn touch_changed(&mut self, path: &[Step], new: &Step) -> Result<()> {
        let above = &path[..path.len() - 1];
        self.touch(part_of(path));
        let changed = [above, std::slice::from_ref(new)].concat();
        self.touch(part_of(&changed));
        // Who is a user depends on a section's name, and on a user's being a pointer.
        if &*new.tag == "user" || path.len() == 2 {
            self.refresh_users(new.id, above).await?;
        }
        Ok(())
    }

    pub(super) fn zero_byte(&self) -> crate::Error {
        self.invalid("there is a zero byte in an attribute or a text")
    }
}
