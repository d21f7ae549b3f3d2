//! How the server is.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::App;

pub(crate) async fn status(State(app): State<App>) -> Json<Value> {
    let pbx = app.pbx();
    let snapshot = pbx.snapshot();
    let saved_at = pbx.snapshot_saved_at().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let saved_at = saved_at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "database": if pbx.is_connected().await { "up" } else { "down" },
        "snapshot": {
            "revision": snapshot.as_ref().map_or(0, |snapshot| snapshot.revision),
            "users": snapshot.as_ref().map_or(0, |snapshot| snapshot.users()),
            "saved_at": saved_at,
        },
    }))
}
