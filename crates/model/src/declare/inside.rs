//! What is known of the children of an element, found out on the way down from the root.

use super::{Element, Module, Place};
use crate::modules;
use crate::node::Node;
use crate::variables::{SECTION_TAG, VARIABLE_TAG};

/// FreeSWITCH's global variables, below an element that only holds them together.
static GLOBAL_VARIABLES: Element = Element {
    tag: SECTION_TAG,
    children: &[&Element { tag: VARIABLE_TAG, unique: true, ..Element::VARIABLE }],
    ..Element::PLAIN
};

/// An element seen from within: what its children may be, by the declarations.
#[derive(Clone, Copy, Debug)]
pub struct Inside {
    known: Known,
    /// Whose declaration it is.
    module: Option<&'static Module>,
    /// 0 outside of everything, 1 in the root, 2 in a section.
    level: usize,
    gathered: Gathered,
}

#[derive(Clone, Copy, Debug)]
enum Known {
    /// Nothing yet: sections are to come.
    Outside,
    /// It is the section of the configurations.
    Documents,
    /// These children; and the element itself, where it is declared.
    Children(&'static [&'static Element], Option<&'static Element>),
    /// Nothing.
    Nothing,
}

/// Whether there are elements around that another one far above gathers.
#[derive(Clone, Copy, Debug)]
enum Gathered {
    No,
    /// In the element that gathers these, and in none of them yet.
    By(&'static Element),
    /// In one of them.
    Within,
}

impl Inside {
    /// Above the root, or above a fragment.
    pub const OUTSIDE: Self = Self { known: Known::Outside, module: None, level: 0, gathered: Gathered::No };

    /// The inside of `node`, which is a child of the element that this is the inside of.
    #[must_use]
    pub fn enter(&self, node: &Node) -> Self {
        let mut inside = Self { known: Known::Nothing, level: self.level + 1, ..*self };
        if self.gathers(node) {
            inside.gathered = Gathered::Within;
        }
        match self.known {
            Known::Outside if &*node.tag == "section" => inside.enter_section(node),
            Known::Outside if self.level == 1 && &*node.tag == SECTION_TAG => {
                inside.known = Known::Children(GLOBAL_VARIABLES.children, Some(&GLOBAL_VARIABLES));
            }
            Known::Outside if self.level == 0 => inside.known = Known::Outside,
            Known::Documents if &*node.tag == "configuration" => {
                inside.module = node.attribute("name").and_then(|name| modules::find(Place::Document(name)));
                if let Some(module) = inside.module {
                    inside.known = Known::Children(module.elements, None);
                }
            }
            _ => {}
        }
        if let Some(element) = self.element(node) {
            inside.known = Known::Children(element.children, Some(element));
            if let (Some(gathered), Gathered::No, 2) = (element.gathers, self.gathered, self.level) {
                inside.gathered = Gathered::By(gathered);
            }
        }
        inside
    }

    fn enter_section(&mut self, node: &Node) {
        let name = node.attribute("name").unwrap_or_default();
        self.module = modules::find(Place::Section(name));
        self.known = match self.module {
            Some(module) => Known::Children(module.elements, None),
            None if name == "configuration" => Known::Documents,
            None => Known::Nothing,
        };
    }

    /// What is known of a child.
    pub fn element(&self, child: &Node) -> Option<&'static Element> {
        match self.gathered {
            Gathered::By(element) if self.gathers(child) => Some(element),
            _ => self.elements().iter().copied().find(|element| element.tag == &*child.tag),
        }
    }

    /// Whether this child belongs to the collection of an element that may be far above: a user of a domain. Pointers
    /// to users are no users.
    pub fn gathers(&self, child: &Node) -> bool {
        matches!(self.gathered, Gathered::By(element)
            if element.tag == &*child.tag && child.attribute("type") != Some("pointer"))
    }

    /// The collection that this element has beside its own children: the users of a domain, wherever they stand in it.
    pub fn gathering(&self) -> Option<&'static Element> {
        match self.known {
            Known::Children(_, Some(element)) if matches!(self.gathered, Gathered::By(_)) => element.gathers,
            _ => None,
        }
    }

    /// The declared children.
    pub fn elements(&self) -> &'static [&'static Element] {
        if let Known::Children(elements, _) = self.known { elements } else { &[] }
    }

    /// The declaration of the element itself.
    pub fn itself(&self) -> Option<&'static Element> {
        if let Known::Children(_, element) = self.known { element } else { None }
    }

    /// Whose declaration says all that.
    pub fn module(&self) -> Option<&'static Module> {
        self.module
    }

    /// Where in the catalogue the children's names and values are described.
    pub fn parameters(&self) -> Option<&'static str> {
        self.itself().and_then(|element| element.parameters)
    }

    /// Whether this is the document, whose children are the sections.
    pub fn is_document(&self) -> bool {
        matches!(self.known, Known::Outside) && self.level == 1
    }

    /// Whether this is the section of the configurations.
    pub fn is_configurations(&self) -> bool {
        matches!(self.known, Known::Documents)
    }

    /// Whether this element only holds others together, so that they need no further word in an address.
    pub fn is_wrapper(&self) -> bool {
        self.itself().is_some_and(|element| !element.is_item())
    }
}
