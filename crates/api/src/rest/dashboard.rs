//! How the machine and the switch are.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::App;
use crate::messages::named::dashboard::whole;
use crate::openapi::{Answer, Operation};

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    path: "/api/v2/dashboard",
    id: "getDashboard",
    tag: "server",
    summary: "How the machine and the switch are",
    answers: &[Answer { schema: "Dashboard", ..Answer::OK }],
    ..Operation::GET
}];

pub(crate) fn schemas() -> Value {
    json!({ "Dashboard": { "type": "object", "description": "As in the message [Dashboard]." } })
}

pub(crate) async fn dashboard(State(app): State<App>) -> Json<Value> {
    Json(whole(&app.pbx().dashboard().await).into())
}
