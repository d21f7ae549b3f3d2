//! Changes of nodes that are there: other content, on and off, elsewhere, away.

use custompbx_model::edit::{Step, part_of, user_names};
use custompbx_model::{At, Node, NodeId, Part};

use super::Work;
use super::insert::{Preorder, storable};
use super::keys::Keys;
use super::place::Place;
use super::record::Stand;
use super::spot::{Spot, user_id};
use super::updates::Content;
use crate::error::Result;
use crate::flat::{Flat, Texts, attributes_json, flat_columns, flat_names, parse_attributes};
use crate::revision::Op;
use crate::tree::{Found, step, subtrees};

/// The users from a node downwards.
const USERS_BELOW: &str = "WITH RECURSIVE below (id, domain_id, attributes) AS (\
    SELECT id, domain_id, attributes FROM node WHERE id = $1 UNION ALL \
    SELECT node.id, node.domain_id, node.attributes FROM below JOIN node ON node.parent_id = below.id) \
    SELECT id, domain_id, attributes FROM below WHERE domain_id IS NOT NULL";

const DELETE_BELOW: &str = "WITH RECURSIVE below (id) AS (SELECT id FROM node WHERE id = $1 \
    UNION ALL SELECT node.id FROM below JOIN node ON node.parent_id = below.id) \
    DELETE FROM node WHERE id IN (SELECT id FROM below)";

/// All below a node, parents before their children.
const HEADS_BELOW: &str = concat!(
    "WITH RECURSIVE below (",
    flat_names!(),
    ", user_id, level) AS (SELECT ",
    flat_columns!(),
    ", user_id, 0 FROM node WHERE id = $1 UNION ALL SELECT ",
    flat_columns!(),
    ", node.user_id, below.level + 1 FROM below JOIN node ON node.parent_id = below.id) SELECT ",
    flat_names!(),
    ", user_id FROM below ORDER BY level"
);

impl Found {
    /// A node with this content where it stands, alone.
    pub(super) fn stand<'n>(&self, place: Place, node: &'n Node) -> Stand<'n> {
        Stand { parent: self.flat.parent, place, nodes: std::slice::from_ref(node), deep: false }
    }
}

