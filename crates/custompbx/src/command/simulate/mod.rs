//! `custompbx simulate`: where a call would go, and why.

mod args;
mod batch;
mod expect;
mod hunt;
mod input;
mod json;
mod line;
mod sources;
mod text;
mod zone;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use custompbx_pbx::Clock;
use jiff::Timestamp;

pub(crate) use args::Simulate;

use crate::args::Place;
use crate::failure::Failure;
use hunt::Simulation;
use input::{Input, Made};
use sources::Sources;

/// A dialplan or a request is not longer.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// It opens the database, or makes one, only if the files leave something open.
pub(crate) async fn run(place: &Place, args: Simulate) -> Result<ExitCode, Failure> {
    let input = args.input()?;
    let now = Timestamp::from_millisecond(Clock::system().now());
    let now = now.map_err(|error| Failure::new("cannot read the clock", error))?;
    let mut sources = Sources::new(place, &args.instance, args.files()?);
    if let Some(path) = &args.batch {
        return batch::run(path, &args, &input, &mut sources, now).await;
    }
    let made = Made::of(&input, &Input::default(), now)?;
    let plan = sources.plan(None, None).await?;
    let simulation = Simulation::run(made, &plan, args.depth);
    let extension = args.extension.as_deref();
    if args.json {
        let object = json::object(&simulation, args.channel.as_deref(), extension);
        print(&format!("{}\n", serde_json::Value::Object(object)))?;
    } else {
        print(&text::report(&simulation, args.channel.as_deref(), extension))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A file, or standard input if it is `-`.
fn read_input(path: &Path, what: &str) -> Result<String, Failure> {
    let operation = format!("cannot read {what} {}", path.display());
    let mut text = String::new();
    let mut read = |from: &mut dyn std::io::Read| from.take(MOST_BYTES + 1).read_to_string(&mut text);
    let read = if path == Path::new("-") {
        read(&mut std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(|mut file| read(&mut file))
    };
    read.map_err(|error| Failure::new(&operation, error))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Failure::because(format!("{operation}: it is longer than {MOST_BYTES} bytes")));
    }
    Ok(text)
}

/// Writes to standard output; says whether anybody still reads there.
fn print(text: &str) -> Result<bool, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new("cannot write the report", error)),
        Ok(()) => Ok(true),
    }
}
