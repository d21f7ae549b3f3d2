//! The sections `dialplan` and `chatplan`: contexts, extensions, conditions and what is done.

mod condition_messages;
pub mod kinds;
mod messages;

use crate::declare::message::Message;
use crate::declare::{Element, Module, Place, Selector};

/// A condition can hold conditions (FreeSWITCH 1.8 and later).
static CONDITION: Element = Element {
    tag: "condition",
    children: &[
        &CONDITION,
        &Element { tag: "regex", ..Element::PLAIN },
        &Element { tag: "action", key: Some("application"), ..Element::PLAIN },
        &Element { tag: "anti-action", key: Some("application"), ..Element::PLAIN },
        &Element { tag: "expression", ..Element::PLAIN },
    ],
    ..Element::PLAIN
};

static CONTEXT: Element = Element {
    tag: "context",
    key: Some("name"),
    unique: true,
    children: &[&Element { tag: "extension", children: &[&CONDITION], ..Element::PLAIN }],
    ..Element::PLAIN
};

pub(super) static DIALPLAN: Module = Module {
    place: Place::Section("dialplan"),
    module: "mod_dialplan_xml",
    summary: "What happens with a call",
    elements: &[&CONTEXT],
    // `Hunt-` fields describe the profile that is being routed; the two differ during execute_extension. A context
    // named global is taken where the asked one does not exist (mod_dialplan_xml.c).
    selected_by: Some(Selector {
        fields: &["Hunt-Context", "Caller-Context"],
        tag: "context",
        key: "name",
        instead: Some("global"),
    }),
    ..Module::NOTHING
};

pub(super) static CHATPLAN: Module = Module {
    place: Place::Section("chatplan"),
    module: "mod_sms",
    summary: "What happens with a message",
    elements: &[&CONTEXT],
    selected_by: Some(Selector { fields: &["context"], tag: "context", key: "name", instead: None }),
    ..Module::NOTHING
};

pub(super) static MESSAGES: &[&[Message]] = &[messages::MESSAGES, condition_messages::MESSAGES];
