//! `sofia.conf`: SIP profiles and gateways.

use crate::declare::effect::{
    KILL_GATEWAY, RELOAD, RESCAN, RESCAN_EACH, START, START_AGAIN, START_GATEWAY, STOP,
};
use crate::declare::{Effects, Element, Module, Named, Narrowing, Place};

const GATEWAY_CHILDREN: &[&Element] = &[
    &Element::PARAM,
    &Element { tag: "variables", children: &[&Element::VARIABLE], ..Element::PLAIN },
    &Element {
        tag: "subscriptions",
        children: &[&Element { tag: "subscription", named: Named::Place, ..Element::PLAIN }],
        ..Element::PLAIN
    },
];

/// A gateway of a user in the directory. Its parameters are those of [`PROFILE_GATEWAY`].
pub(super) static USER_GATEWAY: Element = Element {
    tag: "gateway",
    key: Some("name"),
    unique: true,
    children: GATEWAY_CHILDREN,
    effects: Some(&Effects::of(&[RESCAN_EACH], &[RESCAN_EACH], &[RESCAN_EACH])),
    ..Element::PLAIN
};

static PROFILE_GATEWAY: Element = Element {
    tag: "gateway",
    key: Some("name"),
    unique: true,
    attributes: Some("gateway (attribute)"),
    parameters: Some("gateway.param"),
    effects: Some(&Effects::of(
        &[KILL_GATEWAY, START_GATEWAY],
        &[KILL_GATEWAY, START_GATEWAY],
        &[KILL_GATEWAY],
    )),
    children: GATEWAY_CHILDREN,
    ..Element::PLAIN
};

pub(super) static SOFIA: Module = Module {
    place: Place::Document("sofia.conf"),
    module: "mod_sofia",
    summary: "SIP: profiles and gateways",
    elements: &[
        &Element {
            tag: "global_settings",
            parameters: Some("global_settings"),
            children: &[&Element::PARAM],
            ..Element::PLAIN
        },
        &Element {
            tag: "profiles",
            children: &[&Element {
                tag: "profile",
                key: Some("name"),
                unique: true,
                attributes: Some("profile (attribute)"),
                effects: Some(&Effects {
                    renamed: &[START_AGAIN],
                    ..Effects::of(&[START], &[RESCAN], &[STOP])
                }),
                children: &[
                    &Element { tag: "gateways", children: &[&PROFILE_GATEWAY], ..Element::PLAIN },
                    &Element {
                        tag: "aliases",
                        children: &[&Element {
                            tag: "alias",
                            key: Some("name"),
                            unique: true,
                            attributes: Some("profile.aliases.alias (attribute)"),
                            ..Element::PLAIN
                        }],
                        ..Element::PLAIN
                    },
                    &Element {
                        tag: "domains",
                        children: &[&Element {
                            tag: "domain",
                            key: Some("name"),
                            unique: true,
                            attributes: Some("profile.domains.domain (attribute)"),
                            ..Element::PLAIN
                        }],
                        ..Element::PLAIN
                    },
                    &Element {
                        tag: "settings",
                        parameters: Some("profile.settings"),
                        children: &[&Element::PARAM],
                        ..Element::PLAIN
                    },
                ],
                ..Element::PLAIN
            }],
            ..Element::PLAIN
        },
    ],
    narrowed_by: &[Narrowing { field: "profile", list: "profiles", item: "profile", key: "name" }],
    effect: RELOAD,
    catalogue: include_str!("../../catalogue/sofia.json"),
    ..Module::NOTHING
};
