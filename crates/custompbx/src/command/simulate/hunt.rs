//! A simulated call, with what both reports need of it.

use std::ops::Deref;

use custompbx_dialplan::simulate;

use super::input::Made;
use super::sources::Plan;

/// What came of a call.
#[derive(Debug)]
pub(super) struct Simulation {
    pub(super) made: Made,
    inner: simulate::Simulation,
}

impl Simulation {
    pub(super) fn run(made: Made, plan: &Plan, depth: usize) -> Self {
        let mut call = made.call.clone();
        call.globals = plan.globals.clone();
        call.timezones = plan.timezones.clone();
        let inner = simulate::Simulation::run(call, plan.contexts.clone(), plan.blocked.clone(), depth);
        Self { made, inner }
    }
}

impl Deref for Simulation {
    type Target = simulate::Simulation;

    fn deref(&self) -> &simulate::Simulation {
        &self.inner
    }
}
