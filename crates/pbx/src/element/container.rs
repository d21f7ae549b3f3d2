//! Where a new element goes: its parent, and what holds it together with its siblings and is not there yet.

use custompbx_model::address::{Address, Label, Next, Segment};
use custompbx_model::declare::Inside;
use custompbx_model::variables::SECTION_TAG;
use custompbx_model::wanted::Fault;
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::Store;

use super::find::{Collection, Element, Found, Missing};
use super::relocate::{Where, at};
use super::{Outcome, Refused, named};
use crate::error::Result;

/// The sections that FreeSWITCH has; one that is missing is made with the first thing in it.
const SECTIONS: &[&str] = &["chatplan", "configuration", "dialplan", "directory", "languages"];

/// A place for a new element.
pub(super) struct Container {
    /// The nearest element that is there.
    pub(super) parent: Element,
    /// What has to be made around the new element, outermost first.
    pub(super) around: Vec<Node>,
    /// It from within.
    pub(super) inside: Inside,
    /// The collection, where the new element needs one.
    pub(super) collection: Option<&'static str>,
    /// The element that gathers the new one, though it goes elsewhere.
    pub(super) gatherer: Option<Element>,
}

impl Container {
    /// A place in an element that is there.
    pub(super) fn of(element: Element, collection: Option<&'static str>) -> Self {
        Self { inside: element.inside, around: Vec::new(), parent: element, collection, gatherer: None }
    }

    /// The place that a collection has for new elements. For the users of a domain it is the first `<users>` of it.
    pub(super) async fn of_collection(store: &Store, collection: Collection) -> Result<Self> {
        let Collection { of, name } = collection;
        if !of.gathers(name) {
            return Ok(Self::of(of, Some(name)));
        }
        let mut container = Self::of(of.clone(), Some(name));
        container.gatherer = Some(of.clone());
        let first = Address(vec![Segment { name: name.to_owned(), nth: Some(1) }]);
        let rows = store.child_rows(of.id()).await?;
        let labels = of.inside.own_labels(rows.iter().map(|row| &row.node));
        let wrapper = labels.iter().position(|label| label.segments().eq(first.0.iter().cloned()));
        match wrapper {
            Some(at) => {
                let row = rows.into_iter().nth(at);
                if let Some(row) = row {
                    container.inside = of.inside.enter(&row.node);
                    container.parent = of.wrapper(row, labels[at].clone());
                }
            }
            None => container.surround(Node::new(name)),
        }
        Ok(container)
    }

    /// The place that an address with nothing at its end means: what is missing on the way may only hold others
    /// together. The name of the new element comes too.
    pub(super) async fn of_missing(store: &Store, missing: Missing) -> Result<Outcome<(Self, Segment)>> {
        let Missing { parent, collection, segment, rest } = missing;
        let mut container = match collection {
            Some(name) => Self::of_collection(store, Collection { of: parent, name }).await?,
            None => Self::of(parent, None),
        };
        let mut segment = segment;
        let mut rest = rest.into_iter();
        while let Some(mut next) = rest.next() {
            let Some(wrapper) = container.wrapper(&segment) else {
                let place = container.describe();
                return Ok(Err(Refused::Missing(format!("there is no {segment} {place}"))));
            };
            container.surround(wrapper);
            container.collection = match container.inside.next(&next) {
                Next::Child => None,
                Next::Collection(name) => match rest.next() {
                    Some(item) => {
                        next = item;
                        Some(name)
                    }
                    None => return Ok(Err(Refused::IsCollection(name.to_owned()))),
                },
            };
            segment = next;
        }
        Ok(Ok((container, segment)))
    }

    /// The same for an address whose end holds new elements.
    pub(super) async fn of_found(store: &Store, found: Found) -> Result<Outcome<Self>> {
        Ok(match found {
            Found::Element(element) => Ok(Self::of(*element, None)),
            Found::Collection(collection) => Ok(Self::of_collection(store, *collection).await?),
            Found::Missing(missing) => match Self::of_missing(store, *missing).await? {
                Err(Refused::IsCollection(name)) => {
                    Err(Refused::Missing(format!("nothing holds {name} yet")))
                }
                Err(refused) => Err(refused),
                Ok((mut container, segment)) => match container.wrapper(&segment) {
                    Some(wrapper) => {
                        container.surround(wrapper);
                        container.collection = None;
                        Ok(container)
                    }
                    None => {
                        let place = container.describe();
                        Err(Refused::Missing(format!("there is no {segment} {place}")))
                    }
                },
            },
        })
    }

