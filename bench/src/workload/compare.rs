//! Look-ups at our server as several builds of this program have it, in turns: what a change brings on a machine that
//! does other things too.

use std::path::PathBuf;
use std::time::Duration;

use crate::ask::{self, Form};
use crate::load::check;
use crate::plan::CLIENTS;
use crate::report::{Report, show};
use crate::server::Server;
use crate::turns::{Asked, Turns, measure, section};
use crate::{Result, database};

/// Which builds are asked, and how much.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// Other builds of this program
    builds: Vec<PathBuf>,
    /// Users in the directory
    #[arg(long, default_value_t = 10_000)]
    users: usize,
    /// How often each is asked
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// For how long each time, in milliseconds
    #[arg(long, default_value_t = 1_000)]
    slice: u64,
    /// Questions at a time
    #[arg(long, default_value_t = CLIENTS)]
    clients: usize,
}

/// Asks, and prints what came of it; whether every answer was right.
pub(crate) fn run(compare: &Compare) -> Result<bool> {
    let form = Form::sip_auth();
    let directory = tempfile::tempdir()?;
    let mut asked = Vec::new();
    let mut answer = None;
    for program in std::iter::once(std::env::current_exe()?).chain(compare.builds.iter().cloned()) {
        let data_dir = directory.path().join(asked.len().to_string());
        std::fs::create_dir(&data_dir)?;
        database::with_users(&data_dir, compare.users)?;
        let server = Server::ours_of(&program, &data_dir)?;
        answer = Some(ask::once(server.address, &form, 0)?);
        let name = program.file_name().unwrap_or_default().display().to_string();
        asked.push(Asked::ours(name, server, compare.users));
    }
    let answer = answer.ok_or("nothing is asked")?;
    check(&answer, 0)?;
    let file = directory.path().join("answer");
    std::fs::write(&file, answer.body())?;
    asked.push(Asked::reference(Server::reference(&file)?, compare.users));
    let slice = Duration::from_millis(compare.slice);
    let turns = Turns { rounds: compare.rounds, slice, warm_up: slice };
    measure(turns, &form, compare.clients, &mut asked);
    let mut report = Report::new(Vec::new());
    let title = format!("Directory `sip_auth`, {} clients", compare.clients);
    let table = section(&mut report, title, &mut asked);
    show(&table.text());
    Ok(report.is_right())
}
