//! What those hear who subscribed to an answer about the tree: the same answer with only what changed, whoever changed
//! it, and beside it the ids of what went (`removed`) and the `revision`.
//!
//! Lists can be subscribed to, and the details of one object, which then come for every object of that kind.

use std::collections::BTreeSet;

use custompbx_model::NodeId;
use custompbx_model::declare::kind::Kind;
use custompbx_model::declare::message::{Content, Message, Operation, Part, What};
use custompbx_model::modules;
use custompbx_model::modules::configuration::{CONFIGURATION, KNOWN, Known};
use custompbx_model::modules::directory::kinds::USER;
use custompbx_pbx::Error;
use custompbx_pbx::account::{Scope, Section, Verb};
use custompbx_pbx::objects::{Changes, Object};
use custompbx_store::{InstanceId, RevisionId, Role};
use serde_json::{Map, Value};

use super::answer::put_objects;
use super::lines::section;
use crate::App;
use crate::messages::push::{Made, Making, Subscription};
use crate::messages::reply::Reply;

const MODULES: &str = "[Config][Get] Modules";

/// What can be subscribed to, by section, because that is what a token is good for.
pub(crate) fn subscriptions() -> impl Iterator<Item = Subscription> {
    let sections = [Section::Directory, Section::Dialplan, Section::GlobalVariables, Section::Configuration];
    sections.into_iter().map(|of| {
        let messages = readable().filter(|message| section(message.kind) == of);
        let mut names: Vec<&'static str> = messages.flat_map(|message| message.names).copied().collect();
        if of == Section::Configuration {
            names.push(MODULES);
        }
        Subscription {
            // Made once, when the list is.
            names: names.leak(),
            role: Role::Admin,
            scope: Scope::In(of, Verb::Read),
            made: Made::FromRevision(make),
        }
    })
}

fn readable() -> impl Iterator<Item = &'static Message> {
    modules::messages().filter(|message| matches!(message.operation, Operation::List | Operation::Details))
}

fn make<'a>(
    app: &'a App,
    instance: InstanceId,
    revision: RevisionId,
    names: &'a [&'static str],
) -> Making<'a> {
    Box::pin(async move {
        let pbx = app.pbx();
        if pbx.default_instance().await?.id != instance {
            return Ok(Some(Vec::new()));
        }
        let Some(changes) = pbx.object_changes(instance, revision).await? else { return Ok(None) };
        let mut pushes = Vec::new();
        for name in names.iter().copied() {
            let made = match modules::message(name) {
                Some(message) if matches!(message.operation, Operation::Details) => {
                    details(app, instance, name, message, &changes).await?
                }
                Some(message) => list(name, message, &changes).into_iter().collect(),
                None if name == MODULES => configurations(&changes).into_iter().collect(),
                None => Vec::new(),
            };
            pushes.extend(made.into_iter().map(|push| (name, push.finish(revision))));
        }
        Ok(Some(pushes))
    })
}

/// A push in the making.
#[derive(Default)]
struct Push {
    members: Map<String, Value>,
    removed: BTreeSet<NodeId>,
}

impl Push {
    fn finish(self, revision: RevisionId) -> Reply {
        let removed: Vec<i64> = self.removed.iter().map(|id| id.0).collect();
        Reply::empty().with_all(self.members).with("removed", removed).with("revision", revision.0)
    }

    fn filled(self) -> Option<Self> {
        let is_empty = self.members.is_empty() && self.removed.is_empty();
        Some(self).filter(|_| !is_empty)
    }
}

/// What changed of a list of everything.
fn list(name: &str, message: &Message, changes: &Changes) -> Option<Push> {
    let mut push = Push::default();
    let mut whole = Value::Object(Map::new());
    for part in message.parts(name) {
        let What::All(kind) = part.what else { continue };
        put_objects(&mut whole, part, &of_kind(changes, kind));
        push.removed.extend(changes.removed.iter().filter(|gone| gone.kind == kind).map(|gone| gone.id));
    }
    push.members = members(whole);
    push.filled()
}

/// Users whose state in the switch changed, as members of a push of this name.
pub(crate) fn users(name: &str, objects: &[Object]) -> Map<String, Value> {
    let mut whole = Value::Object(Map::new());
    if let Some(message) = modules::message(name) {
        for part in message.parts(name).filter(|part| part.what.kind() == Some(&USER)) {
            put_objects(&mut whole, part, objects);
        }
    }
    members(whole)
}

/// What changed of objects and of what they have, each object by itself.
async fn details(
    app: &App,
    instance: InstanceId,
    name: &str,
    message: &Message,
    changes: &Changes,
) -> Result<Vec<Push>, Error> {
    let parts: Vec<&'static Part> = message.parts(name).collect();
    let shown = |kind: &Kind| parts.iter().any(|part| shows(part, message.kind) == Some(kind));
    let changed = changes.objects.iter().filter(|object| shown(object.kind));
    let gone = changes.removed.iter().filter(|gone| shown(gone.kind));
    let subjects: BTreeSet<NodeId> = changed
        .filter_map(|object| object.id_of(message.kind))
        .chain(gone.filter_map(|gone| gone.id_of(message.kind)))
        .collect();
    let mut pushes = Vec::new();
    for id in subjects {
        let subject = match app.pbx().object(instance, message.kind, id).await {
            Ok(subject) => Some(subject),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let mut push = Push::default();
        let mut whole = Value::Object(Map::new());
        for part in &parts {
            let Some(kind) = shows(part, message.kind) else {
                // Only says whose the rest is.
                put_objects(&mut whole, part, subject.as_slice());
                continue;
            };
            let of_subject = |object: &Object| object.id_of(message.kind) == Some(id);
            let objects: Vec<Object> = of_kind(changes, kind).into_iter().filter(of_subject).collect();
            put_objects(&mut whole, part, &objects);
            let gone = changes.removed.iter().filter(|gone| gone.kind == kind);
            push.removed.extend(gone.filter(|gone| gone.id_of(message.kind) == Some(id)).map(|gone| gone.id));
        }
        push.members = members(whole);
        pushes.extend(push.filled());
    }
    Ok(pushes)
}

/// The kind of the objects that a part of details is about; `None` where it only says whose they are.
fn shows(part: &Part, subject: &'static Kind) -> Option<&'static Kind> {
    match (part.what, part.content) {
        (_, Content::Id(_) | Content::EmptyList) => None,
        (What::Below(kind) | What::Deep(kind), _) => Some(kind),
        (What::Subject, _) => Some(subject),
        // The users of a domain are not told for each of its groups.
        _ => None,
    }
}

/// Which configurations changed: all keys, and only those not null.
fn configurations(changes: &Changes) -> Option<Push> {
    let mut push = Push::default();
    let changed = of_kind(changes, &CONFIGURATION);
    if !changed.is_empty() {
        let mut module: Map<String, Value> =
            KNOWN.iter().map(|known| (known.key.to_owned(), Value::Null)).collect();
        for object in &changed {
            if let Some(known) = Known::of(&object.name()) {
                module.insert(known.key.to_owned(), object.members().into());
            }
        }
        push.members.insert("module".to_owned(), module.into());
    }
    let gone = changes.removed.iter().filter(|gone| *gone.kind == CONFIGURATION);
    push.removed.extend(gone.map(|gone| gone.id));
    push.filled()
}

fn of_kind(changes: &Changes, kind: &Kind) -> Vec<Object> {
    changes.objects.iter().filter(|object| object.kind == kind).cloned().collect()
}

fn members(whole: Value) -> Map<String, Value> {
    match whole {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
