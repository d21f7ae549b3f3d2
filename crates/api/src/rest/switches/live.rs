//! What goes on in a switch now.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use custompbx_pbx::switches::live::Kind;
use custompbx_pbx::switches::view::Range;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::element::wrong_parameter;
use super::super::query;
use crate::App;
use crate::problem::Problem;

pub(crate) const ROWS: &str = "/api/v2/switches/{switch}/live/{kind}";
/// Not a table: the legs of each call together.
const CALLS: &str = "calls";

/// Which of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    limit: Option<usize>,
    #[serde(default)]
    offset: usize,
}

pub(crate) async fn rows(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    asked: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((switch, kind)) =
        path.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let Which { limit, offset } = query(asked)?;
    if limit == Some(0) {
        return Err(wrong_parameter("limit", "is at least 1; without it all rows are given"));
    }
    let some = Range { offset, limit };
    let pbx = app.pbx();
    let driven = pbx.switch(&switch)?;
    let status = driven.supervisor.status();
    let mut answer = json!({ "switch": driven.key, "phase": status.phase.word(), "stale_since_ms": status.stale_since_ms });
    let (seq, total, rows) = if kind == CALLS {
        let shown = pbx.live_calls(&driven, some);
        (shown.seq, shown.total, Value::from(shown.rows))
    } else {
        let shown = pbx.live_rows(&driven, &kind, some).ok_or_else(|| {
            let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let detail = format!("there is no {kind:?} in a switch; there are {CALLS}, {}", kinds.join(", "));
            Problem::new(StatusCode::NOT_FOUND, detail)
        })?;
        (shown.seq, shown.total, shown.rows.into())
    };
    answer["seq"] = json!(seq);
    answer["total"] = json!(total);
    answer["rows"] = rows;
    Ok(Json(answer))
}
