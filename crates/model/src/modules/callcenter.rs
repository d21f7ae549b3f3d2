//! `callcenter.conf`: queues, agents and tiers.

use crate::declare::{Effect, Element, Module, Named, Narrowing, Place};

pub(super) static CALLCENTER: Module = Module {
    place: Place::Document("callcenter.conf"),
    module: "mod_callcenter",
    summary: "Call centre: queues, agents and who serves what",
    elements: &[
        &Element::SETTINGS,
        &Element {
            tag: "queues",
            children: &[&Element {
                tag: "queue",
                key: Some("name"),
                unique: true,
                attributes: Some("queue (attribute)"),
                parameters: Some("queue.param"),
                children: &[&Element::PARAM],
                ..Element::PLAIN
            }],
            ..Element::PLAIN
        },
        &Element {
            tag: "agents",
            children: &[&Element {
                tag: "agent",
                key: Some("name"),
                unique: true,
                attributes: Some("agent (attribute)"),
                ..Element::PLAIN
            }],
            ..Element::PLAIN
        },
        &Element {
            tag: "tiers",
            children: &[&Element {
                tag: "tier",
                required: &["agent", "queue"],
                attributes: Some("tier (attribute)"),
                named: Named::Place,
                ..Element::PLAIN
            }],
            ..Element::PLAIN
        },
    ],
    narrowed_by: &[Narrowing { field: "CC-Queue", list: "queues", item: "queue", key: "name" }],
    effect: Effect::Run("callcenter_config queue reload NAME"),
    catalogue: include_str!("../../catalogue/callcenter.json"),
    ..Module::NOTHING
};