impl Work<'_> {
    pub(super) async fn update(&mut self, content: Content) -> Result<()> {
        let Content { id, attributes, text } = content;
        let found = self.find(id).await?;
        let old = &found.flat.node;
        if old.attributes == attributes && old.text == text {
            return Ok(());
        }
        if !storable(&attributes, text.as_deref()) {
            return Err(self.zero_byte());
        }
        let sql = "UPDATE node SET attributes = $2, text = $3 WHERE id = $1";
        let values = [id.0.into(), attributes_json(&attributes).into(), text.as_deref().into()];
        self.tx.execute(sql, &values).await?;
        let new = Node { attributes, text, ..old.clone() };

        self.touch_changed(&found.path, &step(&new)).await?;
        let place = self.place(&found).await?;
        let (before, after) = (found.stand(place, old), found.stand(place, &new));
        self.recorder.step(self.tx, Op::Update, Some(before), Some(after)).await
    }

    pub(super) async fn enable(&mut self, id: NodeId, enabled: bool) -> Result<()> {
        let found = self.find(id).await?;
        if found.flat.node.enabled == enabled {
            return Ok(());
        }
        let sql = "UPDATE node SET enabled = $2 WHERE id = $1";
        self.tx.execute(sql, &[id.0.into(), enabled.into()]).await?;
        self.touch_with_users(&found.path).await?;
        let new = Node { enabled, ..found.flat.node.clone() };
        let place = self.place(&found).await?;
        let (before, after) = (found.stand(place, &found.flat.node), found.stand(place, &new));
        self.recorder.step(self.tx, Op::Enable, Some(before), Some(after)).await
    }

    pub(super) async fn move_to(&mut self, id: NodeId, parent: NodeId, at: At) -> Result<()> {
        let found = self.find(id).await?;
        let Some(old_parent) = found.flat.parent else {
            return Err(self.invalid("the root cannot be moved"));
        };
        let target = self.find(parent).await?;
        if target.path.iter().any(|step| step.id == id) {
            return Err(self.invalid(format!("node {id} cannot be moved below itself")));
        }
        let room = self.room(parent, at, id).await?;
        let old = found.flat.order;
        if old_parent == parent && room.has(old) {
            return Ok(());
        }
        self.touch_with_users(&found.path).await?;
        let before = self.place(&found).await?;
        let new = self.keys(&target.path, at, id, room, 1).await?.first;
        let sql = "UPDATE node SET parent_id = $2, order_key = $3 WHERE id = $1";
        self.tx.execute(sql, &[id.0.into(), parent.0.into(), new.into()]).await?;
        self.places.went(old_parent, old);
        self.places.came(parent, new, id);
        let above = &found.path[..found.path.len() - 1];
        if Spot::of(above) != Spot::of(&target.path) {
            self.refresh_users(id, &target.path).await?;
        }
        let path = [&target.path[..], &[step(&found.flat.node)]].concat();
        self.touch_with_users(&path).await?;
        // Whole documents are kept in the order of their section, and by section.
        for way in [&found.path, &path] {
            if let (3, Some(section)) = (way.len(), way.get(1)) {
                self.touch(Part::Document { id: section.id });
            }
        }
        let before = found.stand(before, &found.flat.node);
        let place = self.places.of(self.tx, parent, new).await?;
        let after = Stand { parent: Some(parent), place, ..before };
        self.recorder.step(self.tx, Op::Move, Some(before), Some(after)).await
    }

    pub(super) async fn delete(&mut self, id: NodeId) -> Result<()> {
        let found = self.find(id).await?;
        let Some(parent) = found.flat.parent else {
            return Err(self.invalid("the root cannot be deleted"));
        };
        let place = self.place(&found).await?;
        let whole: Vec<Node> = subtrees(self.tx, &[id]).await?.into_iter().map(|top| top.node).collect();
        self.touch(part_of(&found.path));
        let above = &found.path[..found.path.len() - 1];
        for row in Preorder::new(Some(parent), Keys::NEW, &whole, Spot::of(above)) {
            self.touch_user(&row);
        }
        self.tx.execute(DELETE_BELOW, &[id.0.into()]).await?;
        self.places.went(parent, found.flat.order);
        let gone = Stand { parent: Some(parent), place, nodes: &whole, deep: true };
        self.recorder.whole(self.tx, Op::Delete, gone).await
    }

    /// Where a node stands at this moment.
    async fn place(&mut self, found: &Found) -> Result<Place> {
        match found.flat.parent {
            Some(parent) => self.places.of(self.tx, parent, found.flat.order).await,
            None => Ok(Place::FIRST),
        }
    }

    /// A change of the node at the end of `path` that changes what is below it, too.
    async fn touch_with_users(&mut self, path: &[Step]) -> Result<()> {
        let part = part_of(path);
        if let (Part::DomainHead { .. }, Some(last)) = (&part, path.last()) {
            let mut texts = Texts::default();
            let values = [last.id.0.into()];
            let users = self.tx.rows(USERS_BELOW, &values, |row| {
                let attributes = parse_attributes(row.text(2)?, &mut texts)
                    .map_err(|error| crate::flat::corrupt_attributes(row.int(0).unwrap_or(0), error))?;
                let (id, domain) = (NodeId(row.int(0)?), NodeId(row.int(1)?));
                Ok(Part::User { domain, id, names: user_names(&attributes) })
            });
            let users = users.await?;
            self.parts.extend(users);
        }
        self.touch(part);
        Ok(())
    }

    /// Finds out again which of the nodes from `id` downwards are users. `above` leads to its parent.
    pub(super) async fn refresh_users(&mut self, id: NodeId, above: &[Step]) -> Result<()> {
        let mut texts = Texts::default();
        let top = Spot::of(above);
        let mut spots = std::collections::HashMap::new();
        let mut wrong = Vec::new();
        self.tx
            .each(HEADS_BELOW, &[id.0.into()], |row| {
                let Flat { parent, node, domain: old, .. } = Flat::read(&row, &mut texts)?;
                let above = parent.and_then(|parent| spots.get(&parent)).copied().unwrap_or(top);
                let (spot, domain) = above.enter(node.id, &node.tag, &node.attributes);
                spots.insert(node.id, spot);
                let is_user = domain.is_some() || above.is_pointer(&node.tag, &node.attributes);
                let user = is_user.then(|| user_id(&node.attributes).to_owned());
                if old != domain || row.optional_text(8)? != user.as_deref() {
                    wrong.push((node.id, domain, user));
                }
                Ok(())
            })
            .await?;
        for (id, domain, user) in wrong {
            let sql = "UPDATE node SET domain_id = $2, user_id = $3 WHERE id = $1";
            let values = [id.0.into(), domain.map(|domain| domain.0).into(), user.as_deref().into()];
            self.tx.execute(sql, &values).await?;
        }
        Ok(())
    }
}
