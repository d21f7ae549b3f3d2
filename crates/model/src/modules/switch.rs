//! `switch.conf`: the core's own settings, and `post_load_switch.conf`, which is read once everything is loaded.

use crate::declare::{Effect, Element, Module, Place};

const ELEMENTS: &[&Element] = &[
    &Element::SETTINGS,
    &Element {
        tag: "cli-keybindings",
        children: &[&Element { tag: "key", key: Some("name"), ..Element::PLAIN }],
        ..Element::PLAIN
    },
    &Element {
        tag: "default-ptimes",
        children: &[&Element { tag: "codec", key: Some("name"), required: &["ptime"], ..Element::PLAIN }],
        ..Element::PLAIN
    },
    &Element { tag: "variables", children: &[&Element::VARIABLE], ..Element::PLAIN },
];

pub(super) static SWITCH: Module = Module {
    place: Place::Document("switch.conf"),
    summary: "The core's settings",
    elements: ELEMENTS,
    effect: Effect::Restart,
    needs_file: true,
    catalogue: include_str!("../../catalogue/switch.json"),
    ..Module::NOTHING
};

pub(super) static POST_LOAD_SWITCH: Module = Module {
    place: Place::Document("post_load_switch.conf"),
    summary: "The core's settings, read over switch.conf when all modules are loaded",
    elements: ELEMENTS,
    effect: Effect::Restart,
    catalogue: include_str!("../../catalogue/switch.json"),
    ..Module::NOTHING
};
