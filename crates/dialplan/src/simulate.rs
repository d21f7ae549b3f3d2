//! A call on paper: the hunt, and where its actions lead.

use std::sync::Arc;

use custompbx_model::Node;

use crate::call::Call;
use crate::check::target_of;
use crate::context::Context;
use crate::evaluate::{Detail, Effect, effect};
use crate::outcome::{Outcome, Taken};
use crate::profile::ProfileField;
use crate::trace::{ConditionTrace, ExtensionTrace, TestTrace};
use crate::undecidable::{Undecidable, Why};
use crate::value::Value;
use crate::words::same_word;

/// One hunt of a simulated call.
#[derive(Clone, Debug)]
pub struct Step {
    /// What led here; none for the first one.
    pub via: Option<Via>,
    /// The context that was asked for.
    pub context: String,
    /// The number that was called.
    pub destination: String,
    /// What came of it; none if there is no such context.
    pub outcome: Option<Outcome>,
    /// Why it is not known where the actions lead, if they lead anywhere.
    pub unknown: Option<Undecidable>,
}

/// An action that goes to another extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The number of the step that it is in, from 0.
    pub step: usize,
    /// `transfer` or `execute_extension`.
    pub application: String,
    /// Its data, after expansion.
    pub data: String,
    /// The applications that run before it; one of them may end the call, or set variables that count here.
    pub after: Vec<String>,
}

/// So many hunts a simulated call has at most.
const MOST_STEPS: usize = 200;

/// So many extensions that one hunt executes are followed; each is a call of its own, with all variables.
const MOST_FOLLOWED: usize = 20;

/// Hunts, and follows `transfer` and `execute_extension` up to `depth` times one behind the other. `contexts` are those of
/// the dialplan, in order.
pub fn simulate(contexts: &[impl AsRef<Context>], call: &Call, depth: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut open = vec![(call.clone(), None, depth)];
    while let Some((call, via, depth)) = open.pop() {
        if steps.len() >= MOST_STEPS {
            break;
        }
        let chosen = call.choose(contexts.iter().map(|context| context.as_ref().name()));
        let outcome = chosen.map(|chosen| contexts[chosen].as_ref().evaluate(&call, Detail::Trace));
        let number = steps.len();
        let mut step = Step {
            via,
            context: call.context().to_string(),
            destination: call.destination(),
            unknown: None,
            outcome,
        };
        if let Some(outcome) = step.outcome.as_ref().filter(|outcome| outcome.next_state().is_some()) {
            let follow = follow(&call, outcome, number);
            step.unknown = follow.unknown;
            if depth > 0 {
                // The first one is taken next.
                let room = MOST_STEPS.saturating_sub(steps.len() + open.len());
                let next = follow.calls.into_iter().take(room).rev();
                open.extend(next.map(|(call, via)| (call, Some(via), depth - 1)));
            }
        }
        steps.push(step);
    }
    steps
}

/// A simulated call, with all that is to be said of it.
#[derive(Debug)]
pub struct Simulation {
    /// The call as it began.
    pub call: Call,
    /// The contexts of the dialplan.
    pub contexts: Vec<Arc<Context>>,
    /// Why only the switch can read the contexts, if that is so.
    pub blocked: Option<String>,
    /// The hunts; the first one is that of the call itself. None if the contexts cannot be read here.
    pub steps: Vec<Step>,
}

impl Simulation {
    /// [`simulate`], unless something `blocked` the contexts.
    pub fn run(call: Call, contexts: Vec<Arc<Context>>, blocked: Option<String>, depth: usize) -> Self {
        let steps = if blocked.is_none() { simulate(&contexts, &call, depth) } else { Vec::new() };
        Self { call, contexts, blocked, steps }
    }

    /// The context that a hunt was in, if there is one.
    pub fn context(&self, step: &Step) -> Option<&Context> {
        let call = Call::new(step.context.as_str(), "");
        let position = call.choose(self.contexts.iter().map(|context| context.name()))?;
        self.contexts.get(position).map(|context| &**context)
    }

