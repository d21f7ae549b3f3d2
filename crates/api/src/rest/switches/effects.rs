//! What changes came to on a switch, and what is offered.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use custompbx_store::{Effect, EffectId, WebUser};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::element::wrong_parameter;
use super::super::{Named, by, name, query};
use crate::App;
use crate::problem::Problem;

pub(crate) const LIST: &str = "/api/v2/switches/{switch}/effects";
pub(crate) const OFFERS: &str = "/api/v2/switches/{switch}/offers";
pub(crate) const ACCEPT: &str = "/api/v2/switches/{switch}/offers/{offer}/accept";
pub(crate) const DISMISS: &str = "/api/v2/switches/{switch}/offers/{offer}/dismiss";

/// So many are given where nothing is said, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1_000;

/// An effect, as it is shown.
pub(crate) fn shown(effect: &Effect) -> Value {
    json!({
        "id": effect.id.0,
        "revision": effect.revision.0,
        "switch": effect.switch,
        "command": effect.command,
        "line": effect.line,
        "state": effect.state.as_str(),
        "reply": effect.reply,
        "at_ms": effect.at_ms,
    })
}

/// How many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HowMany {
    limit: Option<u32>,
}

pub(crate) async fn list(
    State(app): State<App>,
    path: Named,
    asked: Result<Query<HowMany>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let limit = query(asked)?.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(wrong_parameter("limit", &format!("is from 1 to {MOST}")));
    }
    let effects = app.pbx().effects_on(&name(path)?, limit).await?;
    Ok(Json(json!({ "items": effects.iter().map(shown).collect::<Vec<_>>() })))
}

pub(crate) async fn offers(State(app): State<App>, path: Named) -> Result<Json<Value>, Problem> {
    let offers = app.pbx().offers(&name(path)?).await?;
    let shown = |offer: &custompbx_pbx::switches::effects::Offer| {
        let mut one = shown(&offer.effect);
        one["interrupts"] = json!(offer.interrupts);
        one
    };
    Ok(Json(json!({ "items": offers.iter().map(shown).collect::<Vec<_>>() })))
}

type Place = Result<Path<(String, i64)>, PathRejection>;

fn place(path: Place) -> Result<(String, EffectId), Problem> {
    let missing = |_| Problem::new(StatusCode::NOT_FOUND, "there is no such offer");
    let Path((switch, id)) = path.map_err(missing)?;
    Ok((switch, EffectId(id)))
}

pub(crate) async fn accept(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Place,
) -> Result<Json<Value>, Problem> {
    let (switch, id) = place(path)?;
    Ok(Json(shown(&app.pbx().accept_offer(&by(&user), &switch, id).await?)))
}

pub(crate) async fn dismiss(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Place,
) -> Result<StatusCode, Problem> {
    let (switch, id) = place(path)?;
    app.pbx().dismiss_offer(&by(&user), &switch, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
