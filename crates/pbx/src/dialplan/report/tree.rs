//! The trace as nested objects.

use custompbx_dialplan::Taken;
use custompbx_dialplan::trace::{ConditionTrace, ExtensionTrace, Rule, TestTrace, Trace};
use serde_json::{Value, json};

/// The extensions that were tried.
pub(super) fn extensions(trace: &Trace) -> Value {
    trace.extensions.iter().map(extension).collect()
}

/// An action that was reached, as the recorded cases have it.
pub(super) fn action(taken: &Taken) -> Value {
    json!({
        "application": taken.application.to_string(),
        "data": taken.data.to_string(),
        "inline": taken.inline,
        "anti": taken.anti,
    })
}

fn extension(extension: &ExtensionTrace) -> Value {
    json!({
        "name": extension.name.to_string(),
        "continue": extension.continues.as_ref().map(ToString::to_string),
        "matched": extension.matched,
        "conditions": conditions(&extension.conditions),
    })
}

fn conditions(conditions: &[ConditionTrace]) -> Value {
    conditions.iter().map(condition).collect()
}

fn condition(condition: &ConditionTrace) -> Value {
    let nested = condition.nested.as_ref().map(|level| {
        json!({
            "level": level.level,
            "require_nested": level.require_nested,
            "matched": level.matched,
            "conditions": conditions(&level.conditions),
        })
    });
    json!({
        "tests": condition.tests.iter().map(test).collect::<Value>(),
        "break": condition.breaks.to_string(),
        "passed": condition.passed,
        "stopped": condition.stopped,
        "actions": condition.actions.iter().map(action).collect::<Value>(),
        "nested": nested,
    })
}

fn test(test: &TestTrace) -> Value {
    match test {
        TestTrace::Time { passed, .. } => json!({"kind": "time", "passed": passed}),
        TestTrace::Regex { field, value, expression, passed, bad, groups, rule, .. } => json!({
            "kind": "regex",
            "field": field.to_string(),
            "value": value.to_string(),
            "expression": expression.to_string(),
            "passed": passed,
            "groups": groups.iter().map(|group| group.as_ref().map(ToString::to_string)).collect::<Value>(),
            "why": bad,
            "match": rule.map(Rule::word),
        }),
        TestTrace::Absolute { rule, .. } => {
            json!({"kind": "absolute", "passed": true, "match": rule.map(Rule::word)})
        }
    }
}
