//! The vocabulary of declarations: what is known of a module, as constant data.
//!
//! A [`Module`] says which elements its part of the tree has, what names them, where their parameters are described,
//! how a narrowed question of FreeSWITCH is answered, and what makes a change of it effective. Everything that
//! depends on the module reads it from there: validation ([`check`]), answers, and whatever is generated. An element
//! that no declaration mentions is kept and served as it is.

mod catalogue;
mod check;
mod due;
pub(crate) mod effect;
mod inside;
pub mod kind;
mod known;
pub mod message;

pub use catalogue::{Kind, Parameter};
pub use check::{Finding, LONGEST_KEY, Severity, check};
pub use due::{Due, Happened, How, Value, due, everything, moved, updated};
pub use effect::{Act, Effect, Effects, From, phrases};
pub use inside::Inside;
pub use known::{LISTS, Undeclared, undeclared};

/// What is known of one module.
#[derive(Debug)]
pub struct Module {
    /// Which part of the tree this is about.
    pub place: Place<'static>,
    /// The loadable module that reads it; `core` where that is FreeSWITCH itself.
    pub module: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// What is below the configuration, or the section.
    pub elements: &'static [&'static Element],
    /// Questions that are answered with less than the whole document.
    pub narrowed_by: &'static [Narrowing],
    /// For a section: what a question that names no element asks for.
    pub selected_by: Option<Selector>,
    /// What the switch must do before a change counts of which nothing else is said.
    pub effect: Effect,
    /// The switch reads this before mod_xml_curl is there, so it must have it as a file too (recorded in FACTS.md).
    pub needs_file: bool,
    /// The module's parameters as JSON: an array of [`Parameter`].
    pub catalogue: &'static str,
}

impl Module {
    /// A declaration that says nothing; for `..Module::NOTHING`.
    pub const NOTHING: Self = Self {
        place: Place::Section(""),
        module: "core",
        summary: "",
        elements: &[],
        narrowed_by: &[],
        selected_by: None,
        effect: Effect::None,
        needs_file: false,
        catalogue: "[]",
    };

    /// The declared element at `path`, a list of tags from below the configuration or section.
    pub fn element(&self, path: &[&str]) -> Option<&'static Element> {
        let (first, rest) = path.split_first()?;
        let mut element = *self.elements.iter().find(|element| element.tag == *first)?;
        for tag in rest {
            element = element.children.iter().find(|child| child.tag == *tag)?;
        }
        Some(element)
    }
}

/// Which part of the tree a declaration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place<'a> {
    /// `<configuration name="...">` in the section `configuration`.
    Document(&'a str),
    /// `<section name="...">`.
    Section(&'a str),
}

/// One kind of element.
#[derive(Debug)]
pub struct Element {
    /// Its name in the XML.
    pub tag: &'static str,
    /// The attribute that names it among its siblings, if one does. It must not be empty.
    pub key: Option<&'static str>,
    /// Whether siblings must differ in their key. FreeSWITCH takes the first of two without a word.
    pub unique: bool,
    /// Further attributes that must be there.
    pub required: &'static [&'static str],
    /// Where in the catalogue its attributes are described.
    pub attributes: Option<&'static str>,
    /// Where in the catalogue its `<param name= value=>` children, or its own name and value, are described.
    pub parameters: Option<&'static str>,
    /// What can be below it.
    pub children: &'static [&'static Self],
    /// What tells it from its siblings in an address.
    pub named: Named,
    /// What the collection of these is called in an address, where they stand beside others.
    pub plural: Option<&'static str>,
    /// Elements that are one collection of this one, wherever below it they stand: the users of a domain.
    pub gathers: Option<&'static Self>,
    /// What the switch must do when it comes, goes or changes, where that is more than is said of its parameters.
    pub effects: Option<&'static Effects>,
}

/// What tells an element from its siblings in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Its key; and an element without key, which only holds others together, by its tag.
    Key,
    /// This attribute, which may be missing.
    By(&'static str),
    /// Its place among its siblings of the same tag.
    Place,
}

impl Element {
    /// An element without key, attributes and children; for `..Element::PLAIN`.
    pub const PLAIN: Self = Self {
        tag: "",
        key: None,
        unique: false,
        required: &[],
        attributes: None,
        parameters: None,
        children: &[],
        named: Named::Key,
        plural: None,
        gathers: None,
        effects: None,
    };

    /// `<param name= value=/>`; which ones there are says the element above ([`Element::parameters`]). Some names may
    /// be repeated, so they need not differ.
    pub const PARAM: Self =
        Self { tag: "param", key: Some("name"), required: &["value"], plural: Some("params"), ..Self::PLAIN };

    /// `<settings>` with the parameters of a module as a whole, where the catalogue has them under that name.
    pub const SETTINGS: Self =
        Self { tag: "settings", parameters: Some("settings"), children: &[&Self::PARAM], ..Self::PLAIN };

    /// `<variable name= value=/>`.
    pub const VARIABLE: Self = Self {
        tag: "variable",
        key: Some("name"),
        required: &["value"],
        plural: Some("variables"),
        ..Self::PLAIN
    };

    /// Whether there can be several of it, as opposed to an element that only holds others together.
    pub const fn is_item(&self) -> bool {
        self.key.is_some() || !matches!(self.named, Named::Key)
    }

    /// Whether it is a name and a value, and no more.
    pub fn is_pair(&self) -> bool {
        self.key == Some("name") && self.required.contains(&"value")
    }

    /// The attribute that names it in an address.
    pub const fn name_attribute(&self) -> Option<&'static str> {
        match self.named {
            Named::Key => self.key,
            Named::By(attribute) => Some(attribute),
            Named::Place => None,
        }
    }
}

/// A question of FreeSWITCH that carries one more field, and is answered with one item of a list only.
#[derive(Debug)]
pub struct Narrowing {
    /// The field of the question, such as `profile`.
    pub field: &'static str,
    /// The element below the configuration that holds the items.
    pub list: &'static str,
    /// The items' tag.
    pub item: &'static str,
    /// The attribute that is compared with the field.
    pub key: &'static str,
}

/// How a question about a section says which of its children it is about, when it does not name one.
#[derive(Clone, Copy, Debug)]
pub struct Selector {
    /// The fields of the question that may say it; the first one that is there counts.
    pub fields: &'static [&'static str],
    /// The child's tag.
    pub tag: &'static str,
    /// The attribute that is compared with the field.
    pub key: &'static str,
    /// What FreeSWITCH takes instead when there is no such child.
    pub instead: Option<&'static str>,
}
