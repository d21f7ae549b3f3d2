//! Look-ups alone, for a profiler: `perf record -g -p PID` with the id that is printed.

use std::time::Duration;

use super::edits::{Edits, with_edits};
use crate::ask::{self, Form};
use crate::figures::{count, number};
use crate::load::{Target, check};
use crate::plan::CLIENTS;
use crate::report::show;
use crate::server::Server;
use crate::{Result, database};

/// How long there is to start the profiler.
const PAUSE: Duration = Duration::from_secs(1);

/// What is asked of which server.
#[derive(Debug, clap::Args)]
pub(crate) struct Once {
    /// Users in the directory
    #[arg(long, default_value_t = 100_000)]
    users: usize,
    /// How long
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Questions at a time
    #[arg(long, default_value_t = CLIENTS)]
    clients: usize,
    /// Ask the reference instead of our server
    #[arg(long)]
    reference: bool,
    /// Also make 20 edits a second
    #[arg(long, conflicts_with = "reference")]
    edits: bool,
}

/// Asks, and prints what came of it.
pub(crate) fn run(once: &Once) -> Result<()> {
    let form = Form::sip_auth();
    let directory = tempfile::tempdir()?;
    database::with_users(directory.path(), once.users)?;
    let mut server = Server::ours(directory.path())?;
    let answer = ask::once(server.address, &form, 0)?;
    check(&answer, 0)?;
    if once.reference {
        let file = directory.path().join("answer");
        std::fs::write(&file, answer.body())?;
        server = Server::reference(&file)?;
    }
    show(&format!("the server is process {}", server.id()));
    std::thread::sleep(PAUSE);
    let target =
        Target { address: server.address, form: &form, users: once.users, always_the_first: once.reference };
    let duration = Duration::from_secs(once.seconds);
    let mut outcome = if once.edits {
        let mut edits = Edits::default();
        let outcome = with_edits(&mut server, target, once.clients, duration, &mut edits)?;
        for (name, times) in [("return", &mut edits.returned), ("are served", &mut edits.served)] {
            let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| number(times.below(share), 1));
            show(&format!("{} edits {name}: p50 {p50} ms, p99 {p99} ms, max {max} ms", times.len()));
        }
        outcome
    } else {
        server.load(target, once.clients, duration)
    };
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| number(outcome.times.below(share), 2));
    show(&format!(
        "{} requests/s, p50 {p50} ms, p99 {p99} ms, p99.9 {p999} ms, {} µs of the server's processor each, {} errors{}",
        number(outcome.per_second(), 0),
        number(outcome.processor_each(), 1),
        count(outcome.errors),
        outcome.first_error.map(|error| format!(" ({error})")).unwrap_or_default()
    ));
    Ok(())
}
