//! What the children of an element are called.

use std::borrow::Cow;
use std::collections::HashMap;

use super::segment::Segment;
use crate::declare::{Element, Inside, Named};
use crate::node::{Node, NodeId};
use crate::variables::SECTION_TAG;

/// Paths that are something else than a section of an instance. A section of such a name is called `name~1`.
const TAKEN: &[&str] = &[
    "backup",
    "bulk",
    "dialplan-settings",
    "export",
    "import",
    "live",
    "nodes",
    "restore",
    "revisions",
    "search",
    "switch",
    "tree",
    "users",
];

/// Whether a section of this name is called otherwise in addresses: `users~1`.
pub fn is_taken(section: &str) -> bool {
    TAKEN.contains(&section)
}

/// Of the users of a domain that share their id with another one: which one of these each is, in the order of their
/// nodes. Those that are not here are the first, and mostly the only one.
pub type Ranks = HashMap<NodeId, u32>;

/// What a child is called by its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// It is called so from the element that gathers it, which may be far above.
    pub is_gathered: bool,
    /// The collection, where it needs one.
    pub collection: Option<&'static str>,
    /// Its name and number.
    pub segment: Segment,
    /// The number even where it is not written.
    pub number: u32,
    /// Its place, from 1, among those of its collection; among all children where it needs no collection. What is
    /// gathered is in no order.
    pub place: Option<u32>,
}

impl Label {
    /// The parts of an address that lead from the parent, or from what gathers it, to the child.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + use<> {
        let collection = self.collection.map(Segment::new);
        collection.into_iter().chain([self.segment.clone()])
    }
}

/// What the next part of an address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A collection of this name.
    Collection(&'static str),
    /// A child.
    Child,
}

/// What a child is called before it is compared with its siblings.
struct Base<'n> {
    collection: Option<&'static str>,
    name: Name<'n>,
}

enum Name<'n> {
    Is(Cow<'n, str>),
    PlaceOf(&'static str),
}

impl Inside {
    /// The collections that there are by the declaration, with what is in them.
    pub fn collections(&self) -> impl Iterator<Item = (&'static str, &'static Element)> + use<> {
        let is_wrapper = self.is_wrapper();
        let own = self.elements().iter().copied().filter(move |_| !is_wrapper);
        let gathered = self.gathering();
        let own = own.filter(move |element| gathered.is_none_or(|gathered| gathered.tag != element.tag));
        own.chain(gathered).filter(|element| element.is_item()).filter_map(|it| Some((it.plural?, it)))
    }

    /// What the next part of an address means.
    pub fn next(&self, segment: &Segment) -> Next {
        let mut collections = self.collections();
        match collections.find(|(name, _)| segment.nth.is_none() && *name == segment.name) {
            Some((name, _)) => Next::Collection(name),
            None => Next::Child,
        }
    }

    /// What all children of the element are called by it alone, in their order. What it does not hold itself, the users
    /// of a domain, have another name: see [`Inside::labels`].
    pub fn own_labels<'n>(&self, children: impl IntoIterator<Item = &'n Node>) -> Vec<Label> {
        let mut seen: HashMap<(Option<&'static str>, Cow<'n, str>), u32> = HashMap::new();
        let mut places: HashMap<&'static str, u32> = HashMap::new();
        let taken: Vec<&str> = self.collections().map(|(name, _)| name).collect();
        let is_taken = |name: &str| taken.contains(&name) || (self.is_document() && TAKEN.contains(&name));
        let mut count = 0_u32;
        let mut label = |child: &'n Node| {
            count += 1;
            let Base { collection, name } = self.base(child);
            let name = match name {
                Name::Is(name) => name,
                Name::PlaceOf(tag) => {
                    let place = places.entry(tag).or_default();
                    *place += 1;
                    Cow::Owned(place.to_string())
                }
            };
            let number = seen.entry((collection, name.clone())).or_default();
            *number += 1;
            let number = *number;
            let is_written = number > 1 || name.is_empty() || (collection.is_none() && is_taken(&name));
            let segment = Segment { name: name.into_owned(), nth: is_written.then_some(number) };
            Label { is_gathered: false, collection, segment, number, place: Some(count) }
        };
        let mut labels: Vec<Label> = children.into_iter().map(&mut label).collect();
        let mut places: HashMap<&'static str, u32> = HashMap::new();
        for label in &mut labels {
            if let Some(collection) = label.collection {
                let place = places.entry(collection).or_default();
                *place += 1;
                label.place = Some(*place);
            }
        }
        labels
    }

    /// What all children of the element are called in its address, in their order.
    pub fn labels<'n>(&self, children: impl Iterator<Item = &'n Node> + Clone, ranks: &Ranks) -> Vec<Label> {
        let mut labels = self.own_labels(children.clone());
        for (label, child) in labels.iter_mut().zip(children) {
            let rank = ranks.get(&child.id).copied().unwrap_or(1);
            if let Some(gathered) = self.gathered_label(child, rank) {
                *label = gathered;
            }
        }
        labels
    }

    /// What a child is called by the element that gathers it, if one does: the `rank`th of its name there.
    pub fn gathered_label(&self, child: &Node, rank: u32) -> Option<Label> {
        let element = self.element(child).filter(|_| self.gathers(child))?;
        let name = element.key.and_then(|key| child.attribute(key)).unwrap_or_default().to_owned();
        let nth = (rank > 1 || name.is_empty()).then_some(rank);
        let segment = Segment { name, nth };
        Some(Label { is_gathered: true, collection: element.plural, segment, number: rank, place: None })
    }

    fn base<'n>(&self, child: &'n Node) -> Base<'n> {
        let known = self.element(child).filter(|element| {
            // A pointer beside the users of a domain is none of them.
            self.gathers(child) || self.gathering().is_none_or(|gathered| gathered.tag != element.tag)
        });
        let attribute = |name: &str| Cow::Borrowed(child.attribute(name).unwrap_or_default());
        let Some(element) = known else {
            let name = match &*child.tag {
                "section" if self.is_document() => attribute("name"),
                SECTION_TAG if self.is_document() => Cow::Borrowed(SECTION_TAG),
                "configuration" if self.is_configurations() => attribute("name"),
                tag => Cow::Borrowed(child.natural_name().filter(|name| !name.is_empty()).unwrap_or(tag)),
            };
            return Base { collection: None, name: Name::Is(name) };
        };
        if !element.is_item() {
            return Base { collection: None, name: Name::Is(Cow::Borrowed(element.tag)) };
        }
        let collection = element.plural.filter(|_| !self.is_wrapper());
        let name = match (element.named, element.name_attribute()) {
            (Named::Place, _) | (_, None) => Name::PlaceOf(element.tag),
            (_, Some(name)) => Name::Is(attribute(name)),
        };
        Base { collection, name }
    }
}
