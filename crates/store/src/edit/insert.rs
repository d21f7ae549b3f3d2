//! New nodes. An import has more than a million, so nothing here asks the database for a single one.

use std::sync::OnceLock;

use custompbx_model::edit::{Step, part_of, user_names};
use custompbx_model::{At, Node, NodeId, Part};

use super::Work;
use super::keys::Keys;
use super::place::Place;
use super::record::Stand;
use super::spot::{Spot, user_id};
use crate::engine::{BATCH, Column, Table, Value, composed};
use crate::error::Result;
use crate::flat::attributes_json;
use crate::instance::InstanceId;
use crate::revision::Op;
use crate::tree::Subtree;

static NODE: Table = Table {
    name: "node",
    columns: &[
        ("id", Column::Int),
        ("instance_id", Column::Int),
        ("parent_id", Column::Int),
        ("order_key", Column::Int),
        ("tag", Column::Text),
        ("attributes", Column::Text),
        ("text", Column::Text),
        ("enabled", Column::Bool),
        ("domain_id", Column::Int),
        ("user_id", Column::Text),
    ],
    full_batch: OnceLock::new(),
};

/// How many ids are looked for at once.
const MOST_IDS: usize = 10_000;

/// Which ids nodes get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// New ones.
    New,
    /// Those that they have.
    Kept,
}

/// One row to be.
pub(super) struct Row<'n> {
    pub(super) node: &'n Node,
    parent: Option<NodeId>,
    order: i64,
    /// When the node is a user.
    pub(super) domain: Option<NodeId>,
    /// When it is a pointer to one.
    pointer: bool,
}

impl Work<'_> {
    pub(super) async fn insert(&mut self, parent: NodeId, at: At, nodes: Vec<Node>, ids: Ids) -> Result<()> {
        let found = self.find(parent).await?;
        if nodes.is_empty() {
            return Ok(());
        }
        // A user that gets something more is not as it was inserted.
        self.users.retain(|user| !found.path.iter().any(|step| step.id == user.node.id));
        let room = self.room(parent, at, NodeId::NEW).await?;
        let keys = self.keys(&found.path, at, NodeId::NEW, room, nodes.len()).await?;
        let place = self.places.of(self.tx, parent, keys.first).await?;
        let inserted = self.inserted.len();
        match ids {
            Ids::New => self.insert_below(Some(parent), keys, place, nodes, &found.path).await?,
            Ids::Kept => {
                self.check_restored(&nodes).await?;
                self.write_below(Some(parent), keys, place, &nodes, &found.path).await?;
            }
        }
        for (at, id) in (0..).zip(&self.inserted[inserted..]) {
            self.places.came(parent, keys.first + at * keys.step, *id);
        }
        Ok(())
    }

    /// Writes nodes with these keys, which make them stand in this place. `path` leads to their parent.
    pub(crate) async fn insert_below(
        &mut self,
        parent: Option<NodeId>,
        keys: Keys,
        place: Place,
        mut nodes: Vec<Node>,
        path: &[Step],
    ) -> Result<()> {
        let count = nodes.iter().map(Node::count).sum();
        let mut next = self.tx.next_ids("node", count).await?;
        for node in &mut nodes {
            number(node, &mut next);
        }
        self.write_below(parent, keys, place, &nodes, path).await?;
        self.keep_users(parent, keys, nodes, Spot::of(path));
        Ok(())
    }

    /// The ids of nodes that come back must have been given once, and nobody may have them now.
    async fn check_restored(&mut self, nodes: &[Node]) -> Result<()> {
        let mut ids = Vec::new();
        nodes.iter().for_each(|node| node.walk(&mut |node| ids.push(node.id.0)));
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.invalid(format!("node {} would be restored twice", twice[0])));
        }
        let next = self.tx.next_ids("node", 0).await?;
        if let Some(never) = ids.iter().find(|id| !(1..next).contains(*id)) {
            return Err(self.invalid(format!("node {never} never was, so it cannot be restored")));
        }
        for some in ids.chunks(MOST_IDS) {
            let sql = format!("SELECT id FROM node WHERE {} LIMIT 1", self.tx.among("id", "$1"));
            if let Some(row) = self.tx.row(composed(sql), &[Value::Ids(some.to_vec().into())]).await? {
                let id = row.int(0)?;
                return Err(self.invalid(format!("node {id} is there, so it cannot be restored")));
            }
        }
        Ok(())
    }

    /// [`Work::insert_below`] of nodes that have their ids.
    async fn write_below(
        &mut self,
        parent: Option<NodeId>,
        keys: Keys,
        place: Place,
        nodes: &[Node],
        path: &[Step],
    ) -> Result<()> {
        if !nodes.iter().all(can_be_stored) {
            return Err(
                self.invalid("a tag is empty, or there is a zero byte in a tag, an attribute or a text")
            );
        }
        self.inserted.extend(nodes.iter().map(|node| node.id));

        let mut way = path.to_vec();
        for node in nodes {
            way.push(crate::tree::step(node));
            self.touch(part_of(&way));
            way.pop();
        }
        let mut rows = Preorder::new(parent, keys, nodes, Spot::of(path));
        let Self { tx, parts, progress, rows: count, instance, .. } = self;
        let instance = *instance;
        let batches = std::iter::from_fn(|| {
            let mut values = Vec::with_capacity(BATCH * NODE.columns.len());
            for row in rows.by_ref().take(BATCH) {
                parts.extend(row.part());
                values.extend(row.values(instance));
            }
            (!values.is_empty()).then_some(values)
        });
        let written = |rows: usize| {
            *count += rows as u64;
            if let Some(progress) = progress {
                progress(*count);
            }
        };
        tx.insert_each(&NODE, batches, written).await?;
        self.recorder.whole(self.tx, Op::Insert, Stand { parent, place, nodes, deep: true }).await
    }

    /// A user that comes or goes with something else is a part of its own.
    pub(super) fn touch_user(&mut self, row: &Row<'_>) {
        self.parts.extend(row.part());
    }

    /// Keeps the users among nodes that were written, for whoever is to serve them.
    fn keep_users(&mut self, parent: Option<NodeId>, keys: Keys, nodes: Vec<Node>, spot: Spot) {
        let mut order = keys.first;
        for mut node in nodes {
            let (inner, domain) = spot.enter(node.id, &node.tag, &node.attributes);
            if domain.is_some() {
                self.users.push(Subtree { parent, order, domain, node });
            } else if inner.may_have_users() {
                let children = std::mem::take(&mut node.children);
                self.keep_users(Some(node.id), Keys::NEW, children, inner);
            }
            order = order.saturating_add(keys.step);
        }
    }
}

