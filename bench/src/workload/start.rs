//! How long `custompbx serve` takes to start, and the memory that it needs.

use std::path::Path;

use custompbx_testkit::recorded;

use crate::Result;
use crate::database;
use crate::figures::{Spread, count, float};
use crate::plan::Plan;
use crate::report::{Report, Section, progress, show};
use crate::server::program::{self, Serving};

/// What was measured of one kind of start.
#[derive(Default)]
struct Starts {
    milliseconds: Vec<f64>,
    megabytes: Vec<f64>,
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    if let Err(error) = program::path() {
        show(&format!("The start was not measured: {error}\n"));
        return Ok(());
    }
    let users = plan.many();
    let directory = tempfile::tempdir()?;
    let empty = directory.path().join("empty");
    let vanilla = directory.path().join("vanilla");
    let many = directory.path().join("many");
    progress(&format!("making databases, one with {} users", count(users)));
    program::import(&vanilla, &recorded::fixtures().join("vanilla-conf"), &[])?;
    std::fs::create_dir(&many)?;
    database::with_users(&many, users)?;
    // The first start makes the first web user, and leaves a saved snapshot.
    for (data_dir, user) in [(&empty, None), (&vanilla, None), (&many, Some(0))] {
        Serving::start(data_dir, user)?.stop()?;
    }

    let title = format!(
        "Start of `custompbx serve` to the first right answer, and memory after {} s",
        plan.idle.as_secs()
    );
    let mut section = Section::new(title, &["database", "ms", "RSS MB"]);
    let mut measure = |name: &str, data_dir: &Path, user: Option<usize>, saved: bool| -> Result<Starts> {
        progress(&format!("start: {name}"));
        let starts = starts(plan, data_dir, user, saved)?;
        let spread = |figures: &[f64], decimals| Spread::of(figures.iter().copied()).show(decimals);
        section.row([name.to_owned(), spread(&starts.milliseconds, 0), spread(&starts.megabytes, 1)]);
        Ok(starts)
    };
    let idle = measure("empty", &empty, None, true)?;
    measure("vanilla configuration of FreeSWITCH", &vanilla, None, true)?;
    // One of the last domain, which is read last.
    let last = Some(users - 1);
    let saved = measure(&format!("{} users, saved snapshot", count(users)), &many, last, true)?;
    let built = measure(&format!("{} users, no saved snapshot", count(users)), &many, last, false)?;
    report.section(section);

    let spread = |figures: &[f64]| Spread::of(figures.iter().copied());
    let median = |figures: &[f64]| spread(figures).median;
    let what = format!("start with {} users and saved snapshot, ms", count(users));
    let is = &saved.milliseconds;
    report.goal(what, "<= 1,000", spread(is).show(0), median(is) <= 1000.0);
    let is = &idle.megabytes;
    report.goal("memory, idle, empty database, MB", "<= 25", spread(is).show(1), median(is) <= 25.0);
    for (how, starts) in [("saved", &saved), ("no saved", &built)] {
        let what = format!("memory with {} users, {how} snapshot, MB", count(users));
        let is = &starts.megabytes;
        report.goal(what, "<= 150", spread(is).show(1), median(is) <= 150.0);
    }
    Ok(())
}

fn starts(plan: &Plan, data_dir: &Path, user: Option<usize>, saved: bool) -> Result<Starts> {
    let mut starts = Starts::default();
    for _ in 0..plan.runs {
        if !saved {
            std::fs::remove_file(data_dir.join("snapshot.bin"))?;
        }
        let serving = Serving::start(data_dir, user)?;
        starts.milliseconds.push(serving.time.as_secs_f64() * 1e3);
        std::thread::sleep(plan.idle);
        starts.megabytes.push(float(serving.memory()) / 1e6);
        serving.stop()?;
    }
    Ok(starts)
}
