//! The section `languages`: what is said to callers, by language and macro.

use crate::declare::{Element, Module, Place, Selector};

pub(super) static LANGUAGES: Module = Module {
    place: Place::Section("languages"),
    summary: "Phrases: what is said to callers, by language",
    elements: &[&Element {
        tag: "language",
        key: Some("name"),
        unique: true,
        attributes: Some("language (attribute)"),
        ..Element::PLAIN
    }],
    selected_by: Some(Selector { fields: &["lang"], tag: "language", key: "name", instead: None }),
    catalogue: include_str!("../../catalogue/languages.json"),
    ..Module::NOTHING
};