impl<'n> Row<'n> {
    /// The part that it is, when it is a user.
    fn part(&self) -> Option<Part> {
        let names = || user_names(&self.node.attributes);
        self.domain.map(|domain| Part::User { domain, id: self.node.id, names: names() })
    }

    /// As [`NODE`] has it.
    fn values(&self, instance: InstanceId) -> [Value<'n>; 10] {
        let node = self.node;
        [
            node.id.0.into(),
            instance.0.into(),
            self.parent.map(|parent| parent.0).into(),
            self.order.into(),
            (&*node.tag).into(),
            attributes_json(&node.attributes).into(),
            node.text.as_deref().into(),
            node.enabled.into(),
            self.domain.map(|domain| domain.0).into(),
            Value::from((self.domain.is_some() || self.pointer).then(|| user_id(&node.attributes))),
        ]
    }
}

/// Gives ids, parents first.
fn number(node: &mut Node, next: &mut i64) {
    node.id = NodeId(*next);
    *next += 1;
    node.children.iter_mut().for_each(|child| number(child, next));
}

/// Whether a node can be stored, and all below it. PostgreSQL has no zero bytes in its texts, and FreeSWITCH ends its
/// own with them.
fn can_be_stored(node: &Node) -> bool {
    storable(&node.attributes, node.text.as_deref())
        && !node.tag.is_empty()
        && !node.tag.contains('\0')
        && node.children.iter().all(can_be_stored)
}

/// See [`can_be_stored`].
pub(super) fn storable(attributes: &[custompbx_model::Attribute], text: Option<&str>) -> bool {
    let texts = attributes.iter().flat_map(|(name, value)| [&**name, &**value]);
    !texts.chain(text).any(|text| text.contains('\0'))
}

/// The rows of some siblings with all below them, parents first, made as they are asked for.
pub(super) struct Preorder<'n> {
    open: Vec<Level<'n>>,
}

/// The children of one node that are still to come.
struct Level<'n> {
    nodes: std::slice::Iter<'n, Node>,
    parent: Option<NodeId>,
    /// Of the next.
    order: i64,
    step: i64,
    spot: Spot,
}

impl<'n> Preorder<'n> {
    /// `spot` is that of the parent.
    pub(super) fn new(parent: Option<NodeId>, keys: Keys, nodes: &'n [Node], spot: Spot) -> Self {
        let Keys { first: order, step } = keys;
        Self { open: vec![Level { nodes: nodes.iter(), parent, order, step, spot }] }
    }
}

impl<'n> Iterator for Preorder<'n> {
    type Item = Row<'n>;

    fn next(&mut self) -> Option<Row<'n>> {
        loop {
            let level = self.open.last_mut()?;
            let Some(node) = level.nodes.next() else {
                self.open.pop();
                continue;
            };
            let (spot, domain) = level.spot.enter(node.id, &node.tag, &node.attributes);
            let pointer = level.spot.is_pointer(&node.tag, &node.attributes);
            let row = Row { node, parent: level.parent, order: level.order, domain, pointer };
            // Behind the last one there may be no number any more, and nobody asks for it.
            level.order = level.order.saturating_add(level.step);
            let Keys { first: order, step } = Keys::NEW;
            self.open.push(Level { nodes: node.children.iter(), parent: Some(node.id), order, step, spot });
            return Some(row);
        }
    }
}
