//! How the machine and the switch are.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::App;
use crate::messages::named::dashboard::whole;
use crate::openapi::{Answer, Operation};

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    answers: &[Answer { schema: "Dashboard", ..Answer::OK }],
    ..Operation::new("GET", "/api/v2/dashboard", "getDashboard", "server", "What the machine does")
}];

pub(crate) fn schemas() -> Value {
    json!({
        "Dashboard": {
            "type": "object",
            "description": "Percentages and bytes; what is nothing is left out of dynamic_metrics.",
            "required": ["timestamp", "hostname", "os", "platform", "cpu_model", "cpu_frequency", "dynamic_metrics"],
            "properties": {
                "timestamp": { "type": "string", "format": "date-time" },
                "hostname": { "type": "string" },
                "os": { "type": "string" },
                "platform": { "type": "string" },
                "cpu_model": { "type": "string" },
                "cpu_frequency": { "type": "number", "description": "MHz" },
                "dynamic_metrics": { "type": "object" },
                "domain_sip_regs": { "type": "object", "additionalProperties": { "type": "integer" } },
                "calls_counter": { "type": "object" },
                "sofia_profiles": { "type": "array", "items": { "type": "object" } },
                "sofia_gateways": { "type": "array", "items": { "type": "object" } },
            },
        },
    })
}

pub(crate) async fn dashboard(State(app): State<App>) -> Json<Value> {
    Json(whole(&app.pbx().dashboard().await).into())
}