    /// Why a hunt came to an extension, or did not.
    pub fn explanation(&self, step: &Step, extension: &str) -> Vec<String> {
        match (self.context(step), &step.outcome) {
            (Some(context), Some(outcome)) => explain(context, outcome, extension),
            _ => vec![format!("there is no context {}", step.context)],
        }
    }

    /// The context that a server would answer with instead.
    ///
    /// # Errors
    /// Why it has to be the whole one.
    pub fn answer(&self) -> Result<String, &'static str> {
        let first = self.steps.first().ok_or("the contexts can be read by the switch only")?;
        match (self.context(first), &first.outcome) {
            (Some(context), Some(outcome)) => {
                outcome.answer(context, &self.call).map_err(|untold| untold.as_str())
            }
            _ => Err("there is no such context"),
        }
    }

    /// Names of variables that the hunt changed, with their values; none where it deleted one.
    pub fn changed(&self, outcome: &Outcome) -> Vec<(String, Option<String>)> {
        let (before, Some(after)) = (&self.call.variables, &outcome.variables) else {
            return Vec::new();
        };
        let mut changed = Vec::new();
        for (name, value) in after.iter() {
            let name = name.to_string();
            if before.get(&name) != Some(value) {
                changed.push((name, Some(value.to_string())));
            }
        }
        let deleted =
            before.iter().map(|(name, _)| name.to_string()).filter(|name| after.get(name).is_none());
        changed.extend(deleted.map(|name| (name, None)));
        changed
    }
}

struct Follow {
    calls: Vec<(Call, Via)>,
    unknown: Option<Undecidable>,
}

/// The calls that the actions make of this one. Variables that they set on the way are those of the calls: what
/// an action expands to, and what it sets, is found by letting it run inline.
fn follow(call: &Call, outcome: &Outcome, step: usize) -> Follow {
    let mut call = call.clone();
    if let Some(variables) = &outcome.variables {
        call.variables = variables.clone();
    }
    let mut found = Follow { calls: Vec::new(), unknown: None };
    let mut after = Vec::new();
    for taken in outcome.applications() {
        let name = taken.application.to_string();
        let leads = ["transfer", "execute_extension"].iter().find(|known| known.eq_ignore_ascii_case(&name));
        let sets = effect(taken.application.as_bytes())
            .is_some_and(|(_, effect)| !matches!(effect, Effect::None | Effect::OfSwitch));
        if leads.is_none() && !sets {
            if after.len() < MOST_STEPS {
                after.push(name);
            }
            continue;
        }
        let run = run(&call, taken, leads.is_some());
        if run.undecidable.is_some() {
            found.unknown = run.undecidable;
            return found;
        }
        if let Some(variables) = run.variables {
            call.variables = variables;
        }
        let (Some(application), Some(run)) = (leads, run.inline.first()) else { continue };
        let Some(next) = next(&call, application, &run.data) else { continue };
        let via = Via {
            step,
            application: (*application).to_owned(),
            data: run.data.to_string(),
            after: after.clone(),
        };
        found.calls.push((next, via));
        if *application == "transfer" || found.calls.len() >= MOST_FOLLOWED {
            break;
        }
    }
    found
}

/// An action that runs now. What leads elsewhere is only expanded.
fn run(call: &Call, taken: &Taken, only_expand: bool) -> Outcome {
    let application = if only_expand { "eval".to_owned() } else { taken.application.to_string() };
    if let Some(name) = taken.missing.first() {
        let place = crate::undecidable::Place { node: taken.node, what: "data", ..Default::default() };
        return Outcome::unknown(Undecidable { place, why: Why::Global(name.clone()) });
    }
    let action = Node::new("action").with("application", application).with("inline", "true");
    let action = Node { id: taken.node, ..action.with("data", taken.data.to_string()) };
    let condition = Node::new("condition").containing([action]);
    let extension = Node::new("extension").with("name", "an action").containing([condition]);
    let context = Node::new("context").containing([extension]);
    Context::of_answer(&context, None).evaluate(call, Detail::Result)
}

