//! The description for programs.

use serde_json::{Value, json};

use crate::openapi::{Answer, Body, Operation};

const JOB: &str = "/api/v2/jobs/{job}";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "POST",
        path: "/api/v2/instances/{instance}/bulk/{*address}",
        id: "bulk",
        tag: "tree",
        summary: "Make many elements of a collection be so, as one revision",
        description: "The address is that of a collection whose elements have names, such as \
                      `directory/domains/example.com/users`. NDJSON has an element in each line, with its name as `key`; \
                      CSV names its columns in the first line. What is not there is made; of what is there, a row changes \
                      what it mentions. One that takes long is answered with 202 and the address of its job.",
        parameters: &["dry_run", "mode", "replace", "report", "Prefer"],
        body: Some(Body { schema: "", media: &["application/x-ndjson", "text/csv"], example: "null" }),
        answers: &[
            Answer { description: "It is done, or would be.", schema: "BulkReport", ..Answer::OK },
            Answer {
                status: 202,
                description: "It goes on; look at the job.",
                schema: "Job",
                headers: &["Location"],
                ..Answer::OK
            },
        ],
    },
    Operation {
        path: JOB,
        id: "getJob",
        tag: "tree",
        summary: "How far a bulk request is, and what became of it",
        description: "The last 20 are remembered, until the server stops.",
        answers: &[Answer { schema: "Job", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        description: "While nothing is written it stops, and nothing is changed. One that has ended is forgotten. What is \
                      being written cannot be stopped (503).",
        answers: &[Answer { status: 204, description: "It is stopped, or forgotten.", ..Answer::OK }],
        ..Operation::new("DELETE", JOB, "endJob", "tree", "Stop a bulk request")
    },
];

pub(crate) fn schemas() -> Value {
    let count = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let became = json!({ "type": "string", "enum": ["created", "updated", "unchanged", "refused"] });
    let line = count("The line that the row begins on, from 1.");
    let key = json!({ "type": ["string", "null"] });
    let fault = json!({
        "type": "object",
        "required": ["pointer", "message"],
        "properties": {
            "pointer": { "type": "string", "description": "A JSON pointer into the row." },
            "message": { "type": "string" },
        },
    });
    json!({
        "BulkReport": {
            "type": "object",
            "required": ["rows", "created", "updated", "unchanged", "refused", "refusals", "dry_run", "written", "revision", "served"],
            "properties": {
                "rows": count("All of them."),
                "created": count("Elements that are new."),
                "updated": count("Elements that were another."),
                "unchanged": count("Elements that were so already."),
                "refused": count("Rows that are wrong."),
                "refusals": { "type": "array", "description": "The first 1,000 of these.", "items": {
                    "type": "object",
                    "required": ["line", "key", "errors"],
                    "properties": { "line": line, "key": key, "errors": { "type": "array", "items": fault } },
                } },
                "lines": { "type": "array", "description": "Each row, with `report=all`.", "items": {
                    "type": "object",
                    "required": ["line", "outcome"],
                    "properties": { "line": line, "outcome": became },
                } },
                "dry_run": { "type": "boolean" },
                "written": { "type": "boolean", "description": "Whether the tree says now what the right rows say." },
                "revision": { "type": ["integer", "null"] },
                "served": { "type": "boolean", "description": "Whether FreeSWITCH gets it already." },
            },
        },
        "Job": {
            "type": "object",
            "required": ["id", "href", "owner", "instance", "address", "started", "state", "rows", "rows_checked", "nodes_written"],
            "properties": {
                "id": { "type": "integer" },
                "href": { "type": "string" },
                "owner": { "type": "string", "description": "The login of whoever started it." },
                "instance": { "type": "string" },
                "address": { "type": "string" },
                "started": { "type": "string", "format": "date-time" },
                "state": { "type": "string", "enum": ["checking", "writing", "ended"] },
                "rows": count("All of them."),
                "rows_checked": count("Rows that were looked at."),
                "nodes_written": count("Nodes that are new."),
                "report": { "$ref": "#/components/schemas/BulkReport" },
                "problem": { "$ref": "#/components/schemas/Problem" },
            },
        },
    })
}
