//! What is given.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use custompbx_pbx::Error;
use custompbx_pbx::bulk::{Job, Phase, Report};
use custompbx_pbx::element::{Outcome, Refused};
use serde_json::{Value, json};

use crate::problem::Problem;

/// How many rows that are wrong a problem names beside its report.
const NAMED: usize = 100;

/// Something that goes on.
pub(super) fn accepted(job: &Job) -> Response {
    let mut response = (StatusCode::ACCEPTED, Json(shown(job))).into_response();
    if let Ok(place) = HeaderValue::from_str(&href(job)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// Something that has ended.
pub(super) fn ended(ended: &Result<Outcome<Report>, Error>) -> Result<Response, Problem> {
    match ended {
        Ok(Ok(done)) if done.refused == 0 || done.partly => Ok(Json(report(done)).into_response()),
        ended => Err(problem(ended)),
    }
}

/// A job.
pub(super) fn shown(job: &Job) -> Value {
    let state = match job.phase() {
        Phase::Checking => "checking",
        Phase::Writing => "writing",
        Phase::Ended => "ended",
    };
    let mut shown = json!({
        "id": job.id,
        "href": href(job),
        "owner": job.owner,
        "instance": job.instance,
        "address": job.address.to_string(),
        "started": jiff::Timestamp::from_millisecond(job.started_at).map(|at| at.to_string()).ok(),
        "state": state,
        "rows": job.rows,
        "rows_checked": job.checked(),
        "nodes_written": job.written(),
    });
    match job.outcome().as_deref() {
        Some(Ok(Ok(done))) => shown["report"] = report(done),
        Some(ended) => shown["problem"] = problem(ended).body(),
        None => {}
    }
    shown
}

fn href(job: &Job) -> String {
    format!("/api/v2/jobs/{}", job.id)
}

/// Why nothing was written.
fn problem(ended: &Result<Outcome<Report>, Error>) -> Problem {
    match ended {
        Ok(Ok(done)) => {
            let first = done.refusals.first().map_or(0, |refusal| refusal.line);
            let detail = format!(
                "{} of {} rows are wrong, the first in line {first}; nothing was written",
                done.refused, done.rows
            );
            let mut problem =
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with("report", report(done));
            for refusal in done.refusals.iter().take(NAMED) {
                for fault in &refusal.faults {
                    let message = format!("line {}: {}", refusal.line, fault.message);
                    problem = problem.error("pointer", fault.pointer.as_str(), message);
                }
            }
            problem
        }
        Ok(Err(refused)) => match refused {
            Refused::Missing(detail) => Problem::new(StatusCode::NOT_FOUND, detail.as_str()),
            Refused::Faults(faults) => crate::rest::element::faults(faults.clone()),
            Refused::IsCollection(detail) | Refused::Taken(detail) | Refused::TooLarge(detail) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail.as_str())
            }
            Refused::Query { message, .. } => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message.as_str())
            }
            Refused::Changed { expected, .. } => Problem::new(StatusCode::CONFLICT, expected.as_str()),
        },
        Err(error) => Problem::from(error),
    }
}

fn report(report: &Report) -> Value {
    let refusals = report.refusals.iter().map(|refusal| {
        let faults = refusal.faults.iter();
        let errors = faults.map(|fault| json!({ "pointer": fault.pointer, "message": fault.message }));
        json!({ "line": refusal.line, "key": refusal.key, "errors": errors.collect::<Vec<_>>() })
    });
    let mut shown = json!({
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "refusals": refusals.collect::<Vec<_>>(),
        "dry_run": report.dry_run,
        "written": report.written,
        "revision": report.revision,
        "served": report.served,
    });
    if let Some(lines) = &report.lines {
        let lines = lines.iter().map(|(line, became)| json!({ "line": line, "outcome": became.as_str() }));
        shown["lines"] = lines.collect();
    }
    shown
}