/// `switch_ivr_session_transfer` and `switch_core_session_execute_exten`: the call at its new extension. None if
/// the action is about the other leg.
fn next(call: &Call, application: &str, data: &Value) -> Option<Call> {
    let target = target_of(data.as_bytes())?;
    if target.leg.as_deref().is_some_and(|leg| leg.eq_ignore_ascii_case("-bleg")) {
        return None;
    }
    let is_transfer = application == "transfer";
    let forced = |name: &str| is_transfer.then(|| call.variables.get(name).cloned()).flatten();
    let dialplan = target.dialplan.map(Value::from).or_else(|| forced("force_transfer_dialplan"));
    if dialplan.is_some_and(|dialplan| !same_word(dialplan.as_bytes(), b"XML")) {
        return None;
    }
    let mut next = call.clone();
    if let Some(context) = target.context.map(Value::from).or_else(|| forced("force_transfer_context")) {
        next.profile.set(ProfileField::Context, context);
    }
    if is_transfer && let Some(old) = call.profile.get(ProfileField::DestinationNumber) {
        next.profile.set(ProfileField::Rdnis, old.clone());
    }
    next.profile.set(ProfileField::DestinationNumber, target.extension);
    Some(next)
}

/// Why a call did, or did not, come to an extension, in one sentence each.
pub fn explain(context: &Context, outcome: &Outcome, extension: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    let tried = |name: &str| {
        let named = |tried: &&ExtensionTrace| same_word(tried.name.as_bytes(), name.as_bytes());
        outcome.trace.extensions.iter().find(named)
    };
    let is_there =
        context.extensions().iter().any(|known| same_word(known.name().as_bytes(), extension.as_bytes()));
    match (tried(extension), outcome.trace.extensions.last()) {
        _ if !is_there => {
            reasons.push(format!("there is no extension {extension} in the context {}", context.name()));
        }
        (Some(tried), _) if tried.matched => reasons.push(format!("{extension} matched")),
        (Some(tried), _) => {
            reasons.push(format!("{extension} was tried, and did not match"));
            tried.conditions.iter().enumerate().for_each(|(at, condition)| {
                explain_condition(&format!("condition {}", at + 1), condition, &mut reasons);
            });
            if tried.conditions.is_empty() {
                reasons.push("it has no condition, and so matches nothing".to_owned());
            }
        }
        (None, Some(last)) if last.matched => reasons.push(format!(
            "{extension} was not tried: {} matched before it and does not continue",
            last.name
        )),
        (None, _) => reasons.push(format!("{extension} was not tried")),
    }
    if let Some(undecidable) = &outcome.undecidable {
        reasons.push(format!("the evaluation ended at {undecidable}"));
    }
    reasons
}

fn explain_condition(place: &str, condition: &ConditionTrace, reasons: &mut Vec<String>) {
    for test in &condition.tests {
        match test {
            TestTrace::Time { passed: false, .. } => {
                reasons.push(format!("{place}: the time is not the one that is asked for"));
            }
            TestTrace::Regex { field, value, expression, passed: false, bad, .. } => {
                let why = match bad {
                    Some(bad) => format!("the expression /{expression}/ can match nothing: {bad}"),
                    None if value.is_empty() => {
                        format!("{field} is empty, and /{expression}/ does not match that")
                    }
                    None => format!("{field} is \"{value}\", and /{expression}/ does not match that"),
                };
                reasons.push(format!("{place}: {why}"));
            }
            _ => {}
        }
    }
    if condition.stopped {
        reasons.push(format!("{place} ended it: break is {}", condition.breaks));
    }
    for (at, nested) in condition.nested.iter().flat_map(|level| level.conditions.iter()).enumerate() {
        explain_condition(&format!("{place}.{}", at + 1), nested, reasons);
    }
}
