//! Changing elements.

use custompbx_model::address::{Address, Label};
use custompbx_model::wanted::{Called, Disabled, Fault, Patch, Wanted, complete, edits};
use custompbx_model::{Edit, Node, NodeId};
use custompbx_store::{InstanceId, Store};

use super::container::{Container, misplaced};
use super::find::{Element, Found, Missing, find};
use super::relocate::Where;
use super::version::Condition;
use super::view::show;
use super::{LARGEST, Outcome, Refused, Written, named};
use crate::Pbx;
use crate::edit::{By, Edited, Plan};
use crate::error::Result;

/// An element that somebody sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// What it is to be.
    pub wanted: Wanted,
    /// What becomes of disabled nodes that it does not mention.
    pub disabled: Disabled,
}

/// What a plan made, to be shown afterwards.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    /// It is the node that it was.
    Same(NodeId),
    /// It is new, so many levels below the node that is inserted.
    New(usize),
    /// It is gone.
    Gone,
}

/// Edits and what they make, or why there are none.
pub(super) type Planned = Outcome<(Vec<Edit>, Made)>;

impl Pbx {
    /// Makes the element at an address be what `body` says. Elements around it that only hold others together are made
    /// too.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`].
    pub async fn put(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        body: &Body,
        condition: &Condition,
    ) -> Result<Outcome<Written>> {
        let summary = format!("put {}", named(address));
        self.write(instance, by, &summary, |store| async move {
            match find(&store, instance, address).await? {
                Found::Missing(missing) if condition.is_met(None) => new(&store, *missing, body).await,
                Found::Missing(_) => Ok(Err(plan::changed(None, condition))),
                found => match plan::present(&store, instance, found, condition).await? {
                    Ok(element) => replace(&store, &element, body).await,
                    Err(refused) => Ok(Err(refused)),
                },
            }
        })
        .await
    }

    /// Changes some members of the element at an address.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`].
    pub async fn patch(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        patch: &Patch,
        condition: &Condition,
    ) -> Result<Outcome<Written>> {
        let summary = format!("change {}", named(address));
        self.write(instance, by, &summary, |store| async move {
            let found = find(&store, instance, address).await?;
            match plan::present(&store, instance, found, condition).await? {
                Ok(element) => amend(&store, instance, &element, patch).await,
                Err(refused) => Ok(Err(refused)),
            }
        })
        .await
    }

    /// Adds an element to a collection, or to an element.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`].
    pub async fn create(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        body: &Body,
        place: &Where,
    ) -> Result<Outcome<Written>> {
        let summary = format!("add to {}", named(address));
        self.write(instance, by, &summary, |store| async move {
            let found = find(&store, instance, address).await?;
            let container = match Container::of_found(&store, found).await? {
                Ok(container) => container,
                Err(refused) => return Ok(Err(refused)),
            };
            add(&store, container, body, place).await
        })
        .await
    }

    /// Takes away the element at an address, with all below it.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`].
    pub async fn remove(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        condition: &Condition,
    ) -> Result<Outcome<Written>> {
        let summary = format!("delete {}", named(address));
        self.write(instance, by, &summary, |store| async move {
            let found = find(&store, instance, address).await?;
            let element = plan::present(&store, instance, found, condition).await?;
            Ok(element.map(|element| (vec![Edit::Delete { id: element.id() }], Made::Gone)))
        })
        .await
    }

    /// Carries out a plan, and shows what became of it.
    pub(super) async fn write<F, R>(
        &self,
        instance: InstanceId,
        by: &By,
        summary: &str,
        planned: F,
    ) -> Result<Outcome<Written>>
    where
        F: Fn(Store) -> R,
        R: Future<Output = Result<Planned>>,
    {
        // Somebody's 10,000 letters are in the change itself.
        let summary: String = summary.chars().take(200).collect();
        let planned = &planned;
        let plan = |store: Store| {
            let summary = summary.clone();
            async move {
                Ok(match planned(store).await? {
                    Ok((edits, made)) => Plan { summary, edits, value: Ok(made) },
                    Err(refused) => Plan { summary, edits: Vec::new(), value: Err(refused) },
                })
            }
        };
        let Edited { revision, inserted, served, warnings, value } = self.edit(instance, by, plan).await?;
        let made = match value {
            Ok(made) => made,
            Err(refused) => return Ok(Err(refused)),
        };
        let store = self.store()?;
        let id = match made {
            Made::Same(id) => Some(id),
            Made::Gone => None,
            Made::New(levels) => innermost(&store, inserted.first().copied(), levels).await?,
        };
        let element = match id {
            Some(id) => super::find::at(&store, instance, id).await?,
            None => None,
        };
        let shown = match element {
            Some(element) => show(&store, instance, &element, 1).await?.ok(),
            None => None,
        };
        let edited = Edited { revision, inserted, served, warnings, value: () };
        Ok(Ok(Written { is_new: matches!(made, Made::New(_)), shown, edited }))
    }
}

