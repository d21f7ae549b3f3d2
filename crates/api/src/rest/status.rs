//! How the server is.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{Answer, Operation};

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    path: "/api/v2/status",
    id: "getStatus",
    tag: "server",
    summary: "How the server is",
    answers: &[Answer { schema: "Status", ..Answer::OK }],
    ..Operation::GET
}];

pub(crate) fn schemas() -> Value {
    json!({
        "Status": {
            "type": "object",
            "required": ["version", "database", "snapshot"],
            "properties": {
                "version": { "type": "string" },
                "database": { "type": "string", "enum": ["up", "down"] },
                "snapshot": {
                    "type": "object",
                    "description": "What FreeSWITCH is answered from.",
                    "required": ["revision", "users", "saved_at"],
                    "properties": {
                        "revision": { "type": "integer" },
                        "users": { "type": "integer" },
                        "saved_at": { "type": ["string", "null"], "format": "date-time" },
                    },
                },
            },
        },
    })
}

pub(crate) async fn status(State(app): State<App>) -> Json<Value> {
    let pbx = app.pbx();
    let snapshot = pbx.snapshot();
    let saved_at = pbx.snapshot_saved_at().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let saved_at = saved_at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "database": if pbx.is_connected().await { "up" } else { "down" },
        "snapshot": {
            "revision": snapshot.as_ref().map_or(0, |snapshot| snapshot.revision),
            "users": snapshot.as_ref().map_or(0, |snapshot| snapshot.users()),
            "saved_at": saved_at,
        },
    }))
}
