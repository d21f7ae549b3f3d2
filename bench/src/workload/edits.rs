//! Look-ups while the tree is changed, and how long a change takes to be served.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::Result;
use crate::ask::{self, Form};
use crate::figures::{Spread, Times, count, float, number};
use crate::load::{Outcome, Random, Target, run as load};
use crate::plan::{CLIENTS, Plan};
use crate::report::{Report, Section, progress};
use crate::server::Server;
use crate::{database, process, site};

/// From one edit to the next.
const EVERY: Duration = Duration::from_millis(50);
/// An edit that is not served by then never is.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the thread sleeps that watches the machine.
const NAP: Duration = Duration::from_millis(1);
/// How long is waited before the change is looked for again.
const LOOK_EVERY: Duration = Duration::from_micros(500);

/// All edits so far.
#[derive(Default)]
pub(super) struct Edits {
    made: usize,
    /// From the call of the use case to its return.
    pub(super) returned: Times,
    /// From when it was asked for to the first answer over HTTP that had it.
    pub(super) served: Times,
    /// How late a thread woke up meanwhile that only slept for a millisecond each time: what of the slowest edits is
    /// the machine's own doing.
    late: Times,
    /// How long edits were made.
    elapsed: Duration,
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    let users = plan.many();
    progress(&format!("making a database with {} users", count(users)));
    let directory = tempfile::tempdir()?;
    database::with_users(directory.path(), users)?;
    let mut server = Server::ours(directory.path())?;
    let form = Form::sip_auth();
    let target = Target { address: server.address, form: &form, users, always_the_first: false };
    load(target, CLIENTS, plan.warm_up);
    let before = process::memory(server.id()).unwrap_or(0);

