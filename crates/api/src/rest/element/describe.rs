//! The tree in the description of the API.

use serde_json::{Map, Value, json};

use crate::openapi::{Answer, Body, JSON, Operation};

const PATH: &str = "/api/v2/instances/{instance}/{*address}";
const BOTH: &[&str] = &[JSON, "application/xml"];
const WRITTEN: &[&str] = &["ETag", "CustomPBX-Revision"];
const CONDITIONS: &[&str] = &["If-Match", "If-None-Match"];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: PATH,
        id: "getAddress",
        tag: "tree",
        summary: "Any element or collection",
        description: "An element with its children, as JSON or as FreeSWITCH's XML (`Accept`). A collection, and an \
                      element with `limit`, `cursor`, `q`, `filter` or `sort`, is a page of items.",
        parameters: &["depth", "q", "filter", "sort", "limit", "cursor", "If-None-Match"],
        answers: &[
            Answer { schema: "ElementOrPage", media: BOTH, headers: &["ETag"], ..Answer::OK },
            Answer { status: 304, description: "It is as it was.", ..Answer::OK },
        ],
        ..Operation::GET
    },
    Operation {
        method: "PUT",
        path: PATH,
        id: "putAddress",
        tag: "tree",
        summary: "Make an element be so",
        description: "The element becomes what the body says; a member that is missing stays as it is, and what is \
                      below the element is one member. Missing elements that only hold others together are made too.",
        parameters: CONDITIONS,
        body: Some(Body {
            schema: "ElementInput",
            media: BOTH,
            example: r#"{"attributes": {"cidr": "192.0.2.0/24"}, "params": {"password": "a secret"}}"#,
        }),
        answers: &[
            Answer {
                description: "It is so now.",
                schema: "Written",
                media: BOTH,
                headers: WRITTEN,
                ..Answer::OK
            },
            Answer {
                status: 201,
                description: "It was made.",
                schema: "Written",
                media: BOTH,
                headers: WRITTEN,
            },
        ],
    },
    Operation {
        method: "PATCH",
        path: PATH,
        id: "patchAddress",
        tag: "tree",
        summary: "Change a few members",
        description: "JSON Merge Patch (RFC 7396): what is named changes, `null` takes away.",
        parameters: CONDITIONS,
        body: Some(Body {
            schema: "ElementPatch",
            media: &["application/merge-patch+json"],
            example: r#"{"enabled": false, "params": {"password": "another", "vm-password": null}}"#,
        }),
        answers: &[Answer {
            description: "It is so now.",
            schema: "Written",
            media: BOTH,
            headers: WRITTEN,
            ..Answer::OK
        }],
    },
    Operation {
        method: "DELETE",
        path: PATH,
        id: "deleteAddress",
        tag: "tree",
        summary: "Delete an element with all below it",
        parameters: CONDITIONS,
        answers: &[Answer {
            status: 204,
            description: "It is gone.",
            headers: &["CustomPBX-Revision"],
            ..Answer::OK
        }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: PATH,
        id: "postAddress",
        tag: "tree",
        summary: "Add to a collection, or move (`:move`)",
        description: "To a collection or an element: adds the element in the body. To an element with `:move` behind \
                      its address: moves it, by a body such as `{\"position\": 1}`, `{\"before\": \"name\"}`, \
                      `{\"after\": \"name\"}` or `{\"to\": \"dialplan/contexts/public/extensions\"}`.",
        parameters: &["position", "before", "after"],
        body: Some(Body {
            schema: "ElementInput",
            media: BOTH,
            example: r#"{"key": "1000", "params": {"password": "a secret"}}"#,
        }),
        answers: &[
            Answer {
                status: 201,
                description: "It was made.",
                schema: "Written",
                media: BOTH,
                headers: &["ETag", "Location"],
            },
            Answer {
                description: "It was moved.",
                schema: "Written",
                media: BOTH,
                headers: WRITTEN,
                ..Answer::OK
            },
        ],
    },
];

fn element() -> Map<String, Value> {
    let members = json!({
        "tag": { "type": "string" },
        "key": { "type": "string", "description": "Its name in its address." },
        "id": { "type": "integer", "description": "The node's id; it is never used again." },
        "href": { "type": "string", "description": "The path of its address." },
        "enabled": { "type": "boolean", "description": "FreeSWITCH does not see what is disabled." },
        "position": {
            "type": ["integer", "null"],
            "description": "Its place among those of its collection, from 1; the users of a domain are in no order.",
        },
        "attributes": { "type": "object", "additionalProperties": { "type": "string" } },
        "text": { "type": ["string", "null"] },
        "child_count": { "type": "integer" },
        "children": {
            "type": "array",
            "description": "Missing where they are deeper than what was asked for.",
            "items": { "$ref": "#/components/schemas/Element" },
        },
    });
    members.as_object().cloned().unwrap_or_default()
}

