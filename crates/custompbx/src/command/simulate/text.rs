//! The report for people.

use std::fmt::Write as _;

use custompbx_dialplan::simulate::Step;
use custompbx_dialplan::trace::{ConditionTrace, ExtensionTrace, TestTrace};
use custompbx_dialplan::{Change, Outcome, Taken};

use super::hunt::Simulation;

/// The whole report.
pub(super) fn report(simulation: &Simulation, channel: Option<&str>, extension: Option<&str>) -> String {
    let mut out = Lines::default();
    let made = &simulation.made;
    let zone = &made.zone;
    out.add(
        0,
        format_args!(
            "{} in context {} at {} (time zone {}, from {})",
            made.destination,
            made.context,
            zone.show(made.call.at),
            zone.name,
            zone.said_by
        ),
    );
    if let Some(channel) = channel.or(made.channel.as_deref()) {
        out.add(0, format_args!("channel {channel}"));
    }
    if let Some(why) = &simulation.blocked {
        out.add(0, format_args!("not knowable here: {why}"));
    }
    for (number, step) in simulation.steps.iter().enumerate() {
        if let Some(via) = &step.via {
            out.blank();
            let from =
                if simulation.steps.len() > 2 { format!(" of hunt {}", via.step + 1) } else { String::new() };
            out.add(
                0,
                format_args!(
                    "hunt {}, by {}({}){from}: {} in context {}",
                    number + 1,
                    via.application,
                    via.data,
                    step.destination,
                    step.context
                ),
            );
            if !via.after.is_empty() {
                out.add(1, format_args!("if none of these ends the call before: {}", via.after.join(", ")));
            }
        }
        out.hunt(simulation, step);
        if let Some(extension) = extension {
            out.blank();
            out.add(1, format_args!("why {extension}:"));
            for sentence in simulation.explanation(step, extension) {
                out.add(2, format_args!("{sentence}"));
            }
        }
    }
    out.0
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, level: usize, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{}{line}", "  ".repeat(level));
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn hunt(&mut self, simulation: &Simulation, step: &Step) {
        let Some(outcome) = &step.outcome else {
            let names: Vec<_> = simulation.contexts.iter().map(|context| context.name()).collect();
            let names = if names.is_empty() { "none at all".to_owned() } else { names.join(", ") };
            self.add(1, format_args!("there is no context {}; there are: {names}", step.context));
            return;
        };
        if let Some(context) = simulation.context(step).filter(|context| context.name() != step.context) {
            self.add(1, format_args!("the context {} is taken for it", context.name()));
        }
        self.blank();
        for extension in &outcome.trace.extensions {
            self.extension(extension);
        }
        self.result(outcome);
        // What later hunts set is on top of this; only the first one starts from variables that are known as they were.
        if step.via.is_none() {
            self.changes(simulation, outcome);
        }
        if let Some(unknown) = &step.unknown {
            self.add(1, format_args!("where it goes from there is not knowable here: {}", unknown.why));
        }
    }

    fn extension(&mut self, extension: &ExtensionTrace) {
        let goes_on = match &extension.continues {
            Some(continues) => format!(" (continue={continues})"),
            None => String::new(),
        };
        let matched = if extension.matched { "matched" } else { "not" };
        self.add(1, format_args!("{}: {matched}{goes_on}", extension.name));
        if extension.conditions.is_empty() {
            self.add(2, format_args!("no condition was evaluated"));
        }
        self.conditions(2, "", &extension.conditions);
    }

    fn conditions(&mut self, level: usize, above: &str, conditions: &[ConditionTrace]) {
        for (number, condition) in (1..).zip(conditions) {
            let number = format!("{above}{number}");
            let breaks = &condition.breaks;
            let then = match (condition.stopped, condition.passed) {
                (true, _) => format!("; ends here (break={breaks})"),
                (false, false) => format!("; goes on (break={breaks})"),
                (false, true) => String::new(),
            };
            let passed = if condition.passed { "PASS" } else { "FAIL" };
            match condition.tests.as_slice() {
                [only] => self.add(level, format_args!("{number} {passed} {}{then}", test(only))),
                tests => {
                    self.add(level, format_args!("{number} {passed}{then}"));
                    for one in tests {
                        self.add(level + 2, format_args!("{} {}", passes(one), test(one)));
                    }
                }
            }
            for taken in &condition.actions {
                self.action(level + 1, taken);
            }
            if let Some(nested) = &condition.nested {
                self.conditions(level + 1, &format!("{number}."), &nested.conditions);
                let words = match (nested.matched, nested.require_nested) {
                    (true, _) => "the nested conditions matched",
                    (false, true) => "the nested conditions did not match, so this one does not count",
                    (false, false) => "the nested conditions did not match, which does not matter",
                };
                self.add(level + 1, format_args!("{words}"));
            }
        }
    }

    fn action(&mut self, level: usize, taken: &Taken) {
        let kind = if taken.anti { "anti-action" } else { "action" };
        let inline = if taken.inline { " (runs at once)" } else { "" };
        self.add(level, format_args!("{kind} {}{inline}", taken));
    }

    fn result(&mut self, outcome: &Outcome) {
        self.blank();
        if let Some(undecidable) = &outcome.undecidable {
            self.add(1, format_args!("not knowable here: {undecidable}"));
            self.add(1, format_args!("up to there:"));
        } else if outcome.is_hung_up() {
            self.add(1, format_args!("the call is hung up during the hunt"));
        } else if outcome.extension.is_none() {
            self.add(1, format_args!("no extension: the call ends with NO_ROUTE_DESTINATION"));
        }
        let mut number = 0;
        for taken in outcome.applications() {
            number += 1;
            self.add(1, format_args!("{number}. {}", taken));
        }
        if number == 0 && outcome.extension.is_some() {
            self.add(1, format_args!("no applications"));
        }
    }

    fn changes(&mut self, simulation: &Simulation, outcome: &Outcome) {
        for run in &outcome.inline {
            self.add(1, format_args!("ran during the hunt: {}", run));
        }
        for (name, value) in simulation.changed(outcome) {
            // Every application that runs sets these.
            if name.starts_with("current_application") {
                continue;
            }
            match value {
                Some(value) => self.add(1, format_args!("variable {name} = {value}")),
                None => self.add(1, format_args!("variable {name} was deleted")),
            }
        }
        for change in &outcome.changes {
            match change {
                Change::SetProfile { name, value } => self.add(1, format_args!("profile {name} = {value}")),
                Change::SetGlobal { name, value: Some(value) } => {
                    self.add(1, format_args!("global variable {name} = {value}"));
                }
                Change::SetGlobal { name, value: None } => {
                    self.add(1, format_args!("global variable {name} was deleted"));
                }
                Change::HangUp { cause } => self.add(1, format_args!("hung up: {cause}")),
                _ => {}
            }
        }
    }
}

