//! Messages about objects of the tree: one function for all of them. What each is about, and how it is answered and
//! refused, is said by its declaration ([`custompbx_model::declare::message`]).
//!
//! - [`lines`]: their lines in the table;
//! - [`request`]: what comes in;
//! - [`answer`]: what goes out, as one value;
//! - [`listing`]: the same for answers that can be very large, piece by piece;
//! - [`push`]: the same again for those who subscribed to an answer, with only what changed.

pub(crate) mod answer;
mod lines;
pub(crate) mod listing;
pub(crate) mod push;
mod request;

use custompbx_model::NodeId;
use custompbx_model::declare::message::{Message, Operation};
use custompbx_model::declare::{Finding, kind};
use custompbx_model::modules;
use custompbx_model::modules::directory::kinds::USER;
use custompbx_pbx::Error;
use custompbx_pbx::objects::{Object, Owner, Wrong};
use serde_json::{Value, json};

use super::dispatch::Asked;
use super::reply::{Outcome, Refusal, Stop};
use request::Request;

pub(crate) use lines::lines;

/// Carries out a message that is data.
async fn call(asked: Asked<'_>) -> Outcome {
    let message = modules::message(asked.name).ok_or(Stop::Failed)?;
    let request = Request::read(message, asked.data)?;
    let instance = asked.app.pbx().default_instance().await?.id;
    let done = carry_out(&asked, instance, message, request).await;
    let Subjects { objects, extra } = done.map_err(|error| refusal(message, error))?;
    let parts: Vec<_> = message.parts(asked.name).collect();
    let pbx = asked.app.pbx();
    let mut reply = answer::reply(pbx, instance, &parts, &objects).await?;
    if message.tells_absence && pbx.objects(instance, message.kind, &Owner::instance()).await?.is_empty() {
        reply = reply.with("exists", false);
    }
    Ok(extra.into_iter().fold(reply, |reply, (name, value)| reply.with(name, value)))
}

/// The objects that a message is about, and what is answered beside them.
struct Subjects {
    objects: Vec<Object>,
    extra: Vec<(&'static str, Value)>,
}

impl From<Object> for Subjects {
    fn from(object: Object) -> Self {
        Self { objects: vec![object], extra: Vec::new() }
    }
}

async fn carry_out(
    asked: &Asked<'_>,
    instance: custompbx_store::InstanceId,
    message: &Message,
    request: Request,
) -> Result<Subjects, Failure> {
    let pbx = asked.app.pbx();
    let by = asked.by()?;
    let kind = message.kind;
    let done = match request {
        Request::List => return Ok(Subjects { objects: Vec::new(), extra: Vec::new() }),
        Request::Details { id } => return Ok(pbx.object(instance, kind, NodeId(id)).await?.into()),
        Request::AddUsers { domain, name, count } => {
            let series = pbx.add_users(instance, &by, NodeId(domain), &name, count.unwrap_or(1)).await?;
            let mut extra = Vec::new();
            if count.is_some() {
                extra.push(("total", series.made.len().into()));
            }
            if !series.skipped.is_empty() {
                extra.push(("skipped", series.skipped.into()));
            }
            return Ok(Subjects { objects: series.made, extra });
        }
        Request::AddGroupUser { group, user } => {
            pbx.add_group_user(instance, &by, NodeId(group), NodeId(user)).await?
        }
        Request::Add { owner, values, enabled } => {
            pbx.add_object(instance, &by, kind, owner.map(NodeId), &values, enabled).await?
        }
        Request::Update { id, values } => pbx.update_object(instance, &by, kind, NodeId(id), &values).await?,
        Request::Switch { id, enabled } => {
            pbx.switch_object(instance, &by, kind, NodeId(id), enabled).await?
        }
        Request::Move { id, seen, position } => {
            pbx.move_object(instance, &by, kind, NodeId(id), Some(seen), position).await?
        }
        Request::Delete { id } => pbx.remove_object(instance, &by, kind, NodeId(id)).await?,
    };
    // The documented members are as they are; what is said of the change stands beside them.
    let warning = |finding: &Finding| json!({ "path": finding.path, "message": finding.message });
    let warnings: Vec<Value> = done.warnings.iter().map(warning).collect();
    let extra = if warnings.is_empty() { Vec::new() } else { vec![("warnings", warnings.into())] };
    Ok(Subjects { objects: vec![done.object], extra })
}

/// Why a message was not carried out.
enum Failure {
    Stop(Stop),
    Error(Error),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// An error in the words of the message.
fn refusal(message: &Message, failure: Failure) -> Stop {
    let error = match failure {
        Failure::Stop(stop) => return stop,
        Failure::Error(error) => error,
    };
    let texts = &message.texts;
    let (code, text) = match &error {
        Error::NotFound { what, .. } => match message.operation {
            Operation::AddGroupUser if *what == USER.word => ("not_found", "user not found"),
            _ => ("not_found", texts.missing),
        },
        Error::Taken { .. } => ("exists", texts.taken),
        Error::Object(wrong) => wrong_object(message, wrong),
        Error::Invalid(_) => ("invalid", texts.failed),
        Error::Overtaken { .. } => ("conflict", texts.failed),
        _ => return error.into(),
    };
    Refusal::new(code, text).detailed(error.to_string()).into()
}

fn wrong_object(message: &Message, wrong: &Wrong) -> (&'static str, &'static str) {
    let texts = &message.texts;
    match wrong {
        Wrong::Field { why: kind::Wrong::Empty, .. } => ("empty_data", texts.empty),
        Wrong::Field { .. } | Wrong::NoNumber(_) => ("wrong_data", texts.wrong),
        Wrong::Moved { .. } | Wrong::Position { .. } => ("wrong_position", texts.position),
        Wrong::Fixed { .. } => ("fixed", texts.fixed),
        Wrong::TooMany { .. } => ("too_many", "to many at once"),
        Wrong::Occupied { .. } => ("occupied", texts.failed),
    }
}
