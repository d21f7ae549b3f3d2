//! What goes on in a switch now.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use custompbx_pbx::switches::live::Kind;
use serde_json::{Value, json};

use crate::App;
use crate::problem::Problem;

pub(crate) const ROWS: &str = "/api/v2/switches/{switch}/live/{kind}";
/// Not a table: the legs of each call together.
const CALLS: &str = "calls";

pub(crate) async fn rows(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((switch, kind)) =
        path.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let pbx = app.pbx();
    let driven = pbx.switch(&switch)?;
    let status = driven.supervisor.status();
    let mut answer = json!({ "switch": driven.key, "phase": status.phase.word(), "stale_since_ms": status.stale_since_ms });
    let (seq, rows) = if kind == CALLS {
        let (seq, calls) = pbx.live_calls(&driven);
        (seq, json!(calls))
    } else {
        let found = pbx.live_rows(&driven, &kind).ok_or_else(|| {
            let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let detail = format!("there is no {kind:?} in a switch; there are {CALLS}, {}", kinds.join(", "));
            Problem::new(StatusCode::NOT_FOUND, detail)
        })?;
        (found.0, found.1.into())
    };
    answer["seq"] = json!(seq);
    answer["rows"] = rows;
    Ok(Json(answer))
}
