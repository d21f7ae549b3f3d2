//! The tree: every element of FreeSWITCH's configuration is one [`Node`].

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A piece of text of the tree. Shared, because a directory repeats the same few names and values endlessly.
pub type Text = Arc<str>;

/// The tag of a node that holds a run of text between elements. No element can have this name.
pub const TEXT_TAG: &str = "#text";

/// Identifies a stored node, for ever: ids are never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub i64);

impl NodeId {
    /// The id of a node that is not stored yet.
    pub const NEW: Self = Self(0);
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One attribute: name and value, both as they are after decoding entities.
pub type Attribute = (Text, Text);

/// One element with everything below it.
///
/// An element without child elements keeps its character data in [`Node::text`]. Where text and elements are mixed,
/// each run of text that is not only white space is a child of its own, with the tag [`TEXT_TAG`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// [`NodeId::NEW`] until it is stored.
    pub id: NodeId,
    /// A disabled node is kept and shown, but is no part of what FreeSWITCH sees; neither is anything below it.
    pub enabled: bool,
    /// The element's name.
    pub tag: Text,
    /// In the order of the source.
    pub attributes: Vec<Attribute>,
    /// Character data of an element without child elements.
    pub text: Option<Text>,
    /// In order; the position of a node is its place here.
    pub children: Vec<Node>,
}

impl Node {
    /// An enabled element that is not stored, without attributes.
    pub fn new(tag: impl Into<Text>) -> Self {
        Self {
            id: NodeId::NEW,
            enabled: true,
            tag: tag.into(),
            attributes: Vec::new(),
            text: None,
            children: Vec::new(),
        }
    }

    /// The same with one attribute more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Text>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// The same with these children added.
    #[must_use]
    pub fn containing(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The node without what is below it.
    #[must_use]
    pub fn head(&self) -> Self {
        Self {
            id: self.id,
            enabled: self.enabled,
            tag: self.tag.clone(),
            attributes: self.attributes.clone(),
            text: self.text.clone(),
            children: Vec::new(),
        }
    }

    /// The value of the attribute `name`; FreeSWITCH compares attribute names exactly.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }

    /// Sets the attribute `name`, in its old place if it had one.
    pub fn set_attribute(&mut self, name: &str, value: impl Into<Text>) {
        match self.attributes.iter_mut().find(|(key, _)| &**key == name) {
            Some((_, old)) => *old = value.into(),
            None => self.attributes.push((name.into(), value.into())),
        }
    }

    /// The first child with this tag.
    pub fn child(&self, tag: &str) -> Option<&Self> {
        self.children.iter().find(|child| &*child.tag == tag)
    }

    /// The children with this tag, in order.
    pub fn children_named<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a Self> + 'a {
        self.children.iter().filter(move |child| &*child.tag == tag)
    }

    /// The child with this tag whose attribute `name` is `value`.
    pub fn child_with(&self, tag: &str, name: &str, value: &str) -> Option<&Self> {
        self.children.iter().find(|child| &*child.tag == tag && child.attribute(name) == Some(value))
    }

    /// What tells this node from its siblings of the same tag in words: the attribute `name`, else `id`, else for
    /// a dialplan step its application.
    pub fn natural_name(&self) -> Option<&str> {
        ["name", "id", "application", "module", "field"].iter().find_map(|key| self.attribute(key))
    }

    /// How many nodes there are, this one included.
    pub fn count(&self) -> usize {
        1 + self.children.iter().map(Self::count).sum::<usize>()
    }

    /// Calls `visit` for this node and every node below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
    }

    /// Whether FreeSWITCH would see the same element: ids and the order of attributes do not matter, everything
    /// else does.
    pub fn same_content(&self, other: &Self) -> bool {
        self.same_head(other)
            && self.children.len() == other.children.len()
            && self.children.iter().zip(&other.children).all(|(a, b)| a.same_content(b))
    }

    /// [`Node::same_content`] without the children.
    pub fn same_head(&self, other: &Self) -> bool {
        self.enabled == other.enabled
            && self.tag == other.tag
            && self.text == other.text
            && self.attributes.len() == other.attributes.len()
            && self.attributes.iter().all(|(name, value)| other.attribute(name) == Some(value))
    }

    /// Takes the disabled nodes out, and says how many there were.
    pub fn drop_disabled(&mut self) -> usize {
        let mut dropped = 0;
        self.children.retain(|child| {
            dropped += usize::from(!child.enabled);
            child.enabled
        });
        dropped + self.children.iter_mut().map(Self::drop_disabled).sum::<usize>()
    }
}
