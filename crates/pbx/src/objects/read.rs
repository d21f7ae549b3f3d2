//! Reading objects.

use std::collections::HashMap;

use custompbx_model::declare::kind::{Above, Counted, Kind, Link, Source, chain};
use custompbx_model::variables::SECTION_TAG;
use custompbx_model::{Node, NodeId};
use custompbx_store::{Below, InstanceId, Store};

use super::live::Watched;
use super::{Object, Owner};
use crate::Pbx;
use crate::error::{Error, Result};

/// One instance's objects.
pub(crate) struct Reader {
    pub(crate) store: Store,
    pub(crate) instance: InstanceId,
    pub(crate) root: NodeId,
    /// The switches, where objects have what these know of them.
    pub(super) watched: Option<Watched>,
}

impl Owner {
    /// Of what belongs to the instance.
    pub fn instance() -> Self {
        Self { links: Vec::new() }
    }

    /// Whether objects of this kind can be here.
    pub(crate) fn can_own(&self, kind: &Kind) -> bool {
        match self.links.last() {
            None => kind.above.iter().any(|above| matches!(above, Above::Section(_) | Above::Variables)),
            Some(link) => kind.above.iter().any(|above| match above {
                Above::Object(above) => **above == *link.kind,
                Above::Document(_) => link.kind.name == "configuration",
                Above::Section(_) | Above::Variables => false,
            }),
        }
    }
}

impl Reader {
    pub(crate) async fn new(store: Store, instance: InstanceId) -> Result<Self> {
        let root = store.root(instance).await?;
        Ok(Self { store, instance, root, watched: None })
    }

    /// The object with this id; `None` for a node that is none, is of another kind, or of another instance.
    pub(crate) async fn find(&self, kind: &'static Kind, id: NodeId) -> Result<Option<Object>> {
        let Some((row, path)) = self.store.node(id).await? else { return Ok(None) };
        if path.first().is_none_or(|first| first.id != self.root) {
            return Ok(None);
        }
        let Some(mut owners) =
            chain(&path).filter(|links| links.last().is_some_and(|link| link.kind == kind))
        else {
            return Ok(None);
        };
        owners.pop();
        if kind.frame.position && kind.counted == Counted::AmongItsKind {
            // Its place is one among others.
            let siblings = self.owned(kind, &Owner { links: owners }).await?;
            return Ok(siblings.into_iter().find(|object| object.id() == id));
        }
        let below = Below {
            owner: owners.last().map_or(self.root, |link| link.id),
            parent: row.parent.unwrap_or_default(),
            position: row.position,
            node: row.node,
        };
        let mut objects = vec![self.object(kind, owners, below)];
        self.complete(kind, &mut objects).await?;
        Ok(objects.pop())
    }

    /// [`Reader::find`], or why not.
    pub(crate) async fn needed(&self, kind: &'static Kind, id: NodeId) -> Result<Object> {
        self.find(kind, id).await?.ok_or_else(|| Error::NotFound { what: kind.word, name: id.to_string() })
    }

    /// An object that can own others of `kind`, as the owner of such.
    pub(crate) async fn owner(&self, kind: &'static Kind, id: NodeId) -> Result<Owner> {
        let what = kind.above.iter().find_map(|above| match above {
            Above::Object(above) => Some(above.word),
            Above::Document(_) => Some("configuration"),
            Above::Section(_) | Above::Variables => None,
        });
        let missing = || Error::NotFound { what: what.unwrap_or("object"), name: id.to_string() };
        let (_, path) = self.store.node(id).await?.ok_or_else(missing)?;
        let is_ours = path.first().is_some_and(|first| first.id == self.root);
        let owner = chain(&path).filter(|_| is_ours).map(|links| Owner { links });
        owner.filter(|owner| owner.can_own(kind)).ok_or_else(missing)
    }

    /// The nodes whose children objects of this kind are, past the ways: the owner, or the sections.
    pub(crate) async fn holders(&self, kind: &Kind, owner: &Owner) -> Result<Vec<NodeId>> {
        if let Some(link) = owner.links.last() {
            return Ok(vec![link.id]);
        }
        let mut holders = Vec::new();
        for above in kind.above {
            match above {
                Above::Section(name) => {
                    let sections = self.store.below(&[self.root], &["section"]).await?;
                    holders.extend(sections.iter().filter(|section| is_named(&section.node, name)).map(id));
                }
                Above::Variables => {
                    holders.extend(self.store.below(&[self.root], &[SECTION_TAG]).await?.iter().map(id));
                }
                Above::Document(_) | Above::Object(_) => {}
            }
        }
        Ok(holders)
    }

    /// The configurations of this name.
    pub(crate) async fn documents(&self, name: &str) -> Result<Vec<Below>> {
        let sections = self.store.below(&[self.root], &["section"]).await?;
        let sections: Vec<NodeId> =
            sections.iter().filter(|section| is_named(&section.node, "configuration")).map(id).collect();
        let mut documents = self.store.below(&sections, &["configuration"]).await?;
        documents.retain(|document| is_named(&document.node, name));
        Ok(documents)
    }

    /// Whether an object's node is somewhere below this one, whoever it belongs to.
    pub(crate) async fn stands_below(&self, object: &Object, above: NodeId) -> Result<bool> {
        let found = self.store.node(object.id()).await?;
        Ok(found.is_some_and(|(_, path)| path.iter().any(|step| step.id == above)))
    }

