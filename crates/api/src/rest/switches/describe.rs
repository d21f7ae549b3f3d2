//! The routes about switches, described.

use serde_json::{Value, json};

use super::{ALL, DOCTOR, EVENT_SOCKET, IMPORT, ONE, RECONNECT, commands, effects, live, log};
use crate::openapi::{Answer, Body, JSON, Operation, list_of};

const DONE: Answer = Answer { status: 204, description: "It is done.", ..Answer::OK };
const TAG: &str = "switches";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[Answer { schema: "Switches", ..Answer::OK }],
        ..Operation::new("GET", ALL, "listSwitches", TAG, "The switches that are driven")
    },
    Operation {
        answers: &[Answer { schema: "Switch", ..Answer::OK }],
        ..Operation::new("GET", ONE, "getSwitch", TAG, "How a switch is")
    },
    Operation {
        description: "Another switch than the one of the configuration, which is changed in the settings. It is connected \
                      within seconds.",
        body: Some(Body {
            schema: "EventSocket",
            media: &[JSON],
            example: r#"{"host": "192.0.2.7", "port": 8021, "pass": "only an example"}"#,
        }),
        answers: &[DONE],
        ..Operation::new("PUT", EVENT_SOCKET, "putEventSocket", TAG, "Drive a switch")
    },
    Operation {
        answers: &[DONE],
        ..Operation::new("DELETE", EVENT_SOCKET, "deleteEventSocket", TAG, "Drive a switch no longer")
    },
    Operation {
        answers: &[Answer { status: 202, description: "It is tried.", ..Answer::OK }],
        ..Operation::new("POST", RECONNECT, "reconnectSwitch", TAG, "Connect now, and read everything again")
    },
    Operation {
        answers: &[Answer { schema: "SwitchDoctor", ..Answer::OK }],
        ..Operation::new("GET", DOCTOR, "examineSwitch", TAG, "Why a switch does not work with us")
    },
    Operation {
        description: "By `xml_locate`, in which `$${variables}` are replaced. Only what is not stored is taken over; `skipped` \
                      names the rest. `files` is the directory of the switch's own files where the server can read them: \
                      `custompbx import` of it keeps the variables.",
        body: Some(Body { schema: "SwitchImport", media: &[JSON], example: r#"{"what": "dialplan"}"# }),
        answers: &[Answer { schema: "SwitchImported", ..Answer::OK }],
        ..Operation::new("POST", IMPORT, "importSwitch", TAG, "Take over what a running switch has")
    },
    Operation {
        description: "The kinds are calls, registrations, channels, profiles, gateways, modules, queues, agents, tiers, \
                      members, conferences, conference_members, verto_clients and host. `seq` is the number of the last \
                      change; the subscription `[Live]` tells those behind it. Rows are in the order of their keys, calls \
                      in that of their beginnings.",
        parameters: &["rows", "offset"],
        answers: &[Answer { schema: "LiveRows", ..Answer::OK }],
        ..Operation::new("GET", live::ROWS, "getLive", TAG, "What goes on in a switch")
    },
    Operation {
        answers: &[Answer { schema: "Commands", ..Answer::OK }],
        ..Operation::new("GET", commands::LIST, "listCommands", TAG, "What a switch can be told to do")
    },
    Operation {
        description: "What goes into the command is checked: no value adds a command, an application or a program.",
        body: Some(Body { schema: "CommandValues", media: &[JSON], example: r#"{"profile": "internal"}"# }),
        answers: &[Answer { schema: "CommandReply", ..Answer::OK }],
        ..Operation::new("POST", commands::RUN, "runCommand", TAG, "Have a switch do something")
    },
    Operation {
        description: "As in fs_cli. All but a list of harmless lines needs the scope system:write.",
        body: Some(Body { schema: "CliLine", media: &[JSON], example: r#"{"line": "sofia status"}"# }),
        answers: &[Answer { schema: "CliPrinted", ..Answer::OK }],
        ..Operation::new("POST", commands::CLI, "typeCommand", TAG, "Have a switch carry out a typed line")
    },
    Operation {
        answers: &[Answer { schema: "CliHistory", ..Answer::OK }],
        ..Operation::new("GET", commands::CLI, "listTypedCommands", TAG, "What one typed before")
    },
    Operation {
        description: "Each event `line` has `level`, `file`, `function`, `line`, `uuid` (or null) and `text`; `dropped` has the \
                      `count` of lines that were left out there because the client was too slow; `end` is the last one and \
                      has the `reason`. At most 16 logs are watched at once.",
        parameters: &["level", "uuid", "seconds"],
        answers: &[Answer { schema: "LogEvents", media: &["text/event-stream"], ..Answer::OK }],
        ..Operation::new("GET", log::LOG, "followLog", TAG, "The log of a switch, as server-sent events")
    },
    Operation {
        parameters: &["most"],
        answers: &[Answer { schema: "Effects", ..Answer::OK }],
        ..Operation::new("GET", effects::LIST, "listEffects", TAG, "What changes came to, newest first")
    },
    Operation {
        answers: &[Answer { schema: "Offers", ..Answer::OK }],
        ..Operation::new(
            "GET",
            effects::OFFERS,
            "listOffers",
            TAG,
            "What would disturb calls, and waits for somebody",
        )
    },
    Operation {
        answers: &[Answer { schema: "Effect", ..Answer::OK }],
        ..Operation::new("POST", effects::ACCEPT, "acceptOffer", TAG, "Have it done")
    },
    Operation {
        answers: &[DONE],
        ..Operation::new("POST", effects::DISMISS, "dismissOffer", TAG, "Decide against it")
    },
];

pub(crate) fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let integer = || json!({ "type": "integer" });
    let or_null = |of: &str| json!({ "type": [of, "null"] });
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    let effect = || {
        json!({
            "id": integer(),
            "revision": integer(),
            "switch": text(),
            "command": text(),
            "line": text(),
            "state": { "type": "string", "enum": ["done", "failed", "unknown", "offered", "accepted", "dismissed", "restart"] },
            "reply": text(),
            "at_ms": integer(),
        })
    };
    let needed = ["id", "revision", "switch", "command", "line", "state", "reply", "at_ms"];
    let mut offer = effect();
    offer["interrupts"] = json!({
        "type": "object",
        "required": ["channels", "registrations"],
        "description": "As things are now; null where that is not known.",
        "properties": { "channels": or_null("integer"), "registrations": or_null("integer") },
    });
    json!({
        "Switches": list_of("Switch"),
        "Switch": {
            "type": "object",
            "required": ["name", "key", "configured", "instance_id", "host", "port", "phase", "since_ms", "stale_since_ms",
                         "trouble", "advice", "failures", "unread", "counts", "channels", "answered", "figures", "status"],
            "properties": {
                "name": { "type": "string", "description": "How it calls itself, as far as it has said so." },
                "key": { "type": "string", "description": "What it is called here." },
                "configured": { "type": "boolean", "description": "Whether it is the one of the configuration." },
                "instance_id": or_null("integer"),
                "host": text(),
                "port": integer(),
                "phase": { "type": "string", "enum": ["connecting", "reading", "live", "away"] },
                "since_ms": integer(),
                "stale_since_ms": { "type": ["integer", "null"], "description": "Since when what is shown may be old." },
                "trouble": or_null("string"),
                "advice": or_null("string"),
                "failures": integer(),
                "unread": { "type": "object", "additionalProperties": { "type": "string" } },
                "counts": { "type": "object", "additionalProperties": { "type": "integer" } },
                "channels": integer(),
                "answered": integer(),
                "figures": { "type": "object", "additionalProperties": { "type": "integer" } },
                "status": or_null("object"),
            },
        },
        "EventSocket": {
            "type": "object",
            "required": ["host", "port", "pass"],
            "additionalProperties": false,
            "properties": {
                "host": { "type": "string", "minLength": 1, "maxLength": 253 },
                "port": { "type": "integer", "minimum": 1, "maximum": 65535 },
                "pass": text(),
                "timeout": { "type": "integer", "minimum": 1, "maximum": 300, "description": "Seconds." },
            },
        },
        "SwitchDoctor": {
            "type": "object",
            "required": ["checks", "snippets"],
            "properties": {
                "checks": { "type": "array", "items": {
                    "type": "object",
                    "required": ["what", "state", "found", "remedy"],
                    "properties": {
                        "what": text(),
                        "state": { "type": "string", "enum": ["good", "note", "bad"] },
                        "found": text(),
                        "remedy": text(),
                    },
                } },
                "snippets": { "type": "object", "additionalProperties": { "type": "string" } },
            },
        },
        "SwitchImport": {
            "type": "object",
            "required": ["what"],
            "additionalProperties": false,
            "properties": {
                "what": { "type": "string", "enum": ["directory", "dialplan", "configuration", "global_variables"] },
                "name": { "type": "string", "description": "Of one configuration, such as acl.conf." },
            },
        },
        "SwitchImported": {
            "type": "object",
            "required": ["skipped", "added", "revision", "files"],
            "properties": {
                "skipped": texts(),
                "added": integer(),
                "revision": or_null("integer"),
                "served": { "type": "boolean" },
                "report": text(),
                "files": or_null("string"),
            },
        },
        "LiveRows": {
            "type": "object",
            "required": ["switch", "phase", "stale_since_ms", "seq", "total", "rows"],
            "properties": {
                "switch": text(),
                "phase": text(),
                "stale_since_ms": or_null("integer"),
                "seq": integer(),
                "total": { "type": "integer", "description": "How many there are in all." },
                "rows": { "description": "By key; calls are a list." },
            },
        },
        "Commands": {
            "type": "object",
            "required": ["items"],
            "properties": { "items": { "type": "array", "items": {
                "type": "object",
                "required": ["name", "summary", "line", "values", "deadline_s", "repeatable", "disturbs"],
                "properties": {
                    "name": text(),
                    "summary": text(),
                    "line": text(),
                    "values": { "type": "array", "items": { "type": "object" } },
                    "deadline_s": integer(),
                    "repeatable": { "type": "boolean" },
                    "disturbs": { "type": "string", "enum": ["nobody", "one call", "many"] },
                },
            } } },
        },
        "CommandValues": { "type": "object", "additionalProperties": { "type": "string" } },
        "CommandReply": { "type": "object", "required": ["reply"], "properties": { "reply": text() } },
        "CliLine": {
            "type": "object",
            "required": ["line"],
            "additionalProperties": false,
            "properties": { "line": { "type": "string", "minLength": 1, "maxLength": 8192 } },
        },
        "CliPrinted": {
            "type": "object",
            "required": ["text", "cut"],
            "properties": { "text": text(), "cut": { "type": "boolean" } },
        },
        "CliHistory": { "type": "object", "required": ["items"], "properties": { "items": texts() } },
        "Effects": list_of("Effect"),
        "Effect": { "type": "object", "required": needed, "properties": effect() },
        "Offers": list_of("Offer"),
        "Offer": { "type": "object", "required": needed, "properties": offer },
    })
}
