//! The log of a switch, as server-sent events.
//!
//! `line` is a line of the log, `dropped` says how many were left out because the client was too slow, `end` is the last
//! event and says why.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use custompbx_pbx::account::{Scope, Section, Session, Verb};
use custompbx_pbx::switches::logs::{LEVELS, LogLines, LogWatch, USUAL_LEVEL, level};
use custompbx_store::Role;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, error::SendError};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::super::element::wrong_parameter;
use super::super::{Named, name, query};
use crate::App;
use crate::access::may_still;
use crate::messages::push::LOOK_EVERY;
use crate::problem::Problem;

pub(crate) const LOG: &str = "/api/v2/switches/{switch}/log";

/// Who may read logs: what calls and modules write there may be secret.
pub(crate) const ROLE: Role = Role::Admin;
/// What a token must be good for.
pub(crate) const SCOPE: Scope = Scope::In(Section::FsCli, Verb::Read);

/// The longest that can be asked for, in seconds.
const MOST_SECONDS: u64 = 24 * 60 * 60;
/// Events between who follows and the connection. What waits longer waits with the watch, which counts what it leaves out.
const WAITING: usize = 16;
/// How long a client may take nothing before its place is given to others.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take for the last event.
const LINGER: Duration = Duration::from_secs(1);

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    level: Option<String>,
    uuid: Option<String>,
    seconds: Option<u64>,
}

pub(crate) async fn log(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: Named,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let switch = name(path)?;
    let asked = query(asked)?;
    let level = match &asked.level {
        Some(word) => level(word).ok_or_else(|| {
            let message = format!("is from 0 to 7, or one of {}", LEVELS.join(", "));
            wrong_parameter("level", &message)
        })?,
        None => USUAL_LEVEL,
    };
    if asked.seconds.is_some_and(|seconds| !(1..=MOST_SECONDS).contains(&seconds)) {
        return Err(wrong_parameter("seconds", &format!("is from 1 to {MOST_SECONDS}")));
    }
    let uuid = asked.uuid.filter(|uuid| !uuid.is_empty());
    let watch = app.pbx().watch_log(&switch, level, uuid).await?;
    let (out, events) = mpsc::channel(WAITING);
    let until = asked.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    tokio::spawn(async move {
        // An error means that the client left.
        if let Ok(reason) = follow(&app, &session, &watch, until, &out).await {
            let _ = timeout(LINGER, out.send(event("end", &json!({ "reason": reason })))).await;
        }
    });
    let events = stream::unfold(events, async |mut events| {
        let event = events.recv().await?;
        Some((Ok::<_, Infallible>(event), events))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Sends lines until they end; why they do.
async fn follow(
    app: &App,
    session: &Session,
    watch: &LogWatch,
    until: Option<Instant>,
    out: &mpsc::Sender<Event>,
) -> Result<String, SendError<()>> {
    let mut closing = app.sockets().closing();
    let mut tick = interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut taken_at = Instant::now();
    loop {
        tokio::select! {
            // The lines stay with the watch until there is room.
            room = async { watch.ready().await; out.reserve().await } => {
                let LogLines { lines, dropped, end } = watch.take(1);
                let room = room?;
                taken_at = Instant::now();
                match lines.first() {
                    Some(line) => room.send(event("line", &json!(line))),
                    None if dropped > 0 => room.send(event("dropped", &json!({ "count": dropped }))),
                    None => drop(room),
                }
                if let Some(reason) = end {
                    return Ok(reason);
                }
            }
            () = out.closed() => return Err(SendError(())),
            // An error means that whoever could say so is gone.
            () = async { drop(closing.wait_for(|closing| *closing).await) } => return Ok("the server stops".to_owned()),
            _ = tick.tick() => {
                if !may_still(app, session, ROLE, SCOPE).await {
                    return Ok("the session is over, or may no longer read logs".to_owned());
                }
                if until.is_some_and(|until| Instant::now() >= until) {
                    return Ok("the time that was asked for is over".to_owned());
                }
                if out.capacity() > 0 {
                    taken_at = Instant::now();
                } else if taken_at.elapsed() > PATIENCE {
                    return Ok("the client takes no lines".to_owned());
                }
            }
        }
    }
}

fn event(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
