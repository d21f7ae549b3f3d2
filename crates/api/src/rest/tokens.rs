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
use crate::openapi::{self, Answer, JSON, Operation, list_of};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/tokens",
        id: "listOwnTokens",
        tag: "web-users",
        summary: "One's own tokens",
        answers: &[Answer { schema: "Tokens", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/tokens",
        id: "createOwnToken",
        tag: "web-users",
        summary: "A new token of one's own",
        description: "Its text is shown once.",
        body: Some(openapi::Body {
            schema: "NewToken",
            media: &[JSON],
            example: r#"{"scopes": ["directory:read"]}"#,
        }),
        answers: &[Answer { status: 201, description: "It was made.", schema: "MadeToken", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "DELETE",
        path: "/api/v2/tokens/{token}",
        id: "deleteOwnToken",
        tag: "web-users",
        summary: "End one of one's own tokens",
        answers: &[Answer { status: 204, description: "It is done.", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/web-users/{user}/tokens",
        id: "listTokens",
        tag: "web-users",
        summary: "The tokens of a web user",
        answers: &[Answer { schema: "Tokens", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/web-users/{user}/tokens",
        id: "createToken",
        tag: "web-users",
        summary: "A new token of a web user",
        description: "Its text is shown once.",
        body: Some(openapi::Body { schema: "NewToken", media: &[JSON], example: r#"{"scopes": []}"# }),
        answers: &[Answer { status: 201, description: "It was made.", schema: "MadeToken", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "DELETE",
        path: "/api/v2/web-users/{user}/tokens/{token}",
        id: "deleteToken",
        tag: "web-users",
        summary: "End a token of a web user",
        answers: &[Answer { status: 204, description: "It is done.", ..Answer::OK }],
        ..Operation::GET
    },
];

/// With or without its text.
fn token(is_new: bool) -> Value {
    let mut schema = json!({
        "type": "object",
        "required": ["id", "user", "purpose", "scopes", "created", "expires", "last_used", "current"],
        "properties": {
            "id": { "type": "integer" },
            "user": { "type": "integer" },
            "purpose": { "type": "string" },
            "scopes": {
                "type": ["array", "null"],
                "items": { "type": "string" },
                "description": "What it is for; null: for all that its user may.",
            },
            "created": { "type": ["string", "null"], "format": "date-time" },
            "expires": { "type": ["string", "null"], "format": "date-time" },
            "last_used": { "type": ["string", "null"], "format": "date-time" },
            "current": { "type": "boolean", "description": "Whether it is the one that was shown." },
        },
    });
    if is_new {
        schema["properties"]["token"] = json!({ "type": "string" });
    }
    schema
}

pub(crate) fn schemas() -> Value {
    json!({
        "Tokens": list_of("Token"),
        "Token": token(false),
        "MadeToken": token(true),
        "NewToken": {
            "type": "object",
            "properties": {
                "scopes": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "What it may be used for, such as directory:read; none: all that its user may.",
                },
            },
            "additionalProperties": false,
        },
    })
}

type Given<T> = Result<T, Problem>;
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

pub(crate) async fn own(State(app): State<App>, Extension(by): Extension<Session>) -> Given<Json<Value>> {
    all_of(&app, &by, by.user.id).await
}

pub(crate) async fn add_own(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    wanted: Wanted,
) -> Given<(StatusCode, Json<Value>)> {
    add_to(&app, &by, by.user.id, wanted).await
}

pub(crate) async fn remove_own(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    token: Result<Path<i64>, PathRejection>,
) -> Given<StatusCode> {
    let Path(token) = token.map_err(|_| no_number())?;
    remove_of(&app, &by, by.user.id, token).await
}

pub(crate) async fn list(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    user: Result<Path<i64>, PathRejection>,
) -> Given<Json<Value>> {
    let Path(user) = user.map_err(|_| no_number())?;
    all_of(&app, &by, WebUserId(user)).await
}

pub(crate) async fn add(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    user: Result<Path<i64>, PathRejection>,
    wanted: Wanted,
) -> Given<(StatusCode, Json<Value>)> {
    let Path(user) = user.map_err(|_| no_number())?;
    add_to(&app, &by, WebUserId(user), wanted).await
}

pub(crate) async fn remove(
    State(app): State<App>,
    Extension(by): Extension<Session>,
    place: Result<Path<(i64, i64)>, PathRejection>,
) -> Given<StatusCode> {
    let Path((user, token)) = place.map_err(|_| no_number())?;
    remove_of(&app, &by, WebUserId(user), token).await
}

async fn all_of(app: &App, by: &Session, user: WebUserId) -> Given<Json<Value>> {
    let tokens = app.pbx().tokens_by(by, user).await?;
    let items: Vec<Value> = tokens.iter().map(|session| object(session, by)).collect();
    Ok(Json(json!({ "items": items })))
}

async fn add_to(
    app: &App,
    by: &Session,
    user: WebUserId,
    wanted: Wanted,
) -> Given<(StatusCode, Json<Value>)> {
    let Json(wanted) = wanted.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let unprocessable = |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
    let wanted: NewToken =
        serde_json::from_value(Value::Object(wanted)).map_err(|error| unprocessable(error.to_string()))?;
    let scopes = Scopes::parse(wanted.scopes.iter().map(String::as_str));
    let scopes =
        scopes.map_err(|text| unprocessable(format!("{text:?} is no scope, such as directory:read")))?;
    let made = app.pbx().add_token_by(by, "rest", user, &scopes).await?;
    let mut shown = object(&made.session, by);
    shown["token"] = made.token.into();
    Ok((StatusCode::CREATED, Json(shown)))
}

async fn remove_of(app: &App, by: &Session, user: WebUserId, token: i64) -> Given<StatusCode> {
    app.pbx().remove_token_by(by, "rest", Some(user), SessionId(token)).await?;
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
