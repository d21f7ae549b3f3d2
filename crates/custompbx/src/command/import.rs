//! `custompbx import`: taking over FreeSWITCH's files.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use custompbx_conf::ReadOptions;
use custompbx_pbx::import::{self, Imported, Source, Step};
use custompbx_pbx::{Pbx, browse, export};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use crate::args::Import;
use crate::context::Context;
use crate::failure::Failure;

/// Findings of one kind that are shown; the rest is counted.
const SHOWN: usize = 20;

pub(crate) async fn run(context: &Context, args: Import) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let author = context.author("import");
    let mut options = ReadOptions {
        into: args.into,
        section: args.section,
        resolve: args.resolve,
        define: args.define,
        allow_outside: args.allow_outside,
        max_bytes: args.max_size.saturating_mul(1024 * 1024),
        ..ReadOptions::default()
    };
    let progress = Progress::start();
    let mut tell = |step| progress.show(step);
    if args.dry_run {
        if options.into.is_some() {
            options.base = Some(export::tree(&store, &args.instance).await?.into());
        }
        let reading = import::read(&args.paths, &options, &mut tell)?;
        progress.end();
        say(&format!("{}\nNothing was written (--dry-run).\n", reading.report))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (source, instance) = if options.into.is_some() {
        // A place for a fragment is only in an instance that is there.
        let instance = browse::instance(&store, &args.instance).await?;
        (Source::Fragments { paths: args.paths, options }, instance)
    } else {
        let reading = import::read(&args.paths, &options, &mut tell)?;
        (Source::Reading(reading), import::instance(&store, &args.instance, &author).await?)
    };
    let mut imported = import::write(&store, &instance, source, &author, &mut tell).await?;
    for switch in &args.switch {
        store.assign_switch(switch, instance.id, &author).await?;
    }
    store.close().await;
    if imported.revision.is_some() {
        progress.say("preparing the snapshot for the next start");
        prepare_snapshot(context, &mut imported).await;
    }
    progress.end();
    say(&report(&imported, &args.instance))?;
    Ok(ExitCode::SUCCESS)
}

/// Saves the snapshot, so that the next start of the server needs not make it. A running server makes its own, and the
/// import is done in any case.
async fn prepare_snapshot(context: &Context, imported: &mut Imported) {
    let Ok(Some(_lock)) = context.lock() else { return };
    let users = std::mem::take(&mut imported.users);
    match Pbx::open_after(context.options(), imported.revision, users).await {
        Ok(pbx) => pbx.close().await,
        Err(error) => tracing::warn!(
            error = error.chain(),
            "the snapshot could not be prepared; the next start makes it"
        ),
    }
}

fn report(imported: &Imported, instance: &str) -> String {
    let mut text = imported.report.to_string();
    let findings = &imported.findings;
    if !findings.is_empty() {
        let _ = writeln!(text, "\n{} by what is known of the modules", count(findings.len(), "remark"));
        for finding in findings.iter().take(SHOWN) {
            let _ = writeln!(text, "  {}\n      {}", finding.path, finding.message);
        }
        if findings.len() > SHOWN {
            let _ = writeln!(text, "  and {} more", findings.len() - SHOWN);
        }
    }
    let counts = &imported.counts;
    let _ = match imported.revision {
        Some(revision) => writeln!(
            text,
            "\nInstance {instance}, revision {revision}: {} added, {} changed, {} removed, {} as they were.",
            counts.added, counts.changed, counts.removed, counts.same
        ),
        None => writeln!(text, "\nInstance {instance} holds all of it already; nothing was written."),
    };
    if counts.kept > 0 {
        let _ = writeln!(text, "{} nodes that the files do not mention were kept.", counts.kept);
    }
    text
}

fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// Writes to standard output; a reader that went away is no failure of the import.
fn say(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new("cannot write the report", error))
        }
        _ => Ok(()),
    }
}

/// A line that moves, on a terminal.
struct Progress(Option<ProgressBar>);

impl Progress {
    fn start() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::default_spinner());
        Self(Some(bar))
    }

    fn show(&self, step: Step) {
        let Some(bar) = &self.0 else { return };
        bar.set_message(match step {
            Step::Reading(read) => format!(
                "reading: {} files, {}, {} elements",
                HumanCount(read.files as u64),
                HumanBytes(read.bytes),
                HumanCount(read.elements as u64)
            ),
            Step::Writing(done, total) => {
                format!("writing: {} of {} nodes", HumanCount(done), HumanCount(total))
            }
        });
        bar.tick();
    }

    fn say(&self, what: &'static str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what);
            bar.tick();
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
