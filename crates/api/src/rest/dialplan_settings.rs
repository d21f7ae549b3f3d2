//! How the dialplan of an instance is served.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use custompbx_pbx::dialplan::{DialplanChange, DialplanSettings, Mode};
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
        description: "What is left out stays. A context whose mode is null has the usual one again.",
        body: Some(Body {
            schema: "DialplanSettingsInput",
            media: &[JSON],
            example: r#"{"mode": "evaluated", "contexts": {"public": "whole"}}"#,
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
    let modes: Vec<&str> = Mode::ALL.into_iter().map(Mode::as_str).collect();
    let mode = json!({
        "enum": modes,
        "description": "`whole`: FreeSWITCH gets the whole context and hunts itself. `evaluated`: it gets the actions that \
                        apply to the call; where these cannot be known here, the whole context. `checked`: it gets the \
                        whole context, and it is counted how often it executes something else than the evaluation came to.",
    });
    let no_proceed = json!({
        "type": "boolean",
        "description": "As the documented messages have it: false is the mode `evaluated`, true is `whole` (or `checked`).",
    });
    let debug = json!({
        "type": "boolean",
        "description": "Whether evaluations are pushed to those who subscribed to [Dialplan] Debug; until the server stops.",
    });
    let contexts = |mode: Value| {
        json!({
            "type": "object",
            "additionalProperties": mode,
            "description": "Contexts with a mode of their own, by their names in lower case.",
        })
    };
    let or_none =
        json!({ "enum": modes.iter().copied().map(Value::from).chain([Value::Null]).collect::<Vec<_>>() });
    json!({
        "DialplanSettings": {
            "type": "object",
            "properties": {
                "mode": mode, "no_proceed": no_proceed, "contexts": contexts(mode.clone()), "debug": debug,
            },
            "required": ["mode", "no_proceed", "contexts", "debug"],
        },
        "DialplanSettingsInput": {
            "type": "object",
            "properties": {
                "mode": mode, "no_proceed": no_proceed, "contexts": contexts(or_none), "debug": debug,
            },
            "additionalProperties": false,
        },
    })
}

/// What is to be otherwise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    mode: Option<String>,
    no_proceed: Option<bool>,
    #[serde(default)]
    contexts: BTreeMap<String, Option<String>>,
    debug: Option<bool>,
}

impl Wanted {
    fn change(&self) -> Result<DialplanChange, Problem> {
        let wrong = |pointer: String, message: String| {
            let detail = format!("{pointer}: {message}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).error("pointer", &pointer, message)
        };
        let mode = |pointer: String, name: &str| {
            let unknown =
                || wrong(pointer.clone(), format!("{name:?} is none of whole, evaluated and checked"));
            Mode::named(name).ok_or_else(unknown)
        };
        let usual = match (&self.mode, self.no_proceed) {
            (Some(name), no_proceed) => {
                let mode = mode("/mode".to_owned(), name)?;
                if no_proceed.is_some_and(|no_proceed| no_proceed == (mode == Mode::Evaluated)) {
                    let message = format!("it says something else than the mode {name}; leave it out");
                    return Err(wrong("/no_proceed".to_owned(), message));
                }
                Some(mode)
            }
            (None, Some(true)) => Some(Mode::Whole),
            (None, Some(false)) => Some(Mode::Evaluated),
            (None, None) => None,
        };
        let mut contexts = BTreeMap::new();
        for (context, name) in &self.contexts {
            let of = |name: &String| mode(format!("/contexts/{context}"), name);
            contexts.insert(context.clone(), name.as_ref().map(of).transpose()?);
        }
        Ok(DialplanChange { usual, contexts })
    }
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
    let change = wanted.change()?;
    let instance = app.pbx().instance(&super::name(path)?).await?;
    app.pbx().set_dialplan(&super::by(&user), instance.id, &change).await?;
    if let Some(debug) = wanted.debug {
        app.pbx().set_debugging(debug);
    }
    shown(&app, instance.id).await
}

async fn shown(app: &App, instance: InstanceId) -> Result<Json<Value>, Problem> {
    let DialplanSettings { modes, debug } = app.pbx().dialplan_settings(instance).await?;
    let contexts: BTreeMap<&str, &str> =
        modes.contexts.iter().map(|(context, mode)| (context.as_str(), mode.as_str())).collect();
    Ok(Json(json!({
        "mode": modes.usual.as_str(),
        "no_proceed": modes.no_proceed(),
        "contexts": contexts,
        "debug": debug,
    })))
}
