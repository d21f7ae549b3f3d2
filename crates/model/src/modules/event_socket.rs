//! `event_socket.conf`: where the switch takes commands.

use crate::declare::effect::RELOAD;
use crate::declare::{Element, Module, Place};

pub(super) static EVENT_SOCKET: Module = Module {
    place: Place::Document("event_socket.conf"),
    module: "mod_event_socket",
    summary: "The event socket: address, password and who may connect",
    elements: &[&Element::SETTINGS],
    effect: RELOAD,
    catalogue: include_str!("../../catalogue/event_socket.json"),
    ..Module::NOTHING
};
