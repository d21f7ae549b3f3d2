//! What can be seen of extensions without looking at them.
//!
//! Most calls have nothing to do with most extensions: a condition on a field of the caller profile fails, and nothing is
//! done. An evaluation spends its time with finding that out, and most of that time with waiting for memory. So what is
//! needed for it stands side by side, for all extensions of a context.

mod seen;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) use seen::{Passed, Seen};

use seen::Came;

use crate::extension::{Break, Condition, Extension, Source, Test};
use crate::needs::Needs;
use crate::pattern::Pattern;
use crate::profile::{Profile, ProfileField};
use crate::substitute::Groups;
use crate::undecidable::Known;
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
    pattern: Arc<Pattern>,
    needs: Needs,
    /// The number of a test that several conditions make; many begin with the same one.
    shared: Option<usize>,
    field: ProfileField,
    has_groups: bool,
    failed: Then,
    passed: Then,
}

/// What follows from a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The extension does not match, and nothing more is done.
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
        gates.share();
        gates
    }

    /// Numbers the tests that are there more than once.
    fn share(&mut self) {
        let mut known: HashMap<_, (usize, Option<usize>)> = HashMap::new();
        let mut shared = vec![None; self.tests.len()];
        let mut next = 0;
        for (at, test) in self.tests.iter().enumerate() {
            // Rule 39 is about the expression, and options stand behind its end.
            let key = (test.field as usize, test.has_groups, test.pattern.key());
            let (first, number) = known.entry(key).or_insert((at, None));
            if *first == at {
                continue;
            }
            let number = *number.get_or_insert_with(|| {
                next += 1;
                next - 1
            });
            (shared[*first], shared[at]) = (Some(number), Some(number));
        }
        for (test, shared) in self.tests.iter_mut().zip(shared) {
            test.shared = shared;
        }
    }

    /// What an extension does that does not match; none if it may match, or do more. What cannot be decided is left to
    /// the evaluation.
    pub(crate) fn closed<'g>(
        &'g self,
        extension: usize,
        profile: &Profile,
        seen: &mut Seen<'g>,
    ) -> Option<Passed> {
        let start =
            extension.checked_sub(1).and_then(|before| self.gates.get(before)).map_or(0, |gate| gate.end);
        let gate = self.gates.get(extension)?;
        let mut passed = Passed::default();
        let mut matched = false;
        for test in &self.tests[start..gate.end] {
            let value = profile.get(test.field).map(Value::as_bytes).unwrap_or_default();
            matched = false;
            if test.needs.are_met(value) {
                let came = test.try_on(value, seen).ok()?;
                matched = came.matched;
                if let Some(groups) = &came.groups {
                    passed.add(groups);
                }
                if matched {
                    seen.matched(test, came.groups);
                }
            }
            match if matched { test.passed } else { test.failed } {
                Then::Closed => return Some(passed),
                Then::Next => {}
                Then::Open => return None,
            }
        }
        // Rule 10: the last condition decides.
        (gate.is_whole && !matched).then_some(passed)
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
        let has_effect = condition.has_nested || !condition.body.actions.is_empty();
        let passed = match condition.breaks {
            Break::OnFalse | Break::Never if !has_effect => Then::Next,
            _ => Then::Open,
        };
        Some(Self {
            pattern: pattern.clone(),
            needs: test.needs,
            shared: None,
            field: *field,
            has_groups: test.has_groups,
            failed,
            passed,
        })
    }

    fn try_on(&self, value: &[u8], seen: &mut Seen<'_>) -> Known<Came> {
        let Some(shared) = self.shared else { return self.run(value) };
        if let Some(came) = seen.of(shared) {
            return Ok(came.clone());
        }
        let came = self.run(value)?;
        seen.keep(shared, came.clone());
        Ok(came)
    }

    fn run(&self, value: &[u8]) -> Known<Came> {
        if !self.has_groups {
            return self.pattern.is_match(value).map(|matched| Came { matched, groups: None });
        }
        let spans = self.pattern.spans(value)?;
        let groups = spans.map(|spans| Rc::new(Groups { subject: value.to_vec(), spans }));
        Ok(Came { matched: groups.is_some(), groups })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Call, Context, Detail, ProfileField};
    use custompbx_model::Node;
    use proptest::prelude::*;

    fn condition() -> impl Strategy<Value = Node> {
        let breaks = prop::sample::select(vec!["on-false", "on-true", "always", "never"]);
        // In several places, so that tests are shared.
        let fields = prop::sample::select(vec![
            "destination_number",
            "destination_number",
            "rdnis",
            "${x}",
            "${DP_MATCH}",
            "${DP_MATCH[1]}",
            "nosuch",
        ]);
        let expressions = prop::sample::select(vec![
            "^1",
            "^2",
            "(1)",
            "(2)",
            "^(1)?(2)?",
            "1()",
            "^$",
            "",
            "[",
            "^12|2",
            "2|1(1)",
        ]);
        let children =
            prop::collection::vec(prop::sample::select(vec!["action", "anti-action", "condition"]), 0..2);
        let actions =
            prop::sample::select(vec![("log", "$1"), ("set", "x=${DP_MATCH[0]}$1"), ("set", "DP_MATCH=1")]);
        (breaks, fields, expressions, children, actions).prop_map(
            |(breaks, field, expression, children, action)| {
                let child = |(application, data)| {
                    move |tag| {
                        let node = Node::new(tag).with("application", application).with("data", data);
                        node.with("inline", (application == "set").to_string())
                    }
                };
                let children = children.into_iter().map(child(action));
                Node::new("condition")
                    .with("break", breaks)
                    .with("field", field)
                    .with("expression", expression)
                    .containing(children)
            },
        )
    }

    proptest! {
        /// An evaluation with a trace looks at every extension, so both must come to the same.
        #[test]
        fn what_is_passed_by_would_do_nothing(
            extensions in prop::collection::vec(prop::collection::vec(condition(), 0..4), 1..6),
            number in "[12]{0,2}",
            rdnis in "[12]{0,2}",
        ) {
            let extension = |conditions: Vec<Node>| Node::new("extension").with("name", "e").containing(conditions);
            let node = Node::new("context").containing(extensions.into_iter().map(extension));
            let context = Context::of_answer(&node, None);
            let mut call = Call::new("c", number);
            call.profile.set(ProfileField::Rdnis, rdnis);
            let (with, without) = (context.evaluate(&call, Detail::Trace), context.evaluate(&call, Detail::Result));
            prop_assert_eq!(with.actions, without.actions);
            prop_assert_eq!(with.changes, without.changes);
            prop_assert_eq!(with.extension, without.extension);
            prop_assert_eq!(with.variables, without.variables);
        }
    }
}
