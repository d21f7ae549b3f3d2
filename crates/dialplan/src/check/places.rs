//! What can make an evaluation undecidable.

use custompbx_model::NodeId;

use super::calls::{Reference, references};
use super::walk::{Visited, conditions};
use crate::context::Context;
use crate::evaluate::{Effect, MOST_ACTIONS, effect};
use crate::expand::has_variable;
use crate::extension::{Match, Test};
use crate::names::{Known, application, is_api};
use crate::pattern::BadPattern;
use crate::text::Text;
use crate::time::TimeTest;
use crate::trace::Rule;
use crate::undecidable::{Place, Undecidable, Why};

pub(super) fn of(context: &Context) -> Vec<Undecidable> {
    let mut places = Places::default();
    for extension in context.extensions() {
        if let Some(text) = extension.continues() {
            let place = Place {
                extension: Some(extension.name().to_string()),
                node: extension.node().id,
                what: "continue",
                ..Place::default()
            };
            places.globals(place, text);
        }
    }
    conditions(context, &mut |visited| places.condition(visited));
    places.found
}

#[derive(Default)]
struct Places {
    found: Vec<Undecidable>,
}

impl Places {
    fn add(&mut self, place: Place, why: Why) {
        self.found.push(Undecidable { place, why });
    }

    fn globals(&mut self, place: Place, text: &Text) {
        if let Some(name) = text.missing().first() {
            self.add(place, Why::Global(name.clone()));
        }
    }

    /// A text that the evaluator expands; the first reason is enough.
    fn text(&mut self, place: Place, text: &Text) {
        if !text.missing().is_empty() {
            return self.globals(place, text);
        }
        let mut why = None;
        references(text.shown(), &mut |reference| {
            if why.is_none() {
                why = reason(&reference);
            }
        });
        if let Some(why) = why {
            self.add(place, why);
        }
    }

    fn condition(&mut self, visited: &Visited<'_>) {
        let condition = visited.condition;
        let place = |what| visited.place(condition.node, what);
        if let Some((what, name)) = &condition.body.missing {
            self.add(place(what), Why::Global(name.clone()));
        }
        self.time(visited, condition.node, condition.time.as_deref());
        let has_actions = !condition.body.actions.is_empty();
        match &condition.test {
            Test::Absolute => {}
            Test::Match(test) => {
                self.test(visited, condition.node, test);
                if has_actions && condition.time.is_some() && may_have_groups(test) {
                    let what =
                        "actions of a time that passed, when the expression with groups does not match";
                    self.add(place("expression"), Why::UndefinedInSwitch(what));
                }
            }
            Test::Rules(rule, rules) => {
                for one in rules {
                    self.time(visited, one.node, one.time.as_ref());
                    if let Some(test) = &one.test {
                        self.test(visited, one.node, test);
                    }
                }
                // One that is expanded leaves nothing behind.
                let is_risk = |test: &Match| may_have_groups(test) && !test.written.expression.expands();
                let last = rules.last().and_then(|last| last.test.as_ref()).is_some_and(is_risk);
                let any = rules.iter().filter_map(|one| one.test.as_ref()).any(is_risk);
                if has_actions && ((*rule == Rule::Xor && last) || (condition.time.is_some() && any)) {
                    let what = "actions behind a regex with groups that does not match";
                    self.add(place("regex"), Why::UndefinedInSwitch(what));
                }
            }
        }
        self.actions(visited);
    }

    fn time(&mut self, visited: &Visited<'_>, node: NodeId, test: Option<&TimeTest>) {
        for (name, text) in test.into_iter().flat_map(TimeTest::attributes) {
            self.globals(visited.place(node, name), text);
        }
    }

    fn test(&mut self, visited: &Visited<'_>, node: NodeId, test: &Match) {
        self.text(visited.place(node, "field"), &test.written.field);
        self.text(visited.place(node, "expression"), &test.written.expression);
        let why = match test.fixed.as_ref().and_then(|fixed| fixed.as_ref().err()).map(|bad| &**bad) {
            Some(BadPattern::Version) => Why::RegexVersion,
            Some(BadPattern::LongAsterisk) => {
                Why::UndefinedInSwitch("an Asterisk pattern longer than the switch's buffer")
            }
            Some(BadPattern::TooLong) => Why::TooMuch("the length of an expression"),
            _ => return,
        };
        self.add(visited.place(node, "expression"), why);
    }

    fn actions(&mut self, visited: &Visited<'_>) {
        for (action, _) in visited.actions() {
            let place = |what| visited.place(action.node, what);
            if let Some((what, name)) = &action.missing {
                self.add(place(what), Why::Global(name.clone()));
            }
            self.globals(place("application"), &action.application);
            if usize::try_from(action.times).is_ok_and(|times| times > MOST_ACTIONS) {
                self.add(place("loop"), Why::TooMuch("the actions that are taken"));
            }
            if !action.inline || action.times == 0 {
                continue;
            }
            let name = action.application.value();
            match effect(name.as_bytes()) {
                Some((_, Effect::OfSwitch)) => self.add(place("application"), Why::Application(name.clone())),
                Some(_) => self.text(place("data"), &action.data),
                None if application(name.as_bytes()) == Known::OfModule => {
                    self.add(place("application"), Why::ModuleOfApplication(name.clone()));
                }
                None => {}
            }
        }
    }
}

fn may_have_groups(test: &Match) -> bool {
    test.has_groups || test.fixed.is_none()
}

/// Why what stands in `${}` may be known to the switch only.
fn reason(reference: &Reference<'_>) -> Option<Why> {
    match reference {
        Reference::Call(name, argument) if is_api(name) || has_variable(name) => {
            Some(Why::Api { name: (*name).into(), argument: (*argument).into() })
        }
        Reference::Variable(name) if name.starts_with(b"aleg_") || name.starts_with(b"bleg_") => {
            Some(Why::OtherLeg((*name).into()))
        }
        _ => None,
    }
}
