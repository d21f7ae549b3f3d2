//! Servers in processes of their own.

pub(crate) mod ours;
pub(crate) mod program;
pub(crate) mod reference;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::Result;
use crate::ask;
use crate::load::{self, Outcome, Target};
use crate::process::{self, Process};

/// What a server says when it can be asked, before its port.
const LISTENING: &str = "listening on ";

/// This program as a server. It ends when nobody can talk to it any more.
#[derive(Debug)]
pub(crate) struct Server {
    process: Process,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Our server for a data directory.
    pub(crate) fn ours(data_dir: &Path) -> Result<Self> {
        Self::ours_of(&std::env::current_exe()?, data_dir)
    }

    /// Our server as another build of this program has it.
    pub(crate) fn ours_of(program: &Path, data_dir: &Path) -> Result<Self> {
        Self::start(program, ["serve-ours".as_ref(), data_dir.as_os_str()])
    }

    /// The reference, which answers with what is in a file.
    pub(crate) fn reference(answer: &Path) -> Result<Self> {
        Self::start(&std::env::current_exe()?, ["serve-reference".as_ref(), answer.as_os_str()])
    }

    fn start<'a>(program: &Path, args: impl IntoIterator<Item = &'a OsStr>) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process(command.spawn()?);
        let to = process.0.stdin.take().ok_or("no way to the server")?;
        let mut from = BufReader::new(process.0.stdout.take().ok_or("no way from the server")?);
        let mut line = String::new();
        from.read_line(&mut line)?;
        let port = line.trim().strip_prefix(LISTENING).ok_or("the server did not start")?;
        let address = ask::here(port.parse()?);
        Ok(Self { process, to, from, address })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Tells it to do something, without waiting for it.
    pub(crate) fn tell(&mut self, what: &str) -> Result<()> {
        Ok(writeln!(self.to, "{what}")?)
    }

    /// The next line that it says, behind `word`; anything else is an error.
    pub(crate) fn hear(&mut self, word: &str) -> Result<String> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        match line.trim_end().strip_prefix(word) {
            Some(rest) => Ok(rest.trim().to_owned()),
            None => Err(format!("the server said {:?} instead of {word}", line.trim_end()).into()),
        }
    }

    /// Asks it for as long as `duration`.
    pub(crate) fn load(&self, target: Target<'_>, clients: usize, duration: Duration) -> Outcome {
        let before = process::processor(self.id());
        let mut outcome = load::run(target, clients, duration);
        outcome.processor = process::processor(self.id()).saturating_sub(before);
        outcome
    }
}

/// Says where a server listens.
#[expect(clippy::print_stdout, reason = "whoever started the server reads it there")]
fn say(line: std::fmt::Arguments<'_>) {
    println!("{line}");
}
