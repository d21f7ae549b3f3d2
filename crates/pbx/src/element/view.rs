//! Elements as they are shown.

use std::collections::HashMap;

use custompbx_model::address::{Address, Label, Ranks};
use custompbx_model::declare::Inside;
use custompbx_model::{Attribute, Node, NodeId, Text};
use custompbx_store::{InstanceId, NodeRow, Store};

use super::find::Element;
use super::version::{MOST_HASHED, Version};
use super::{LARGEST, Outcome, Refused};
use crate::Pbx;
use crate::error::Result;

/// An element as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The node's id.
    pub id: NodeId,
    /// Its tag.
    pub tag: Text,
    /// Its name in its address.
    pub key: String,
    /// Its address.
    pub address: Address,
    /// Whether it is enabled itself.
    pub enabled: bool,
    /// Its place, from 1, among those of its collection; among all children of its parent where it needs none. The users
    /// of a domain are in no order.
    pub position: Option<u32>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Its text.
    pub text: Option<Text>,
    /// How many children it has.
    pub child_count: i64,
    /// Its children; `None` where they are deeper than what was asked for.
    pub children: Option<Vec<Self>>,
}

/// An element as it is shown, and its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The element.
    pub view: View,
    /// Which state of it.
    pub version: Version,
    /// The node with all that is below it, where that is not too much.
    pub whole: Option<Node>,
}

/// What is needed beside the nodes to show them.
struct Viewer {
    counts: HashMap<NodeId, i64>,
    ranks: Ranks,
}

impl Pbx {
    /// Shows an element with what is below it, `depth` levels down.
    ///
    /// # Errors
    /// Those of the database; refused is what has more than [`LARGEST`] nodes, and what is gone.
    pub async fn show(
        &self,
        instance: InstanceId,
        element: &Element,
        depth: usize,
    ) -> Result<Outcome<Shown>> {
        show(&self.store()?, instance, element, depth).await
    }

    /// The version of an element.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn version(&self, instance: InstanceId, element: &Element) -> Result<Version> {
        Version::of_element(&self.store()?, instance, element).await
    }

    /// A node with all that is below it, for XML.
    ///
    /// # Errors
    /// Those of the database; refused is what has more than [`LARGEST`] nodes, and what is gone.
    pub async fn whole(&self, element: &Element) -> Result<Outcome<Node>> {
        let cut = self.store()?.cut(&[element.id()], usize::MAX, LARGEST).await?;
        let Some(cut) = cut else { return Ok(Err(too_large(element))) };
        Ok(cut.nodes.into_iter().next().ok_or_else(|| gone(element)))
    }
}

pub(super) async fn show(
    store: &Store,
    instance: InstanceId,
    element: &Element,
    depth: usize,
) -> Result<Outcome<Shown>> {
    let revision = Version::of_instance(store, instance).await?;
    if let Some(cut) = store.cut(&[element.id()], usize::MAX, MOST_HASHED).await? {
        let Some(node) = cut.nodes.into_iter().next() else { return Ok(Err(gone(element))) };
        let version = Version::of(&node);
        let view = view(store, element, &node, depth, cut.counts).await?;
        return Ok(Ok(Shown { view, version, whole: Some(node) }));
    }
    let Some(cut) = store.cut(&[element.id()], depth, LARGEST).await? else {
        return Ok(Err(too_large(element)));
    };
    let Some(node) = cut.nodes.into_iter().next() else { return Ok(Err(gone(element))) };
    let view = view(store, element, &node, depth, cut.counts).await?;
    Ok(Ok(Shown { view, version: revision, whole: None }))
}

async fn view(
    store: &Store,
    element: &Element,
    node: &Node,
    depth: usize,
    counts: HashMap<NodeId, i64>,
) -> Result<View> {
    let viewer = Viewer { counts, ranks: ranks_below(store, element, node, depth).await? };
    let gatherer = element.gatherer.as_ref().map(|gatherer| &gatherer.address);
    Ok(viewer.view(node, &element.label, element.address.clone(), &element.inside, gatherer, depth))
}

/// Which of the users are not the first of their id, in all domains that are shown.
async fn ranks_below(store: &Store, element: &Element, node: &Node, depth: usize) -> Result<Ranks> {
    let mut domains = Vec::new();
    let gatherer = element.gatherer.as_ref().map(|gatherer| gatherer.id);
    domains_below(node, &element.inside, gatherer, depth, &mut domains);
    domains.dedup();
    let mut ranks = Ranks::new();
    for domain in domains {
        ranks.extend(store.repeated_users(domain).await?);
    }
    Ok(ranks)
}

