//! From an address to what is there, and from a node to its address.

use std::collections::HashMap;

use custompbx_model::address::{Address, Label, Next, Segment};
use custompbx_model::declare::Inside;
use custompbx_model::{Node, NodeId, Text};
use custompbx_store::{InstanceId, NodeRow, Store, Subtree};

use crate::change::head;
use crate::error::Result;

/// An element with all that its place says of it.
#[derive(Clone, Debug)]
pub struct Element {
    /// The node.
    pub row: NodeRow,
    /// Its address; there may be other ways to it.
    pub address: Address,
    /// What it is called.
    pub label: Label,
    /// It from within.
    pub inside: Inside,
    /// What it is called in, from within: its parent, or what gathers it.
    pub outside: Inside,
    /// The element that gathers others from it downwards: its domain.
    pub(crate) gatherer: Option<Gatherer>,
}

/// An element whose collection has elements from far below it.
#[derive(Clone, Debug)]
pub(crate) struct Gatherer {
    pub(crate) id: NodeId,
    pub(crate) address: Address,
}

/// A collection of an element.
#[derive(Clone, Debug)]
pub struct Collection {
    /// Whose.
    pub of: Element,
    /// Its name.
    pub name: &'static str,
}

/// What an address leads to.
#[derive(Clone, Debug)]
pub enum Found {
    /// An element.
    Element(Box<Element>),
    /// A collection.
    Collection(Box<Collection>),
    /// Nothing, from some point on.
    Missing(Box<Missing>),
}

/// Where an address ends before its end.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The last element that is there.
    pub parent: Element,
    /// The collection in which there is nothing of that name.
    pub collection: Option<&'static str>,
    /// The name.
    pub segment: Segment,
    /// What comes behind it.
    pub rest: Vec<Segment>,
}

impl Element {
    /// The node's id.
    pub fn id(&self) -> NodeId {
        self.row.node.id
    }

    /// Whether it holds the collection of this name by gathering.
    pub(crate) fn gathers(&self, collection: &str) -> bool {
        self.inside.gathering().is_some_and(|element| element.plural == Some(collection))
    }

    fn root(row: NodeRow) -> Self {
        let segment = Segment { name: String::new(), nth: None };
        Self {
            address: Address::default(),
            label: Label { is_gathered: false, collection: None, segment, number: 1, place: Some(1) },
            inside: Inside::OUTSIDE.enter(&row.node),
            outside: Inside::OUTSIDE,
            gatherer: None,
            row,
        }
    }

    /// Where a node would be that stood in this element as the only one of its name.
    pub(crate) fn would_hold(&self, node: &Node) -> Option<Address> {
        let gathered = self.inside.gathers(node).then(|| self.inside.gathered_label(node, 1)).flatten();
        let label = gathered.or_else(|| self.inside.own_labels([node]).pop())?;
        let from = match &self.gatherer {
            Some(gatherer) if label.is_gathered => &gatherer.address,
            _ => &self.address,
        };
        Some(from.join(label.segments()))
    }

    /// A child, or one that this element gathers.
    fn below(&self, row: NodeRow, label: Label) -> Self {
        let from = match &self.gatherer {
            Some(gatherer) if label.is_gathered => &gatherer.address,
            _ => &self.address,
        };
        let address = from.join(label.segments());
        let inside = self.inside.enter(&row.node);
        let gatherer = match inside.gathering() {
            Some(_) => Some(Gatherer { id: row.node.id, address: address.clone() }),
            None => self.gatherer.clone(),
        };
        Self { address, label, inside, outside: self.inside, gatherer, row }
    }

    /// A child among all children, with the name that it has in its address.
    async fn child(
        &self,
        store: &Store,
        mut rows: Vec<NodeRow>,
        labels: &[Label],
        at: usize,
    ) -> Result<Self> {
        let row = rows.swap_remove(at);
        let mut label = labels[at].clone();
        if let (true, Some(gatherer)) = (self.inside.gathers(&row.node), &self.gatherer) {
            let id = row.node.attribute("id").unwrap_or_default();
            let rank = rank(&store.users_of_id(gatherer.id, id).await?, row.node.id);
            if let Some(gathered) = self.inside.gathered_label(&row.node, rank) {
                label = gathered;
            }
        }
        Ok(self.below(row, label))
    }
}

