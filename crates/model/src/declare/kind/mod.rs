//! Kinds of objects: what the API calls one sort of nodes, and which members it shows of them.
//!
//! A node of the tree is an *object* when a [`Kind`] says so: a `<param>` below the `<params>` of a user is a
//! `directory.user.param`, and its owner is the user. Elements that only group others, such as `<params>`, are no
//! objects; the way past them is part of the kind.

mod field;
mod find;
mod object;

use std::fmt;

use serde_json::Value;

pub use field::{Field, LONGEST_NAME, LONGEST_VALUE, Source, Type, Wrong};
pub use find::{Link, chain, path_of};
pub use object::Seat;

use crate::node::Node;

/// One sort of objects.
pub struct Kind {
    /// What the API calls it, such as `directory.user.param`.
    pub name: &'static str,
    /// What it is called in an error.
    pub word: &'static str,
    /// Which objects can own one.
    pub above: &'static [Above],
    /// The tags between the owner's node and this one. New ones go the first way; what is missing of it is made.
    pub ways: &'static [&'static [&'static str]],
    /// Its tag.
    pub tag: &'static str,
    /// Which nodes of this tag are meant.
    pub which: Which,
    /// Whether the first field must differ among the objects of one owner. FreeSWITCH compares names without regard
    /// to case, and takes the first of two without a word.
    pub unique: bool,
    /// What can be read and written; the first one is what it is known by.
    pub fields: &'static [Field],
    /// What is shown beside the fields.
    pub frame: Frame,
    /// How places are counted.
    pub counted: Counted,
    /// What only the switch knows, as it is while there is none.
    pub live: &'static [(&'static str, Idle)],
    /// What follows from the node.
    pub derived: &'static [(&'static str, Derived)],
    /// Who else names it.
    pub mentions: &'static [Mention],
    /// Whom it names itself.
    pub names: Option<Names>,
    /// What can stand in it and yet belongs to its owner: when it goes, that stays.
    pub shelters: Option<&'static Self>,
    /// Which ones cannot be changed.
    pub fixed: Option<fn(&Node) -> bool>,
}

impl Kind {
    /// A kind that says nothing; for `..Kind::PLAIN`.
    pub const PLAIN: Self = Self {
        name: "",
        word: "",
        above: &[],
        ways: &[&[]],
        tag: "",
        which: Which::Every,
        unique: false,
        fields: &[],
        frame: Frame::WHOLE,
        counted: Counted::AmongItsKind,
        live: &[],
        derived: &[],
        mentions: &[],
        names: None,
        shelters: None,
        fixed: None,
    };

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that it is known by.
    pub fn key(&self) -> Option<&'static Field> {
        self.fields.first()
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}

impl fmt::Debug for Kind {
    /// Kinds can own themselves, so that there is no end to all of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A member that follows from the node.
pub type Derived = fn(&Node) -> Value;

/// What owns objects.
#[derive(Clone, Copy, Debug)]
pub enum Above {
    /// The section of this name; to the API the owner is the instance.
    Section(&'static str),
    /// The list of global variables; to the API the owner is the instance.
    Variables,
    /// The configuration of this name.
    Document(&'static str),
    /// Any object of this kind.
    Object(&'static Kind),
}

/// Which nodes of a tag.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// All of them.
    Every,
    /// Those with this value of an attribute.
    With(&'static str, &'static str),
    /// The others.
    Without(&'static str, &'static str),
}

impl Which {
    /// Whether a node with this way to its attributes is meant.
    pub fn takes<'a>(self, attribute: impl Fn(&str) -> Option<&'a str>) -> bool {
        match self {
            Self::Every => true,
            Self::With(name, value) => attribute(name) == Some(value),
            Self::Without(name, value) => attribute(name) != Some(value),
        }
    }
}

/// What is shown of every object beside its id, whether it is enabled, and its fields.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// `position`.
    pub position: bool,
    /// `parent`, an object with the owner's id.
    pub parent: bool,
    /// `description`, from the attribute of this name.
    pub description: Description,
}

impl Frame {
    /// Everything.
    pub const WHOLE: Self = Self { position: true, parent: true, description: Description::Always };
    /// Only the position.
    pub const PLACE: Self = Self { position: true, parent: false, description: Description::Never };
    /// Nothing.
    pub const BARE: Self = Self { position: false, parent: false, description: Description::Never };
}

/// When a description is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// An empty one too.
    Always,
    /// When there is one.
    WhenThere,
    /// Never.
    Never,
}

/// How places are counted, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Among the objects of this kind that the same owner has.
    AmongItsKind,
    /// Among all that stands in the same element: for kinds of which there can be a hundred thousand.
    InItsElement,
}

/// What a member that only the switch knows is while there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// 0
    Number,
    /// `false`
    Flag,
    /// An empty text.
    Text,
    /// `null`, and left out where an object is shown.
    Nothing,
}

/// Nodes elsewhere that name an object: they follow it to a new name.
#[derive(Clone, Copy, Debug)]
pub struct Mention {
    /// Where they are.
    pub within: Within,
    /// The tags from there to the nodes, theirs last.
    pub way: &'static [&'static str],
    /// The attribute with the name.
    pub attribute: &'static str,
    /// Whether they go when the object goes.
    pub goes: bool,
}

/// Where a [`Mention`] is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Among the pointers of the domain that owns the object. There can be very many; the store finds them by name.
    Pointers,
    /// In the configuration of this name.
    Document(&'static str),
}

/// That an object is about another one, which it has the name of in its first field.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// What the other one is. It belongs to the owner of this one's owner.
    pub kind: &'static Kind,
    /// The member that refers to it: an object of which only the id counts.
    pub member: &'static str,
    /// What its id alone is called.
    pub id_member: &'static str,
}
