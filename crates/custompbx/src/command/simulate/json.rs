//! The report for programs.

use custompbx_pbx::dialplan::report;
use serde_json::{Map, Value, json};

use super::hunt::Simulation;

/// What stands for the name of the channel, so that reports of two calls can be compared.
const CHANNEL: &str = "{channel}";

/// The object of one call.
pub(super) fn object(
    simulation: &Simulation,
    channel: Option<&str>,
    extension: Option<&str>,
) -> Map<String, Value> {
    let made = &simulation.made;
    let mut object = report::object(simulation, channel.unwrap_or(CHANNEL), extension);
    object.insert("at".to_owned(), json!(made.zone.show(made.call.at)));
    object.insert("tz".to_owned(), json!(made.zone.name));
    object.insert("tz_from".to_owned(), json!(made.zone.said_by));
    object
}
