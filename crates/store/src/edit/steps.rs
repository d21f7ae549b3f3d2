//! Changes of nodes that are there: other content, on and off, elsewhere, away.

use custompbx_model::edit::{Step, part_of, user_names};
use custompbx_model::{At, Attribute, Node, NodeId, Part, Text};

use super::Work;
use super::insert::{Preorder, storable};
use super::record::Stand;
use super::spot::{Spot, user_id};
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
    ", domain_id, user_id, level) AS (SELECT ",
    flat_columns!(),
    ", domain_id, user_id, 0 FROM node WHERE id = $1 UNION ALL SELECT ",
    flat_columns!(),
    ", node.domain_id, node.user_id, below.level + 1 FROM below JOIN node ON node.parent_id = below.id) SELECT ",
    flat_names!(),
    ", domain_id, user_id FROM below ORDER BY level"
);

impl Found {
    /// The node as it stands, alone.
    fn stand(&self) -> Stand<'_> {
        self.stand_of(&self.flat.node)
    }

    /// Another content in its place.
    fn stand_of<'n>(&self, node: &'n Node) -> Stand<'n> {
        let Flat { parent, position, .. } = self.flat;
        Stand { parent, position, nodes: std::slice::from_ref(node), deep: false }
    }
}

impl Work<'_> {
    pub(super) async fn update(
        &mut self,
        id: NodeId,
        attributes: Vec<Attribute>,
        text: Option<Text>,
    ) -> Result<()> {
        let found = self.find(id).await?;
        let old = &found.flat.node;
        if old.attributes == attributes && old.text == text {
            return Ok(());
        }
        if !storable(&attributes, text.as_deref()) {
            return Err(self.invalid("there is a zero byte in an attribute or a text"));
        }
        let sql = "UPDATE node SET attributes = $2, text = $3 WHERE id = $1";
        let values = [id.0.into(), attributes_json(&attributes).into(), text.as_deref().into()];
        self.tx.execute(sql, &values).await?;
        let new = Node { attributes, text, ..old.clone() };

        let above = &found.path[..found.path.len() - 1];
        self.touch(part_of(&found.path));
        let path = [above, &[step(&new)]].concat();
        self.touch(part_of(&path));
        // Who is a user depends on a section's name, and on a user's being a pointer.
        if &*new.tag == "user" || found.path.len() == 2 {
            self.refresh_users(id, above).await?;
        }
        if is_user(&path) && !is_user(&found.path) {
            self.touch_order(above, &step(&new));
        }
        let (before, after) = (found.stand(), found.stand_of(&new));
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
        let (before, after) = (found.stand(), found.stand_of(&new));
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
        let old = found.flat.position;
        let new = self.position(parent, at, id).await?;
        if (old_parent, old) == (parent, new) {
            return Ok(());
        }
        self.touch_with_users(&found.path).await?;
        if old_parent != parent {
            self.shift(old_parent, old + 1, i64::MAX, -1).await?;
            self.shift(parent, new, i64::MAX, 1).await?;
        } else if old < new {
            self.shift(parent, old + 1, new, -1).await?;
        } else {
            self.shift(parent, new, old - 1, 1).await?;
        }
        let sql = "UPDATE node SET parent_id = $2, position = $3 WHERE id = $1";
        self.tx.execute(sql, &[id.0.into(), parent.0.into(), new.into()]).await?;
        let above = &found.path[..found.path.len() - 1];
        if Spot::of(above) != Spot::of(&target.path) {
            self.refresh_users(id, &target.path).await?;
        }
        let moved = step(&found.flat.node);
        self.touch_order(&target.path, &moved);
        let path = [&target.path[..], &[moved]].concat();
        self.touch_with_users(&path).await?;
        // The users of a group are new in another domain, all of them with places that nobody knows there.
        if let (Part::DomainHead { domain }, before) = (part_of(&path), part_of(&found.path))
            && before != (Part::DomainHead { domain })
        {
            self.touch(Part::Domain { id: domain });
        }
        // Whole documents are kept in the order of their section, and by section.
        for way in [&found.path, &path] {
            if let (3, Some(section)) = (way.len(), way.get(1)) {
                self.touch(Part::Document { id: section.id });
            }
        }
        let after = Stand { parent: Some(parent), position: new, ..found.stand() };
        self.recorder.step(self.tx, Op::Move, Some(found.stand()), Some(after)).await
    }

    pub(super) async fn delete(&mut self, id: NodeId) -> Result<()> {
        let found = self.find(id).await?;
        let Some(parent) = found.flat.parent else {
            return Err(self.invalid("the root cannot be deleted"));
        };
        let position = found.flat.position;
        let whole: Vec<Node> = subtrees(self.tx, &[id]).await?.into_iter().map(|top| top.node).collect();
        self.touch(part_of(&found.path));
        let above = &found.path[..found.path.len() - 1];
        for row in Preorder::new(Some(parent), position, &whole, Spot::of(above)) {
            self.touch_user(&row);
        }
        self.tx.execute(DELETE_BELOW, &[id.0.into()]).await?;
        self.shift(parent, position + 1, i64::MAX, -1).await?;
        self.recorder.deleted(self.tx, Some(parent), position, &whole).await
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

    /// A user or a pointer that is put between others: those behind it have other places now, and whoever keeps these
    /// has to read the domain again.
    pub(super) fn touch_order(&mut self, parent: &[Step], node: &Step) {
        if &*node.tag != "user" {
            return;
        }
        if let Part::User { domain, .. } | Part::DomainHead { domain } =
            part_of(&[parent, std::slice::from_ref(node)].concat())
        {
            self.touch(Part::Domain { id: domain });
        }
    }

    /// Finds out again which of the nodes from `id` downwards are users. `above` leads to its parent.
    async fn refresh_users(&mut self, id: NodeId, above: &[Step]) -> Result<()> {
        let mut texts = Texts::default();
        let top = Spot::of(above);
        let mut spots = std::collections::HashMap::new();
        let mut wrong = Vec::new();
        self.tx
            .each(HEADS_BELOW, &[id.0.into()], |row| {
                let Flat { parent, node, .. } = Flat::read(&row, &mut texts)?;
                let above = parent.and_then(|parent| spots.get(&parent)).copied().unwrap_or(top);
                let (spot, domain) = above.enter(node.id, &node.tag, &node.attributes);
                spots.insert(node.id, spot);
                let is_user = domain.is_some() || above.is_pointer(&node.tag, &node.attributes);
                let user = is_user.then(|| user_id(&node.attributes).to_owned());
                if row.optional_int(7)? != domain.map(|domain| domain.0)
                    || row.optional_text(8)? != user.as_deref()
                {
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

/// Whether the node at the end of `path` is a user itself.
fn is_user(path: &[Step]) -> bool {
    match (part_of(path), path.last()) {
        (Part::User { id, .. }, Some(last)) => id == last.id,
        _ => false,
    }
}
