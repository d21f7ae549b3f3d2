//! Having a switch do something.

use std::collections::BTreeMap;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use custompbx_pbx::account::Session;
use custompbx_pbx::switches::command::{COMMANDS, Declared, Disturbs};
use custompbx_store::WebUser;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Named, Sent, body, by, name};
use crate::App;
use crate::problem::Problem;

pub(crate) const LIST: &str = "/api/v2/commands";
pub(crate) const RUN: &str = "/api/v2/switches/{switch}/commands/{command}";
pub(crate) const CLI: &str = "/api/v2/switches/{switch}/cli";

/// Every command, from its declaration.
pub(crate) async fn list() -> Json<Value> {
    Json(json!({ "items": COMMANDS.iter().map(shown).collect::<Vec<_>>() }))
}

fn shown(declared: &Declared) -> Value {
    let slots: Vec<Value> = declared
        .slots
        .iter()
        .map(|slot| json!({ "name": slot.name, "optional": slot.optional, "wanted": slot.shape.wanted() }))
        .collect();
    json!({
        "name": declared.name,
        "summary": declared.summary,
        "line": declared.line,
        "values": slots,
        "deadline_s": declared.deadline.as_secs(),
        "repeatable": declared.repeatable,
        "disturbs": match declared.disturbs {
            Disturbs::Nobody => "nobody",
            Disturbs::OneCall => "one call",
            Disturbs::Many => "many",
        },
    })
}

pub(crate) async fn run(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Result<Path<(String, String)>, PathRejection>,
    sent: Sent<BTreeMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    let Path((switch, command)) =
        path.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let values = body(sent)?;
    let values: Vec<(&str, &str)> = values.iter().map(|(slot, value)| (&**slot, &**value)).collect();
    let reply = app.pbx().command(&by(&user), &switch, &command, &values).await?;
    Ok(Json(json!({ "reply": reply })))
}

/// A line that somebody typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    line: String,
}

pub(crate) async fn cli(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: Named,
    sent: Sent<Line>,
) -> Result<Json<Value>, Problem> {
    let switch = name(path)?;
    let Line { line } = body(sent)?;
    let printed = app.pbx().fs_cli(&by(&session.user), &session, &switch, &line).await?;
    Ok(Json(json!({ "text": printed.text, "cut": printed.cut })))
}

pub(crate) async fn history(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
) -> Result<Json<Value>, Problem> {
    app.pbx().switch(&name(path)?)?;
    Ok(Json(json!({ "items": app.pbx().cli_history(&user.login) })))
}
