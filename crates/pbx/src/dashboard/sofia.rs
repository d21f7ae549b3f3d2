//! The SIP profiles and gateways that are configured.

use custompbx_model::{Node, NodeId};

/// What `sofia.conf` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sofia {
    /// In order.
    pub profiles: Vec<Profile>,
    /// Those of the first profile first.
    pub gateways: Vec<Gateway>,
}

/// A SIP profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its node.
    pub id: NodeId,
    /// The node of the document.
    pub document: NodeId,
    /// 1 for the first.
    pub position: usize,
    /// Whether it is served.
    pub enabled: bool,
    /// Its name.
    pub name: String,
}

/// A gateway of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its node.
    pub id: NodeId,
    /// The node of the profile.
    pub profile: NodeId,
    /// 1 for the first of its profile.
    pub position: usize,
    /// Whether it is served.
    pub enabled: bool,
    /// Its name.
    pub name: String,
}

impl Sofia {
    /// What a document holds.
    pub(crate) fn of(document: &Node) -> Self {
        let mut sofia = Self::default();
        for (position, profile) in numbered(document, "profiles", "profile") {
            sofia.profiles.push(Profile {
                id: profile.id,
                document: document.id,
                position,
                enabled: profile.enabled,
                name: name(profile),
            });
            for (position, gateway) in numbered(profile, "gateways", "gateway") {
                sofia.gateways.push(Gateway {
                    id: gateway.id,
                    profile: profile.id,
                    position,
                    enabled: gateway.enabled,
                    name: name(gateway),
                });
            }
        }
        sofia
    }
}

/// The children with a tag of the lists with another, with their places.
fn numbered<'n>(
    node: &'n Node,
    list: &'n str,
    tag: &'n str,
) -> impl Iterator<Item = (usize, &'n Node)> + use<'n> {
    let numbered = node.children_named(list).flat_map(|list| (1..).zip(&list.children));
    numbered.filter(move |(_, child)| &*child.tag == tag)
}

fn name(node: &Node) -> String {
    node.attribute("name").unwrap_or_default().to_owned()
}
