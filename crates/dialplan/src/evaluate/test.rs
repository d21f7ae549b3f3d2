//! Time tests, and a field against an expression.

use std::borrow::Cow;
use std::rc::Rc;

use custompbx_model::NodeId;

use super::Hunt;
use crate::expand::expand;
use crate::extension::{Match, Source, has_groups};
use crate::needs::Needs;
use crate::pattern::{Compiled, groups, is_match};
use crate::substitute::Groups;
use crate::time::{Now, TimeTest};
use crate::trace::{Rule, TestTrace};
use crate::undecidable::Known;
use crate::words::{atoi, is_number};

/// What came of a field and an expression.
pub(super) struct Matched {
    /// Rule 12: the number of groups that took part up to the last one, and one more; 0 if it does not match.
    pub(super) proceed: usize,
    /// Rule 39.
    pub(super) has_groups: bool,
    /// Whether there was something to expand in the expression.
    pub(super) expanded: bool,
    /// Those of a match whose expression has any.
    pub(super) groups: Option<Rc<Groups>>,
}

impl Hunt<'_> {
    /// Rules 11 and 22: whether the time passes; none if there is no test of it.
    pub(super) fn time(&mut self, node: NodeId, test: Option<&TimeTest>) -> Known<Option<bool>> {
        let Some(test) = test else { return Ok(None) };
        self.at(node, "time");
        // Rule 49.
        let offset = self.scope.text("tod_tz_offset")?;
        let offset = offset.filter(|text| !text.is_empty() && is_number(text.as_bytes()));
        let now = Now {
            moment: self.scope.call.at,
            process: &self.scope.call.zone,
            timezones: &self.scope.call.timezones,
            tod_tz_offset: offset.map(|text| atoi(text.as_bytes())),
            timezone: self.scope.text("timezone")?.filter(|name| !name.is_empty()),
        };
        match test.passes(&now) {
            Ok(passed) => Ok(Some(passed)),
            Err((attribute, why)) => {
                self.place.what = attribute;
                Err(why)
            }
        }
    }

    /// Rules 12, 14 and 28 to 39.
    pub(super) fn regex(
        &mut self,
        node: NodeId,
        test: &Match,
        rule: Option<Rule>,
        traces: &mut Vec<TestTrace>,
    ) -> Known<Matched> {
        if let Some(fixed) = &test.fixed
            && !self.traces
        {
            return self.fixed(node, test, fixed);
        }
        self.at(node, "expression");
        let written = test.written.expression.known()?;
        let expanded = match &test.fixed {
            Some(_) => test.written.expanded.as_ref().map(|text| Cow::Borrowed(text.as_bytes())),
            None => expand(written, &self.scope)?.map(Cow::Owned),
        };
        let expression = expanded.as_deref().unwrap_or(written);
        self.at(node, "field");
        let value = self.field(test)?;
        let dynamic;
        let (compiled, has_groups): (&Compiled, bool) = match &test.fixed {
            Some(fixed) => (fixed, test.has_groups),
            None => {
                dynamic = self.context.expanded.get(expression);
                (&dynamic, has_groups(expression))
            }
        };
        let found = matched(&test.needs, compiled, &value, has_groups);
        if self.traces
            && let Ok((proceed, groups)) = &found
        {
            let groups =
                groups.iter().flat_map(|found| (0..found.spans.len()).map(|group| found.text(group)));
            traces.push(TestTrace::Regex {
                node,
                field: test.written.field.value().clone(),
                value: (&*value).into(),
                expression: expression.into(),
                passed: *proceed > 0,
                bad: compiled.as_ref().err().map(ToString::to_string),
                groups: groups.map(|text| text.map(Into::into)).collect(),
                rule,
            });
        }
        let is_expanded = expanded.is_some();
        drop(value);
        if found.is_err() {
            self.place.what = "expression";
        }
        let (proceed, groups) = found?;
        Ok(Matched { proceed, has_groups, expanded: is_expanded, groups })
    }

    /// The same for an expression that is compiled, when nobody wants a trace. Hardly any matches.
    fn fixed(&mut self, node: NodeId, test: &Match, compiled: &Compiled) -> Known<Matched> {
        self.at(node, "field");
        if let (Source::Profile(field), Ok(pattern)) = (&test.source, compiled)
            && let Some((proceed, groups)) = self.seen.last(pattern, *field)
        {
            return Ok(Matched { proceed, has_groups: test.has_groups, expanded: test.is_expanded, groups });
        }
        let value = self.field(test)?;
        let found = matched(&test.needs, compiled, &value, test.has_groups);
        drop(value);
        if found.is_err() {
            self.place.what = "expression";
        }
        let (proceed, groups) = found?;
        Ok(Matched { proceed, has_groups: test.has_groups, expanded: test.is_expanded, groups })
    }

    fn field(&self, test: &Match) -> Known<Cow<'_, [u8]>> {
        let text = match &test.source {
            Source::Nothing => {
                test.written.field.known()?;
                Cow::default()
            }
            Source::Profile(field) => Cow::Borrowed(
                self.scope.profile().get(*field).map(|value| value.as_bytes()).unwrap_or_default(),
            ),
            Source::Variable(variable) => {
                let (name, hash) = (variable.name.as_bytes(), variable.hash);
                let value = self.scope.look_up(name, hash, -1)?.unwrap_or_default();
                expand(value, &self.scope)?.map_or(Cow::Borrowed(value), Cow::Owned)
            }
            Source::Expanded => {
                let text = test.written.field.known()?;
                Cow::Owned(expand(text, &self.scope)?.unwrap_or_else(|| text.to_vec()))
            }
            // A copy, so that nothing is borrowed from two places.
            Source::Itself => Cow::Owned(test.written.field.known()?.to_vec()),
        };
        Ok(text)
    }
}

/// `proceed` of rule 12, and the groups where there are any.
fn matched(
    needs: &Needs,
    compiled: &Compiled,
    value: &[u8],
    has_groups: bool,
) -> Known<(usize, Option<Rc<Groups>>)> {
    if !needs.are_met(value) {
        return Ok((0, None));
    }
    if !has_groups {
        return Ok((usize::from(is_match(compiled, value)?), None));
    }
    let spans = groups(compiled, value)?;
    Ok(spans
        .map_or((0, None), |spans| (spans.len(), Some(Rc::new(Groups { subject: value.to_vec(), spans })))))
}
