//! `custompbx` itself, as it is shipped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::ask::{self, Form, PASS, ROUTE, USER};
use crate::process::{self, Process};
use crate::{Result, load};

/// How often the memory of a running command is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The first web user is `admin`, with this password.
pub(crate) const ADMIN_PASSWORD: &str = "only for the bench";
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program: `CUSTOMPBX_BIN`, or what `cargo build --release` made.
pub(crate) fn path() -> Result<PathBuf> {
    let given = std::env::var_os("CUSTOMPBX_BIN").map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/custompbx");
    let path = given.unwrap_or(built);
    if path.exists() {
        return Ok(path.canonicalize()?);
    }
    let path = path.display();
    Err(format!("there is no {path}; build it (cargo build --release -p custompbx) or set CUSTOMPBX_BIN")
        .into())
}

/// The program with a data directory, and with a configuration of its own.
fn command(data_dir: &Path) -> Result<Command> {
    let mut command = Command::new(path()?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CUSTOMPBX_") {
            command.env_remove(name);
        }
    }
    command.arg("--data-dir").arg(data_dir).arg("--config").arg(data_dir.join("config.json"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// From start to end.
    pub(crate) time: Duration,
    /// The most memory it had, in bytes.
    pub(crate) memory: usize,
}

/// `custompbx import` of a file.
pub(crate) fn import(data_dir: &Path, file: &Path, more: &[&str]) -> Result<Took> {
    let mut command = command(data_dir)?;
    command.arg("import").arg(file).args(more);
    let start = Instant::now();
    let mut process = Process(command.spawn()?);
    let mut memory = 0;
    let status = loop {
        // The peak is lost with the process; what it was just before is near enough.
        memory = process::peak_memory(process.id()).unwrap_or(0).max(memory);
        if let Some(status) = process.0.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let time = start.elapsed();
    if status.success() {
        Ok(Took { time, memory })
    } else {
        Err(format!("the import failed: {status}").into())
    }
}

/// `custompbx serve`, once it has answered a question.
#[derive(Debug)]
pub(crate) struct Serving {
    process: Process,
    /// Where people and programs ask.
    pub(crate) web: SocketAddr,
    /// From its start to its first right answer.
    pub(crate) time: Duration,
}

impl Serving {
    /// Starts it. The first right answer is one with this user, or any if there are no users.
    pub(crate) fn start(data_dir: &Path, user: Option<usize>) -> Result<Self> {
        Self::start_with(data_dir, user, &[])
    }

    /// The same with more values of its configuration.
    pub(crate) fn start_with(data_dir: &Path, user: Option<usize>, set: &[(&str, &str)]) -> Result<Self> {
        let (web, xml) = (free_port()?, free_port()?);
        let mut command = command(data_dir)?;
        command
            .arg("serve")
            .env("CUSTOMPBX_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("CUSTOMPBX__WEBSERVER__PORT", web.to_string())
            .env("CUSTOMPBX__XML_CURL_SERVER__PORT", xml.to_string())
            .env("CUSTOMPBX__XML_CURL_SERVER__USER", USER)
            .env("CUSTOMPBX__XML_CURL_SERVER__PASS", PASS)
            .env("CUSTOMPBX__XML_CURL_SERVER__ROUTE", ROUTE);
        command.envs(set.iter().copied());
        let form = Form::sip_auth();
        let start = Instant::now();
        let mut process = Process(command.spawn()?);
        loop {
            if let Some(status) = process.0.try_wait()? {
                return Err(format!("the server ended: {status}").into());
            }
            let right = ask::once(ask::here(xml), &form, user.unwrap_or(0)).and_then(|answer| match user {
                Some(user) => load::check(&answer, user),
                None if answer.status() == 200 => Ok(()),
                None => Err("no answer".into()),
            });
            match right {
                Ok(()) => return Ok(Self { process, web: ask::here(web), time: start.elapsed() }),
                Err(error) if start.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_micros(500)),
            }
        }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The memory that it has, in bytes.
    pub(crate) fn memory(&self) -> usize {
        process::memory(self.process.id()).unwrap_or(0)
    }

    /// The most memory that it had since it was last asked for, in bytes.
    pub(crate) fn peak(&self) -> usize {
        let peak = process::peak_memory(self.process.id()).unwrap_or(0);
        process::forget_peak(self.process.id());
        peak
    }

    /// Ends it as an operator does.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.process.stop()
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(ask::here(0))?.local_addr()?.port())
}
