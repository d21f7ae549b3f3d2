//! Sections that are kept as whole documents: configuration, dialplan, languages, and any other.

use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::variables::Variables;
use custompbx_model::xml::{self, Style};
use custompbx_model::{Node, NodeId};

/// A section with its children.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// The section's start tag, `<section name="..." ...>`.
    pub open: Vec<u8>,
    /// Its children, in order.
    pub documents: Vec<Arc<Document>>,
    /// Children by tag and natural name, lower case, as FreeSWITCH compares names; of equal ones the first.
    by_name: HashMap<(String, String), usize>,
}

/// One child of a section.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its node.
    pub id: NodeId,
    /// The tree, without what is disabled.
    pub node: Node,
    /// The tree as XML.
    pub xml: Vec<u8>,
}

impl Document {
    /// Prints `node` once for all answers.
    pub fn new(mut node: Node) -> Self {
        node.drop_disabled();
        let xml = xml::print(&node, Style::Compact).into_bytes();
        Self { id: node.id, node, xml }
    }
}

impl Section {
    /// A section with these children.
    pub fn new(head: &Node, documents: Vec<Arc<Document>>, variables: &Variables) -> Self {
        let mut section = Self { open: open_tag(head, &[]), documents, by_name: HashMap::new() };
        for (index, document) in section.documents.iter().enumerate() {
            if let Some(name) = document.node.attribute("name") {
                // FreeSWITCH sees names with the variables replaced.
                let (name, _) = variables.expand(name);
                section.by_name.entry((document.node.tag.to_string(), name.to_lowercase())).or_insert(index);
            }
        }
        section
    }

    /// The child with this tag whose attribute `key` is `value`. As in FreeSWITCH, case does not matter and the first
    /// one counts.
    pub fn find(&self, tag: &str, key: &str, value: &str) -> Option<&Arc<Document>> {
        if key == "name" {
            let index = self.by_name.get(&(tag.to_owned(), value.to_lowercase()))?;
            return self.documents.get(*index);
        }
        self.documents.iter().find(|document| {
            &*document.node.tag == tag
                && document.node.attribute(key).is_some_and(|found| found.eq_ignore_ascii_case(value))
        })
    }

    /// The same with a child put in the place of the one with the same id, or taken away. `None` when it was not
    /// there: where a new one belongs must then be asked of the store.
    pub(crate) fn with(&self, id: NodeId, document: Option<Document>, variables: &Variables) -> Option<Self> {
        let at = self.documents.iter().position(|document| document.id == id)?;
        let mut documents = self.documents.clone();
        match document {
            Some(document) => documents[at] = Arc::new(document),
            None => {
                documents.remove(at);
            }
        }
        Some(self.of(documents, variables))
    }

    /// The same section with other documents, or with other variables.
    pub(crate) fn of(&self, documents: Vec<Arc<Document>>, variables: &Variables) -> Self {
        let next = Self::new(&Node::new("section"), documents, variables);
        Self { open: self.open.clone(), ..next }
    }
}

/// The start tag of a node; attributes in `without` are left out.
pub(crate) fn open_tag(node: &Node, without: &[&str]) -> Vec<u8> {
    let mut head = Node::new(node.tag.clone());
    head.attributes =
        node.attributes.iter().filter(|(name, _)| !without.contains(&&**name)).cloned().collect();
    let mut tag = xml::print(&head, Style::Compact).into_bytes();
    tag.truncate(tag.len() - 2);
    tag.push(b'>');
    tag
}
