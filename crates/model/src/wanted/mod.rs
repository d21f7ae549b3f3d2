//! What somebody wants an element to be, and what must change for it.
//!
//! A [`Wanted`] comes from JSON ([`Wanted::from_json`]) or from XML ([`Wanted::from_xml`]). [`complete`] compares it with
//! what is stored and makes the whole element of it, [`Patch::apply`] does so for a change of a few members, and
//! [`edits`] says how to get from the one to the other. An integrator may write parameters as an object
//! (`{"params": {"password": "secret"}}`): the [`Short`] form.

mod complete;
mod diff;
mod json;
mod patch;
mod strict;

pub use complete::{Called, Disabled, complete};
pub use diff::edits;
pub use patch::{Patch, ShortPatch};
pub use strict::{JsonError, read_json};

use crate::declare::{Element, Inside};
use crate::node::{Node, NodeId};

/// An element as somebody wants it. A member that is `None` stays as it is, one that is there is exact; what is below
/// the element is one member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Which node it is, if it is one of those below the element already.
    pub id: Option<NodeId>,
    /// The element's name.
    pub tag: Option<String>,
    /// Its name in the address.
    pub key: Option<String>,
    /// Its attributes.
    pub attributes: Option<Attributes>,
    /// Its text, or that it has none.
    pub text: Option<Option<String>>,
    /// Whether it is enabled.
    pub enabled: Option<bool>,
    /// What is below it.
    pub children: Option<Vec<Self>>,
    /// What is below it, the short way.
    pub short: Vec<Short>,
}

/// Which attributes an element is to have.
#[derive(Clone, Debug, PartialEq)]
pub enum Attributes {
    /// These.
    All(Vec<(String, String)>),
    /// These, and what else there is.
    AtLeast(Vec<(String, String)>),
}

/// Names and values instead of elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Short {
    /// The name of the wrapper, or of the collection.
    pub member: String,
    /// Names with all their values.
    pub values: Vec<(String, Vec<String>)>,
}

/// What is wrong with what somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer into what was sent.
    pub pointer: String,
    /// A sentence without its full stop.
    pub message: String,
}

impl Fault {
    /// Says what is wrong where.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// One short form that an element has.
#[derive(Clone, Copy, Debug)]
pub struct ShortForm {
    /// What it is called.
    pub member: &'static str,
    /// The element around the items; `None` where they stand in the element itself.
    pub wrapper: Option<&'static Element>,
    /// The items, which are a name and a value each.
    pub item: &'static Element,
}

impl Inside {
    /// The short forms of the element that this is the inside of.
    pub fn short_forms(&self) -> impl Iterator<Item = ShortForm> + use<> {
        self.elements().iter().filter_map(|element| {
            let form = |member, wrapper, item| ShortForm { member, wrapper, item };
            match element.children {
                _ if element.is_pair() => element.plural.map(|member| form(member, None, *element)),
                [item] if !element.is_item() && item.is_pair() => {
                    Some(form(element.tag, Some(*element), *item))
                }
                _ => None,
            }
        })
    }

    /// The short form of this name.
    pub fn short_form(&self, member: &str) -> Option<ShortForm> {
        self.short_forms().find(|form| form.member == member)
    }

    /// The tag that a new child gets when nobody says one: that of the items of `collection`, else that which a child
    /// called `name` would have.
    pub fn tag_for(&self, collection: Option<&str>, name: Option<&str>) -> Option<&'static str> {
        if let Some(collection) = collection {
            return self.collections().find(|(name, _)| *name == collection).map(|(_, element)| element.tag);
        }
        if self.is_document() {
            let is_variables = name == Some(crate::variables::SECTION_TAG);
            return Some(if is_variables { crate::variables::SECTION_TAG } else { "section" });
        }
        if self.is_configurations() {
            return Some("configuration");
        }
        let mut wrappers = self.elements().iter().filter(|element| !element.is_item());
        let wrapper = wrappers.find(|wrapper| Some(wrapper.tag) == name);
        let is_inline =
            |element: &Element| element.is_item() && (self.is_wrapper() || element.plural.is_none());
        let item = || self.elements().iter().find(|element| is_inline(element));
        wrapper.or_else(item).map(|element| element.tag)
    }

    /// The attribute that names a child in its address; for one that is not declared, the first of those that could.
    pub fn name_attribute(&self, child: &Node) -> Option<&'static str> {
        match self.element(child) {
            Some(element) => element.name_attribute(),
            None if &*child.tag == crate::variables::SECTION_TAG && self.is_document() => None,
            None => ["name", "id", "application", "module", "field"]
                .into_iter()
                .find(|key| child.attribute(key).is_some())
                .or(Some("name")),
        }
    }
}

impl Wanted {
    /// What a piece of XML says.
    pub fn from_xml(node: &Node) -> Self {
        let attributes = node.attributes.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Self {
            tag: Some(node.tag.to_string()),
            attributes: Some(Attributes::All(attributes.collect())),
            text: Some(node.text.as_deref().map(str::to_owned)),
            children: Some(node.children.iter().map(Self::from_xml).collect()),
            ..Self::default()
        }
    }

    /// How many levels below the element have to be known to make it so.
    pub fn depth(&self) -> usize {
        let children = self.children.iter().flatten().map(Self::depth);
        let deepest = children.chain(self.short.iter().map(|_| 1)).max();
        match deepest {
            Some(below) => 1 + below,
            None if self.children.is_some() || matches!(self.text, Some(Some(_))) => 1,
            None => 0,
        }
    }
}
