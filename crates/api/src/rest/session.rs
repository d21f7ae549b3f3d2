//! Signing in and out.

use std::net::SocketAddr;

use axum::Extension;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use custompbx_pbx::Error;
use custompbx_pbx::account::SESSION_MS;
use custompbx_store::WebUser;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::object::Object;
use crate::App;
use crate::access::{COOKIE, Token, is_own_origin};
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "POST",
        path: "/api/v2/session",
        id: "signIn",
        tag: "session",
        summary: "Sign in",
        description: "The answer sets a cookie; what it holds is also good for `Authorization: Bearer`.",
        body: Some(Body {
            schema: "Credentials",
            media: &[JSON],
            example: r#"{"login": "admin", "password": "correct horse battery"}"#,
        }),
        answers: &[Answer { schema: "Session", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/session",
        id: "getSession",
        tag: "session",
        summary: "Who is signed in",
        answers: &[Answer { schema: "Session", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "DELETE",
        path: "/api/v2/session",
        id: "signOut",
        tag: "session",
        summary: "Sign out",
        description: "Ends the session that was shown.",
        answers: &[Answer { status: 204, description: "It is ended.", ..Answer::OK }],
        ..Operation::GET
    },
];

pub(crate) fn schemas() -> Value {
    json!({
        "Credentials": {
            "type": "object",
            "required": ["login", "password"],
            "properties": { "login": { "type": "string" }, "password": { "type": "string", "format": "password" } },
            "additionalProperties": false,
        },
        "Session": {
            "type": "object",
            "required": ["user"],
            "properties": {
                "user": {
                    "type": "object",
                    "required": ["id", "login", "role"],
                    "properties": {
                        "id": { "type": "integer" },
                        "login": { "type": "string" },
                        "role": { "type": "string", "enum": ["admin", "manager", "user"] },
                    },
                },
            },
        },
    })
}

/// What one signs in with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    login: String,
    password: String,
}

/// Who is signed in.
#[derive(Serialize)]
pub(crate) struct Session {
    user: User,
}

#[derive(Serialize)]
struct User {
    id: i64,
    login: String,
    role: &'static str,
}

impl Session {
    fn of(user: &WebUser) -> Self {
        Self { user: User { id: user.id.0, login: user.login.clone(), role: user.role.as_str() } }
    }
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    credentials: Result<Json<Object<Credentials>>, JsonRejection>,
) -> Result<Response, Problem> {
    if !is_own_origin(&headers, &uri) {
        return Err(Error::BadRequest("the request comes from a page of another origin".to_owned()).into());
    }
    let Json(Object(credentials)) =
        credentials.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let signed_in =
        app.pbx().sign_in(&credentials.login, &credentials.password, peer.ip().to_canonical()).await?;
    let body = Json(Session::of(&signed_in.session.user));
    Ok(with_cookie(body.into_response(), &signed_in.token, SESSION_MS / 1000, app.settings().tls))
}

pub(crate) async fn who(Extension(user): Extension<WebUser>) -> Json<Session> {
    Json(Session::of(&user))
}

/// Ends the session that was shown, be it as a cookie or as `Authorization: Bearer`.
pub(crate) async fn sign_out(
    State(app): State<App>,
    Extension(Token(token)): Extension<Token>,
) -> Result<Response, Problem> {
    app.pbx().sign_out(&token).await?;
    Ok(with_cookie(StatusCode::NO_CONTENT.into_response(), "", 0, app.settings().tls))
}

/// Scripts cannot read the cookie and pages of others cannot use it.
fn with_cookie(mut response: Response, token: &str, max_age_s: i64, tls: bool) -> Response {
    let secure = if tls { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