/// The only node so many levels below one that was just made.
async fn innermost(store: &Store, top: Option<NodeId>, levels: usize) -> Result<Option<NodeId>> {
    let mut id = top;
    for _ in 0..levels {
        let Some(parent) = id else { break };
        id = store.child_rows(parent).await?.first().map(|row| row.node.id);
    }
    Ok(id)
}

/// What plans have in common.
pub(super) mod plan {
    use super::super::version::Version;
    use super::{Condition, Element, Found, InstanceId, Outcome, Refused, Result, Store, named, show};

    /// The element, if it is there and as somebody thinks it is.
    pub(in super::super) async fn present(
        store: &Store,
        instance: InstanceId,
        found: Found,
        condition: &Condition,
    ) -> Result<Outcome<Element>> {
        let element = match found {
            Found::Element(element) => *element,
            Found::Collection(collection) => {
                let of = named(&collection.of.address);
                return Ok(Err(Refused::IsCollection(format!("{} of {of}", collection.name))));
            }
            Found::Missing(missing) => {
                return Ok(Err(match condition.is {
                    Some(_) => changed(None, condition),
                    None => Refused::Missing(super::missing_message(&missing)),
                }));
            }
        };
        if condition.is_none() {
            return Ok(Ok(element));
        }
        let version = Version::of_element(store, instance, &element).await?;
        if condition.is_met(Some(&version)) {
            return Ok(Ok(element));
        }
        let current = show(store, instance, &element, 1).await?.ok();
        Ok(Err(changed(current, condition)))
    }

    pub(in super::super) fn changed(current: Option<super::super::Shown>, condition: &Condition) -> Refused {
        let expected = match (&condition.is, &condition.is_not) {
            (Some(_), _) if current.is_none() => "the element is gone",
            (Some(_), _) => {
                "the element was changed meanwhile; look at it as it is, and try again with its ETag"
            }
            _ => "the element is there already",
        };
        Refused::Changed { current: current.map(Box::new), expected: expected.to_owned() }
    }
}

/// Says what is not there.
pub fn missing_message(missing: &Missing) -> String {
    let address = named(&missing.parent.address);
    let place = if address.is_empty() { "in this instance".to_owned() } else { format!("in {address}") };
    match missing.collection {
        Some(collection) => format!("there is no {} among the {collection} {place}", missing.segment),
        None => format!("there is no {} {place}", missing.segment),
    }
}

async fn replace(store: &Store, element: &Element, body: &Body) -> Result<Planned> {
    let depth = if body.disabled == Disabled::Stay { usize::MAX } else { body.wanted.depth() };
    let Some(stored) = stored(store, element, depth).await? else { return Ok(Err(too_large(element))) };
    let called = Called { name: Some(&element.label.segment.name), ..Called::default() };
    Ok(match complete(&body.wanted, Some(&stored), &element.outside, called, body.disabled) {
        Ok(new) => Ok((edits(&stored, &new), Made::Same(element.id()))),
        Err(faults) => Err(Refused::Faults(faults)),
    })
}

async fn amend(store: &Store, instance: InstanceId, element: &Element, patch: &Patch) -> Result<Planned> {
    let Some(stored) = stored(store, element, patch.depth()).await? else {
        return Ok(Err(too_large(element)));
    };
    let new = match patch.apply(&element.outside, &stored, &element.label.segment.name) {
        Ok(new) => new,
        Err(faults) => return Ok(Err(Refused::Faults(faults))),
    };
    let key = element.outside.name_attribute(&stored);
    let renamed = key.is_some_and(|key| stored.attribute(key) != new.attribute(key));
    if renamed && element.outside.is_document() {
        let fault = Fault::new("/attributes/name", "a section keeps its name, by which FreeSWITCH finds it");
        return Ok(Err(Refused::Faults(vec![fault])));
    }
    if let (true, Some(parent)) = (renamed, element.row.parent)
        && let Some(parent) = super::find::at(store, instance, parent).await?
    {
        let container = Container::of(parent, None);
        if let Some(twin) = container.twin(store, &new, element.id()).await? {
            return Ok(Err(Refused::Taken(format!("{twin:?} {}", container.describe()))));
        }
    }
    Ok(Ok((edits(&stored, &new), Made::Same(element.id()))))
}

