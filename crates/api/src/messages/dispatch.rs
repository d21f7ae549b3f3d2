//! From an envelope to an answer: find the message, apply its rule, call it.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use axum::extract::ws::Utf8Bytes;
use custompbx_pbx::Error;
use custompbx_pbx::account::{Scope, Session};
use custompbx_store::Role;
use futures_util::FutureExt as _;
use serde_json::Value;

use super::envelope::{Envelope, Malformed};
use super::fields::Fields;
use super::named::{auth, status};
use super::push;
use super::reply::{Refusal, Reply, Stop};
use super::socket::peer::Peer;
use super::table::{self, Transport};
use super::tree::listing::Listing;
use crate::App;
use crate::access::{Access, permit};

/// Who sends a message.
#[derive(Clone)]
pub(crate) struct Caller {
    /// The session, with its web user.
    pub(crate) session: Session,
    /// The token that was shown.
    pub(crate) token: String,
}

/// Where a message comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// By which transport.
    pub(crate) by: By,
    /// The connection, where it goes on after this message.
    pub(crate) peer: Option<&'a Peer>,
}

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A frame of a WebSocket.
    WebSocket,
    /// A request.
    Post,
}

/// A message on its way to what carries it out.
pub(crate) struct Asked<'a> {
    /// The server.
    pub(crate) app: &'a App,
    /// The name that was used, which decides the form of the answer.
    pub(crate) name: &'a str,
    /// Its fields.
    pub(crate) data: Fields<'a>,
    /// Who sends it; `None` only where everybody may.
    pub(crate) caller: Option<&'a Caller>,
    /// Where it comes from.
    pub(crate) origin: Origin<'a>,
}

impl<'a> Asked<'a> {
    /// Who sends it.
    ///
    /// # Errors
    /// [`Stop::NoToken`] for a message that everybody may send.
    pub(crate) fn caller(&self) -> Result<&'a Caller, Stop> {
        self.caller.ok_or(Stop::NoToken)
    }

    /// Who changes something, for the history.
    ///
    /// # Errors
    /// [`Stop::NoToken`] for a message that everybody may send.
    pub(crate) fn by(&self) -> Result<custompbx_pbx::By, Stop> {
        let actor = self.caller()?.session.user.login.clone();
        Ok(custompbx_pbx::By { actor, origin: "api".to_owned() })
    }
}

/// An answer, and what it means for a transport that has more to say than the answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The answer, but for what is made while it is sent.
    pub(crate) body: Value,
    /// Members that belong behind those of the body.
    pub(crate) rest: Option<Listing>,
    /// How it went.
    pub(crate) fate: Fate,
}

