//! Which objects a revision changed, for those who show them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use custompbx_model::declare::kind::{Counted, Kind, Link, chain, path_of};
use custompbx_model::edit::Step;
use custompbx_model::{Node, NodeId};
use custompbx_store::{Change, InstanceId, Op, RevisionId, Siblings};

use super::read::Reader;
use super::{Object, Owner};
use crate::Pbx;
use crate::error::Result;

/// From so many steps or nodes on it is not worth telling what changed: whoever shows it reads again.
const MOST: usize = 1_000;

/// What a revision changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// New ones and changed ones, as they are now; others whose place changed are among them.
    pub objects: Vec<Object>,
    /// Those that went.
    pub removed: Vec<Removed>,
}

/// An object that went.
#[derive(Clone, Debug)]
pub struct Removed {
    /// What it was.
    pub kind: &'static Kind,
    /// Its node.
    pub id: NodeId,
    /// The objects that it belonged to, outermost first.
    pub owners: Vec<Link>,
}

impl Removed {
    /// The id of the object, or of the nearest owner of this kind.
    pub fn id_of(&self, kind: &Kind) -> Option<NodeId> {
        let own = Link { kind: self.kind, id: self.id };
        self.owners.iter().chain([&own]).rev().find(|link| link.kind == kind).map(|link| link.id)
    }
}

impl Pbx {
    /// What a revision changed in an instance; `None` when that is very much.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn object_changes(
        &self,
        instance: InstanceId,
        revision: RevisionId,
    ) -> Result<Option<Changes>> {
        let store = self.store()?;
        if store.change_count(revision).await? > MOST as u64 {
            return Ok(None);
        }
        let touched = Touched::of(&store.changes(revision).await?);
        if touched.changed.len() + touched.gone.len() > MOST {
            return Ok(None);
        }
        let reader = self.reader(instance).await?;
        let mut families = Families::default();
        let mut removed = Vec::new();
        for (id, gone) in &touched.gone {
            if let Some(object) = reader.removed(&touched.gone, *id).await? {
                // What stood behind it has another place.
                families.of(object.kind, &object.owners).reorder(gone.position);
                removed.push(object);
            }
        }
        for (id, place) in &touched.changed {
            let Some((_, path)) = reader.store.node(*id).await? else { continue };
            let Some(mut links) = path_of(&path) else { continue };
            // What only holds objects together is none, and shown in none.
            let Some(link) = links.pop().filter(|link| link.id == *id) else { continue };
            let family = families.of(link.kind, &links);
            family.ids.insert(link.id);
            if let Some(position) = *place {
                family.reorder(position);
            }
        }
        let objects = families.read(&reader).await?;
        Ok((objects.len() <= MOST).then_some(Changes { objects, removed }))
    }
}

/// The nodes that the steps of a revision are about.
#[derive(Default)]
struct Touched {
    /// With the place from which on others have another one, where it came or moved.
    changed: BTreeMap<NodeId, Option<i64>>,
    gone: HashMap<NodeId, Gone>,
}

/// A node that went.
struct Gone {
    parent: Option<NodeId>,
    position: i64,
    step: Step,
}

impl Touched {
    fn of(steps: &[Change]) -> Self {
        let mut touched = Self::default();
        for step in steps {
            match (step.op, &step.before, &step.after) {
                (Op::Delete, Some(before), _) => touched.leave(before),
                (Op::Move, Some(before), Some(after)) => {
                    touched.come(after, Some(before.position.min(after.position)));
                }
                (Op::Insert, _, Some(after)) => touched.come(after, Some(after.position)),
                (_, _, Some(after)) => touched.come(after, None),
                _ => {}
            }
        }
        touched
    }

    fn come(&mut self, siblings: &Siblings, from: Option<i64>) {
        for top in &siblings.nodes {
            top.walk(&mut |node| {
                self.gone.remove(&node.id);
                let place = self.changed.entry(node.id).or_default();
                if node.id == top.id {
                    *place = [*place, from].into_iter().flatten().min();
                }
            });
        }
    }

    fn leave(&mut self, siblings: &Siblings) {
        fn below(touched: &mut Touched, parent: Option<NodeId>, position: i64, node: &Node) {
            let step = Step { id: node.id, tag: node.tag.clone(), attributes: node.attributes.clone() };
            touched.changed.remove(&node.id);
            touched.gone.insert(node.id, Gone { parent, position, step });
            for (position, child) in (1..).zip(&node.children) {
                below(touched, Some(node.id), position, child);
            }
        }
        for (position, node) in (siblings.position..).zip(&siblings.nodes) {
            below(self, siblings.parent, position, node);
        }
    }
}

/// Objects that are to be read, by kind and owner.
#[derive(Default)]
struct Families(BTreeMap<(&'static str, Vec<NodeId>), Family>);

struct Family {
    kind: &'static Kind,
    owner: Owner,
    ids: BTreeSet<NodeId>,
    /// From this place in their element on, all of them.
    from: i64,
}

impl Family {
    fn reorder(&mut self, position: i64) {
        self.from = self.from.min(position);
    }

    fn wants(&self, object: &Object) -> bool {
        let (_, position) = object.stands;
        self.ids.contains(&object.id()) || (self.kind.frame.position && position >= self.from)
    }
}

impl Families {
    fn of(&mut self, kind: &'static Kind, owners: &[Link]) -> &mut Family {
        let key = (kind.name, owners.iter().map(|link| link.id).collect());
        self.0.entry(key).or_insert_with(|| Family {
            kind,
            owner: Owner { links: owners.to_vec() },
            ids: BTreeSet::new(),
            from: i64::MAX,
        })
    }

    async fn read(self, reader: &Reader) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        for family in self.0.into_values() {
            match family.kind.counted {
                // Too many to read all of them; their places are told when somebody reads them again.
                Counted::InItsElement => {
                    for id in &family.ids {
                        objects.extend(reader.find(family.kind, *id).await?);
                    }
                }
                Counted::AmongItsKind => {
                    let all = reader.owned(family.kind, &family.owner).await?;
                    objects.extend(all.into_iter().filter(|object| family.wants(object)));
                }
            }
        }
        Ok(objects)
    }
}

impl Reader {
    /// The object that a node was before it went, if it was one of this instance.
    async fn removed(&self, gone: &HashMap<NodeId, Gone>, id: NodeId) -> Result<Option<Removed>> {
        let mut steps = Vec::new();
        let mut next = Some(id);
        while let Some(gone) = next.and_then(|id| gone.get(&id)) {
            steps.push(gone.step.clone());
            next = gone.parent;
        }
        let Some(parent) = next else { return Ok(None) };
        let Some((_, mut path)) = self.store.node(parent).await? else { return Ok(None) };
        if path.first().is_none_or(|first| first.id != self.root) {
            return Ok(None);
        }
        path.extend(steps.into_iter().rev());
        let Some(mut owners) = chain(&path) else { return Ok(None) };
        Ok(owners.pop().map(|link| Removed { kind: link.kind, id, owners }))
    }
}