pub(crate) fn schemas() -> Value {
    let needed =
        json!(["tag", "key", "id", "href", "enabled", "position", "attributes", "text", "child_count"]);
    let mut written = element();
    written.insert(
        "revision".to_owned(),
        json!({ "type": ["integer", "null"], "description": "Null when everything was so already." }),
    );
    written.insert(
        "served".to_owned(),
        json!({ "type": "boolean", "description": "Whether FreeSWITCH gets it already." }),
    );
    written.insert(
        "warnings".to_owned(),
        json!({
            "type": "array",
            "description": "What FreeSWITCH may not take as meant.",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": { "path": { "type": "string" }, "message": { "type": "string" } },
            },
        }),
    );
    let mut needed_written = needed.as_array().cloned().unwrap_or_default();
    needed_written.extend([json!("revision"), json!("served"), json!("warnings")]);
    json!({
        "Element": { "type": "object", "required": needed, "properties": element(), "additionalProperties": false },
        "Written": { "type": "object", "required": needed_written, "properties": written, "additionalProperties": false },
        "Page": {
            "type": "object",
            "required": ["href", "items", "total", "next"],
            "properties": {
                "href": { "type": "string" },
                "items": { "type": "array", "items": { "$ref": "#/components/schemas/Element" } },
                "total": { "type": "integer", "description": "How many there are on all pages." },
                "next": { "type": ["string", "null"], "description": "The cursor of the next page; null on the last one." },
            },
            "additionalProperties": false,
        },
        "ElementOrPage": {
            "anyOf": [{ "$ref": "#/components/schemas/Element" }, { "$ref": "#/components/schemas/Page" }],
        },
        "ElementInput": {
            "type": "object",
            "description": "An element. Beside these members there are short forms for what is below it: objects of \
                            names and values, called as the element around the parameters is (`params`, `variables`, \
                            `settings`).",
            "properties": {
                "tag": { "type": "string" },
                "key": { "type": "string", "description": "Its name; that in the address, if it is there too." },
                "id": { "type": "integer", "minimum": 1, "description": "Below the element of the address: which of the children that are there it is." },
                "enabled": { "type": "boolean" },
                "attributes": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Scalar" } },
                "text": { "type": ["string", "null"] },
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/ElementInput" } },
            },
            "additionalProperties": { "$ref": "#/components/schemas/Values" },
        },
        "ElementPatch": {
            "type": "object",
            "properties": {
                "enabled": { "type": "boolean" },
                "attributes": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/ScalarOrNull" } },
                "text": { "type": ["string", "null"] },
            },
            "additionalProperties": { "$ref": "#/components/schemas/ValuesPatch" },
        },
        "Move": {
            "type": "object",
            "description": "One of position, before and after; or to, alone or with one of these.",
            "minProperties": 1,
            "properties": {
                "position": { "type": "integer", "minimum": 1, "maximum": u32::MAX },
                "before": { "type": "string", "description": "The name of a sibling." },
                "after": { "type": "string", "description": "The name of a sibling." },
                "to": { "type": "string", "description": "The address of the element or collection that gets it." },
            },
            "additionalProperties": false,
        },
        "Scalar": { "type": ["string", "number", "boolean"], "description": "Kept as text." },
        "ScalarOrNull": { "type": ["string", "number", "boolean", "null"], "description": "Kept as text; null takes it away." },
        "Values": {
            "type": "object",
            "description": "Names with their values; an array is several of one name.",
            "additionalProperties": {
                "anyOf": [
                    { "$ref": "#/components/schemas/Scalar" },
                    { "type": "array", "items": { "$ref": "#/components/schemas/Scalar" } },
                ],
            },
        },
        "ValuesPatch": {
            "type": ["object", "null"],
            "description": "Names with their new values; null takes one away, or all of them.",
            "additionalProperties": {
                "anyOf": [
                    { "$ref": "#/components/schemas/ScalarOrNull" },
                    { "type": "array", "items": { "$ref": "#/components/schemas/Scalar" } },
                ],
            },
        },
        "OpenApi": { "type": "object", "required": ["openapi", "info", "paths"] },
        "Text": { "type": "string" },
    })
}