    /// All objects of a kind that one owner has, in order. For users see [`super::Pages`].
    pub(crate) async fn owned(&self, kind: &'static Kind, owner: &Owner) -> Result<Vec<Object>> {
        let holders = self.holders(kind, owner).await?;
        let mut objects = self.of_holders(kind, &holders, |_| owner.links.clone()).await?;
        if kind.counted == Counted::AmongItsKind {
            for (position, object) in (1..).zip(&mut objects) {
                object.position = position;
            }
        }
        Ok(objects)
    }

    /// All objects of a kind that any of these objects has, in order.
    pub(crate) async fn owned_by_all(&self, kind: &'static Kind, owners: &[Object]) -> Result<Vec<Object>> {
        let chains: HashMap<NodeId, Vec<Link>> =
            owners.iter().map(|owner| (owner.id(), owner.as_owner().links)).collect();
        let ids: Vec<NodeId> = owners.iter().map(Object::id).collect();
        let mut objects =
            self.of_holders(kind, &ids, |owner| chains.get(&owner).cloned().unwrap_or_default()).await?;
        if kind.counted == Counted::AmongItsKind {
            let mut counts: HashMap<i64, i64> = HashMap::new();
            for object in &mut objects {
                let count = counts.entry(object.parent()).or_default();
                *count += 1;
                object.position = *count;
            }
        }
        Ok(objects)
    }

    async fn of_holders(
        &self,
        kind: &'static Kind,
        holders: &[NodeId],
        links: impl Fn(NodeId) -> Vec<Link>,
    ) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        for way in kind.ways {
            let way: Vec<&str> = way.iter().copied().chain([kind.tag]).collect();
            let found = self.store.below(holders, &way).await?;
            let found = found.into_iter().filter(|below| kind.which.takes(|name| below.node.attribute(name)));
            objects.extend(found.map(|below| self.object(kind, links(below.owner), below)));
        }
        self.complete(kind, &mut objects).await?;
        Ok(objects)
    }

    pub(crate) fn object(&self, kind: &'static Kind, owners: Vec<Link>, below: Below) -> Object {
        let position = if kind.counted == Counted::InItsElement { below.position } else { 0 };
        let live =
            self.watched.as_ref().map(|watched| watched.of(kind, &below.node, &owners)).unwrap_or_default();
        Object {
            kind,
            node: below.node,
            position,
            owners,
            stands: (below.parent, below.position),
            named: None,
            live,
            instance: self.instance,
        }
    }

    /// Reads what is not in the nodes themselves: children that hold a field, and whom the objects name.
    async fn complete(&self, kind: &'static Kind, objects: &mut [Object]) -> Result<()> {
        let ids: Vec<NodeId> = objects.iter().map(Object::id).collect();
        for field in kind.fields {
            let Source::AttributeOrChild(tag) = field.source else { continue };
            for child in self.store.below(&ids, &[tag]).await?.into_iter().rev() {
                if let Some(object) = objects.iter_mut().find(|object| object.id() == child.owner) {
                    object.node.children.insert(0, child.node);
                }
            }
        }
        let Some(names) = &kind.names else { return Ok(()) };
        let mut wanted: HashMap<NodeId, Vec<String>> = HashMap::new();
        for object in objects.iter() {
            if let Some(scope) = scope(object) {
                wanted.entry(scope).or_default().push(object.name());
            }
        }
        let mut known: HashMap<(NodeId, String), NodeId> = HashMap::new();
        for (scope, ids) in &wanted {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            for user in self.store.users_named(*scope, &ids).await? {
                let name = names.kind.key().map(|key| key.read(&user.node).to_ascii_lowercase());
                known.entry((*scope, name.unwrap_or_default())).or_insert(user.node.id);
            }
        }
        for object in objects {
            let name = object.name().to_ascii_lowercase();
            object.named = scope(object).and_then(|scope| known.get(&(scope, name)).copied());
        }
        Ok(())
    }
}

/// The domain that a group's pointer is in: whom it names is there too.
fn scope(object: &Object) -> Option<NodeId> {
    object.owners.len().checked_sub(2).map(|at| object.owners[at].id)
}

fn id(below: &Below) -> NodeId {
    below.node.id
}

fn is_named(node: &Node, name: &str) -> bool {
    node.attribute("name").is_some_and(|is| is.eq_ignore_ascii_case(name))
}

impl Pbx {
    /// The object with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a node that is no object of this kind.
    pub async fn object(&self, instance: InstanceId, kind: &'static Kind, id: NodeId) -> Result<Object> {
        self.reader(instance).await?.needed(kind, id).await
    }

    /// The object with this id as the owner of objects of `kind`.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for what cannot own any.
    pub async fn owner(&self, instance: InstanceId, kind: &'static Kind, id: NodeId) -> Result<Owner> {
        Reader::new(self.store()?, instance).await?.owner(kind, id).await
    }

    /// All objects of a kind that one owner has, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn objects(
        &self,
        instance: InstanceId,
        kind: &'static Kind,
        owner: &Owner,
    ) -> Result<Vec<Object>> {
        self.reader(instance).await?.owned(kind, owner).await
    }
}
