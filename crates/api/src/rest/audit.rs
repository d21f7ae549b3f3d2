//! Who changed what is no tree.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use custompbx_pbx::Error;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{Answer, Operation};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    parameters: &["limit", "cursor"],
    answers: &[Answer { schema: "Audit", ..Answer::OK }],
    ..Operation::new(
        "GET",
        "/api/v2/audit",
        "listAudit",
        "server",
        "Who changed accounts, settings and templates",
    )
}];

pub(crate) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "Audit": {
            "type": "object",
            "required": ["items", "total", "next"],
            "properties": {
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id", "at", "actor", "origin", "action", "target", "detail"],
                        "properties": {
                            "id": { "type": "integer" },
                            "at": { "type": "string", "format": "date-time" },
                            "actor": text, "origin": text, "action": text, "target": text, "detail": text,
                        },
                    },
                },
                "total": { "type": "integer" },
                "next": { "type": ["string", "null"] },
            },
        },
    })
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;

/// Newest first.
pub(crate) async fn list(
    State(app): State<App>,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(page) = page.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let bad_cursor = || Problem::new(StatusCode::BAD_REQUEST, "the cursor is none that was given out");
    let before = page.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| bad_cursor())).transpose()?;
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let found = app.pbx().store()?.audit(before, limit).await.map_err(Error::from)?;
    let items: Vec<Value> = found
        .items
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id,
                "at": jiff::Timestamp::from_millisecond(entry.at_ms).map(|at| at.to_string()).ok(),
                "actor": entry.actor,
                "origin": entry.origin,
                "action": entry.action,
                "target": entry.target,
                "detail": entry.detail,
            })
        })
        .collect();
    let next = found.next.map(|next| next.to_string());
    Ok(Json(json!({ "items": items, "total": found.total, "next": next })))
}
