//! From an envelope to an answer: find the message, apply its rule, call it.

use std::net::IpAddr;

use custompbx_pbx::account::Session;
use custompbx_store::Role;
use serde_json::Value;

use super::envelope::{Envelope, Malformed};
use super::fields::Fields;
use super::named::status;
use super::reply::{Refusal, Reply, Stop};
use super::table::{self, Transport};
use super::tree::listing::Listing;
use crate::App;
use crate::access::{Access, rank};

/// Who sends a message.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The session, with its web user.
    pub(crate) session: Session,
    /// The token that was shown.
    pub(crate) token: String,
}

/// Where a message comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The peer's address.
    pub(crate) address: IpAddr,
    /// By which transport.
    pub(crate) by: By,
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
    pub(crate) origin: Origin,
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
    ///
    /// # Errors
    /// Those of the database, while the rest is made.
    pub(crate) async fn into_text(self) -> custompbx_pbx::Result<String> {
        match self.rest {
            Some(rest) => rest.whole(&self.body).await,
            None => Ok(self.body.to_string()),
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

/// Answers a message.
pub(crate) async fn answer(app: &App, envelope: Envelope, origin: Origin) -> Answer {
    let Envelope { event, id, data } = envelope;
    let outcome = call(app, &event, Fields::of(&data), origin).await;
    let (mut reply, fate) = match outcome {
        Ok(reply) => (reply, Fate::Processed),
        Err(Stop::Refused(refusal)) if refusal == UNKNOWN => {
            (Reply::from(refusal).called("none"), Fate::Processed)
        }
        Err(Stop::Refused(refusal)) => (Reply::from(refusal), Fate::Processed),
        Err(Stop::NoToken) => {
            (status::reply(app).await.called("connection").with("no_token", true), Fate::NoToken)
        }
        Err(Stop::NoAccess) => (status::reply(app).await.called("no_access"), Fate::Processed),
        Err(Stop::DatabaseDown) => (status::reply(app).await.called("connection"), Fate::Unavailable),
        Err(Stop::Failed) => {
            (Reply::from(Refusal::new("failed", "the server failed; its log says why")), Fate::Failed)
        }
    };
    let rest = reply.take_rest();
    Answer { body: reply.finish(&event, id), rest, fate }
}

const UNKNOWN: Refusal = Refusal::new("unknown_event", "Wrong event");

async fn call(app: &App, name: &str, data: Fields<'_>, origin: Origin) -> Result<Reply, Stop> {
    let Some(message) = table::find(name) else { return Err(UNKNOWN.into()) };
    let needed = match message.access {
        Access::Anyone => None,
        Access::Role(role) => Some(role),
        // Rules of routes. A message with one of them would be for admins.
        Access::LocalOrAdmin | Access::EachMessage => Some(Role::Admin),
    };
    let caller = match needed {
        None => None,
        Some(needed) => {
            let token = data.raw("token").ok_or(Stop::NoToken)?;
            let session = app.pbx().signed_in(token).await?;
            if rank(session.user.role) < rank(needed) || !session.allows(message.scope) {
                return Err(Stop::NoAccess);
            }
            Some(Caller { session, token: token.to_owned() })
        }
    };
    if message.transport == Transport::WebSocket && origin.by == By::Post {
        return Err(Refusal::new("websocket_only", "available with WebSocket only").into());
    }
    (message.call)(Asked { app, name, data, caller: caller.as_ref(), origin }).await
}