impl Answer {
    /// The answer as one text, for a transport that cannot send it piece by piece.
    pub(crate) async fn into_text(self, app: &App) -> String {
        let Some(rest) = self.rest else { return self.body.to_string() };
        match rest.whole(&self.body).await {
            Ok(text) => text,
            Err(error) => {
                let name = self.body["MessageType"].as_str().unwrap_or_default();
                let (reply, _) = stopped(app, name, error.into()).await;
                reply.finish(name, self.body.get("request_id").cloned()).to_string()
            }
        }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Carried out, or refused with a documented text.
    Processed,
    /// No message at all.
    Malformed,
    /// No token, or none that counts.
    NoToken,
    /// The database is away.
    Unavailable,
    /// We failed.
    Failed,
}

/// What a text that is no message is answered with.
pub(crate) fn malformed(malformed: &Malformed) -> Answer {
    let name = match malformed {
        Malformed::Message { event: Some(event) } => event,
        _ => "none",
    };
    let reply = Reply::from(Refusal::new("malformed", malformed.text()));
    Answer { body: reply.finish(name, None), rest: None, fate: Fate::Malformed }
}

/// That a token is needed, for whoever lost theirs without having asked anything.
pub(crate) async fn no_token(app: &App) -> Utf8Bytes {
    refused_token(app).await.finish("connection", None).to_string().into()
}

async fn refused_token(app: &App) -> Reply {
    status::reply(app).await.called("connection").with("no_token", true)
}

/// Answers a message.
pub(crate) async fn answer(app: &App, envelope: Envelope, origin: Origin<'_>) -> Answer {
    let Envelope { event, id, data } = envelope;
    let name = auth::meant(&event, &data);
    // Nothing that comes from outside may end the task that answers; what panics is a fault of ours.
    let called = AssertUnwindSafe(call(app, name, Fields::of(&data), origin)).catch_unwind().await;
    let outcome = called.unwrap_or_else(|_| {
        tracing::error!(event = name, "a message ended in a panic");
        app.sockets().figures.handler_failed();
        Err(Stop::Failed)
    });
    let (mut reply, fate) = match outcome {
        Ok(reply) => (reply, Fate::Processed),
        Err(stop) => stopped(app, name, stop).await,
    };
    let rest = reply.take_rest();
    Answer { body: reply.finish(name, id), rest, fate }
}

/// What is answered to a message that was not carried out.
async fn stopped(app: &App, name: &str, stop: Stop) -> (Reply, Fate) {
    match stop {
        Stop::Refused(refusal) if refusal == UNKNOWN => {
            (Reply::from(refusal).called("none"), Fate::Processed)
        }
        // What needs no token and cannot come this way has always been answered like this.
        Stop::Refused(refusal) if refusal == WEBSOCKET_ONLY && needs_no_token(name) => {
            (Reply::from(refusal), Fate::NoToken)
        }
        Stop::Refused(refusal) => (Reply::from(refusal), Fate::Processed),
        Stop::NoToken => (refused_token(app).await, Fate::NoToken),
        Stop::NoAccess => (status::reply(app).await.called("no_access"), Fate::Processed),
        Stop::DatabaseDown => (status::reply(app).await.called("connection"), Fate::Unavailable),
        Stop::Failed => {
            (Reply::from(Refusal::new("failed", "the server failed; its log says why")), Fate::Failed)
        }
    }
}

const UNKNOWN: Refusal = Refusal::new("unknown_event", "Wrong event");
const WEBSOCKET_ONLY: Refusal = Refusal::new("websocket_only", "available with WebSocket only");

fn needs_no_token(name: &str) -> bool {
    table::find(name).is_some_and(|message| message.access == Access::Anyone)
}

async fn call(app: &App, name: &str, data: Fields<'_>, origin: Origin<'_>) -> Result<Reply, Stop> {
    let Some(message) = table::find(name) else { return Err(UNKNOWN.into()) };
    let caller = match message.access {
        Access::Anyone => None,
        Access::Role(role) => Some(authorize(app, data, origin, role, message.scope).await?),
        // Rules of routes. A message with one of them would be for admins.
        Access::LocalOrAdmin | Access::EachMessage => {
            Some(authorize(app, data, origin, Role::Admin, message.scope).await?)
        }
    };
    if message.transport == Transport::WebSocket && origin.by == By::Post {
        return Err(WEBSOCKET_ONLY.into());
    }
    let kept = keep_subscription(name, data, origin, caller.as_ref())?;
    let outcome = (message.call)(Asked { app, name, data, caller: caller.as_ref(), origin }).await;
    if let (Some((peer, name)), Err(_)) = (kept, &outcome) {
        peer.unsubscribe(Some(name));
    }
    outcome
}

/// Who has the token of a message, if they may send it. A connection belongs to whoever showed a token on it first.
async fn authorize(
    app: &App,
    data: Fields<'_>,
    origin: Origin<'_>,
    needed: Role,
    scope: Scope,
) -> Result<Caller, Stop> {
    let token = data.raw("token").or_else(|| origin.peer.and_then(Peer::session));
    let refused = || {
        if let Some(peer) = origin.peer {
            peer.refused(token);
        }
        Stop::NoToken
    };
    let token = token.ok_or_else(refused)?;
    let session = match app.pbx().signed_in(token).await {
        Ok(session) => session,
        Err(Error::NotSignedIn) => return Err(refused()),
        Err(error) => return Err(error.into()),
    };
    if origin.peer.is_some_and(|peer| !peer.bind(&session, token)) {
        return Err(Stop::NoToken);
    }
    permit(&session, needed, scope)?;
    Ok(Caller { session, token: token.to_owned() })
}

/// Subscribes to the name that was used, if the message says so. That is done before the message is carried out, so
/// that nothing that happens after what it reads is missed; the one whose message fails is not subscribed.
fn keep_subscription<'a>(
    name: &str,
    data: Fields<'_>,
    origin: Origin<'a>,
    caller: Option<&Caller>,
) -> Result<Option<(&'a Peer, &'static str)>, Stop> {
    let wanted = data.get("keep_subscription").and_then(Value::as_bool).unwrap_or_default();
    let (true, Some(peer), Some(caller)) = (wanted, origin.peer, caller) else { return Ok(None) };
    let Some(rule) = push::rule(name) else { return Ok(None) };
    permit(&caller.session, rule.role, rule.scope)?;
    Ok(peer.keep(caller.session.id, rule.name).then_some((peer, rule.name)))
}
