//! The sections `dialplan` and `chatplan`: contexts, extensions, conditions and what is done.

mod condition_messages;
pub mod kinds;
mod messages;

use crate::declare::message::Message;
use crate::declare::{Element, Module, Named, Place, Selector};

/// A condition can hold conditions (FreeSWITCH 1.8 and later).
static CONDITION: Element = Element {
    tag: "condition",
    named: Named::Place,
    plural: Some("conditions"),
    children: &[
        &CONDITION,
        &Element { tag: "regex", named: Named::Place, plural: Some("regexes"), ..Element::PLAIN },
        &Element { tag: "action", plural: Some("actions"), ..STEP },
        &Element { tag: "anti-action", plural: Some("anti-actions"), ..STEP },
        &Element { tag: "expression", named: Named::Place, plural: Some("expressions"), ..Element::PLAIN },
    ],
    ..Element::PLAIN
};

/// Something that is done. The same may be done again.
const STEP: Element = Element { key: Some("application"), named: Named::Place, ..Element::PLAIN };

static CONTEXT: Element = Element {
    tag: "context",
    key: Some("name"),
    unique: true,
    plural: Some("contexts"),
    children: &[&Element {
        tag: "extension",
        named: Named::By("name"),
        plural: Some("extensions"),
        children: &[&CONDITION],
        ..Element::PLAIN
    }],
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
