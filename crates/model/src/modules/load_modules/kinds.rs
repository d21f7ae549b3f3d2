//! The modules that are loaded at the end of a start.

use crate::declare::kind::{Above, Field, Kind};

/// A module of `post_load_modules.conf`.
pub static POST_LOAD_MODULE: Kind = Kind {
    name: "post_load_modules.module",
    word: "module",
    above: &[Above::Document("post_load_modules.conf")],
    ways: &[&["modules"]],
    tag: "load",
    unique: true,
    fields: &[Field::name("name").from_attribute("module")],
    ..Kind::PLAIN
};
