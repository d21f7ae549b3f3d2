//! Log lines, to standard error.

use std::io::IsTerminal as _;

use custompbx_pbx::config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// Starts logging as the configuration says.
pub(crate) fn start(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(&log.level);
    let filter =
        filter.map_err(|error| Failure::new(&format!("log.level {:?} is not valid", log.level), error))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    started.map_err(|error| Failure::because(format!("cannot start logging: {error}")))
}