/// Which one of the users of its id a user is, from 1.
fn rank(same: &[NodeRow], id: NodeId) -> u32 {
    let before = same.iter().take_while(|other| other.node.id != id).count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

/// What is at an address.
pub(crate) async fn find(store: &Store, instance: InstanceId, address: &Address) -> Result<Found> {
    let root = store.root(instance).await?;
    let Some((row, _)) = store.node(root).await? else {
        return Err(missing(root));
    };
    let mut element = Element::root(row);
    let mut segments = address.0.iter();
    while let Some(segment) = segments.next() {
        let (collection, segment) = match element.inside.next(segment) {
            Next::Child => (None, segment),
            Next::Collection(name) => match segments.next() {
                Some(segment) => (Some(name), segment),
                None => return Ok(Found::Collection(Box::new(Collection { of: element, name }))),
            },
        };
        let next = match collection {
            Some(name) if element.gathers(name) => gathered(store, &element, segment).await?,
            _ => {
                let rows = store.child_rows(element.id()).await?;
                let labels = element.inside.own_labels(rows.iter().map(|row| &row.node));
                let at = labels.iter().position(|label| {
                    label.collection == collection
                        && label.segment.name == segment.name
                        && label.number == segment.number()
                });
                match at {
                    Some(at) => Some(element.child(store, rows, &labels, at).await?),
                    None => None,
                }
            }
        };
        let Some(next) = next else {
            let rest = segments.cloned().collect();
            let missing = Missing { parent: element, collection, segment: segment.clone(), rest };
            return Ok(Found::Missing(Box::new(missing)));
        };
        element = next;
    }
    Ok(Found::Element(Box::new(element)))
}

/// A user of a domain, wherever it stands there.
async fn gathered(store: &Store, domain: &Element, segment: &Segment) -> Result<Option<Element>> {
    let mut same = store.users_of_id(domain.id(), &segment.name).await?;
    let at = usize::try_from(segment.number() - 1).unwrap_or(usize::MAX);
    if at >= same.len() {
        return Ok(None);
    }
    let row = same.swap_remove(at);
    let label = domain.inside.gathered_label(&row.node, segment.number());
    Ok(label.map(|label| domain.below(row, label)))
}

/// The element that a node is; `None` when it is gone, or in another instance.
pub(crate) async fn at(store: &Store, instance: InstanceId, id: NodeId) -> Result<Option<Element>> {
    at_known(store, instance, id, &mut HashMap::new()).await
}

/// [`at`] for many: what lies above one is kept in `known`, so that its neighbours are found sooner.
pub(crate) async fn at_known(
    store: &Store,
    instance: InstanceId,
    id: NodeId,
    known: &mut HashMap<NodeId, Element>,
) -> Result<Option<Element>> {
    let Some(path) = store.path(id).await? else { return Ok(None) };
    let Some((first, way)) = path.split_first() else { return Ok(None) };
    let mut element = match known.get(&first.id) {
        Some(root) => root.clone(),
        None if first.id != store.root(instance).await? => return Ok(None),
        None => match store.node(first.id).await? {
            Some((row, _)) => Element::root(row),
            None => return Ok(None),
        },
    };
    for step in way {
        if let Some(found) = known.get(&step.id) {
            element = found.clone();
            continue;
        }
        known.entry(element.id()).or_insert_with(|| element.clone());
        let head = head(step);
        if let (true, Some(gatherer)) = (element.inside.gathers(&head), &element.gatherer) {
            // A user is found without looking at the 100,000 others.
            let same = store.users_of_id(gatherer.id, head.attribute("id").unwrap_or_default()).await?;
            let rank = rank(&same, step.id);
            let Some(row) = same.into_iter().find(|row| row.node.id == step.id) else { return Ok(None) };
            let Some(label) = element.inside.gathered_label(&row.node, rank) else { return Ok(None) };
            element = element.below(row, label);
            continue;
        }
        let rows = store.child_rows(element.id()).await?;
        let Some(at) = rows.iter().position(|row| row.node.id == step.id) else { return Ok(None) };
        let labels = element.inside.own_labels(rows.iter().map(|row| &row.node));
        element = element.child(store, rows, &labels, at).await?;
    }
    Ok(Some(element))
}

/// The elements that users are, by their nodes. The store is asked some times for each domain, not for each user. A
/// user that is gone by now is left out.
pub(crate) async fn users(
    store: &Store,
    instance: InstanceId,
    users: &[Subtree],
) -> Result<HashMap<NodeId, Element>> {
    let mut by_domain: HashMap<NodeId, Vec<&str>> = HashMap::new();
    for user in users {
        if let Some(domain) = user.domain {
            let id = user.node.attribute("id").unwrap_or_default();
            by_domain.entry(domain).or_default().push(id);
        }
    }
    let mut elements = HashMap::new();
    for (domain, ids) in by_domain {
        let Some(domain) = at(store, instance, domain).await? else { continue };
        let mut numbers: HashMap<Text, u32> = HashMap::new();
        for row in store.users_of_ids(domain.id(), &ids).await? {
            let id = row.node.attribute("id").unwrap_or_default().into();
            let number = numbers.entry(id).or_default();
            *number += 1;
            if let Some(label) = domain.inside.gathered_label(&row.node, *number) {
                elements.insert(row.node.id, domain.below(row, label));
            }
        }
    }
    Ok(elements)
}

fn missing(id: NodeId) -> crate::Error {
    crate::Error::NotFound { what: "node", name: id.to_string() }
}
