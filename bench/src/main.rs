//! Workloads, each beside a reference in the same run.
//!
//! `cargo run --release -p custompbx-bench -- all` measures everything, prints it and writes `RESULTS.md`; `quick` does
//! a little of everything and writes nothing. What must be reached stands in the report; that it is missed is not an
//! error, a wrong answer is.
//!
//! - [`workload`]: what is measured, one module each;
//! - [`server`]: what is measured there, in processes of their own: this program again, as the server or as the
//!   reference, or `custompbx` itself;
//! - [`load`]: the clients, which ask as mod_xml_curl does; [`turns`]: several servers that are compared;
//! - [`site`], [`database`]: the data;
//! - [`plan`]: how much of everything; [`report`]: how it looks in the end.
//!
//! To add a workload, write a module under [`workload`] that takes the [`plan::Plan`] and fills a section of the
//! [`report::Report`], and name it in [`workload::all`].

mod ask;
mod database;
mod figures;
mod load;
mod machine;
mod plan;
mod process;
mod report;
mod server;
mod site;
mod turns;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Whatever went wrong; it ends the workload.
type Error = Box<dyn std::error::Error + Send + Sync>;
/// A result with it.
type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, Parser)]
#[command(about)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure everything and write RESULTS.md; takes about a quarter of an hour
    All {
        /// Only these workloads: lookups, edits, import, start, configuration,
        /// dialplan, messages, rest, events; then nothing is written
        only: Vec<String>,
    },
    /// A little of everything, in less than a minute
    Quick {
        /// Only these workloads
        only: Vec<String>,
    },
    /// Only look-ups and only our server, for a profiler
    Once(workload::once::Once),
    /// Only look-ups, at our server as this and other builds have it
    Compare(workload::compare::Compare),
    /// Our server
    #[command(hide = true)]
    ServeOurs {
        /// The data directory
        data_dir: PathBuf,
    },
    /// The server that ours is compared with
    #[command(hide = true)]
    ServeReference {
        /// What it answers
        answer: PathBuf,
    },
}

#[expect(clippy::print_stderr, reason = "the program is its report")]
fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::All { only } => workload::all(&plan::Plan::full(), &only),
        Command::Quick { only } => workload::all(&plan::Plan::quick(), &only),
        Command::Once(once) => workload::once::run(&once).map(|()| true),
        Command::Compare(compare) => workload::compare::run(&compare),
        Command::ServeOurs { data_dir } => server::ours::run(&data_dir).map(|()| true),
        Command::ServeReference { answer } => server::reference::run(&answer).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("custompbx-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
