//! What is wrong in a context.

use custompbx_model::{Node, NodeId};

use super::calls::{Reference, references};
use super::reach::takes_all;
use super::walk::{Visited, enabled, in_extension};
use super::{Finding, Problem, Severity};
use crate::context::Context;
use crate::evaluate::effect;
use crate::expand::has_variable;
use crate::extension::{Action, Break, DEEPEST, Extension, Match, Source, Test};
use crate::names::{Known, application, is_api};
use crate::pattern::BadPattern;
use crate::text::Text;
use crate::time::{
    TimeTest, dates_are_readable, days_are_readable, numbers_are_readable, times_are_readable,
};
use crate::words::{is_number, is_true, same_word};

/// Words that mean false, and are meant so.
const FALSE: [&str; 9] = ["no", "off", "false", "f", "n", "disabled", "inactive", "disallow", "never"];

pub(super) fn of(context: &Context) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut takes_everything: Option<&Extension> = None;
    for extension in context.extensions() {
        let mut findings = Findings { extension, found: Vec::new() };
        findings.extension(takes_everything);
        in_extension(extension, &mut |visited| findings.condition(visited));
        all.append(&mut findings.found);
        if takes_everything.is_none() && takes_all(extension) {
            takes_everything = Some(extension);
        }
    }
    all
}

