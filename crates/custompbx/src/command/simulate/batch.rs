//! Many calls, one a line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::args::Simulate;
use super::hunt::Simulation;
use super::input::{Input, Made};
use super::line::Line;
use super::sources::Sources;
use super::{json, print};
use crate::failure::Failure;

/// How many lines there were of which kind.
#[derive(Debug, Default)]
struct Count {
    as_expected: usize,
    with_expectation: usize,
    wrong: usize,
}

/// Answers each line with a line, and goes on behind a wrong one.
#[expect(clippy::print_stderr, reason = "standard output is for the answers")]
pub(super) async fn run(
    path: &Path,
    args: &Simulate,
    defaults: &Input,
    sources: &mut Sources,
    now: Timestamp,
) -> Result<ExitCode, Failure> {
    let operation = format!("cannot read the batch {}", path.display());
    let (mut reader, directory): (Box<dyn BufRead>, _) = if path == Path::new("-") {
        (Box::new(BufReader::new(std::io::stdin())), Path::new(""))
    } else {
        let file = File::open(path).map_err(|error| Failure::new(&operation, error))?;
        (Box::new(BufReader::new(file)), path.parent().unwrap_or(Path::new("")))
    };
    let mut count = Count::default();
    let mut bytes = Vec::new();
    for number in 1_usize.. {
        bytes.clear();
        let read = reader.read_until(b'\n', &mut bytes).map_err(|error| Failure::new(&operation, error))?;
        if read == 0 {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let mut id = None;
        let answered = match object(&bytes, &mut id) {
            Ok(object) => answer(&object, directory, args, defaults, sources, now).await,
            Err(failure) => Err(failure),
        };
        let mut out = Map::new();
        if let Some(id) = id {
            out.insert("id".to_owned(), id);
        }
        match answered {
            Ok(answer) => {
                if let Some(ok) = answer.get("ok") {
                    count.with_expectation += 1;
                    count.as_expected += usize::from(*ok == Value::Bool(true));
                }
                out.extend(answer);
            }
            Err(failure) => {
                count.wrong += 1;
                out.insert("error".to_owned(), json!(format!("line {number}: {failure}")));
            }
        }
        if !print(&format!("{}\n", Value::Object(out)))? {
            break;
        }
    }
    if count.with_expectation > 0 {
        eprintln!("{} of {} as expected", count.as_expected, count.with_expectation);
    }
    if count.wrong > 0 {
        eprintln!("{} with an error", count.wrong);
    }
    let is_good = count.wrong == 0 && count.as_expected == count.with_expectation;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn object(line: &[u8], id: &mut Option<Value>) -> Result<Map<String, Value>, Failure> {
    let value = serde_json::from_slice(line).map_err(|error| Failure::new("it is no JSON object", error))?;
    let Value::Object(object) = value else {
        return Err(Failure::because(
            "it is no JSON object; write {\"context\": \"default\", \"destination\": \"1000\"}",
        ));
    };
    *id = object.get("id").cloned();
    Ok(object)
}

async fn answer(
    object: &Map<String, Value>,
    directory: &Path,
    args: &Simulate,
    defaults: &Input,
    sources: &mut Sources,
    now: Timestamp,
) -> Result<Map<String, Value>, Failure> {
    let line = Line::of(object, directory)?;
    let made = Made::of(&line.input, defaults, now)?;
    let plan = sources.plan(line.dialplan, line.globals).await?;
    let simulation = Simulation::run(made, &plan, args.depth);
    let mut answer = json::object(&simulation, args.channel.as_deref(), args.extension.as_deref());
    if let Some(expect) = line.expect {
        let differences = expect.differences(&answer);
        answer.insert("ok".to_owned(), json!(differences.is_empty()));
        if !differences.is_empty() {
            answer.insert("differences".to_owned(), Value::Array(differences));
        }
    }
    Ok(answer)
}
