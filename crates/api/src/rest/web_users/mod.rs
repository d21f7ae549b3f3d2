//! Web users. Admins see and change all of them, everybody else only themselves, and not what they may do.

mod describe;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use custompbx_model::NodeId;
use custompbx_pbx::account::{Accounts, Avatar, Denied, Session, Wanted, may_change};
use custompbx_pbx::{By, Error};
use custompbx_store::{Role, SessionId, WebUser, WebUserId};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Named, Sent, body, by};
pub(crate) use describe::{OPERATIONS, schemas};

use crate::App;
use crate::problem::Problem;

/// A new web user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    login: String,
    password: String,
    role: Role,
}

/// What of a web user is to be otherwise.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Changes {
    login: Option<String>,
    role: Option<Role>,
    enabled: Option<bool>,
    /// `null` takes it away.
    #[serde(deserialize_with = "given")]
    sip_id: Option<Option<i64>>,
    webrtc_lib: Option<String>,
    ws: Option<String>,
    verto_ws: Option<String>,
    stun: Option<String>,
    locale: Option<String>,
}

/// A new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Password {
    password: String,
}

/// Tells `null` from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<Changes> for Wanted {
    fn from(changes: Changes) -> Self {
        let Changes { login, role, enabled, sip_id, webrtc_lib, ws, verto_ws, stun, locale } = changes;
        Self {
            login,
            role,
            enabled,
            sip_user: sip_id.map(|id| id.map(NodeId)),
            webrtc_lib,
            ws,
            verto_ws,
            stun,
            locale,
            ..Self::default()
        }
    }
}

pub(crate) async fn list(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let users = app.pbx().store()?.web_users().await.map_err(Error::from)?;
    let items: Vec<Value> = users.iter().map(shown).collect();
    Ok(Json(json!({ "items": items })))
}

pub(crate) async fn create(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    new: Sent<New>,
) -> Result<Response, Problem> {
    let New { login, password, role } = body(new)?;
    let store = app.pbx().store()?;
    let by = by(&user);
    let created = Accounts::new(&store, &by, app.pbx().now()).add(&login, &password, role).await?;
    let mut response = (StatusCode::CREATED, Json(shown(&created))).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v2/web-users/{}", created.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

pub(crate) async fn one(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
) -> Result<Json<Value>, Problem> {
    let id = mine(&user, path)?;
    Ok(Json(shown(&find(&app, id).await?)))
}

pub(crate) async fn patch(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: Named,
    changes: Sent<Changes>,
) -> Result<Json<Value>, Problem> {
    let id = mine(&session.user, path)?;
    let changed = change(&app, &session, id, body(changes)?.into()).await?;
    Ok(Json(shown(&changed)))
}

pub(crate) async fn delete(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
) -> Result<StatusCode, Problem> {
    let id = mine(&user, path)?;
    if id == user.id {
        return Err(Problem::new(StatusCode::CONFLICT, "you cannot delete yourself"));
    }
    let store = app.pbx().store()?;
    Accounts::new(&store, &by(&user), app.pbx().now()).remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the other sessions of the web user.
pub(crate) async fn password(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: Named,
    new: Sent<Password>,
) -> Result<StatusCode, Problem> {
    let id = mine(&session.user, path)?;
    let wanted = Wanted { password: Some(body(new)?.password), ..Wanted::default() };
    change(&app, &session, id, wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The picture itself is the body.
pub(crate) async fn put_avatar(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: Named,
    content: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let id = mine(&session.user, path)?;
    let content = content.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let avatar = Avatar::new(content.into())?;
    change(&app, &session, id, Wanted { avatar: Some(Some(avatar)), ..Wanted::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn delete_avatar(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: Named,
) -> Result<StatusCode, Problem> {
    let id = mine(&session.user, path)?;
    change(&app, &session, id, Wanted { avatar: Some(None), ..Wanted::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn avatar(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = mine(&user, path)?;
    match app.pbx().store()?.avatar(id).await.map_err(Error::from)? {
        Some((format, content)) => Ok(crate::web::avatar::picture(&format, content, &headers)),
        None => Err(Error::NotFound { what: "picture of web user", name: id.to_string() }.into()),
    }
}

async fn change(app: &App, session: &Session, id: WebUserId, wanted: Wanted) -> Result<WebUser, Problem> {
    may_change(&session.user, id, &wanted).map_err(denied)?;
    let store = app.pbx().store()?;
    let by: By = by(&session.user);
    let keep: Option<SessionId> = Some(session.id);
    Ok(Accounts::new(&store, &by, app.pbx().now()).change(id, wanted, keep).await?)
}

fn denied(denied: Denied) -> Problem {
    match denied {
        Denied::Others | Denied::ForAdmins => Error::Forbidden { needed: Role::Admin.as_str() }.into(),
        Denied::OwnRole => Problem::new(StatusCode::CONFLICT, "you cannot change your own role"),
        Denied::OwnAccess => Problem::new(StatusCode::CONFLICT, "you cannot disable yourself"),
    }
}

/// The web user of the path, if the one who asks may have to do with it.
fn mine(user: &WebUser, path: Named) -> Result<WebUserId, Problem> {
    let name = super::name(path)?;
    let id = name.parse().ok().filter(|id| *id > 0).map(WebUserId);
    if user.role != Role::Admin && id != Some(user.id) {
        return Err(Error::Forbidden { needed: Role::Admin.as_str() }.into());
    }
    id.ok_or_else(|| Error::NotFound { what: "web user", name }.into())
}

async fn find(app: &App, id: WebUserId) -> Result<WebUser, Problem> {
    let found = app.pbx().store()?.web_user(id).await.map_err(Error::from)?;
    found.ok_or_else(|| Error::NotFound { what: "web user", name: id.to_string() }.into())
}

fn shown(user: &WebUser) -> Value {
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string()).ok();
    let avatar = (!user.avatar_format.is_empty()).then(|| format!("/api/v2/web-users/{}/avatar", user.id));
    json!({
        "id": user.id,
        "login": user.login,
        "role": user.role.as_str(),
        "enabled": user.enabled,
        "sip_id": user.sip_id,
        "webrtc_lib": user.webrtc_lib,
        "ws": user.ws,
        "verto_ws": user.verto_ws,
        "stun": user.stun,
        "locale": user.locale,
        "avatar": avatar,
        "created_at": time(user.created_at),
        "last_login_at": user.last_login_at.and_then(time),
    })
}
