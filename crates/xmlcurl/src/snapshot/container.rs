//! The places where a domain's users stand.

use std::collections::HashMap;

use custompbx_model::edit::is_pointer;
use custompbx_model::xml::{self, Style};
use custompbx_model::{Node, NodeId};

use super::secret::Secrets;

/// A place for users: a group's `users`, the domain's `users`, or the domain itself.
#[derive(Clone, Debug)]
pub struct Container {
    /// The node whose children the users are.
    pub id: NodeId,
    /// The group's name, if it is one.
    pub group: Option<String>,
    pub(crate) open: Vec<u8>,
    pub(crate) close: Vec<u8>,
    pub(crate) pointers: Vec<Pointer>,
    /// What the group says of passwords.
    pub(crate) secrets: Secrets,
}

/// An entry that only points to a user elsewhere in the domain, or something else that is no user.
#[derive(Clone, Debug)]
pub(crate) struct Pointer {
    /// Comparable with those of the users beside it.
    pub(crate) order: i64,
    pub(crate) id: String,
    pub(crate) xml: Vec<u8>,
}

impl Pointer {
    pub(crate) fn new(order: i64, node: &Node) -> Self {
        Self { order, id: node.attribute("id").unwrap_or_default().to_owned(), xml: print(node) }
    }
}

/// The order of a domain's nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Orders<'a> {
    /// Their places among their siblings.
    Places,
    /// By their ids.
    Of(&'a HashMap<NodeId, i64>),
}

impl Orders<'_> {
    /// A node's children with their orders.
    pub(crate) fn children(self, node: &Node) -> impl Iterator<Item = (i64, &Node)> {
        (1..).zip(&node.children).map(move |(place, child)| match self {
            Self::Places => (place, child),
            Self::Of(orders) => (orders.get(&child.id).copied().unwrap_or_default(), child),
        })
    }
}

impl Container {
    pub(crate) fn new(
        node: &Node,
        orders: Orders<'_>,
        group: Option<String>,
        open: Vec<u8>,
        close: Vec<u8>,
    ) -> Self {
        let pointers = orders
            .children(node)
            .filter(|(_, child)| child.enabled && (is_pointer(&child.attributes) || &*child.tag != "user"))
            .map(|(order, child)| Pointer::new(order, child))
            .collect();
        Self { id: node.id, group, open, close, pointers, secrets: Secrets::default() }
    }

    /// Prints what `inside` prints, within this container.
    pub(crate) fn around(&self, out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
        let (before, after): (&[u8], &[u8]) =
            if self.group.is_some() { (b"<groups>", b"</groups>") } else { (b"", b"") };
        out.extend_from_slice(before);
        out.extend_from_slice(&self.open);
        inside(out);
        out.extend_from_slice(&self.close);
        out.extend_from_slice(after);
    }
}

pub(crate) fn print(node: &Node) -> Vec<u8> {
    xml::print(node, Style::Compact).into_bytes()
}
