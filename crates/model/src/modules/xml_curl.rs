//! `xml_curl.conf`: how the switch asks us.

use crate::declare::effect::RELOAD;
use crate::declare::{Element, Module, Place};

pub(super) static XML_CURL: Module = Module {
    place: Place::Document("xml_curl.conf"),
    module: "mod_xml_curl",
    summary: "Where the switch asks for what it needs",
    elements: &[&Element {
        tag: "bindings",
        children: &[&Element {
            tag: "binding",
            key: Some("name"),
            attributes: Some("bindings.binding (attribute)"),
            parameters: Some("bindings.binding.param"),
            children: &[&Element::PARAM],
            ..Element::PLAIN
        }],
        ..Element::PLAIN
    }],
    effect: RELOAD,
    needs_file: true,
    catalogue: include_str!("../../catalogue/xml_curl.json"),
    ..Module::NOTHING
};
