//! Tokens: one's own, and for admins those of others.

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use custompbx_pbx::account::{Scopes, Session};
use custompbx_store::{SessionId, WebUserId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::App;
use crate::problem::Problem;

type Answer<T> = Result<T, Problem>;
/// An object, and not the array of its fields, which serde would take as well.
type Wanted = Result<Json<Map<String, Value>>, JsonRejection>;

/// A token to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it may be used for; missing or empty: for all that its user may.
    #[serde(default)]
    scopes: Vec<String>,
}

pub(crate) async fn own(State(app): State<App>, Extension(by): Extension<Session>) -> Answer<Json<Value>> {
    all_of(&app, &by, by.user.id).await
}

pub(crate) async fn add_own(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    wanted: Wanted,
) -> Answer<(StatusCode, Json<Value>)> {
    add_to(&app, &by, by.user.id, wanted).await
}

pub(crate) async fn remove_own(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    token: Result<Path<i64>, PathRejection>,
) -> Answer<StatusCode> {
    let Path(token) = token.map_err(|_| no_number())?;
    remove_of(&app, &by, by.user.id, token).await
}

pub(crate) async fn list(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    user: Result<Path<i64>, PathRejection>,
) -> Answer<Json<Value>> {
    let Path(user) = user.map_err(|_| no_number())?;
    all_of(&app, &by, WebUserId(user)).await
}

pub(crate) async fn add(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    user: Result<Path<i64>, PathRejection>,
    wanted: Wanted,
) -> Answer<(StatusCode, Json<Value>)> {
    let Path(user) = user.map_err(|_| no_number())?;
    add_to(&app, &by, WebUserId(user), wanted).await
}

pub(crate) async fn remove(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    place: Result<Path<(i64, i64)>, PathRejection>,
) -> Answer<StatusCode> {
    let Path((user, token)) = place.map_err(|_| no_number())?;
    remove_of(&app, &by, WebUserId(user), token).await
}

async fn all_of(app: &App, by: &Session, user: WebUserId) -> Answer<Json<Value>> {
    let tokens = app.pbx().tokens_by(by, user).await?;
    let items: Vec<Value> = tokens.iter().map(|session| object(session, by)).collect();
    Ok(Json(json!({ "items": items })))
}

async fn add_to(
    app: &App,
    by: &Session,
    user: WebUserId,
    wanted: Wanted,
) -> Answer<(StatusCode, Json<Value>)> {
    let Json(wanted) = wanted.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let unprocessable = |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
    let wanted: NewToken =
        serde_json::from_value(Value::Object(wanted)).map_err(|error| unprocessable(error.to_string()))?;
    let scopes = Scopes::parse(wanted.scopes.iter().map(String::as_str));
    let scopes =
        scopes.map_err(|text| unprocessable(format!("{text:?} is no scope, such as directory:read")))?;
    let made = app.pbx().add_token_by(by, user, &scopes).await?;
    let mut shown = object(&made.session, by);
    shown["token"] = made.token.into();
    Ok((StatusCode::CREATED, Json(shown)))
}

async fn remove_of(app: &App, by: &Session, user: WebUserId, token: i64) -> Answer<StatusCode> {
    app.pbx().remove_token_by(by, Some(user), SessionId(token)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token without its text, which is shown once.
fn object(session: &Session, by: &Session) -> Value {
    let time = |ms| jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string()).ok();
    json!({
        "id": session.id,
        "user": session.user.id,
        "purpose": session.purpose.as_str(),
        "scopes": session.scopes.texts(),
        "created": time(session.created_at),
        "expires": time(session.expires_at),
        "last_used": session.last_used_at.map(time),
        "current": session.id == by.id,
    })
}

fn no_number() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the id of a web user or a token is a whole number")
}
