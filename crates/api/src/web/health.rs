//! For load balancers and Prometheus.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::App;

/// The process runs.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// FreeSWITCH would be answered. That is so without the database too.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let snapshot = app.pbx().snapshot().is_some();
    let status = if snapshot { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let database = if app.pbx().is_connected().await { "up" } else { "down" };
    (status, Json(json!({"ready": snapshot, "database": database}))).into_response()
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.0.metrics.render()).into_response()
}
