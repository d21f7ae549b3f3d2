//! What one walk over the elements of a text finds out: how many there are of each kind, and what the checks need.

use std::collections::HashMap;

use custompbx_model::edit::is_pointer;
use custompbx_model::node::TEXT_TAG;
use custompbx_model::{Node, Text};

use super::assemble::home;
use crate::report::Counts;

/// An element: the text it is in, and which one of its tag it is there.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) text: usize,
    pub(super) tag: Text,
    pub(super) nth: usize,
}

/// An element of which FreeSWITCH takes the first that has a name.
#[derive(Debug)]
pub(super) struct Named {
    /// What it stands in: nothing for a section, the section for a document, the domain for a user.
    pub(super) within: String,
    pub(super) name: Text,
    pub(super) spot: Spot,
}

/// What the checks need to know of everything that was read.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) counts: Counts,
    pub(super) sections: Vec<Named>,
    /// Children of sections.
    pub(super) documents: Vec<Named>,
    pub(super) users: Vec<Named>,
    /// Users with neither password nor hash.
    pub(super) open: Vec<(Text, Spot)>,
    /// Users whose password everybody knows.
    pub(super) weak: Vec<(Text, Spot)>,
}

/// Where in the document the walk is.
#[derive(Clone)]
struct Within<'n> {
    /// The section, once it is known.
    section: Option<&'n str>,
    /// The element stands directly in the section.
    document: bool,
    /// The domain, with the place of it among all, because there may be several of one name.
    domain: Option<usize>,
    /// The domain or the group has a password for all.
    secured: bool,
}

struct Walk<'f> {
    facts: &'f mut Facts,
    text: usize,
    seen: HashMap<Text, usize>,
}

impl Facts {
    /// Adds the elements of a text. `context_section` is where its contexts go.
    pub(super) fn collect(&mut self, text: usize, roots: &[Node], context_section: &str) -> usize {
        let mut walk = Walk { facts: self, text, seen: HashMap::new() };
        for root in roots {
            walk.root(root, context_section);
        }
        walk.seen.values().sum()
    }
}

impl Walk<'_> {
    fn root(&mut self, root: &Node, context_section: &str) {
        let outside = Within { section: None, document: false, domain: None, secured: false };
        match &*root.tag {
            "document" | "include" => {
                self.spot(root);
                root.children.iter().for_each(|child| self.root(child, context_section));
            }
            "section" => {
                let spot = self.spot(root);
                let name = root.attribute("name").unwrap_or_default();
                self.facts.sections.push(Named { within: String::new(), name: name.into(), spot });
                let within = Within { section: Some(name), document: true, ..outside };
                root.children.iter().for_each(|child| self.node(child, &within));
            }
            tag => {
                let section = home(tag, context_section);
                self.node(root, &Within { section, document: section.is_some(), ..outside });
            }
        }
    }

    fn spot(&mut self, node: &Node) -> Spot {
        let count = match self.seen.get_mut(&node.tag) {
            Some(count) => count,
            None => self.seen.entry(node.tag.clone()).or_default(),
        };
        *count += 1;
        Spot { text: self.text, tag: node.tag.clone(), nth: *count - 1 }
    }

    fn node(&mut self, node: &Node, within: &Within<'_>) {
        if &*node.tag == TEXT_TAG {
            return;
        }
        let spot = self.spot(node);
        let mut inner = Within { document: false, ..within.clone() };
        if within.document
            && let Some(name) = node.attribute("name")
        {
            let section = within.section.unwrap_or_default().to_ascii_lowercase();
            let named = Named { within: section, name: name.into(), spot: spot.clone() };
            self.facts.documents.push(named);
        }
        self.count(node, within);
        match (within.section, &*node.tag) {
            (Some("directory"), "domain") if within.document => {
                inner.domain = Some(self.facts.counts.domains);
                inner.secured = has_secret(node);
            }
            (Some("directory"), "group") => inner.secured |= has_secret(node),
            (Some("directory"), "user") => self.user(node, within, spot),
            _ => {}
        }
        for child in &node.children {
            self.node(child, &inner);
        }
    }

    fn count(&mut self, node: &Node, within: &Within<'_>) {
        let counts = &mut self.facts.counts;
        let kind = match (within.section.unwrap_or_default(), &*node.tag, within.document) {
            ("configuration", "configuration", true) => &mut counts.configurations,
            ("dialplan" | "chatplan", "context", true) => &mut counts.contexts,
            ("dialplan" | "chatplan", "extension", false) => &mut counts.extensions,
            ("directory", "domain", true) => &mut counts.domains,
            ("directory", "group", _) => &mut counts.groups,
            ("directory", "user", _) if !is_pointer(&node.attributes) => &mut counts.users,
            ("configuration" | "directory", "gateway", _) => &mut counts.gateways,
            ("languages", "language", true) => &mut counts.languages,
            ("languages" | "phrases", "macro", _) => &mut counts.macros,
            _ => &mut counts.others,
        };
        *kind += 1;
    }

    fn user(&mut self, node: &Node, within: &Within<'_>, spot: Spot) {
        let (Some(id), Some(domain)) = (node.attribute("id"), within.domain) else { return };
        if is_pointer(&node.attributes) {
            return;
        }
        let id: Text = id.into();
        if !within.secured && !has_secret(node) {
            self.facts.open.push((id.clone(), spot.clone()));
        }
        if secrets(node).any(|(name, value)| name.eq_ignore_ascii_case("password") && value == "1234") {
            self.facts.weak.push((id.clone(), spot.clone()));
        }
        self.facts.users.push(Named { within: domain.to_string(), name: id, spot });
    }
}

/// Whether mod_sofia finds something to check an answer with.
fn has_secret(node: &Node) -> bool {
    secrets(node).any(|(_, value)| !value.is_empty())
}

fn secrets(node: &Node) -> impl Iterator<Item = (&str, &str)> {
    let params = node.children_named("params").flat_map(|params| params.children_named("param"));
    params
        .filter_map(|param| Some((param.attribute("name")?, param.attribute("value")?)))
        .filter(|(name, _)| ["password", "a1-hash"].iter().any(|secret| secret.eq_ignore_ascii_case(name)))
}
