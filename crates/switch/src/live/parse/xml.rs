//! Answers in XML.

use custompbx_model::node::Node;
use custompbx_model::xml::{self, Limits};

use super::{Broken, is_absent, start};
use crate::live::rows::{Gateway, Profile, VertoClient, Word};
use crate::live::told;

/// The element at the top of an answer, which has this name. `None` where the module is not loaded.
fn root(answer: &str, tag: &str) -> Result<Option<Node>, Broken> {
    if is_absent(answer) {
        return Ok(None);
    }
    let parsed = xml::parse(answer, &Limits::default()).map_err(|error| Broken(error.to_string()))?;
    let root = parsed.roots.into_iter().find(|root| *root.tag == *tag);
    root.map(Some).ok_or_else(|| Broken(format!("it has no <{tag}>: {:?}", start(answer))))
}

fn text<'a>(node: &'a Node, tag: &str) -> &'a str {
    node.child(tag).and_then(|child| child.text.as_deref()).unwrap_or_default()
}

/// The answer to `sofia xmlstatus`: the profiles, each with all its addresses and aliases.
pub(in crate::live) fn sofia(answer: &str) -> Result<Vec<Profile>, Broken> {
    Ok(root(answer, "profiles")?
        .map(|root| profiles(&root, Profile::SOFIA, str::to_owned))
        .unwrap_or_default())
}

/// The answer to `verto xmlstatus`: the profiles, and the clients that are logged in.
pub(in crate::live) fn verto(answer: &str) -> Result<(Vec<Profile>, Vec<VertoClient>), Broken> {
    let Some(root) = root(answer, "profiles")? else { return Ok(Default::default()) };
    // mod_verto writes `wss:192.0.2.1:8082`.
    let address = |data: &str| match data.split_once(':') {
        Some((scheme, rest)) if !rest.starts_with("//") => format!("{scheme}://{rest}"),
        _ => data.to_owned(),
    };
    let clients = root.children_named("client").filter_map(client).collect();
    Ok((profiles(&root, Profile::VERTO, address), clients))
}

fn profiles(root: &Node, kind: &str, address: impl Fn(&str) -> String) -> Vec<Profile> {
    let mut profiles: Vec<Profile> = Vec::new();
    for node in root.children_named("profile").filter(|node| !text(node, "name").is_empty()) {
        let name = text(node, "name");
        let known = profiles.iter().position(|profile| *profile.name == *name);
        let at = known.unwrap_or_else(|| {
            // `RUNNING (2)`: the number of calls in it.
            let (state, calls) = text(node, "state").split_once(" (").unwrap_or((text(node, "state"), ""));
            profiles.push(Profile {
                kind: kind.into(),
                name: name.into(),
                state: told::word(state),
                calls: calls.split(')').next().and_then(told::number),
                ..Profile::default()
            });
            profiles.len() - 1
        });
        let address: Word = address(text(node, "data")).into();
        let profile = &mut profiles[at];
        if profile.uri.is_none() {
            profile.uri = told::word(&address);
        }
        if !address.is_empty() && !profile.addresses.contains(&address) {
            profile.addresses.push(address);
        }
    }
    for alias in root.children_named("alias") {
        let profile = profiles.iter_mut().find(|profile| *profile.name == *text(alias, "data"));
        if let (Some(profile), Some(name)) = (profile, told::word(text(alias, "name"))) {
            profile.aliases.push(name);
        }
    }
    for profile in &mut profiles {
        // The switch lists them as its hash table has them.
        profile.aliases.sort();
        profile.aliases.dedup();
    }
    profiles
}

fn client(node: &Node) -> Option<VertoClient> {
    let transport = text(node, "state").strip_prefix("CONN_REG")?.trim();
    let name = text(node, "name");
    let (user, domain) = name.rsplit_once('@').unwrap_or((name, ""));
    Some(VertoClient {
        profile: text(node, "profile").into(),
        address: text(node, "data").into(),
        user: user.into(),
        domain: told::word(domain),
        transport: told::word(transport.trim_matches(['(', ')'])),
    })
}

/// The answer to `sofia xmlstatus gateway`.
pub(in crate::live) fn gateways(answer: &str) -> Result<Vec<Gateway>, Broken> {
    let Some(root) = root(answer, "gateways")? else { return Ok(Vec::new()) };
    let gateways = root.children_named("gateway").map(|node| {
        let pairs =
            node.children.iter().map(|child| (&*child.tag, child.text.as_deref().unwrap_or_default()));
        told::of_pairs::<Gateway>(pairs).map_err(|error| Broken(error.to_string()))
    });
    let mut gateways = gateways.collect::<Result<Vec<_>, _>>()?;
    gateways.retain(|gateway| !gateway.name.is_empty());
    Ok(gateways)
}
