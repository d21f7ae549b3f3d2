//! A simulated call, with what both reports need of it.

use std::sync::Arc;

use custompbx_dialplan::simulate::{Step, explain, simulate};
use custompbx_dialplan::{Call, Context, Outcome};

use super::input::Made;
use super::sources::Plan;

/// What came of a call.
#[derive(Debug)]
pub(super) struct Simulation {
    pub(super) made: Made,
    pub(super) contexts: Vec<Arc<Context>>,
    /// Why the switch only can read the contexts.
    pub(super) blocked: Option<String>,
    /// Nothing if they cannot be read here.
    pub(super) steps: Vec<Step>,
}

impl Simulation {
    pub(super) fn run(mut made: Made, plan: &Plan, depth: usize) -> Self {
        made.call.globals = plan.globals.clone();
        made.call.timezones = plan.timezones.clone();
        let (contexts, blocked) = (plan.contexts.clone(), plan.blocked.clone());
        let steps = if blocked.is_none() { simulate(&contexts, &made.call, depth) } else { Vec::new() };
        Self { made, contexts, blocked, steps }
    }

    /// The context that a hunt was in, if there is one.
    pub(super) fn context(&self, step: &Step) -> Option<&Context> {
        let call = Call::new(step.context.as_str(), "");
        let position = call.choose(self.contexts.iter().map(|context| context.name()))?;
        self.contexts.get(position).map(|context| &**context)
    }

    /// Why a hunt came to an extension, or did not.
    pub(super) fn explanation(&self, step: &Step, extension: &str) -> Vec<String> {
        match (self.context(step), &step.outcome) {
            (Some(context), Some(outcome)) => explain(context, outcome, extension),
            _ => vec![format!("there is no context {}", step.context)],
        }
    }

    /// The context that a server would answer with instead, or why it has to be the whole one.
    pub(super) fn answer(&self) -> Result<String, &'static str> {
        let first = self.steps.first().ok_or("the contexts can be read by the switch only")?;
        match (self.context(first), &first.outcome) {
            (Some(context), Some(outcome)) => {
                outcome.answer(context, &self.made.call).map_err(|untold| untold.as_str())
            }
            _ => Err("there is no such context"),
        }
    }

    /// Names of variables that the hunt changed, with their values; none where it deleted one.
    pub(super) fn changed(&self, outcome: &Outcome) -> Vec<(String, Option<String>)> {
        let (before, Some(after)) = (&self.made.call.variables, &outcome.variables) else {
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
