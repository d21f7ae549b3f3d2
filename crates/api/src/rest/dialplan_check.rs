//! What is wrong in a dialplan, and what of it only the switch can decide.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use custompbx_pbx::dialplan::{Agreement, Checked, Executed, Remark};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{Answer, Operation};
use crate::problem::Problem;

pub(crate) const PATH: &str = "/api/v2/instances/{instance}/dialplan:check";

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    description: "Of each context: expressions that cannot be compiled, fields and words that there are not, extensions that \
                  no call can reach, transfers to where there is nothing, applications that no module has; and the places \
                  that only the switch can decide, which make calls in an evaluated context get the whole context. The same \
                  is said of an edit in its `warnings`. `agreement` says of contexts in the mode `checked` how often the \
                  switch executed what the evaluation came to; it needs the events of the switch, and without them all is `unseen`.",
    parameters: &["context"],
    answers: &[Answer { schema: "DialplanCheck", ..Answer::OK }],
    ..Operation::new("GET", PATH, "checkDialplan", "dialplan", "What is wrong in the dialplan")
}];

pub(crate) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let number = json!({ "type": "integer" });
    let remarks = json!({ "type": "array", "items": { "$ref": "#/components/schemas/DialplanRemark" } });
    json!({
        "DialplanCheck": {
            "type": "object",
            "required": ["contexts", "agreement", "disagreements"],
            "properties": {
                "contexts": { "type": "array", "items": {
                    "type": "object",
                    "required": ["name", "mode", "extensions", "remarks", "undecidable"],
                    "properties": {
                        "name": text,
                        "mode": { "enum": ["whole", "evaluated", "checked"] },
                        "extensions": number,
                        "remarks": remarks,
                        "undecidable": remarks,
                    },
                } },
                "agreement": {
                    "type": "object",
                    "description": "By context.",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["agreed", "disagreed", "unseen"],
                        "properties": { "agreed": number, "disagreed": number, "unseen": number },
                    },
                },
                "disagreements": {
                    "type": "array",
                    "description": "The last ones, oldest first.",
                    "items": {
                        "type": "object",
                        "required": ["context", "uuid", "place", "expected", "executed"],
                        "properties": {
                            "context": text,
                            "uuid": text,
                            "place": { "type": "integer", "description": "Which application of the hunt, from 1." },
                            "expected": { "type": ["string", "null"] },
                            "executed": text,
                        },
                    },
                },
            },
        },
        "DialplanRemark": {
            "type": "object",
            "required": ["severity", "extension", "node", "attribute", "position", "message"],
            "properties": {
                "severity": { "enum": ["notice", "warning", "error"] },
                "extension": text,
                "node": number,
                "attribute": { "type": "string", "description": "Empty: the element itself." },
                "position": { "type": ["integer", "null"], "description": "Where in the attribute, in bytes." },
                "message": text,
            },
        },
    })
}

/// Which context.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckQuery {
    context: Option<String>,
}

pub(crate) async fn check(
    State(app): State<App>,
    path: super::Named,
    query: Result<Query<CheckQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let instance = super::name(path)?;
    let query = super::query(query)?;
    let contexts = app.pbx().check_dialplan(&instance, query.context.as_deref()).await?;
    let contexts: Vec<Value> = contexts
        .iter()
        .map(|Checked { context, mode, extensions, remarks, undecidable }| {
            json!({
                "name": context,
                "mode": mode.as_str(),
                "extensions": extensions,
                "remarks": remarks.iter().map(remark).collect::<Vec<_>>(),
                "undecidable": undecidable.iter().map(remark).collect::<Vec<_>>(),
            })
        })
        .collect();
    let id = app.pbx().instance(&instance).await?.id;
    let (agreement, disagreements) = app.pbx().dialplan_agreement(id, query.context.as_deref());
    let agreement: BTreeMap<String, Value> = agreement
        .into_iter()
        .map(|(context, Agreement { agreed, disagreed, unseen })| {
            (context, json!({ "agreed": agreed, "disagreed": disagreed, "unseen": unseen }))
        })
        .collect();
    let disagreements: Vec<Value> = disagreements
        .into_iter()
        .map(|Executed { context, uuid, place, expected, executed, .. }| {
            json!({ "context": context, "uuid": uuid, "place": place, "expected": expected, "executed": executed })
        })
        .collect();
    Ok(Json(json!({ "contexts": contexts, "agreement": agreement, "disagreements": disagreements })))
}

fn remark(remark: &Remark) -> Value {
    let Remark { severity, extension, node, attribute, position, message, .. } = remark;
    json!({
        "severity": severity,
        "extension": extension,
        "node": node,
        "attribute": attribute,
        "position": position,
        "message": message,
    })
}
