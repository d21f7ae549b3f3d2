//! `modules.conf` and `post_load_modules.conf`: what is loaded at start.

pub mod kinds;

use crate::declare::{Act, Effect, Effects, Element, From, Module, Place};

const MODULE: &[(&str, From)] = &[("module", From::Own("module"))];
const LOAD: Effect = Effect::Ask(Act::of("module.load", MODULE));
const UNLOAD: Effect = Effect::Ask(Act::of("module.unload", MODULE));

const ELEMENTS: &[&Element] = &[&Element {
    tag: "modules",
    children: &[&Element {
        tag: "load",
        key: Some("module"),
        unique: true,
        attributes: Some("modules.load (attribute)"),
        effects: Some(&Effects::of(&[LOAD], &[Effect::Restart], &[UNLOAD])),
        ..Element::PLAIN
    }],
    ..Element::PLAIN
}];

pub(super) static MODULES: Module = Module {
    place: Place::Document("modules.conf"),
    summary: "Modules loaded at start, before anything can be asked for",
    elements: ELEMENTS,
    effect: Effect::Restart,
    needs_file: true,
    catalogue: include_str!("../../../catalogue/modules.json"),
    ..Module::NOTHING
};

pub(super) static POST_LOAD_MODULES: Module = Module {
    place: Place::Document("post_load_modules.conf"),
    summary: "Modules loaded at the end of the start",
    elements: ELEMENTS,
    effect: Effect::Restart,
    catalogue: include_str!("../../../catalogue/modules.json"),
    ..Module::NOTHING
};
