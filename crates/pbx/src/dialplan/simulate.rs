//! A call on paper.

use std::collections::BTreeMap;
use std::sync::Arc;

use custompbx_dialplan::simulate::Simulation;
use custompbx_dialplan::{Call, ProcessZone, ProfileField, Timezones};

use super::Modes;
use super::compiled::Dialplan;
use crate::Pbx;
use crate::error::Result;

/// How many transfers are followed when nobody says.
const USUAL_DEPTH: usize = 10;
/// How many are followed at most.
const MOST_DEPTH: usize = 50;

/// The call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The form that mod_xml_curl posted; what is said beside it counts more.
    pub request: Option<String>,
    /// The context; needed without a form.
    pub context: Option<String>,
    /// The number; needed without a form.
    pub destination: Option<String>,
    /// Variables of the channel.
    pub variables: BTreeMap<String, String>,
    /// Fields of the caller profile, such as `caller_id_number`.
    pub profile: BTreeMap<String, String>,
    /// What API commands give, by the command with its arguments: `hash(select/a/b)`.
    pub api: BTreeMap<String, String>,
    /// The moment; without one that of the form, or now.
    pub at: Option<jiff::Timestamp>,
    /// The time zone of the switch's process, such as `Europe/Berlin`; without one the offset of the form.
    pub tz: Option<String>,
    /// How many transfers are followed.
    pub depth: Option<usize>,
}

/// What is wrong with a simulation: a member, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSimulation {
    /// The member.
    pub member: &'static str,
    /// Why it cannot be.
    pub message: String,
}

impl Wanted {
    fn call(&self, now_ms: i64) -> std::result::Result<Call, BadSimulation> {
        let bad = |member, message: String| BadSimulation { member, message };
        let missing = |member, what: &str| bad(member, format!("say {what}, or send a request"));
        let mut call = match &self.request {
            Some(form) => {
                Call::from_body(form.trim_end()).map_err(|error| bad("request", error.to_string()))?
            }
            None => {
                let context = self.context.as_deref().ok_or_else(|| missing("context", "which context"))?;
                let destination =
                    self.destination.as_deref().ok_or_else(|| missing("destination", "which number"))?;
                let mut call = Call::new(context, destination);
                call.at = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
                call
            }
        };
        if let Some(context) = &self.context {
            call.profile.set(ProfileField::Context, context.as_str());
        }
        if let Some(destination) = &self.destination {
            call.profile.set(ProfileField::DestinationNumber, destination.as_str());
        }
        for (name, value) in &self.profile {
            let field = ProfileField::named(name.as_bytes())
                .ok_or_else(|| bad("profile", format!("the caller profile has no field {name}")))?;
            call.profile.set(field, value.as_str());
        }
        for (name, value) in &self.variables {
            call.variables.set(name.as_str(), value.as_str());
        }
        for (command, result) in &self.api {
            call.set_api_call(command, result.as_str());
        }
        if let Some(at) = self.at {
            call.at = at;
        }
        if let Some(tz) = &self.tz {
            call.zone = ProcessZone::named(tz)
                .ok_or_else(|| bad("tz", format!("there is no time zone {tz:?}; one is Europe/Berlin")))?;
        }
        Ok(call)
    }
}

impl Pbx {
    /// Hunts for a call in the contexts of an instance as they are served, and follows where it leads.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for the instance; the inner error says what is wrong with the call.
    pub async fn simulate(
        &self,
        instance: &str,
        wanted: Wanted,
    ) -> Result<std::result::Result<Simulation, BadSimulation>> {
        let id = self.instance(instance).await?.id;
        let mut call = match wanted.call(self.now()) {
            Ok(call) => call,
            Err(bad) => return Ok(Err(bad)),
        };
        let served = self.served_instance(id)?;
        let before = self.0.dialplans.of(id.0);
        let depth = wanted.depth.unwrap_or(USUAL_DEPTH).min(MOST_DEPTH);
        let simulated = crate::blocking::run("simulate a call", move || {
            let dialplan = Dialplan::of(&served, Modes::default(), before.as_deref());
            call.globals = dialplan.globals.clone();
            call.timezones = dialplan.timezones.clone().unwrap_or_else(|| Arc::new(Timezones::vanilla()));
            Simulation::run(call, dialplan.contexts().cloned().collect(), None, depth)
        });
        simulated.await.map(Ok)
    }
}
