//! A call on paper: where it would go, and why.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use custompbx_pbx::account::{Scope, Section, Session, Verb};
use custompbx_pbx::dialplan::{BadSimulation, Wanted, report};
use custompbx_store::Role;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::access::permit;
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

pub(crate) const PATH: &str = "/api/v2/instances/{instance}/dialplan:simulate";

/// What stands for the name of the channel in a trace.
const CHANNEL: &str = "{channel}";

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    description: "Hunts in the contexts as they are served, exactly as FreeSWITCH does, and follows `transfer` and \
                  `execute_extension`. Nothing is called. A token needs `global_variables:read` as well, since values are shown. Where only the switch knows what happens, `undecidable` says where \
                  and why, and nothing is guessed. `trace` has the lines that FreeSWITCH would log, with `{channel}` for the \
                  channel, `tree` the same in parts; `answer` is what the switch gets in an evaluated context. With \
                  `extension`, `explanation` says why the call came there, or did not.",
    body: Some(Body {
        schema: "DialplanCall",
        media: &[JSON],
        example: r#"{"context": "default", "destination": "1000", "at": "2026-11-26T08:00:00Z", "tz": "Europe/Berlin"}"#,
    }),
    answers: &[Answer { schema: "DialplanSimulation", ..Answer::OK }],
    ..Operation::new("POST", PATH, "simulateCall", "dialplan", "Where a call would go, and why")
}];

pub(crate) fn schemas() -> Value {
    let text = |meaning: &str| json!({ "type": "string", "description": meaning });
    let texts = |meaning: &str| json!({ "type": "object", "additionalProperties": { "type": "string" }, "description": meaning });
    let place = json!({
        "type": ["object", "null"],
        "required": ["where", "why"],
        "properties": { "where": { "type": "string" }, "why": { "type": "string" } },
    });
    let lines = json!({ "type": "array", "items": { "type": "string" } });
    let actions = json!({ "type": "array", "items": {
        "type": "object",
        "required": ["application", "data", "inline", "anti"],
        "properties": {
            "application": { "type": "string" },
            "data": { "type": "string" },
            "inline": { "type": "boolean" },
            "anti": { "type": "boolean" },
        },
    } });
    let or_null = json!({ "type": ["string", "null"] });
    let objects = json!({ "type": "array", "items": { "type": "object" } });
    json!({
        "DialplanCall": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "request": text("The form that mod_xml_curl posted; what is said beside it counts more."),
                "context": text("Needed without a request."),
                "destination": text("The number; needed without a request."),
                "variables": texts("Of the channel."),
                "profile": texts("Fields of the caller profile, such as `caller_id_number`."),
                "api": texts("What API commands give, by the command with its arguments: `hash(select/a/b)`."),
                "at": { "type": "string", "format": "date-time", "description": "Now, unless it is said or requested." },
                "tz": text("The time zone of the switch's process, such as `Europe/Berlin`; without it the offset of the request."),
                "extension": text("Why did the call not come there?"),
                "depth": { "type": "integer", "minimum": 0, "maximum": 50, "description": "How many transfers are followed; 10 unless it is said." },
            },
        },
        "DialplanSimulation": {
            "type": "object",
            "required": ["trace", "actions", "undecidable", "next_state", "context", "destination", "at", "steps", "answer"],
            "properties": {
                "trace": lines,
                "actions": actions,
                "undecidable": place,
                "unknown": place,
                "next_state": or_null,
                "context": or_null,
                "asked_context": or_null,
                "destination": { "type": "string" },
                "at": { "type": "string", "format": "date-time" },
                "executed_inline": lines,
                "variables": { "type": "object" },
                "profile": { "type": "object" },
                "globals": { "type": "object" },
                "tree": objects,
                "steps": objects,
                "explanation": lines,
                "answer": or_null,
                "untold": or_null,
            },
        },
    })
}

/// The call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulate {
    request: Option<String>,
    context: Option<String>,
    destination: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    profile: BTreeMap<String, String>,
    #[serde(default)]
    api: BTreeMap<String, String>,
    at: Option<String>,
    tz: Option<String>,
    extension: Option<String>,
    depth: Option<usize>,
}

pub(crate) async fn simulate(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: super::Named,
    body: super::Sent<Simulate>,
) -> Result<Json<Value>, Problem> {
    let instance = super::name(path)?;
    let Simulate { request, context, destination, variables, profile, api, at, tz, extension, depth } =
        super::body(body)?;
    // A trace shows values of global variables.
    permit(&session, Role::Admin, Scope::In(Section::GlobalVariables, Verb::Read))?;
    let wrong = |member: &str, message: String| {
        let detail = format!("{member}: {message}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).error("pointer", format!("/{member}"), message)
    };
    let at = at
        .map(|at| {
            at.parse::<jiff::Timestamp>()
                .map_err(|_| wrong("at", format!("{at:?} is no time; one is 2026-11-26T08:00:00Z")))
        })
        .transpose()?;
    let wanted = Wanted { request, context, destination, variables, profile, api, at, tz, depth };
    let simulation = app.pbx().simulate(&instance, wanted).await?;
    let simulation = simulation.map_err(|BadSimulation { member, message }| wrong(member, message))?;
    let mut object = report::object(&simulation, CHANNEL, extension.as_deref());
    object.insert("at".to_owned(), json!(simulation.call.at.to_string()));
    Ok(Json(object.into()))
}
