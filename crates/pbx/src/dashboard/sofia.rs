//! The SIP profiles and gateways that are configured.

use std::collections::HashMap;

use custompbx_model::{Node, NodeId};
use custompbx_switch::live::Live;
use custompbx_switch::live::rows::Profile as LiveProfile;

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
    /// What the switch says of it.
    pub live: Running,
}

/// How something of mod_sofia is in the switch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Whether it runs.
    pub started: bool,
    /// In the switch's words; empty where it does not have it.
    pub state: String,
    /// Its address.
    pub uri: String,
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
    /// What the switch says of it.
    pub live: Running,
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
                live: Running::default(),
            });
            for (position, gateway) in numbered(profile, "gateways", "gateway") {
                sofia.gateways.push(Gateway {
                    id: gateway.id,
                    profile: profile.id,
                    position,
                    enabled: gateway.enabled,
                    name: name(gateway),
                    live: Running::default(),
                });
            }
        }
        sofia
    }
}

impl Sofia {
    /// Takes over what a switch says of its profiles and gateways; `expand` replaces variables in names.
    pub(crate) fn enliven(&mut self, live: &Live, expand: impl Fn(&str) -> String) {
        let tables = live.tables();
        let mut names = HashMap::new();
        for profile in &mut self.profiles {
            let name = expand(&profile.name);
            let is_it =
                |row: &&std::sync::Arc<LiveProfile>| &*row.kind == LiveProfile::SOFIA && *row.name == *name;
            if let Some(row) = tables.profiles.rows().find(is_it) {
                let state = row.state.as_deref().unwrap_or_default();
                profile.live = Running {
                    started: state.starts_with("RUNNING"),
                    state: state.to_owned(),
                    uri: row.uri.as_deref().unwrap_or_default().to_owned(),
                };
            }
            names.insert(profile.id, name);
        }
        for gateway in &mut self.gateways {
            // A gateway of another profile may have the same name.
            let Some(profile) = names.get(&gateway.profile) else { continue };
            if let Some(row) = tables.gateways.get(&format!("{profile}::{}", expand(&gateway.name))) {
                gateway.live = Running {
                    started: true,
                    state: row.state.as_deref().unwrap_or_default().to_owned(),
                    uri: row.uri.as_deref().unwrap_or_default().to_owned(),
                };
            }
        }
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
