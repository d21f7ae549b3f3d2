//! The conditions of an extension, and those in a condition (`parse_exten`).
//!
//! `proceed` is the switch's own word: it starts at 0 on each level, every test overwrites it, and a level matched if it
//! is not 0 in the end (rule 10). Whether a condition *passed* is another thing.

use super::Hunt;
use super::actions::Found;
use crate::extension::{Break, Condition, DEEPEST, Test};
use crate::trace::{ConditionTrace, LevelTrace, TestTrace};
use crate::undecidable::{Known, Why, unknown};
use crate::value::Value;

/// Where a level goes on.
enum Then {
    Next,
    Leave,
}

/// What the switch keeps from one condition of a level to the next.
pub(super) struct State {
    pub(super) proceed: usize,
    pub(super) passed: bool,
    pub(super) found: Found,
}

impl<'a> Hunt<'a> {
    /// Rule 10; gives the `proceed` of the level.
    pub(super) fn level(
        &mut self,
        conditions: &'a [Condition],
        level: u32,
        name: &Value,
        traces: &mut Vec<ConditionTrace>,
    ) -> Known<usize> {
        let mut proceed = 0;
        let mut trace = ConditionTrace::default();
        self.place.condition.push(0);
        for (number, condition) in conditions.iter().enumerate() {
            if let Some(last) = self.place.condition.last_mut() {
                *last = number + 1;
            }
            self.step()?;
            let then = self.condition(condition, level, &mut proceed, &mut trace);
            if self.traces {
                trace.node = condition.node;
                trace.name = name.clone();
                trace.breaks = condition.body.breaks_shown.clone();
                traces.push(std::mem::take(&mut trace));
            }
            match then? {
                Then::Next => {}
                Then::Leave => break,
            }
        }
        self.place.condition.pop();
        Ok(proceed)
    }

    fn condition(
        &mut self,
        condition: &'a Condition,
        level: u32,
        proceed: &mut usize,
        trace: &mut ConditionTrace,
    ) -> Known<Then> {
        if condition.has_missing
            && let Some((what, global)) = &condition.body.missing
        {
            self.at(condition.node, what);
            return unknown(Why::Global(global.clone()));
        }
        // Rule 11.
        let mut state = State { proceed: *proceed, passed: false, found: Found::Nothing };
        let time = self.time(condition.node, condition.time.as_deref())?;
        if let Some(passed) = time {
            state.passed = passed;
            state.proceed = usize::from(passed);
            if self.traces {
                trace.tests.push(TestTrace::Time { node: condition.node, passed, in_regex: false });
            }
        }
        match &condition.test {
            Test::Rules(rule, rules) => self.rules(*rule, rules, &mut state, &mut trace.tests)?,
            // Rule 12: a time that passed is enough for the actions, and a field that matches too.
            Test::Match(test) => {
                let matched = self.regex(condition.node, test, None, &mut trace.tests)?;
                state.proceed = matched.proceed;
                state.passed |= matched.proceed > 0;
                state.found = Found::of(matched.has_groups, matched.groups);
            }
            // Rule 13.
            Test::Absolute if time.is_none() => {
                state.passed = true;
                state.proceed = 1;
                if self.traces {
                    trace.tests.push(TestTrace::Absolute { node: condition.node, rule: None });
                }
            }
            Test::Absolute => {}
        }
        let taken = self.actions.len();
        let acted = self.act(condition, &mut state);
        if self.traces {
            trace.passed = state.passed;
            trace.actions = self.actions[taken..].to_vec();
        }
        *proceed = state.proceed;
        acted?;
        // Rule 16.
        if ends_level(condition.breaks, state.passed) {
            trace.stopped = true;
            return Ok(Then::Leave);
        }
        // Rule 17.
        if state.proceed > 0 && condition.has_nested {
            *proceed = self.nested(condition, level + 1, trace)?;
            // Rule 19 follows: with break=never the level goes on without having matched.
            if *proceed == 0 && condition.breaks != Break::Never {
                return Ok(Then::Leave);
            }
        }
        Ok(Then::Next)
    }

    fn nested(&mut self, condition: &'a Condition, level: u32, trace: &mut ConditionTrace) -> Known<usize> {
        // Rule 20: not even `require-nested` is looked at there.
        if level > DEEPEST {
            return Ok(0);
        }
        let name = if self.traces { self.level_name(level) } else { Value::default() };
        let mut conditions = Vec::new();
        let proceed = self.level(&condition.body.nested, level, &name, &mut conditions);
        // Rule 18.
        let proceed =
            proceed.map(|proceed| if condition.body.require_nested { proceed } else { proceed.max(1) });
        if self.traces {
            trace.nested = Some(LevelTrace {
                level,
                name,
                require_nested: condition.body.require_nested,
                conditions,
                matched: proceed.as_ref().is_ok_and(|proceed| *proceed > 0),
            });
        }
        proceed
    }

    /// The name of the extension in the log, as far as it fits into the switch's buffer.
    fn level_name(&self, level: u32) -> Value {
        const BUFFER: usize = 127;
        let mut name =
            self.place.extension.map(|extension| extension.name().as_bytes().to_vec()).unwrap_or_default();
        name.extend_from_slice(format!("_recur_{level}").as_bytes());
        name.truncate(BUFFER);
        name.into()
    }
}

/// Rule 16.
fn ends_level(breaks: Break, passed: bool) -> bool {
    match breaks {
        Break::OnTrue => passed,
        Break::OnFalse => !passed,
        Break::Always => true,
        Break::Never => false,
    }
}
