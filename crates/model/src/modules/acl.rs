//! `acl.conf`: lists of networks, read by the core at start and on `reloadacl`.

use crate::declare::{Act, Effect, Element, Module, Named, Place};

pub(super) static ACL: Module = Module {
    place: Place::Document("acl.conf"),
    summary: "Access lists: networks that are allowed or denied",
    elements: &[&Element {
        tag: "network-lists",
        children: &[&Element {
            tag: "list",
            key: Some("name"),
            unique: true,
            attributes: Some("network-lists.list (attribute)"),
            children: &[&Element {
                tag: "node",
                attributes: Some("network-lists.list.node (attribute)"),
                named: Named::Place,
                plural: Some("nodes"),
                ..Element::PLAIN
            }],
            ..Element::PLAIN
        }],
        ..Element::PLAIN
    }],
    effect: Effect::Run(Act::plain("reloadacl")),
    catalogue: include_str!("../../catalogue/acl.json"),
    ..Module::NOTHING
};