async fn stored(store: &Store, element: &Element, depth: usize) -> Result<Option<Node>> {
    let cut = store.cut(&[element.id()], depth, LARGEST).await?;
    Ok(cut.map(|cut| cut.nodes.into_iter().next().unwrap_or_else(|| element.row.node.clone())))
}

/// An element where there is none.
async fn new(store: &Store, missing: Missing, body: &Body) -> Result<Planned> {
    let (container, segment) = match Container::of_missing(store, missing).await? {
        Ok(place) => place,
        Err(refused) => return Ok(Err(refused)),
    };
    let name = segment.name.as_str();
    let tag = container.collection.and_then(|name| container.tag(Some(name)));
    let usual_tag = container.inside.tag_for(None, Some(name));
    let called = Called { tag, usual_tag, name: Some(name) };
    let node = match complete(&body.wanted, None, &container.inside, called, body.disabled) {
        Ok(node) => node,
        Err(faults) => return Ok(Err(Refused::Faults(faults))),
    };
    let label = container.label(store, &node).await?;
    if is_place(&label, &container, &node) && label.segment.name != name {
        let message =
            format!("there is no {segment} {}; the next one is {}", container.describe(), label.segment);
        return Ok(Err(Refused::Missing(message)));
    }
    if let Some(fault) = misplaced(&label, &segment, container.collection) {
        return Ok(Err(Refused::Faults(vec![fault])));
    }
    if label.number != segment.number() {
        let message =
            format!("there is no {segment} {}; the next one is ~{}", container.describe(), label.number);
        return Ok(Err(Refused::Missing(message)));
    }
    if let Some(twin) = container.twin(store, &node, NodeId::NEW).await? {
        return Ok(Err(Refused::Taken(format!("{twin:?} {}", container.describe()))));
    }
    let made = Made::New(container.around.len());
    Ok(container.insert(store, node, &Where::Last).await?.map(|edit| (vec![edit], made)))
}

async fn add(store: &Store, container: Container, body: &Body, place: &Where) -> Result<Planned> {
    let tag = container.collection.and_then(|name| container.tag(Some(name)));
    let usual_tag = container.inside.tag_for(None, body.wanted.key.as_deref());
    let called = Called { tag, usual_tag, name: None };
    let node = match complete(&body.wanted, None, &container.inside, called, body.disabled) {
        Ok(node) => node,
        Err(faults) => return Ok(Err(Refused::Faults(faults))),
    };
    let label = container.label(store, &node).await?;
    let is_named = container.inside.element(&node).is_some_and(|element| element.name_attribute().is_some());
    if is_named && label.number > 1 && !label.segment.name.is_empty() {
        let way = format!("PUT …/{}~{} makes another one of the name", label.segment.name, label.number);
        return Ok(Err(Refused::Taken(format!("{:?} {}; {way}", label.segment.name, container.describe()))));
    }
    if let Some(twin) = container.twin(store, &node, NodeId::NEW).await? {
        return Ok(Err(Refused::Taken(format!("{twin:?} {}", container.describe()))));
    }
    if let (Some(collection), false) = (container.collection, label.collection == container.collection) {
        let fault = Fault::new("/tag", format!("<{}> is none of the {collection}", node.tag));
        return Ok(Err(Refused::Faults(vec![fault])));
    }
    let made = Made::New(container.around.len());
    Ok(container.insert(store, node, place).await?.map(|edit| (vec![edit], made)))
}

/// Whether the element is called by its place.
fn is_place(label: &Label, container: &Container, node: &Node) -> bool {
    let element = container.inside.element(node);
    element.is_some_and(|element| element.is_item() && element.name_attribute().is_none())
        && label.collection == container.collection
}

impl Container {
    /// The tag of what is in a collection.
    pub(super) fn tag(&self, collection: Option<&str>) -> Option<&'static str> {
        let holder = self.gatherer.as_ref().map_or(self.inside, |gatherer| gatherer.inside);
        holder.tag_for(collection, None)
    }
}

impl Element {
    /// A wrapper of this element, which is no element of a collection.
    pub(super) fn wrapper(&self, row: custompbx_store::NodeRow, label: Label) -> Self {
        Self {
            address: Address(self.address.0.iter().cloned().chain(label.segments()).collect()),
            inside: self.inside.enter(&row.node),
            outside: self.inside,
            gatherer: self.gatherer.clone(),
            label,
            row,
        }
    }
}

fn too_large(element: &Element) -> Refused {
    let message =
        format!("{} has more than {LARGEST} nodes; change its parts instead", named(&element.address));
    Refused::TooLarge(message)
}
