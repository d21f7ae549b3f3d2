//! Evaluations, as the documented API tells them to those who subscribed to `[Dialplan] Debug`.

use custompbx_dialplan::Outcome;
use custompbx_dialplan::trace::{ConditionTrace, TestTrace};
use serde_json::{Map, Value, json};

/// `{"dialplan_debug": {"log": [...], "actions": [...]}}`
pub(super) fn members(outcome: &Outcome) -> Map<String, Value> {
    let mut log = Vec::new();
    for extension in &outcome.trace.extensions {
        conditions(&extension.conditions, &mut log);
    }
    if let Some(why) = &outcome.undecidable {
        log.push(undecidable(why));
    }
    let actions: Vec<Value> = (1..)
        .zip(&outcome.actions)
        .map(|(position, taken)| {
            json!({
                "id": taken.node,
                "enabled": true,
                "position": position,
                "application": taken.application.to_string(),
                "data": taken.data.to_string(),
                "inline": taken.inline,
            })
        })
        .collect();
    told(&log, &actions)
}

/// The same for a call that was not evaluated, because nobody can tell what a value of its request is.
pub(super) fn ambiguous(name: &str) -> Map<String, Value> {
    told(&[undecidable(&format!("the request: {name} cannot be read with certainty"))], &[])
}

fn undecidable(why: &impl std::fmt::Display) -> String {
    format!("[UNDECIDABLE] {why} \n")
}

fn told(log: &[String], actions: &[Value]) -> Map<String, Value> {
    Map::from_iter([("dialplan_debug".to_owned(), json!({ "log": log, "actions": actions }))])
}

/// `[CONDITION 105] (false) [unloop] ${unroll_loops}(_UNDEF_) =~ /^true$/ break=on-false`, with a line end.
fn conditions(all: &[ConditionTrace], log: &mut Vec<String>) {
    for condition in all {
        let (extension, breaks) = (&condition.name, &condition.breaks);
        for test in &condition.tests {
            let (node, passed, what) = match test {
                TestTrace::Time { node, passed, .. } => (node, *passed, "Date/Time".to_owned()),
                TestTrace::Regex { node, field, value, expression, passed, .. } => {
                    let value = if value.is_empty() { "_UNDEF_".to_owned() } else { value.to_string() };
                    (node, *passed, format!("{field}({value}) =~ /{expression}/"))
                }
                TestTrace::Absolute { node, .. } => (node, true, "EMPTY(_UNDEF_) =~ //".to_owned()),
            };
            log.push(format!("[CONDITION {node}] ({passed}) [{extension}] {what} break={breaks} \n"));
        }
        if let Some(nested) = &condition.nested {
            conditions(&nested.conditions, log);
        }
    }
}
