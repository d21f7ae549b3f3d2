//! Many parsed texts become one document.

use custompbx_model::Node;
use custompbx_model::node::TEXT_TAG;

/// The section that an element of this tag belongs to; contexts are in two.
pub(super) fn home<'c>(tag: &str, context_section: &'c str) -> Option<&'c str> {
    Some(match tag {
        "configuration" => "configuration",
        "context" => context_section,
        "domain" => "directory",
        "language" => "languages",
        // What FreeSWITCH falls back to when there is no section `languages`.
        "macros" => "phrases",
        _ => return None,
    })
}

/// The document while it grows.
#[derive(Debug)]
pub(super) struct Assembly {
    document: Node,
    /// Elements that do not say where they belong, and from which text they are.
    pub(super) fragments: Vec<(usize, Node)>,
    /// What FreeSWITCH never looks at, and from which text it is.
    pub(super) left_out: Vec<(usize, String)>,
}

impl Assembly {
    pub(super) fn new() -> Self {
        Self {
            document: Node::new("document").with("type", "freeswitch/xml"),
            fragments: Vec::new(),
            left_out: Vec::new(),
        }
    }

    pub(super) fn document(&mut self) -> &mut Node {
        &mut self.document
    }

    /// Takes an element at the top of a text to where it belongs.
    pub(super) fn root(&mut self, text: usize, root: Node, context_section: &str) {
        match &*root.tag {
            "document" => {
                for (name, value) in &root.attributes {
                    if self.document.attribute(name).is_none() {
                        self.document.set_attribute(name, value.clone());
                    }
                }
                for child in root.children {
                    match &*child.tag {
                        "section" => self.section(child),
                        TEXT_TAG => self.left_out.push((text, "text between the sections".into())),
                        tag => self.left_out.push((text, format!("<{tag}> between the sections"))),
                    }
                }
            }
            "section" => self.section(root),
            "include" => root.children.into_iter().for_each(|child| self.root(text, child, context_section)),
            TEXT_TAG => self.left_out.push((text, "text that stands alone".into())),
            tag => match home(tag, context_section) {
                Some(section) => section_named(&mut self.document, section).children.push(root),
                None => self.fragments.push((text, root)),
            },
        }
    }

    /// Joins a section with the one of the same name.
    fn section(&mut self, section: Node) {
        let known = section
            .attribute("name")
            .and_then(|name| self.document.children.iter_mut().find(|known| is_section(known, name)));
        let Some(known) = known else {
            self.document.children.push(section);
            return;
        };
        for (name, value) in section.attributes {
            if known.attribute(&name).is_none() {
                known.attributes.push((name, value));
            }
        }
        if section.text.is_some() || !section.children.is_empty() {
            text_becomes_child(known);
        }
        if let Some(text) = section.text {
            known.children.push(Node { text: Some(text), ..Node::new(TEXT_TAG) });
        }
        known.children.extend(section.children);
    }

    /// The whole, with the global variables before the sections.
    pub(super) fn finish(mut self, variables: Option<Node>) -> Node {
        if let Some(variables) = variables {
            self.document.children.insert(0, variables);
        }
        self.document
    }
}

/// FreeSWITCH does not tell `Dialplan` from `dialplan`.
pub(super) fn is_section(node: &Node, name: &str) -> bool {
    &*node.tag == "section" && node.attribute("name").is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// The section, made if there is none.
pub(super) fn section_named<'d>(document: &'d mut Node, name: &str) -> &'d mut Node {
    let at = document.children.iter().position(|child| is_section(child, name)).unwrap_or_else(|| {
        document.children.push(Node::new("section").with("name", name));
        document.children.len() - 1
    });
    let section = &mut document.children[at];
    text_becomes_child(section);
    section
}

/// An element that gets children keeps its text as one of them.
fn text_becomes_child(node: &mut Node) {
    if let Some(text) = node.text.take() {
        node.children.insert(0, Node { text: Some(text), ..Node::new(TEXT_TAG) });
    }
}
