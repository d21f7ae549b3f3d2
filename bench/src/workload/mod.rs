//! What is measured.

pub(crate) mod compare;
mod configuration;
mod dialplan;
mod edits;
mod events;
mod import;
mod lookups;
mod messages;
pub(crate) mod once;
mod rest;
mod start;

use std::path::Path;

use crate::plan::Plan;
use crate::report::Report;
use crate::{Result, machine};

/// A workload with its name on the command line.
type Workload = (&'static str, fn(&Plan, &mut Report) -> Result<()>);

const ALL: [Workload; 9] = [
    ("lookups", lookups::run),
    ("edits", edits::run),
    ("import", import::run),
    ("start", start::run),
    ("configuration", configuration::run),
    ("dialplan", dialplan::run),
    ("messages", messages::run),
    ("rest", rest::run),
    ("events", events::run),
];

/// Measures all of them, or those in `only`, and writes the report if it is the whole one. Whether everything that was
/// answered was right.
pub(crate) fn all(plan: &Plan, only: &[String]) -> Result<bool> {
    if let Some(unknown) = only.iter().find(|name| ALL.iter().all(|(known, _)| known != name)) {
        let known: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no workload {unknown}, only {}", known.join(", ")).into());
    }
    let mut report = Report::new(machine::describe());
    for (name, run) in ALL.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|only| only == name))
    {
        if let Err(error) = run(plan, &mut report) {
            report.wrong(format!("{name}: {error}"));
        }
    }
    report.show_goals();
    if plan.full && only.is_empty() {
        report.write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md"))?;
    }
    Ok(report.is_right())
}
