//! Reading back what a switch says it did.
//!
//! `reloadacl` says `+OK` even where it could not read the lists, and then they are gone (recorded in FACTS.md): every
//! list denies. So a list that must let an address in is asked about one.

use custompbx_model::Node;
use custompbx_store::InstanceId;
use custompbx_switch::command::Command;

use super::Driven;
use crate::Pbx;

/// So many lists are asked about.
const MOST_LISTS: usize = 8;

/// What is seen of a command that a switch said it had done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// That it is done, or there is no reason to doubt it.
    Done,
    /// Nothing, and why.
    NotVerified(String),
    /// Nothing, because the switch did not answer when it was asked.
    Unanswered(String),
    /// That it is not done, and how.
    Wrong(String),
}

/// Whether a command that a switch said it had done is done.
pub(super) async fn verify(pbx: &Pbx, driven: &Driven, instance: InstanceId, command: &Command) -> Seen {
    if command.line() != "reloadacl" {
        return Seen::Done;
    }
    let not_verified = |why: &str| Seen::NotVerified(why.to_owned());
    let Ok(store) = pbx.store() else { return not_verified("the database is away") };
    let document = match crate::browse::document(&store, instance, "acl.conf").await {
        Ok(Some(document)) => document,
        Ok(None) => return not_verified("there is no acl.conf here"),
        Err(_) => return not_verified("acl.conf cannot be read from the database"),
    };
    let mut verified = false;
    for (list, address) in allowed(&document).into_iter().take(MOST_LISTS) {
        let Ok(question) = Command::of("acl.check", &[("address", &address), ("list", &list)]) else {
            continue;
        };
        match driven.supervisor.commands().reply(&question).await {
            Ok(answer) if answer.trim() == "false" => {
                return Seen::Wrong(format!(
                    "{address} is not let in by the list {list}, as it should be: FreeSWITCH did not get acl.conf from \
                     here. Look at its xml_curl.conf and its log"
                ));
            }
            Ok(answer) => verified |= answer.trim() == "true",
            Err(error) => return Seen::Unanswered(error.to_string()),
        }
    }
    if verified {
        Seen::Done
    } else {
        not_verified("no list lets in an address for sure that could be asked about")
    }
}

/// Lists with an address that each lets in for sure: nothing in it denies, and it allows a network that is written out.
fn allowed(document: &Node) -> Vec<(String, String)> {
    let lists = document.children_named("network-lists").flat_map(|lists| &lists.children);
    let mut found = Vec::new();
    for list in lists.filter(|list| &*list.tag == "list" && list.enabled) {
        let nodes = || list.children.iter().filter(|node| &*node.tag == "node" && node.enabled);
        if nodes().any(|node| node.attribute("type") != Some("allow")) {
            continue;
        }
        let address = nodes().find_map(|node| node.attribute("cidr")?.parse::<ipnet::IpNet>().ok());
        if let (Some(name), Some(network)) = (list.attribute("name"), address) {
            found.push((name.to_owned(), network.network().to_string()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use custompbx_model::xml::{Limits, parse};

    use super::*;

    #[test]
    fn only_what_is_sure_is_asked() {
        let text = "<configuration name=\"acl.conf\"><network-lists>\
            <list name=\"a\" default=\"deny\"><node type=\"allow\" cidr=\"192.0.2.0/24\"/></list>\
            <list name=\"b\" default=\"allow\"><node type=\"deny\" cidr=\"192.0.2.0/24\"/></list>\
            <list name=\"c\" default=\"deny\"><node type=\"allow\" domain=\"$${domain}\"/></list>\
            <list name=\"d\" default=\"deny\"><node type=\"allow\" cidr=\"$${x}/32\"/>\
            <node type=\"allow\" cidr=\"10.1.2.3/32\"/></list>\
            <list name=\"e\" default=\"deny\"><node type=\"allow\" cidr=\"2001:db8:1::/48\"/></list>\
            </network-lists></configuration>";
        let document = &parse(text, &Limits::default()).unwrap().roots[0];
        let pair = |list: &str, address: &str| (list.to_owned(), address.to_owned());
        assert_eq!(
            allowed(document),
            [pair("a", "192.0.2.0"), pair("d", "10.1.2.3"), pair("e", "2001:db8:1::")]
        );
    }
}
