//! Extensions that no call comes to.

use crate::extension::{Break, Condition, Extension, Source, Test};
use crate::words::is_true;

/// Expressions that match every text; the last ones but for a line end in its midst, which no number has.
const MATCH_ALL: [&str; 13] =
    ["", "^", "$", ".*", "(.*)", "^.*", "^(.*)", ".*$", "(.*)$", "()", "^()", "^.*$", "^(.*)$"];

/// Whether every call that comes to the extension stays there. A call can still be sent past it by name, with the
/// variable `auto_hunt`.
pub(super) fn takes_all(extension: &Extension) -> bool {
    let continues = match extension.continues() {
        Some(text) => !text.missing().is_empty() || is_true(text.shown()),
        None => false,
    };
    !continues && always_matches(&extension.conditions)
}

fn always_matches(conditions: &[Condition]) -> bool {
    let mut matches = false;
    for condition in conditions {
        if condition.body.missing.is_some() {
            return false;
        }
        if !always_passes(condition) {
            // With break=never what comes behind decides.
            if condition.breaks != Break::Never {
                return false;
            }
            matches = false;
            continue;
        }
        if matches!(condition.breaks, Break::OnTrue | Break::Always) {
            return true;
        }
        let nested = condition.body.nested.is_empty()
            || !condition.body.require_nested
            || always_matches(&condition.body.nested);
        if !nested && condition.breaks != Break::Never {
            return false;
        }
        matches = nested;
    }
    matches
}

/// Only what needs neither the time nor the call.
fn always_passes(condition: &Condition) -> bool {
    if condition.time.is_some() {
        return false;
    }
    match &condition.test {
        Test::Absolute => true,
        Test::Match(test) => {
            let expression = &test.written.expression;
            // A field may be empty, but is always a text; an API call can leave all undecided.
            let is_simple = matches!(test.source, Source::Profile(_) | Source::Variable(_) | Source::Nothing);
            is_simple
                && test.written.field.missing().is_empty()
                && expression.missing().is_empty()
                && MATCH_ALL.iter().any(|known| *expression.value() == **known)
        }
        Test::Rules(..) => false,
    }
}
