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

/// Whether a command that a switch said it had done is done.
///
/// # Errors
/// How it is seen that it is not.
pub(super) async fn verify(
    pbx: &Pbx,
    driven: &Driven,
    instance: InstanceId,
    command: &Command,
) -> Result<(), String> {
    if command.line() != "reloadacl" {
        return Ok(());
    }
    // Without the database there is nothing to compare with.
    let Ok(store) = pbx.store() else { return Ok(()) };
    let Ok(Some(document)) = crate::browse::document(&store, instance, "acl.conf").await else {
        return Ok(());
    };
    for (list, address) in allowed(&document).into_iter().take(MOST_LISTS) {
        let Ok(question) = Command::of("acl.check", &[("address", &address), ("list", &list)]) else {
            continue;
        };
        if let Ok(answer) = driven.supervisor.commands().reply(&question).await
            && answer.trim() == "false"
        {
            return Err(format!(
                "\nbut {address} is not let in by the list {list}, as it should be: FreeSWITCH did not get acl.conf from \
                 here. Look at its xml_curl.conf and its log"
            ));
        }
    }
    Ok(())
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
        let address = nodes().find_map(|node| node.attribute("cidr")?.parse::<ipnet::Ipv4Net>().ok());
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
            </network-lists></configuration>";
        let document = &parse(text, &Limits::default()).unwrap().roots[0];
        let pair = |list: &str, address: &str| (list.to_owned(), address.to_owned());
        assert_eq!(allowed(document), [pair("a", "192.0.2.0"), pair("d", "10.1.2.3")]);
    }
}
