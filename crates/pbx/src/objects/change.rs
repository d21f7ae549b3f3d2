//! New objects, other values, on and off, other places.

use custompbx_model::declare::kind::{Above, Field, Kind, Source, Which};
use custompbx_model::variables::SECTION_TAG;
use custompbx_model::{At, Edit, Node, NodeId, Text};
use custompbx_store::InstanceId;

use super::read::Reader;
use super::{Done, Object, Owner, Values, Wrong};
use crate::error::{Error, Result};
use crate::{By, Pbx, Plan};

impl Pbx {
    /// Makes an object, behind those that are there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the owner, [`Error::Taken`] for the name, [`Error::Object`], and those of
    /// [`Pbx::edit`].
    pub async fn add_object(
        &self,
        instance: InstanceId,
        by: &By,
        kind: &'static Kind,
        owner: Option<NodeId>,
        values: &Values,
        enabled: bool,
    ) -> Result<Done> {
        let mut node = new_node(kind, values)?;
        node.enabled = enabled;
        self.add_node(instance, by, kind, owner, &node).await
    }

    /// [`Pbx::add_object`] of an object with what is to be below it.
    pub(crate) async fn add_node(
        &self,
        instance: InstanceId,
        by: &By,
        kind: &'static Kind,
        owner: Option<NodeId>,
        node: &Node,
    ) -> Result<Done> {
        let edited = self
            .edit(instance, by, |store| async move {
                let reader = Reader::new(store, instance).await?;
                let owner = match owner {
                    Some(id) => reader.owner(kind, id).await?,
                    None => Owner::instance(),
                };
                let name = name_of(kind, node);
                reader.free(kind, &owner, &name, None).await?;
                let (edit, wrappers) = reader.insertion(kind, &owner, vec![node.clone()]).await?;
                let summary = format!("add {} {name}", kind.word);
                Ok(Plan { summary, edits: vec![edit], value: wrappers })
            })
            .await?;
        let reader = self.reader(instance).await?;
        let inserted = edited.inserted.first().copied().unwrap_or_default();
        let id = reader.inside(inserted, &edited.value, kind.tag).await?;
        let object = reader.needed(kind, id).await?;
        Ok(Done { object, revision: edited.revision, warnings: edited.warnings })
    }

    /// Gives an object other values; what is not named stays as it is. A new name is followed by those who name it.
    ///
    /// # Errors
    /// Those of [`Pbx::add_object`].
    pub async fn update_object(
        &self,
        instance: InstanceId,
        by: &By,
        kind: &'static Kind,
        id: NodeId,
        values: &Values,
    ) -> Result<Done> {
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let old = reader.needed(kind, id).await?;
            refuse_fixed(kind, &old.node)?;
            let (new, mut edits) = changed(&old, values);
            refuse_fixed(kind, &new)?;
            let (old_name, new_name) = (old.name(), name_of(kind, &new));
            if old_name != new_name {
                reader.free(kind, &old.owner(), &new_name, Some(id)).await?;
                edits.extend(reader.follow(&old, Some(&new_name)).await?);
            }
            Ok(Plan { summary: format!("change {} {old_name}", kind.word), edits, value: () })
        });
        let edited = edited.await?;
        let object = self.object(instance, kind, id).await?;
        Ok(Done { object, revision: edited.revision, warnings: edited.warnings })
    }

    /// Enables or disables an object.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Object`], and those of [`Pbx::edit`].
    pub async fn switch_object(
        &self,
        instance: InstanceId,
        by: &By,
        kind: &'static Kind,
        id: NodeId,
        enabled: bool,
    ) -> Result<Done> {
        let edited = self.edit(instance, by, |store| async move {
            let old = Reader::new(store, instance).await?.needed(kind, id).await?;
            refuse_fixed(kind, &old.node)?;
            let what = if enabled { "enable" } else { "disable" };
            let edits = vec![Edit::Enable { id, enabled }];
            Ok(Plan { summary: format!("{what} {} {}", kind.word, old.name()), edits, value: () })
        });
        let edited = edited.await?;
        let object = self.object(instance, kind, id).await?;
        Ok(Done { object, revision: edited.revision, warnings: edited.warnings })
    }

    /// Gives an object another place among those of its kind. `seen` is where the one who moves it saw it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Object`] for a place that there is none, or when it is elsewhere by now, and those
    /// of [`Pbx::edit`].
    pub async fn move_object(
        &self,
        instance: InstanceId,
        by: &By,
        kind: &'static Kind,
        id: NodeId,
        seen: Option<i64>,
        position: i64,
    ) -> Result<Done> {
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let object = reader.needed(kind, id).await?;
            refuse_fixed(kind, &object.node)?;
            let mut others = reader.owned(kind, &object.owner()).await?;
            let count = i64::try_from(others.len()).unwrap_or(i64::MAX);
            if let Some(seen) = seen.filter(|seen| *seen != object.position) {
                return Err(Wrong::Moved { seen, is: object.position }.into());
            }
            if position < 1 || position > count {
                return Err(Wrong::Position { position, count }.into());
            }
            others.retain(|other| other.id() != id);
            let edits = if position == object.position {
                Vec::new()
            } else {
                vec![reader.to_place(id, &others, position).await?]
            };
            let summary = format!("move {} {} to {position}", kind.word, object.name());
            Ok(Plan { summary, edits, value: () })
        });
        let edited = edited.await?;
        let object = self.object(instance, kind, id).await?;
        Ok(Done { object, revision: edited.revision, warnings: edited.warnings })
    }
}

