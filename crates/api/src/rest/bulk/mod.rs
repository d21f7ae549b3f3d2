//! Many elements at once: NDJSON or CSV into a collection. What is done with them is
//! [`custompbx_pbx::bulk`]'s.

mod answer;
mod describe;

use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest as _, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use custompbx_model::address::Address;
use custompbx_pbx::Error;
use custompbx_pbx::account::Session;
use custompbx_pbx::bulk::rows::{from_csv, from_ndjson};
use custompbx_pbx::bulk::{How, Job, Row};
use custompbx_store::Role;
use serde::Deserialize;
use serde_json::Value;

use super::by;
use super::segment;
use crate::App;
use crate::access::{permit, scope};
use crate::problem::Problem;
pub(crate) use describe::{OPERATIONS, schemas};

/// The longest body, in bytes.
pub(crate) const LONGEST: usize = 256 * 1024 * 1024;
/// How long a request waits for the end before it is told where to look.
const PATIENCE: Duration = Duration::from_secs(25);
const PREFIX: &str = "/api/v2/instances/";

/// How rows are taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkQuery {
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    report: Extent,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// One row that is wrong, and nothing is written.
    #[default]
    AllOrNothing,
    /// The rows that are right are written.
    Each,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Extent {
    #[default]
    Refused,
    All,
}

/// How rows are written.
#[derive(Clone, Copy)]
enum Kind {
    Json,
    Csv,
}

/// Takes rows into a collection.
pub(crate) async fn upsert(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    uri: Uri,
    headers: HeaderMap,
    query: Result<Query<BulkQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let query = super::query(query)?;
    let (instance, address) = target(&uri)?;
    let kind = kind(&headers)?;
    // Before anything large is taken in.
    app.pbx().instance(&instance).await?;
    let place = app.pbx().place_for_bulk()?;
    let body = read(request).await?;
    let rows = tokio::task::spawn_blocking(move || rows(kind, body)).await.map_err(|_| failed())??;
    let how = How {
        replace: query.replace,
        partly: query.mode == Mode::Each,
        dry_run: query.dry_run,
        each: query.report == Extent::All,
    };
    let mut job = app.pbx().start_bulk(place, &instance, by(&session.user), address, rows, how).await?;
    if wants_to_leave(&headers) {
        return Ok(answer::accepted(&job));
    }
    match tokio::time::timeout(PATIENCE, job.ended()).await {
        Ok(ended) => answer::ended(&*ended.ok_or_else(failed)?),
        Err(_) => Ok(answer::accepted(&job)),
    }
}

/// How far an upsert is.
pub(crate) async fn job(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: super::Named,
) -> Result<Json<Value>, Problem> {
    Ok(Json(answer::shown(&find(&app, &session, &Method::GET, path)?)))
}

/// Stops one, or forgets it.
pub(crate) async fn end(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: super::Named,
) -> Result<StatusCode, Problem> {
    let job = find(&app, &session, &Method::DELETE, path)?;
    app.pbx().end_bulk_job(job.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The job, for those who may do the same with its collection.
fn find(app: &App, session: &Session, method: &Method, path: super::Named) -> Result<Job, Problem> {
    let id = super::name(path)?;
    let missing = |_| Error::NotFound { what: "job", name: id.clone() };
    let job = app.pbx().bulk_job(id.parse().map_err(missing)?)?;
    let place = format!("{PREFIX}{}/{}", segment(&job.instance), job.address);
    permit(session, Role::Admin, scope(method, &place))?;
    Ok(job)
}

/// The path is read as it was sent, as that of an element is.
fn target(uri: &Uri) -> Result<(String, Address), Problem> {
    let wrong = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail).code("bad-address");
    let rest = uri.path().strip_prefix(PREFIX).and_then(|rest| rest.split_once("/bulk/"));
    let (instance, rest) = rest.ok_or_else(|| wrong("there is no address of a collection".to_owned()))?;
    let instance = percent_encoding::percent_decode_str(instance).decode_utf8();
    let instance = instance.map_err(|_| wrong("the instance's name is not UTF-8".to_owned()))?;
    let address = Address::parse(rest).map_err(|error| wrong(error.to_string()))?;
    Ok((instance.into_owned(), address))
}

fn kind(headers: &HeaderMap) -> Result<Kind, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(Kind::Json),
        "text/csv" => Ok(Kind::Csv),
        _ => {
            let detail = "rows come as application/x-ndjson or as text/csv";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
        }
    }
}

async fn read(request: Request) -> Result<Vec<u8>, Problem> {
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| {
        let detail = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                format!("the body is longer than {LONGEST} bytes; send it in parts")
            }
            _ => rejection.body_text(),
        };
        Problem::new(rejection.status(), detail)
    })?;
    Ok(body.into())
}

fn rows(kind: Kind, body: Vec<u8>) -> Result<Vec<Row>, Problem> {
    let rows = match kind {
        Kind::Json => from_ndjson(body),
        Kind::Csv => from_csv(&body),
    };
    let rows = rows.map_err(|fault| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault.message))?;
    if rows.is_empty() {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "there are no rows in the body"));
    }
    Ok(rows)
}

/// `Prefer: respond-async` (RFC 7240).
fn wants_to_leave(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case("respond-async"))
}

fn failed() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says why")
}
