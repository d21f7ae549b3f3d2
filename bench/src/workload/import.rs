//! `custompbx import` of a file with many users.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use custompbx_model::xml::{Style, print_into};

use crate::Result;
use crate::figures::{Spread, count, float, number};
use crate::plan::Plan;
use crate::report::{Report, Section, progress, show};
use crate::server::program::{self, Took};
use crate::site;

/// How much more a user may cost among many than among few, and still be called flat: what the machine does beside
/// makes such a difference too.
const FLAT: f64 = 1.25;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    if let Err(error) = program::path() {
        show(&format!("The import was not measured: {error}\n"));
        return Ok(());
    }
    let mut section = Section::new(
        "Import of users (XML, SQLite)",
        &["users", "file MB", "seconds", "µs/user", "of it reading s", "writing s", "peak RSS MB"],
    );
    let mut each: Vec<(usize, Spread)> = Vec::new();
    for users in &plan.import {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("freeswitch.xml");
        let size = write(&file, *users)?;
        let (mut whole, mut reading) = (Vec::new(), Vec::new());
        for run in 0..plan.runs {
            progress(&format!("import of {} users, run {} of {}", count(*users), run + 1, plan.runs));
            let data_dir = directory.path().join(run.to_string());
            reading.push(program::import(&data_dir, &file, &["--dry-run"])?.time.as_secs_f64());
            whole.push(program::import(&data_dir, &file, &[])?);
        }
        let seconds = |took: &Took| took.time.as_secs_f64();
        let writing = whole.iter().zip(&reading).map(|(whole, reading)| seconds(whole) - reading);
        let of_user = Spread::of(whole.iter().map(|took| seconds(took) * 1e6 / float(*users)));
        let time = Spread::of(whole.iter().map(seconds));
        section.row([
            count(*users),
            number(float(size) / 1e6, 1),
            time.show(2),
            of_user.show(1),
            Spread::of(reading.iter().copied()).show(2),
            Spread::of(writing).show(2),
            Spread::of(whole.iter().map(|took| float(took.memory) / 1e6)).show(0),
        ]);
        each.push((*users, of_user));
        if Some(users) == plan.import.last() {
            let what = format!("import of {} users from XML, s", count(*users));
            report.goal(what, "<= 20", time.show(2), time.median <= 20.0);
        }
    }
    section.note(
        "Reading is an import with `--dry-run`, writing is the rest: comparing, checking and the database.",
    );
    report.section(section);
    if let (Some((few, of_few)), Some((many, of_many))) = (each.first(), each.last()) {
        let share = of_many.median / of_few.median;
        let what = format!("import: time per user with {} users, of that with {}", count(*many), count(*few));
        report.goal(what, "flat: <= 1.25", number(share, 2), share <= FLAT);
    }
    Ok(())
}

/// Writes the file, and says how long it is.
fn write(path: &Path, users: usize) -> Result<usize> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let mut size = 0;
    let mut put = |bytes: &[u8]| {
        size += bytes.len();
        file.write_all(bytes)
    };
    put(b"<document type=\"freeswitch/xml\">\n  <section name=\"directory\">\n")?;
    let mut text = Vec::new();
    for number in 0..site::DOMAINS {
        // A domain at a time, so that this program stays small beside the one that is measured.
        let users = site::of_domain(number, users).map(site::user);
        text.clear();
        print_into(&mut text, &site::domain_node(number, users), Style::Indented, 2);
        put(&text)?;
        put(b"\n")?;
    }
    put(b"  </section>\n</document>\n")?;
    file.flush()?;
    Ok(size)
}
