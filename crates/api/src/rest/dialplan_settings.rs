//! How the dialplan of an instance is served.

use axum::extract::State;
use axum::{Extension, Json};
use custompbx_pbx::dialplan::DialplanSettings;
use custompbx_store::{InstanceId, WebUser};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

const PATH: &str = "/api/v2/instances/{instance}/dialplan-settings";
const SHOWN: Answer = Answer { schema: "DialplanSettings", ..Answer::OK };

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[SHOWN],
        ..Operation::new("GET", PATH, "getDialplanSettings", "settings", "How the dialplan is served")
    },
    Operation {
        description: "What is left out stays.",
        body: Some(Body {
            schema: "DialplanSettingsInput",
            media: &[JSON],
            example: r#"{"no_proceed": true}"#,
        }),
        answers: &[SHOWN],
        ..Operation::new(
            "PATCH",
            PATH,
            "patchDialplanSettings",
            "settings",
            "Change how the dialplan is served",
        )
    },
];

pub(crate) fn schemas() -> Value {
    let properties = json!({
        "no_proceed": {
            "type": "boolean",
            "description": "Whether FreeSWITCH gets whole contexts, and hunts itself.",
        },
        "debug": {
            "type": "boolean",
            "description": "Whether evaluations are pushed to those who subscribed to [Dialplan] Debug; until the server stops.",
        },
    });
    json!({
        "DialplanSettings": { "type": "object", "properties": properties, "required": ["no_proceed", "debug"] },
        "DialplanSettingsInput": { "type": "object", "properties": properties, "additionalProperties": false },
    })
}

/// What is to be otherwise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    no_proceed: Option<bool>,
    debug: Option<bool>,
}

pub(crate) async fn show(State(app): State<App>, path: super::Named) -> Result<Json<Value>, Problem> {
    let instance = app.pbx().instance(&super::name(path)?).await?;
    shown(&app, instance.id).await
}

pub(crate) async fn change(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: super::Named,
    body: super::Sent<Wanted>,
) -> Result<Json<Value>, Problem> {
    let wanted = super::body(body)?;
    let instance = app.pbx().instance(&super::name(path)?).await?;
    if let Some(no_proceed) = wanted.no_proceed {
        app.pbx().set_no_proceed(&super::by(&user), instance.id, no_proceed).await?;
    }
    if let Some(debug) = wanted.debug {
        app.pbx().set_debugging(debug);
    }
    shown(&app, instance.id).await
}

async fn shown(app: &App, instance: InstanceId) -> Result<Json<Value>, Problem> {
    let DialplanSettings { no_proceed, debug } = app.pbx().dialplan_settings(instance).await?;
    Ok(Json(json!({ "no_proceed": no_proceed, "debug": debug })))
}