fn domains_below(
    node: &Node,
    inside: &Inside,
    gatherer: Option<NodeId>,
    depth: usize,
    into: &mut Vec<NodeId>,
) {
    let gatherer = if inside.gathering().is_some() { Some(node.id) } else { gatherer };
    for child in node.children.iter().filter(|_| depth > 0) {
        if inside.gathers(child) {
            into.extend(gatherer.filter(|id| into.last() != Some(id)));
        }
        domains_below(child, &inside.enter(child), gatherer, depth - 1, into);
    }
}

impl Viewer {
    fn view(
        &self,
        node: &Node,
        label: &Label,
        address: Address,
        inside: &Inside,
        gatherer: Option<&Address>,
        depth: usize,
    ) -> View {
        let count = i64::try_from(node.children.len()).unwrap_or(i64::MAX);
        let child_count = self.counts.get(&node.id).copied().unwrap_or(count);
        let children = (depth > 0).then(|| {
            let gatherer = if inside.gathering().is_some() { Some(&address) } else { gatherer };
            let labels = inside.labels(node.children.iter(), &self.ranks);
            let children = node.children.iter().zip(&labels);
            let child = |(child, label): (&Node, &Label)| {
                let from = gatherer.filter(|_| label.is_gathered).unwrap_or(&address);
                let address = from.join(label.segments());
                self.view(child, label, address, &inside.enter(child), gatherer, depth - 1)
            };
            children.map(child).collect()
        });
        View {
            id: node.id,
            tag: node.tag.clone(),
            key: label.segment.name.clone(),
            address,
            enabled: node.enabled,
            position: label.place,
            attributes: node.attributes.clone(),
            text: node.text.clone(),
            child_count,
            children,
        }
    }
}

/// The elements of a list, each with what is below it.
pub(super) async fn items(
    store: &Store,
    of: &Element,
    rows: Vec<(NodeRow, Label)>,
    depth: usize,
) -> Result<Outcome<Vec<View>>> {
    let from = |label: &Label| match &of.gatherer {
        Some(gatherer) if label.is_gathered => gatherer.address.join(label.segments()),
        _ => of.address.join(label.segments()),
    };
    let gatherer = of.gatherer.as_ref().map(|gatherer| &gatherer.address);
    if depth == 0 {
        let item = |(row, label): (NodeRow, Label)| {
            let counts = HashMap::from([(row.node.id, row.child_count)]);
            let viewer = Viewer { counts, ranks: Ranks::new() };
            let inside = of.inside.enter(&row.node);
            viewer.view(&row.node, &label, from(&label), &inside, gatherer, 0)
        };
        return Ok(Ok(rows.into_iter().map(item).collect()));
    }
    let ids: Vec<NodeId> = rows.iter().map(|(row, _)| row.node.id).collect();
    let Some(cut) = store.cut(&ids, depth, LARGEST).await? else {
        let message =
            format!("the page has more than {LARGEST} nodes; ask for fewer items, or a smaller depth");
        return Ok(Err(Refused::TooLarge(message)));
    };
    let mut viewer = Viewer { counts: cut.counts, ranks: Ranks::new() };
    let mut items = Vec::with_capacity(cut.nodes.len());
    let mut labels: HashMap<NodeId, Label> =
        rows.into_iter().map(|(row, label)| (row.node.id, label)).collect();
    for node in &cut.nodes {
        let Some(label) = labels.remove(&node.id) else { continue };
        let inside = of.inside.enter(node);
        let address = from(&label);
        if inside.gathering().is_some() {
            viewer.ranks.extend(store.repeated_users(node.id).await?);
        }
        items.push(viewer.view(node, &label, address, &inside, gatherer, depth));
    }
    Ok(Ok(items))
}

fn too_large(element: &Element) -> Refused {
    let name = super::named(&element.address);
    let way = "ask for a smaller depth, for a part of it, or for a page of it (limit)";
    Refused::TooLarge(format!("{name} has more than {LARGEST} nodes; {way}"))
}

fn gone(element: &Element) -> Refused {
    Refused::Missing(format!("{} is gone", super::named(&element.address)))
}
