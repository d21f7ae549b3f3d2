//! `callcenter.conf`: queues, agents and tiers.

use crate::declare::effect::{
    AGENT_DELETE, AGENT_RELOAD, QUEUE_LOAD, QUEUE_RELOAD, QUEUE_UNLOAD, RELOAD, TIER_DELETE, TIER_RELOAD,
};
use crate::declare::{Effects, Element, Module, Named, Narrowing, Place};

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
                effects: Some(&Effects::of(&[QUEUE_LOAD], &[QUEUE_RELOAD], &[QUEUE_UNLOAD])),
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
                effects: Some(&Effects::of(&[AGENT_RELOAD], &[AGENT_RELOAD], &[AGENT_DELETE])),
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
                effects: Some(&Effects::of(&[TIER_RELOAD], &[TIER_RELOAD], &[TIER_DELETE])),
                named: Named::Place,
                ..Element::PLAIN
            }],
            ..Element::PLAIN
        },
    ],
    narrowed_by: &[Narrowing { field: "CC-Queue", list: "queues", item: "queue", key: "name" }],
    effect: RELOAD,
    catalogue: include_str!("../../catalogue/callcenter.json"),
    ..Module::NOTHING
};
