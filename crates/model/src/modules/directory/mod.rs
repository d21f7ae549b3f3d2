//! The section `directory`: domains, groups and users.

mod gateway_messages;
mod group_messages;
pub mod kinds;
mod messages;
mod user_messages;

pub use user_messages::USER_SHOWN;

use crate::declare::effect::{FLUSH_ALIAS, FLUSH_ALL, FLUSH_USER, RESCAN_EACH};
use crate::declare::message::Message;
use crate::declare::{Effect, Effects, Element, Module, Place};

static PARAMS: Element = Element {
    tag: "params",
    parameters: Some("directory.user.param"),
    children: &[&Element::PARAM],
    ..Element::PLAIN
};

static VARIABLES: Element = Element {
    tag: "variables",
    parameters: Some("directory.user.variable"),
    children: &[&Element::VARIABLE],
    ..Element::PLAIN
};

static PROFILE_VARIABLES: Element =
    Element { tag: "profile-variables", children: &[&Element::VARIABLE], ..Element::PLAIN };

/// What FreeSWITCH keeps of a user.
const FLUSH: &[Effect] = &[FLUSH_USER, FLUSH_ALIAS];

static USER: Element = Element {
    tag: "user",
    key: Some("id"),
    unique: true,
    attributes: Some("directory.user (attribute)"),
    effects: Some(&Effects::of(FLUSH, FLUSH, FLUSH)),
    plural: Some("users"),
    children: &[
        &PARAMS,
        &VARIABLES,
        &PROFILE_VARIABLES,
        &Element { tag: "gateways", children: &[&crate::modules::sofia::USER_GATEWAY], ..Element::PLAIN },
    ],
    ..Element::PLAIN
};

static USERS: Element = Element { tag: "users", children: &[&USER], ..Element::PLAIN };

static GROUPS: Element = Element {
    tag: "groups",
    children: &[&Element {
        tag: "group",
        key: Some("name"),
        unique: true,
        attributes: Some("directory.group (attribute)"),
        children: &[&PARAMS, &VARIABLES, &PROFILE_VARIABLES, &USERS],
        ..Element::PLAIN
    }],
    ..Element::PLAIN
};

pub(super) static DIRECTORY: Module = Module {
    place: Place::Section("directory"),
    summary: "Who there is: domains, groups and users",
    elements: &[&Element {
        tag: "domain",
        key: Some("name"),
        unique: true,
        attributes: Some("directory.domain (attribute)"),
        plural: Some("domains"),
        gathers: Some(&USER),
        effects: Some(&Effects::of(&[FLUSH_ALL, RESCAN_EACH], &[FLUSH_ALL], &[FLUSH_ALL, RESCAN_EACH])),
        children: &[&PARAMS, &VARIABLES, &PROFILE_VARIABLES, &GROUPS, &USERS, &USER],
        ..Element::PLAIN
    }],
    catalogue: include_str!("../../../catalogue/directory.json"),
    ..Module::NOTHING
};

pub(super) static MESSAGES: &[&[Message]] =
    &[messages::MESSAGES, user_messages::MESSAGES, group_messages::MESSAGES, gateway_messages::MESSAGES];