    let mut edits = Edits::default();
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for run in 0..plan.runs {
        progress(&format!("edits, run {} of {}", run + 1, plan.runs));
        let (mut quiet, mut busy) = (Outcome::default(), Outcome::default());
        for _ in 0..plan.slices {
            quiet.append(server.load(target, CLIENTS, plan.edit_slice));
            busy.append(with_edits(&mut server, target, CLIENTS, plan.edit_slice, &mut edits)?);
        }
        without.push(quiet);
        with.push(busy);
    }
    let after = process::memory(server.id()).unwrap_or(0);
    let title =
        format!("Directory `sip_auth`, {} users, {CLIENTS} clients, while edits are written", count(users));
    let mut section = Section::new(
        title,
        &["edits", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs/req.", "errors"],
    );
    row(report, &mut section, "none", &mut without);
    row(report, &mut section, "20/s", &mut with);
    let lasted = number(edits.elapsed.as_secs_f64(), 0);
    let pace = number(float(edits.made) / edits.elapsed.as_secs_f64(), 1);
    section.note(format!(
        "{} edits ({pace}/s for {lasted} s). Memory: {} MB before, {} MB after them.",
        count(edits.made),
        number(float(before) / 1e6, 1),
        number(float(after) / 1e6, 1)
    ));
    report.section(section);

    let mut section = Section::new("An edit under that load", &["until", "p50 ms", "p99 ms", "max ms"]);
    for (name, times) in [
        ("the call returns", &mut edits.returned),
        ("an answer over HTTP has it", &mut edits.served),
        ("for comparison: a thread wakes up too late by", &mut edits.late),
    ] {
        let shares = [0.5, 0.99, 1.0].map(|share| number(times.below(share), 1));
        section.row([name.to_owned()].into_iter().chain(shares));
    }
    section
        .note("An answer that has it is waited for in turns of half a millisecond, among the other clients. The thread \
               that only sleeps, a millisecond at a time, shows what of the slowest edits is the machine's doing.");
    report.section(section);

    let share = Spread::of(
        with.iter_mut()
            .zip(&mut without)
            .map(|(with, without)| with.times.below(0.999) / without.times.below(0.999)),
    );
    let what = format!("sip_auth, {} users: p99.9 with 20 edits/s, of that without", count(users));
    report.goal(what, "<= 1.50", share.show(2), share.median <= 1.5);
    let worst = edits.served.below(1.0);
    report.goal("an edit is served, the slowest, ms", "<= 50", number(worst, 1), worst <= 50.0);
    let after = float(after) / 1e6;
    let what = format!("memory with {} users after {} edits, MB", count(users), count(edits.made));
    report.goal(what, "<= 150", number(after, 1), after <= 150.0);
    Ok(())
}

fn row(report: &mut Report, section: &mut Section, name: &str, outcomes: &mut [Outcome]) {
    let below = |outcomes: &mut [Outcome], share: f64| {
        Spread::of(outcomes.iter_mut().map(|outcome| outcome.times.below(share))).show(2)
    };
    section.row([
        name.to_owned(),
        Spread::of(outcomes.iter().map(Outcome::per_second)).show(0),
        below(outcomes, 0.5),
        below(outcomes, 0.99),
        below(outcomes, 0.999),
        Spread::of(outcomes.iter().map(Outcome::processor_each)).show(1),
        count(outcomes.iter().map(|outcome| outcome.errors).sum()),
    ]);
    if let Some(error) = outcomes.iter().find_map(|outcome| outcome.first_error.as_deref()) {
        report.wrong(format!("look-ups with edits ({name}): {error}"));
    }
}

/// Asks while another thread makes edits.
pub(super) fn with_edits(
    server: &mut Server,
    target: Target<'_>,
    clients: usize,
    duration: Duration,
    edits: &mut Edits,
) -> Result<Outcome> {
    let over = AtomicBool::new(false);
    let mut late = Times::default();
    let before = process::processor(server.id());
    let mut outcome = std::thread::scope(|scope| {
        let editor = scope.spawn(|| edit_until(server, target, &over, edits));
        let watcher = scope.spawn(|| nap_until(&over));
        let outcome = load(target, clients, duration);
        over.store(true, Ordering::Relaxed);
        editor.join().map_err(|_| "the thread with the edits broke")??;
        late = watcher.join().map_err(|_| "the thread that watches broke")?;
        Ok::<_, crate::Error>(outcome)
    })?;
    outcome.processor = process::processor(server.id()).saturating_sub(before);
    edits.late.append(&late);
    Ok(outcome)
}

fn nap_until(over: &AtomicBool) -> Times {
    let mut late = Times::default();
    while !over.load(Ordering::Relaxed) {
        let start = Instant::now();
        std::thread::sleep(NAP);
        late.add(start.elapsed().saturating_sub(NAP));
    }
    late
}

fn edit_until(server: &mut Server, target: Target<'_>, over: &AtomicBool, edits: &mut Edits) -> Result<()> {
    let mut random = Random::new(usize::MAX);
    let start = Instant::now();
    let mut next = start;
    while !over.load(Ordering::Relaxed) {
        server.tell(&format!("pick {}", random.below(target.users)))?;
        let user = server.hear("picked")?.parse()?;
        edits.made += 1;
        let value = site::edited(edits.made);
        let asked = Instant::now();
        server.tell(&format!("change {value}"))?;
        edits.served.add(until_served(target, user, &value, asked)?);
        let returned: u64 = server.hear("changed")?.parse()?;
        edits.returned.add(Duration::from_micros(returned));
        next += EVERY;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    edits.elapsed += start.elapsed();
    Ok(())
}

fn until_served(target: Target<'_>, user: usize, value: &str, asked: Instant) -> Result<Duration> {
    let wanted = format!("name=\"{}\" value=\"{value}\"", site::EDITED);
    loop {
        if ask::once(target.address, target.form, user)?.body().contains(&wanted) {
            return Ok(asked.elapsed());
        }
        if asked.elapsed() > PATIENCE {
            return Err(format!("user {} was changed and is served as it was", site::id(user)).into());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