fn passes(test: &TestTrace) -> &'static str {
    match test {
        TestTrace::Time { passed: false, .. } | TestTrace::Regex { passed: false, .. } => "FAIL",
        _ => "PASS",
    }
}

/// What was tested, and why it came out so.
fn test(test: &TestTrace) -> String {
    match test {
        TestTrace::Time { passed: true, .. } => "the time is one that is asked for".to_owned(),
        TestTrace::Time { passed: false, .. } => "the time is not one that is asked for".to_owned(),
        TestTrace::Absolute { .. } => "nothing to test".to_owned(),
        TestTrace::Regex { field, value, expression, passed, bad, groups, rule, .. } => {
            let of = rule.map(|rule| format!(" ({} of these)", rule.word())).unwrap_or_default();
            let verb = match (passed, bad) {
                (true, _) => "matches",
                (false, None) => "does not match",
                (false, Some(_)) => "cannot match",
            };
            let mut text = format!("{field} \"{value}\" {verb} /{expression}/{of}");
            if let Some(bad) = bad {
                let _ = write!(text, ": {bad}");
            }
            // The first one is all that matched.
            for (number, group) in groups.iter().enumerate().skip(1) {
                match group {
                    Some(group) => drop(write!(text, ", ${number} = {group}")),
                    None => drop(write!(text, ", ${number} took no part")),
                }
            }
            text
        }
    }
}
