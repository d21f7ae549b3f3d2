//! The switches that are driven: how they are, what goes on in them, what they are told.

pub(crate) mod commands;
mod describe;
pub(crate) mod effects;
pub(crate) mod live;
pub(crate) mod log;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use custompbx_pbx::Pbx;
use custompbx_pbx::switches::Driven;
use custompbx_pbx::switches::import::{Taken, What};
use custompbx_store::{EventSocket, WebUser};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Named, Sent, body, by, name};
use crate::App;
use crate::problem::Problem;

pub(crate) use describe::{OPERATIONS, schemas};

pub(crate) const ALL: &str = "/api/v2/switches";
pub(crate) const ONE: &str = "/api/v2/switches/{switch}";
pub(crate) const EVENT_SOCKET: &str = "/api/v2/switches/{switch}/event-socket";
pub(crate) const RECONNECT: &str = "/api/v2/switches/{switch}/reconnect";
pub(crate) const DOCTOR: &str = "/api/v2/switches/{switch}/doctor";
pub(crate) const IMPORT: &str = "/api/v2/switches/{switch}/import";

/// How long an event socket is waited for, in seconds, where nothing is said.
const USUAL_TIMEOUT_S: u64 = 10;

pub(crate) async fn list(State(app): State<App>) -> Json<Value> {
    Json(json!({ "items": app.pbx().switch_views() }))
}

pub(crate) async fn one(State(app): State<App>, path: Named) -> Result<Json<Value>, Problem> {
    let driven = app.pbx().switch(&name(path)?)?;
    Ok(Json(json!(app.pbx().switch_view(&driven))))
}

/// Where an event socket is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    host: String,
    port: u16,
    pass: String,
    timeout: Option<u64>,
}

pub(crate) async fn put_event_socket(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    sent: Sent<Place>,
) -> Result<StatusCode, Problem> {
    let switch = name(path)?;
    let Place { host, port, pass, timeout } = body(sent)?;
    let timeout_s = timeout.unwrap_or(USUAL_TIMEOUT_S);
    app.pbx().set_event_socket(&by(&user), EventSocket { switch, host, port, pass, timeout_s }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn delete_event_socket(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
) -> Result<StatusCode, Problem> {
    app.pbx().remove_event_socket(&by(&user), &name(path)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries to connect now, or reads everything again where there is a connection.
pub(crate) async fn reconnect(State(app): State<App>, path: Named) -> Result<StatusCode, Problem> {
    let driven = app.pbx().switch(&name(path)?)?;
    driven.supervisor.try_now();
    driven.supervisor.read_again();
    Ok(StatusCode::ACCEPTED)
}

pub(crate) async fn doctor(State(app): State<App>, path: Named) -> Result<Json<Value>, Problem> {
    let checks = app.pbx().examine(&name(path)?).await?;
    let snippets = app.pbx().snippets();
    Ok(Json(json!({ "checks": checks, "snippets": snippets })))
}

/// What is taken over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    what: Part,
    name: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Directory,
    Dialplan,
    Configuration,
    GlobalVariables,
}

pub(crate) async fn import(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    sent: Sent<Import>,
) -> Result<Json<Value>, Problem> {
    let driven = app.pbx().switch(&name(path)?)?;
    let Import { what, name } = body(sent)?;
    let what = match (what, &name) {
        (Part::Directory, None) => What::Directory,
        (Part::Dialplan, None) => What::Dialplan,
        (Part::GlobalVariables, None) => What::Variables,
        (Part::Configuration, None) => What::Configurations,
        (Part::Configuration, Some(name)) => What::Configuration(name.strip_suffix(".conf").unwrap_or(name)),
        (_, Some(_)) => {
            let message = "only a configuration has a name here";
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message);
            return Err(problem.error("pointer", "/name", message));
        }
    };
    let taken = app.pbx().import_running(&by(&user), &driven, what).await?;
    Ok(Json(taken_report(app.pbx(), &driven, &taken).await))
}

/// What an import did, for people and programs.
pub(crate) async fn taken_report(pbx: &Pbx, driven: &Driven, taken: &Taken) -> Value {
    // Reading the switch's own files keeps the variables in them.
    let mut report = json!({ "skipped": taken.skipped, "files": pbx.files_of(driven).await });
    if let Some(imported) = &taken.imported {
        let counts = imported.counts;
        report["added"] = json!(counts.added);
        report["revision"] = json!(imported.revision.map(|revision| revision.0));
        report["served"] = json!(imported.served);
        report["report"] = json!(imported.report.to_string());
    } else {
        report["added"] = json!(0);
        report["revision"] = Value::Null;
    }
    report
}
