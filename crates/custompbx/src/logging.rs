//! Log lines, to standard error.

use std::io::IsTerminal as _;

use custompbx_pbx::config::{Log, LogFormat};
use custompbx_pbx::settings::LogLevel;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt, reload};

use crate::failure::Failure;

/// Starts logging as the configuration says; returns what sets another level later.
pub(crate) fn start(log: &Log) -> Result<LogLevel, Failure> {
    let filter = EnvFilter::builder().parse(&log.level);
    let filter =
        filter.map_err(|error| Failure::new(&format!("log.level {:?} is not valid", log.level), error))?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let filtered = tracing_subscriber::registry().with(filter);
    let started = match log.format {
        LogFormat::Json => filtered.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => filtered.with(lines.with_ansi(std::io::stderr().is_terminal())).try_init(),
    };
    started.map_err(|error| Failure::because(format!("cannot start logging: {error}")))?;
    Ok(LogLevel::new(move |level| {
        let filter = EnvFilter::builder().parse(level).map_err(|error| error.to_string())?;
        handle.reload(filter).map_err(|error| error.to_string())
    }))
}
