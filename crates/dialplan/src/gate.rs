//! What can be seen of extensions without looking at them.
//!
//! Most calls have nothing to do with most extensions: a condition on a field of the caller profile fails, and nothing is
//! done. An evaluation spends its time with finding that out, and most of that time with waiting for memory. So what is
//! needed for it stands side by side, for all extensions of a context.

use pcre2::bytes::Regex;

use crate::extension::{Break, Condition, Extension, Source, Test};
use crate::pattern::Prefix;
use crate::profile::{Profile, ProfileField};
use crate::value::Value;

/// The gates of a context, one for each extension.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    tests: Vec<GateTest>,
    gates: Vec<Gate>,
}

/// One extension.
#[derive(Clone, Copy, Debug)]
struct Gate {
    /// Behind its last test; the first one stands behind those of the gate before.
    end: usize,
    /// All its conditions are among the tests.
    is_whole: bool,
}

/// One condition.
#[derive(Debug)]
struct GateTest {
    /// The expression's own code, with memory to match in beside it.
    regex: Regex,
    prefix: Prefix,
    field: ProfileField,
    failed: Then,
    passed: Then,
}

/// What follows from a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The extension does not match, and nothing was done.
    Closed,
    /// The next condition.
    Next,
    /// There is more to it.
    Open,
}

impl Gates {
    pub(crate) fn of<'e>(extensions: impl IntoIterator<Item = &'e Extension>) -> Self {
        let mut gates = Self::default();
        for extension in extensions {
            let tests = extension.conditions.iter().map_while(GateTest::of);
            let before = gates.tests.len();
            gates.tests.extend(tests);
            let end = gates.tests.len();
            gates.gates.push(Gate { end, is_whole: end - before == extension.conditions.len() });
        }
        gates
    }

    /// Whether the extension does nothing, and does not match. What cannot be decided is left to the evaluation.
    pub(crate) fn is_closed(&self, extension: usize, profile: &Profile) -> bool {
        let start =
            extension.checked_sub(1).and_then(|before| self.gates.get(before)).map_or(0, |gate| gate.end);
        let Some(gate) = self.gates.get(extension) else { return false };
        let mut matched = false;
        for test in &self.tests[start..gate.end] {
            let value = profile.get(test.field).map(Value::as_bytes).unwrap_or_default();
            matched = match test.prefix.allows(value) {
                false => false,
                true => match test.regex.is_match(value) {
                    Ok(matches) => matches,
                    Err(_) => return false,
                },
            };
            match if matched { test.passed } else { test.failed } {
                Then::Closed => return true,
                Then::Next => {}
                Then::Open => return false,
            }
        }
        // Rule 10: the last condition decides.
        gate.is_whole && !matched
    }
}

impl GateTest {
    /// None if the condition needs more than the caller profile.
    fn of(condition: &Condition) -> Option<Self> {
        let Test::Match(test) = &condition.test else { return None };
        let (Source::Profile(field), Some(Ok(pattern))) = (&test.source, &test.fixed) else { return None };
        if condition.time.is_some() || condition.has_missing {
            return None;
        }
        let failed = match condition.breaks {
            _ if condition.has_anti_actions => Then::Open,
            Break::OnFalse | Break::Always => Then::Closed,
            Break::OnTrue | Break::Never => Then::Next,
        };
        let has_effect = test.has_groups || condition.has_nested || !condition.body.actions.is_empty();
        let passed = match condition.breaks {
            Break::OnFalse | Break::Never if !has_effect => Then::Next,
            _ => Then::Open,
        };
        Some(Self { regex: pattern.regex().clone(), prefix: test.prefix, field: *field, failed, passed })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Call, Context, Detail};
    use custompbx_model::Node;
    use proptest::prelude::*;

    fn condition() -> impl Strategy<Value = Node> {
        let breaks = prop::sample::select(vec!["on-false", "on-true", "always", "never"]);
        let fields = prop::sample::select(vec!["destination_number", "rdnis", "${x}", "nosuch"]);
        let expressions = prop::sample::select(vec!["^1", "^2", "(1)", "^$", "", "[", "^12|2"]);
        let children =
            prop::collection::vec(prop::sample::select(vec!["action", "anti-action", "condition"]), 0..2);
        (breaks, fields, expressions, children).prop_map(|(breaks, field, expression, children)| {
            let children = children.into_iter().map(|tag| Node::new(tag).with("application", "log"));
            Node::new("condition")
                .with("break", breaks)
                .with("field", field)
                .with("expression", expression)
                .containing(children)
        })
    }

    proptest! {
        /// An evaluation with a trace looks at every extension, so both must come to the same.
        #[test]
        fn what_is_passed_by_would_do_nothing(
            extensions in prop::collection::vec(prop::collection::vec(condition(), 0..4), 1..4),
            number in "[12]{0,2}",
        ) {
            let extension = |conditions: Vec<Node>| Node::new("extension").with("name", "e").containing(conditions);
            let node = Node::new("context").containing(extensions.into_iter().map(extension));
            let context = Context::of_answer(&node, None);
            let call = Call::new("c", number);
            let (with, without) = (context.evaluate(&call, Detail::Trace), context.evaluate(&call, Detail::Result));
            prop_assert_eq!(with.actions, without.actions);
            prop_assert_eq!(with.changes, without.changes);
            prop_assert_eq!(with.extension, without.extension);
        }
    }
}
