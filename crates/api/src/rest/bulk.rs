//! Many elements at once: NDJSON or CSV into a collection.

use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use custompbx_model::address::Address;
use custompbx_pbx::bulk::rows::{MOST_ROWS, from_csv, from_ndjson};
use custompbx_pbx::bulk::{Ended, How, Job, Report};
use custompbx_pbx::element::Refused;
use custompbx_pbx::{By, Error};
use custompbx_store::WebUser;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::problem::Problem;

/// The longest body, in bytes.
pub(crate) const LONGEST: usize = 256 * 1024 * 1024;
/// How long a request waits for its end before it is told where to look; below the limit for requests.
const PATIENCE: Duration = Duration::from_secs(25);

/// How rows are taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkQuery {
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    write: Write,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// What a row does not mention stays.
    #[default]
    Merge,
    /// A row says all.
    Replace,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Write {
    /// All rows or none.
    #[default]
    All,
    /// The rows that are right.
    Right,
}

pub(crate) async fn upsert(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    uri: Uri,
    headers: HeaderMap,
    query: Result<Query<BulkQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let (instance, address) = target(&uri)?;
    let body = body.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let read = move || match kind.as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(from_ndjson(&body)),
        "text/csv" => from_csv(&body).map_err(|faults| {
            let message = faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message)
        }),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "rows come as application/x-ndjson or as text/csv",
        )),
    };
    let rows = tokio::task::spawn_blocking(read).await.map_err(|_| failed())??;
    if rows.len() > MOST_ROWS {
        let detail = format!("there are {} rows; {MOST_ROWS} are the most", rows.len());
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let instance = app.pbx().instance(&instance).await?.id;
    let how = How {
        replace: query.mode == Mode::Replace,
        partly: query.write == Write::Right,
        dry_run: query.dry_run,
    };
    let by = By { actor: user.login.clone(), origin: "bulk".to_owned() };
    let mut job = app.pbx().start_bulk(instance, by, user.id, address, rows, how)?;
    let leave = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case("respond-async")));
    if !leave
        && let Ok(ended) = tokio::time::timeout(PATIENCE, job.ended()).await
    {
        return result(&ended.ok_or_else(failed)?);
    }
    let place = format!("/api/v2/jobs/{}", job.id);
    let mut response = (StatusCode::ACCEPTED, Json(shown(&job))).into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// How far an upsert is.
pub(crate) async fn job(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let missing = || Problem::from(Error::NotFound { what: "job", name: id.clone() });
    let job = id.parse().ok().and_then(|id| app.pbx().bulk_job(id, user.id)).ok_or_else(missing)?;
    Ok(Json(shown(&job)))
}

fn target(uri: &Uri) -> Result<(String, Address), Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, "there is no collection at this address");
    let rest = uri.path().strip_prefix("/api/v2/instances/").ok_or_else(missing)?;
    let (instance, rest) = rest.split_once('/').ok_or_else(missing)?;
    let rest = rest.strip_prefix("bulk/").ok_or_else(missing)?;
    let instance = percent_encoding::percent_decode_str(instance).decode_utf8().map_err(|_| missing())?;
    let address = Address::parse(rest)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    Ok((instance.into_owned(), address))
}

fn failed() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says why")
}

fn shown(job: &Job) -> Value {
    let state = job.state();
    let mut shown = json!({
        "id": job.id,
        "rows": job.rows,
        "nodes_written": state.nodes,
        "state": if state.ended.is_some() { "ended" } else { "running" },
    });
    match state.ended.as_deref() {
        Some(Ok(Ok(done))) => shown["report"] = report(done),
        Some(Ok(Err(refused))) => shown["error"] = refused_text(refused).into(),
        Some(Err(error)) => shown["error"] = error.to_string().into(),
        None => {}
    }
    shown
}

fn result(ended: &Ended) -> Result<Response, Problem> {
    match ended.as_ref() {
        Ok(Ok(done)) if done.written => Ok(Json(report(done)).into_response()),
        Ok(Ok(done)) => {
            let detail = format!("{} of {} rows are wrong; nothing was written", done.failed, done.rows);
            let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with("report", report(done));
            for failure in done.failures.iter().take(100) {
                for fault in &failure.faults {
                    let place = format!("/{}{}", failure.line, fault.pointer);
                    problem = problem.error("pointer", place, fault.message.as_str());
                }
            }
            Err(problem)
        }
        Ok(Err(refused)) => Err(Problem::new(status(refused), refused_text(refused))),
        Err(error) => Err(Problem::again(error)),
    }
}

fn status(refused: &Refused) -> StatusCode {
    match refused {
        Refused::Missing(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn refused_text(refused: &Refused) -> String {
    match refused {
        Refused::Missing(text) | Refused::IsCollection(text) | Refused::Taken(text) | Refused::TooLarge(text) => {
            text.clone()
        }
        Refused::Query { message, .. } => message.clone(),
        Refused::Changed { expected, .. } => expected.clone(),
        Refused::Faults(faults) => {
            faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ")
        }
    }
}

fn report(report: &Report) -> Value {
    let failures: Vec<Value> = report
        .failures
        .iter()
        .map(|failure| {
            let errors: Vec<Value> = failure
                .faults
                .iter()
                .map(|fault| json!({ "pointer": fault.pointer, "message": fault.message }))
                .collect();
            json!({ "line": failure.line, "key": failure.key, "errors": errors })
        })
        .collect();
    json!({
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "failed": report.failed,
        "failures": failures,
        "written": report.written,
        "revision": report.revision,
        "served": report.served,
    })
}
