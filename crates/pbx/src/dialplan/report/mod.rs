//! What came of a simulated call, for programs.

mod tree;

use custompbx_dialplan::simulate::{Simulation, Step};
use custompbx_dialplan::{Change, Outcome, ProfileField, Undecidable};
use serde_json::{Map, Value, json};

/// The object of one call, with `channel` for the name of its channel. With `extension` it says why the call came there,
/// or did not.
pub fn object(simulation: &Simulation, channel: &str, extension: Option<&str>) -> Map<String, Value> {
    let first = simulation.steps.first();
    let outcome = first.and_then(|step| step.outcome.as_ref());
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
    set("trace", trace(outcome, channel));
    set("actions", actions(outcome));
    set(
        "undecidable",
        match &simulation.blocked {
            Some(why) => json!({"where": "the answer", "why": why}),
            None => undecidable(outcome.and_then(|outcome| outcome.undecidable.as_ref())),
        },
    );
    set("next_state", json!(outcome.and_then(Outcome::next_state)));
    set("context", json!(first.and_then(|step| simulation.context(step)).map(|context| context.name())));
    let profile = |field| simulation.call.profile.get(field).map(ToString::to_string);
    set("asked_context", json!(profile(ProfileField::Context)));
    set("destination", json!(simulation.call.destination()));
    let inline = outcome.map(|outcome| outcome.inline.as_slice()).unwrap_or_default();
    let inline: Vec<_> = inline.iter().map(ToString::to_string).collect();
    set("executed_inline", json!(inline));
    set(
        "variables",
        outcome.map_or_else(|| json!({}), |outcome| simulation.changed(outcome).into_iter().collect()),
    );
    set(
        "profile",
        outcome.map_or_else(
            || json!({}),
            |outcome| {
                others(outcome, |change| match change {
                    Change::SetProfile { name, value } => Some((name.to_string(), json!(value.to_string()))),
                    _ => None,
                })
            },
        ),
    );
    set(
        "globals",
        outcome.map_or_else(
            || json!({}),
            |outcome| {
                others(outcome, |change| match change {
                    Change::SetGlobal { name, value } => {
                        Some((name.to_string(), json!(value.as_ref().map(ToString::to_string))))
                    }
                    _ => None,
                })
            },
        ),
    );
    set("tree", outcome.map_or_else(|| json!([]), |outcome| tree::extensions(&outcome.trace)));
    let steps = simulation.steps.iter().skip(1);
    set("steps", steps.map(|next| step(simulation, next, channel, extension)).collect());
    set("unknown", unknown(first));
    if let Some(extension) = extension {
        let sentences = first.map(|step| simulation.explanation(step, extension));
        set("explanation", json!(sentences.unwrap_or_default()));
    }
    match simulation.answer() {
        Ok(answer) => set("answer", json!(answer)),
        Err(untold) => {
            set("answer", Value::Null);
            set("untold", json!(untold))
        }
    };
    object
}

/// A hunt that an action led to.
fn step(simulation: &Simulation, step: &Step, channel: &str, extension: Option<&str>) -> Value {
    let outcome = step.outcome.as_ref();
    let via = step.via.as_ref().map(
        |via| json!({"step": via.step, "application": via.application, "data": via.data, "after": via.after}),
    );
    let mut object = json!({
        "via": via,
        "context": step.context,
        "taken_context": simulation.context(step).map(|context| context.name()),
        "destination": step.destination,
        "trace": trace(outcome, channel),
        "actions": actions(outcome),
        "undecidable": undecidable(outcome.and_then(|outcome| outcome.undecidable.as_ref())),
        "next_state": outcome.and_then(Outcome::next_state),
        "unknown": unknown(Some(step)),
    });
    if let Some(extension) = extension {
        object["explanation"] = json!(simulation.explanation(step, extension));
    }
    object
}

fn trace(outcome: Option<&Outcome>, channel: &str) -> Value {
    outcome.map_or_else(|| json!([]), |outcome| json!(outcome.trace.lines(channel)))
}

fn actions(outcome: Option<&Outcome>) -> Value {
    let actions = outcome.map(|outcome| outcome.actions.as_slice()).unwrap_or_default();
    actions.iter().map(tree::action).collect()
}

fn undecidable(undecidable: Option<&Undecidable>) -> Value {
    undecidable.map_or(
        Value::Null,
        |undecidable| json!({"where": undecidable.place.to_string(), "why": undecidable.why.to_string()}),
    )
}

/// Why it is not known where the actions lead. The place is that of an action alone, and says no more.
fn unknown(step: Option<&Step>) -> Value {
    let unknown = step.and_then(|step| step.unknown.as_ref());
    unknown.map_or(Value::Null, |unknown| json!({"where": "the actions", "why": unknown.why.to_string()}))
}

fn others(outcome: &Outcome, pick: impl Fn(&Change) -> Option<(String, Value)>) -> Value {
    Value::Object(outcome.changes.iter().filter_map(pick).collect())
}
