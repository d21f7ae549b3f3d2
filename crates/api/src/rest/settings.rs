//! The configuration of the server.

use axum::extract::State;
use axum::{Extension, Json};
use custompbx_pbx::Error;
use custompbx_pbx::settings::{Current, Saved, Shown, takes_effect_at_once};
use custompbx_store::WebUser;
use serde_json::{Map, Value, json};

use crate::App;
use crate::openapi::{self, Answer, JSON, Operation};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/settings",
        id: "getSettings",
        tag: "settings",
        summary: "The configuration of the server",
        description: "Without its secrets.",
        answers: &[Answer { schema: "Settings", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "PATCH",
        path: "/api/v2/settings",
        id: "patchSettings",
        tag: "settings",
        summary: "Change some settings",
        description: "A part of the settings in the form of config.json. Some count at once, some at the next start.",
        body: Some(openapi::Body { schema: "SettingsPatch", media: &[JSON], example: "" }),
        answers: &[Answer { schema: "Settings", ..Answer::OK }],
        ..Operation::GET
    },
];

pub(crate) fn schemas() -> Value {
    json!({
        "Settings": {
            "type": "object",
            "required": ["settings", "effective_now", "needs_restart", "pending_restart", "from_environment"],
            "properties": {
                "settings": { "type": "object", "description": "In the form of config.json." },
                "effective_now": { "type": "array", "items": { "type": "string" } },
                "needs_restart": { "type": "array", "items": { "type": "string" } },
                "pending_restart": { "type": "array", "items": { "type": "string" } },
                "from_environment": { "type": "array", "items": { "type": "string" } },
                "warnings": { "type": "array", "items": { "type": "string" } },
            },
        },
        "SettingsPatch": { "type": "object", "additionalProperties": { "type": "object" } },
    })
}

pub(crate) async fn show(State(app): State<App>) -> Json<Value> {
    let current = app.pbx().settings();
    Json(whole(&current, effects(&current)))
}

/// Takes a part of the settings. A key that is none is refused, unlike in the messages: there is no old client here.
pub(crate) async fn change(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    body: super::Body,
) -> Result<Json<Value>, Problem> {
    let payload: Map<String, Value> = super::body(body)?;
    if let Some(key) = unknown(&app.pbx().settings().saved.shown(Shown::NoSecret, &[]), &payload, "") {
        return Err(Error::Field { key, reason: "there is no such key".to_owned() }.into());
    }
    let saved = app.pbx().change_settings(&super::by(&user), &payload).await?;
    Ok(Json(whole(&saved.current, outcome(&saved))))
}

fn unknown(known: &Value, payload: &Map<String, Value>, path: &str) -> Option<String> {
    payload.iter().find_map(|(key, value)| {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (known.get(key), value) {
            (None, _) => Some(path),
            (Some(known @ Value::Object(_)), Value::Object(members)) => unknown(known, members, &path),
            _ => None,
        }
    })
}

fn whole(current: &Current, more: Map<String, Value>) -> Value {
    let shown = current.saved.shown(Shown::NoSecret, &current.from_environment);
    let mut whole = Map::new();
    whole.insert("settings".to_owned(), shown);
    whole.extend(more);
    whole.into()
}

/// When each key counts, and which are waiting for that.
pub(crate) fn effects(current: &Current) -> Map<String, Value> {
    let (now, restart): (Vec<String>, Vec<String>) =
        current.saved.keys().into_iter().partition(|key| takes_effect_at_once(key));
    members([
        ("effective_now", json!(now)),
        ("needs_restart", json!(restart)),
        ("pending_restart", json!(current.pending)),
        ("from_environment", json!(current.from_environment)),
    ])
}

/// What became of a change.
pub(crate) fn outcome(saved: &Saved) -> Map<String, Value> {
    let mut outcome = members([
        ("effective_now", json!(saved.effective_now)),
        ("needs_restart", json!(saved.needs_restart)),
        ("pending_restart", json!(saved.current.pending)),
        ("from_environment", json!(saved.current.from_environment)),
    ]);
    if !saved.ignored.is_empty() {
        let warnings: Vec<String> =
            saved.ignored.iter().map(|key| format!("{key}: there is no such key; it was ignored")).collect();
        outcome.insert("warnings".to_owned(), json!(warnings));
    }
    outcome
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
