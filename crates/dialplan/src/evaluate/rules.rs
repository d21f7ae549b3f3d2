//! A condition with `regex=` (rules 21 to 27).

use std::rc::Rc;

use custompbx_model::NodeId;

use super::Hunt;
use super::actions::Found;
use super::level::State;
use super::test::Matched;
use crate::extension::RegexRule;
use crate::substitute::Groups;
use crate::trace::{Rule, TestTrace};
use crate::undecidable::Known;

/// What one `<regex>` came to.
enum Came {
    /// By its field.
    Field(Matched),
    /// By the time, or because there is nothing to test.
    Plain(bool),
}

impl Hunt<'_> {
    pub(super) fn rules(
        &mut self,
        rule: Rule,
        rules: &[RegexRule],
        state: &mut State,
        traces: &mut Vec<TestTrace>,
    ) -> Known<()> {
        // Rule 24.
        self.scope.delete_beginning(b"DP_REGEX_MATCH");
        let (mut passes, mut fails) = (0_usize, 0_usize);
        // Rule 25: the groups of the last one with `(`, and rule 26: its `proceed`.
        let mut kept: Option<(usize, Rc<Groups>)> = None;
        for (number, one) in rules.iter().enumerate() {
            let came = self.rule(rule, one, traces)?;
            let passed = match &came {
                Came::Field(matched) => {
                    state.proceed = matched.proceed;
                    matched.proceed > 0
                }
                Came::Plain(passed) => {
                    // Rule 22: a time that failed leaves it.
                    if *passed {
                        state.proceed = 1;
                    }
                    *passed
                }
            };
            *(if passed { &mut passes } else { &mut fails }) += 1;
            // Rule 23.
            let ends = match rule {
                Rule::Any => passed,
                Rule::All => !passed,
                Rule::Xor => false,
            };
            state.found = Found::Nothing;
            if let Came::Field(matched) = came {
                // What stays behind when the loop ends here, or behind the last one: rule 25.
                if matched.has_groups && !ends {
                    kept = matched.groups.clone().map(|groups| (matched.proceed, groups));
                    self.regex_variable(one.node, number + 1, matched.groups.as_ref())?;
                }
                if !matched.expanded {
                    // Behind the loop the match of one that did not end it is gone.
                    state.found = Found::of(matched.has_groups, matched.groups.filter(|_| ends));
                }
            }
            if ends {
                break;
            }
        }
        state.passed |= match rule {
            Rule::Any => passes > 0,
            Rule::All => fails == 0,
            Rule::Xor => passes == 1,
        };
        // Rule 26.
        if let Some((proceed, groups)) = kept {
            state.proceed = proceed;
            state.found = Found::Groups(groups);
        }
        Ok(())
    }

    fn rule(&mut self, rule: Rule, one: &RegexRule, traces: &mut Vec<TestTrace>) -> Known<Came> {
        // Rule 22: the time is tested first, even if it does not matter.
        let time = self.time(one.node, one.time.as_ref())?;
        if let Some(passed) = time.filter(|_| self.traces) {
            traces.push(TestTrace::Time { node: one.node, passed, in_regex: true });
        }
        if let Some(test) = &one.test {
            return Ok(Came::Field(self.regex(one.node, test, Some(rule), traces)?));
        }
        if time.is_none() && self.traces {
            traces.push(TestTrace::Absolute { node: one.node, rule: Some(rule) });
        }
        Ok(Came::Plain(time.unwrap_or(true)))
    }

    /// Rule 24.
    fn regex_variable(&mut self, node: NodeId, number: usize, groups: Option<&Rc<Groups>>) -> Known<()> {
        self.at(node, "expression");
        let name = format!("DP_REGEX_MATCH_{number}").into_bytes();
        self.scope.capture(name.into(), groups)
    }
}