struct Findings<'c> {
    extension: &'c Extension,
    found: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, node: NodeId, attribute: &'static str, problem: Problem) {
        self.found.push(Finding {
            severity,
            extension: self.extension.name().to_string(),
            node,
            attribute,
            position: None,
            problem,
        });
    }

    fn extension(&mut self, hidden_by: Option<&Extension>) {
        let node = self.extension.node();
        if let Some(before) = hidden_by {
            let problem = Problem::Unreachable { after: before.node().id, name: before.name().to_string() };
            self.add(Severity::Warning, node.id, "", problem);
        }
        if self.extension.conditions.is_empty() {
            self.add(Severity::Warning, node.id, "", Problem::NoCondition);
        }
        self.boolean(node, "continue");
    }

    /// A word that is to be true or false.
    fn boolean(&mut self, node: &Node, attribute: &'static str) {
        let Some(word) = node.attribute(attribute) else { return };
        let text = word.as_bytes();
        let is_false = is_number(text) || FALSE.iter().any(|known| same_word(known.as_bytes(), text));
        if !is_true(text) && !is_false && !word.contains('$') {
            self.add(Severity::Notice, node.id, attribute, Problem::NotABoolean(word.to_owned()));
        }
    }

    fn condition(&mut self, visited: &Visited<'_>) {
        let (node, condition) = (visited.node, visited.condition);
        let word = |name| node.attribute(name).filter(|word| !word.contains('$'));
        if let Some(word) = word("break")
            && condition.breaks == Break::OnFalse
            && !same_word(word.as_bytes(), b"on-false")
        {
            self.add(Severity::Warning, node.id, "break", Problem::Break(word.to_owned()));
        }
        self.boolean(node, "require-nested");
        self.time(node, condition.time.as_deref());
        match &condition.test {
            Test::Absolute => {}
            Test::Match(test) => self.test(node, test),
            Test::Rules(_, rules) => {
                let known =
                    |word: &&str| ["all", "any", "xor"].iter().any(|known| word.eq_ignore_ascii_case(known));
                if let Some(word) = word("regex").filter(|word| !known(word)) {
                    self.add(Severity::Notice, node.id, "regex", Problem::Rule(word.to_owned()));
                }
                for (rule, node) in rules.iter().zip(enabled(node, "regex")) {
                    self.time(node, rule.time.as_ref());
                    if let Some(test) = &rule.test {
                        self.test(node, test);
                    }
                }
            }
        }
        if u32::try_from(visited.path.len()).is_ok_and(|levels| levels > DEEPEST + 1) {
            self.add(Severity::Warning, node.id, "", Problem::TooDeep);
        }
        for (action, node) in visited.actions() {
            self.action(action, node);
        }
    }

    fn time(&mut self, node: &Node, test: Option<&TimeTest>) {
        for (name, text) in test.into_iter().flat_map(TimeTest::attributes) {
            let Ok(text) = text.known() else { continue };
            let is_readable = match *name {
                "dst" => {
                    if !is_true(text) {
                        self.add(Severity::Warning, node.id, "dst", Problem::NeverDst);
                    }
                    true
                }
                "tz-offset" => is_number(text) && !text.is_empty(),
                "date-time" => dates_are_readable(text),
                "wday" => days_are_readable(text),
                "time-of-day" => times_are_readable(text),
                _ => numbers_are_readable(text),
            };
            if !is_readable {
                let text = String::from_utf8_lossy(text).into_owned();
                self.add(Severity::Warning, node.id, name, Problem::Time(text));
            }
        }
    }

    fn test(&mut self, node: &Node, test: &Match) {
        if matches!(test.source, Source::Nothing)
            && !test.written.field.value().is_empty()
            && test.written.field.missing().is_empty()
        {
            let name = test.written.field.value().to_string();
            self.add(Severity::Warning, node.id, "field", Problem::UnknownField(name));
        }
        if let Some(Err(bad)) = &test.fixed {
            let bad = &**bad;
            let severity = match bad {
                BadPattern::NoEnd | BadPattern::Compile { .. } => Severity::Error,
                _ => return,
            };
            let words = match bad {
                BadPattern::Compile { message, .. } => message.clone(),
                other => other.to_string(),
            };
            self.add(severity, node.id, "expression", Problem::Expression(words));
            if let (Some(last), BadPattern::Compile { offset, .. }) = (self.found.last_mut(), bad) {
                // What was expanded has other offsets.
                last.position = Some(*offset).filter(|_| test.written.expanded.is_none());
            }
        }
        self.calls(node.id, "field", &test.written.field);
        self.calls(node.id, "expression", &test.written.expression);
    }

    fn action(&mut self, action: &Action, node: &Node) {
        if action.application.value().is_empty() {
            self.add(Severity::Error, node.id, "application", Problem::NoApplication);
        }
        self.boolean(node, "inline");
        if let Some(times) = node.attribute("loop").filter(|_| action.times == 0 && action.missing.is_none())
        {
            self.add(Severity::Notice, node.id, "loop", Problem::NeverTaken(times.to_owned()));
        }
        self.calls(node.id, "data", &action.data);
        let name = action.application.value();
        if name.is_empty() || effect(name.as_bytes()).is_some() {
            return;
        }
        if !action.inline {
            let is_written = action.application.missing().is_empty() && !name.as_bytes().contains(&b'$');
            if is_written && application(name.as_bytes()) == Known::Unknown {
                let problem = Problem::UnknownApplication(name.to_string());
                self.add(Severity::Warning, node.id, "application", problem);
            }
            return;
        }
        let (severity, problem) = match application(name.as_bytes()) {
            Known::Unknown if action.application.missing().is_empty() => {
                (Severity::Error, Problem::UnknownInline(name.to_string()))
            }
            Known::Unknown => return,
            Known::NotInline | Known::OfModule => (Severity::Warning, Problem::NotInline(name.to_string())),
        };
        self.add(severity, node.id, "application", problem);
    }

    /// API commands that there are not.
    fn calls(&mut self, node: NodeId, attribute: &'static str, text: &Text) {
        let mut unknown = Vec::new();
        references(text.shown(), &mut |reference| {
            if let Reference::Call(name, _) = reference
                && !is_api(name)
                && !has_variable(name)
            {
                unknown.push(String::from_utf8_lossy(name).into_owned());
            }
        });
        for name in unknown {
            self.add(Severity::Warning, node, attribute, Problem::UnknownApi(name));
        }
    }
}