    /// What is made when it is missing on the way, because all it does is hold others together.
    fn wrapper(&self, segment: &Segment) -> Option<Node> {
        if self.collection.is_some() || segment.number() != 1 {
            return None;
        }
        let name = segment.name.as_str();
        if self.inside.is_document() && SECTIONS.contains(&name) {
            return Some(Node::new("section").with("name", name));
        }
        if self.inside.is_document() && name == SECTION_TAG {
            return Some(Node::new(SECTION_TAG));
        }
        let mut elements = self.inside.elements().iter();
        elements
            .find(|element| !element.is_item() && element.tag == name)
            .map(|element| Node::new(element.tag))
    }

    fn surround(&mut self, wrapper: Node) {
        self.inside = self.inside.enter(&wrapper);
        self.around.push(wrapper);
    }

    /// Where it is, for people.
    pub(super) fn describe(&self) -> String {
        let address = named(&self.parent.address);
        let place = if address.is_empty() { "in this instance".to_owned() } else { format!("in {address}") };
        match self.collection {
            Some(collection) => format!("among the {collection} {place}"),
            None => place,
        }
    }

    /// What the new element would be called as the last one.
    pub(super) async fn label(&self, store: &Store, node: &Node) -> Result<Label> {
        if let (Some(domain), true) = (&self.gatherer, self.inside.gathers(node)) {
            let same = store.users_of_id(domain.id(), node.attribute("id").unwrap_or_default()).await?;
            let rank = u32::try_from(same.len()).unwrap_or(u32::MAX).saturating_add(1);
            if let Some(label) = self.inside.gathered_label(node, rank) {
                return Ok(label);
            }
        }
        let rows =
            if self.around.is_empty() { store.child_rows(self.parent.id()).await? } else { Vec::new() };
        let nodes = rows.iter().map(|row| &row.node).chain([node]);
        let mut labels = self.inside.own_labels(nodes);
        Ok(labels.swap_remove(labels.len() - 1))
    }

    /// Whether FreeSWITCH would mix the new element up with one that is there: it compares without regard to case. The
    /// name of the other one.
    pub(super) async fn twin(&self, store: &Store, node: &Node, but: NodeId) -> Result<Option<String>> {
        let Some(element) = self.inside.element(node).filter(|element| element.unique) else {
            return Ok(None);
        };
        let Some(key) = element.key else { return Ok(None) };
        let name = node.attribute(key).unwrap_or_default();
        let gatherer =
            self.gatherer.as_ref().map(|it| it.id()).or(self.parent.gatherer.as_ref().map(|it| it.id));
        let others = match gatherer.filter(|_| self.inside.gathers(node)) {
            Some(domain) => store.users_of_id(domain, name).await?,
            None if self.around.is_empty() => store.child_rows(self.parent.id()).await?,
            None => Vec::new(),
        };
        let same = |other: &str| other.to_lowercase() == name.to_lowercase();
        let twin = others
            .iter()
            .filter(|row| row.node.id != but && row.node.tag == node.tag)
            .find_map(|row| row.node.attribute(key).filter(|other| same(other)).map(str::to_owned));
        Ok(twin)
    }

    /// The edit that puts the new element there.
    pub(super) async fn insert(self, store: &Store, node: Node, place: &Where) -> Result<Outcome<Edit>> {
        let Self { parent, around, inside, collection, .. } = self;
        let id = parent.id();
        let place = if around.is_empty() {
            match at(store, &parent, &inside, collection, &node, place).await? {
                Ok(place) => place,
                Err(refused) => return Ok(Err(refused)),
            }
        } else {
            At::Last
        };
        let whole = around.into_iter().rev().fold(node, |node, around| around.containing([node]));
        Ok(Ok(Edit::Insert { parent: id, at: place, nodes: vec![whole] }))
    }
}

/// An element that is not where its address says.
pub(super) fn misplaced(label: &Label, segment: &Segment, collection: Option<&str>) -> Option<Fault> {
    if label.segment.name != segment.name || label.collection != collection {
        let found = Address(label.segments().collect());
        return Some(Fault::new("", format!("an element like this is not called {segment}, but {found}")));
    }
    None
}