/// A node of a new object.
pub(super) fn new_node(kind: &'static Kind, values: &Values) -> Result<Node> {
    let mut node = Node::new(kind.tag);
    for (field, text) in values {
        field.write(&mut node, text);
    }
    if let Which::With(name, value) = kind.which {
        node.set_attribute(name, value);
    }
    refuse_fixed(kind, &node)?;
    Ok(node)
}

/// The node with other values, and the edits that make it so.
fn changed(old: &Object, values: &Values) -> (Node, Vec<Edit>) {
    let mut new = old.node.clone();
    let mut edits = Vec::new();
    for (field, text) in values {
        match held_by_child(field, &new) {
            Some(at) => {
                let child = &mut new.children[at];
                if child.text.as_deref().unwrap_or_default() != text {
                    child.text = Some(text.as_str().into()).filter(|_| !text.is_empty());
                    let (attributes, text) = (child.attributes.clone(), child.text.clone());
                    edits.push(Edit::Update { id: child.id, attributes, text });
                }
            }
            None => field.write(&mut new, text),
        }
    }
    if !new.same_head(&old.node) {
        let (attributes, text) = (new.attributes.clone(), new.text.clone());
        edits.push(Edit::Update { id: new.id, attributes, text });
    }
    (new, edits)
}

/// The place of the child that holds a field.
fn held_by_child(field: &Field, node: &Node) -> Option<usize> {
    let Source::AttributeOrChild(tag) = field.source else { return None };
    node.children.iter().position(|child| &*child.tag == tag)
}

pub(super) fn refuse_fixed(kind: &'static Kind, node: &Node) -> Result<()> {
    match kind.fixed {
        Some(is_fixed) if is_fixed(node) => {
            Err(Wrong::Fixed { word: kind.word, name: name_of(kind, node) }.into())
        }
        _ => Ok(()),
    }
}

pub(super) fn name_of(kind: &Kind, node: &Node) -> String {
    kind.key().map(|key| key.read(node).into_owned()).unwrap_or_default()
}

impl Reader {
    /// Refuses a name that another object of this owner has.
    pub(super) async fn free(
        &self,
        kind: &'static Kind,
        owner: &Owner,
        name: &str,
        except: Option<NodeId>,
    ) -> Result<()> {
        if !kind.unique {
            return Ok(());
        }
        let taken = match owner.links.last() {
            Some(domain) if kind.name == "directory.user" => {
                let users = self.store.users_named(domain.id, &[name]).await?;
                users.iter().any(|user| Some(user.node.id) != except)
            }
            _ => {
                let others = self.owned(kind, owner).await?;
                others
                    .iter()
                    .any(|other| Some(other.id()) != except && other.name().eq_ignore_ascii_case(name))
            }
        };
        if taken { Err(Error::Taken { what: kind.word, name: name.to_owned() }) } else { Ok(()) }
    }

    /// The edit that puts new objects behind those that are there, and how many elements around them are new.
    pub(crate) async fn insertion(
        &self,
        kind: &'static Kind,
        owner: &Owner,
        nodes: Vec<Node>,
    ) -> Result<(Edit, Vec<Text>)> {
        let mut way = kind.ways.first().copied().unwrap_or_default();
        let (mut parent, mut missing) = match self.holders(kind, owner).await?.first() {
            Some(holder) => (*holder, Vec::new()),
            None => (self.root, vec![section(kind)]),
        };
        if missing.is_empty() {
            // As far as the way is there.
            while let Some((tag, rest)) = way.split_first() {
                let next = self.store.below(&[parent], &[tag]).await?;
                let Some(next) = next.first() else { break };
                parent = next.node.id;
                way = rest;
            }
        }
        missing.extend(way.iter().map(|tag| Node::new(*tag)));
        let tags = missing.iter().map(|node| node.tag.clone()).collect();
        let nodes = missing.into_iter().rev().fold(nodes, |inner, outer| vec![outer.containing(inner)]);
        Ok((Edit::Insert { parent, at: At::Last, nodes }, tags))
    }

    /// The first node of a tag inside of the elements that were inserted around it.
    pub(super) async fn inside(&self, inserted: NodeId, wrappers: &[Text], tag: &str) -> Result<NodeId> {
        let Some((_, wrappers)) = wrappers.split_first() else { return Ok(inserted) };
        let way: Vec<&str> = wrappers.iter().map(|tag| &**tag).chain([tag]).collect();
        let found = self.store.below(&[inserted], &way).await?;
        Ok(found.first().map_or(NodeId::NEW, |below| below.node.id))
    }

    /// The edit that gives an object the place `position` among `others`.
    async fn to_place(&self, id: NodeId, others: &[Object], position: i64) -> Result<Edit> {
        let before = usize::try_from(position - 1).unwrap_or(usize::MAX);
        if let Some(previous) = before.checked_sub(1).and_then(|at| others.get(at)) {
            let (parent, _) = previous.stands;
            return Ok(Edit::Move { id, parent, at: At::After(previous.id()) });
        }
        let Some(next) = others.first() else {
            return Err(Wrong::Position { position, count: 1 }.into());
        };
        // Right before the first of its kind, which need not be the first in its element.
        let (parent, _) = next.stands;
        let rows = self.store.child_rows(parent).await?;
        let before = rows.iter().take_while(|row| row.node.id != next.id());
        let at =
            before.filter(|row| row.node.id != id).last().map_or(At::First, |row| At::After(row.node.id));
        Ok(Edit::Move { id, parent, at })
    }
}

/// The section that objects of this kind stand in, as a new one.
fn section(kind: &Kind) -> Node {
    match kind.above.first() {
        Some(Above::Section(name)) => Node::new("section").with("name", *name),
        _ => Node::new(SECTION_TAG),
    }
}
