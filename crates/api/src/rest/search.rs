//! Looking for anything by its name, its number or a value.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::problem::Problem;

/// How many hits there are when nobody says.
const USUAL: usize = 20;
/// The longest text that is looked for, in bytes.
const LONGEST: usize = 200;

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    q: String,
    limit: Option<usize>,
}

pub(crate) async fn search(
    State(app): State<App>,
    Path(instance): Path<String>,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(query) = query.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    if query.q.len() > LONGEST {
        let detail = format!("q has at most {LONGEST} bytes");
        return Err(Problem::new(axum::http::StatusCode::BAD_REQUEST, detail.as_str()).error("parameter", "q", detail));
    }
    let hits = app.pbx().search(&instance, &query.q, query.limit.unwrap_or(USUAL)).await?;
    let base = format!("/api/v2/instances/{}", custompbx_model::address::Segment::new(instance).escaped());
    let items: Vec<Value> = hits
        .items
        .iter()
        .map(|hit| {
            let found = hit.found.as_ref().map(|(place, value)| json!({ "in": place, "value": value }));
            json!({
                "id": hit.node.id,
                "tag": hit.node.tag,
                "name": hit.node.natural_name(),
                "enabled": hit.node.enabled,
                "href": format!("{base}/{}", hit.address),
                "address": hit.address.to_string(),
                "found": found,
            })
        })
        .collect();
    Ok(Json(json!({ "items": items, "total": hits.total })))
}
