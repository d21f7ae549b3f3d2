//! The configuration of the server.

use axum::extract::State;
use axum::{Extension, Json};
use custompbx_pbx::Error;
use custompbx_pbx::settings::{Current, Saved, Shown, takes_effect_at_once};
use custompbx_store::WebUser;
use serde_json::{Map, Value, json};

use crate::App;
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

const PATH: &str = "/api/v2/settings";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        description: "As they are saved. No secret is shown.",
        answers: &[Answer { schema: "Settings", ..Answer::OK }],
        ..Operation::new("GET", PATH, "getSettings", "settings", "The configuration of the server")
    },
    Operation {
        description: "What is left out stays, and so does a secret that is sent as it is shown. The answer says which of \
                      the changed keys count already, and which after a restart.",
        body: Some(Body {
            schema: "SettingsChanges",
            media: &[JSON],
            example: r#"{"xml_curl_server": {"cacheable": "1000"}}"#,
        }),
        answers: &[Answer { schema: "Settings", ..Answer::OK }],
        ..Operation::new("PATCH", PATH, "patchSettings", "settings", "Change the configuration of the server")
    },
];

pub(crate) fn schemas() -> Value {
    let keys = json!({ "type": "array", "items": { "type": "string" } });
    let sections = ["freeswitch", "webserver", "xml_curl_server", "database", "log"];
    let sections = sections.map(|name| (name.to_owned(), json!({ "type": "object" })));
    let sections: Map<String, Value> = sections.into_iter().collect();
    json!({
        "Settings": {
            "type": "object",
            "required": ["settings", "effective_now", "needs_restart", "pending_restart", "from_environment"],
            "properties": {
                "settings": { "type": "object", "properties": sections },
                "effective_now": keys,
                "needs_restart": keys,
                "pending_restart": keys,
                "from_environment": keys,
            },
        },
        "SettingsChanges": { "type": "object", "properties": sections, "additionalProperties": false },
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
    body: super::Sent<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let payload = super::body(body)?;
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
