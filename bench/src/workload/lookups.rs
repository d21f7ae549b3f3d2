//! Directory look-ups: ours with different numbers of users, and the reference.

use crate::Result;
use crate::ask::{self, Form};
use crate::database;
use crate::figures::{Spread, count, float, number};
use crate::load::{Outcome, Target, check};
use crate::plan::{CLIENTS, Plan};
use crate::process;
use crate::report::{Report, Section, progress};
use crate::server::Server;

/// A server, and what it is asked for.
struct Asked {
    name: String,
    server: Server,
    users: usize,
    is_reference: bool,
    /// One for each run.
    outcomes: Vec<Outcome>,
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    let form = Form::sip_auth();
    let directory = tempfile::tempdir()?;
    let mut asked = Vec::new();
    for users in &plan.users {
        progress(&format!("making a database with {} users", count(*users)));
        let data_dir = directory.path().join(users.to_string());
        std::fs::create_dir(&data_dir)?;
        database::with_users(&data_dir, *users)?;
        let name = format!("ours, {} users", count(*users));
        asked.push(Asked::new(name, Server::ours(&data_dir)?, *users, false));
    }
    let first = asked.first().ok_or("no numbers of users are planned")?;
    let answer = ask::once(first.server.address, &form, 0)?;
    check(&answer, 0)?;
    let file = directory.path().join("answer");
    std::fs::write(&file, answer.body())?;
    asked.push(Asked::new("reference".to_owned(), Server::reference(&file)?, plan.many(), true));
    let (mut question, size) = (Vec::new(), answer.body().len());
    form.fill(0, &mut question);

    measure(plan, &form, &mut asked, CLIENTS);
    section(report, &mut asked, CLIENTS, (question.len(), size));
    goals(plan, report, &mut asked);
    for clients in &plan.more_clients {
        asked.retain(|asked| asked.is_reference || asked.users == plan.many());
        measure(plan, &form, &mut asked, *clients);
        section(report, &mut asked, *clients, (question.len(), size));
    }
    Ok(())
}

impl Asked {
    fn new(name: String, server: Server, users: usize, is_reference: bool) -> Self {
        Self { name, server, users, is_reference, outcomes: Vec::new() }
    }

    fn ask(&self, form: &Form, clients: usize, duration: std::time::Duration) -> Outcome {
        let target = Target {
            address: self.server.address,
            form,
            users: self.users,
            always_the_first: self.is_reference,
        };
        self.server.load(target, clients, duration)
    }

    fn per_run(&mut self, figure: impl FnMut(&mut Outcome) -> f64) -> Vec<f64> {
        self.outcomes.iter_mut().map(figure).collect()
    }

    fn below(&mut self, share: f64) -> Vec<f64> {
        self.per_run(|outcome| outcome.times.below(share))
    }
}

fn measure(plan: &Plan, form: &Form, asked: &mut [Asked], clients: usize) {
    for one in asked.iter_mut() {
        one.outcomes.clear();
        one.ask(form, clients, plan.warm_up);
    }
    for run in 0..plan.runs {
        progress(&format!("look-ups with {clients} clients, run {} of {}", run + 1, plan.runs));
        for _ in 0..plan.slices {
            for one in asked.iter_mut() {
                let outcome = one.ask(form, clients, plan.slice);
                match one.outcomes.get_mut(run) {
                    Some(all) => all.append(outcome),
                    None => one.outcomes.push(outcome),
                }
            }
        }
    }
}

fn section(report: &mut Report, asked: &mut [Asked], clients: usize, (question, answer): (usize, usize)) {
    let title = format!("Directory `sip_auth`, a new connection for each question, {clients} clients");
    let mut section = Section::new(
        title,
        &[
            "server",
            "requests/s",
            "of ref.",
            "p50 ms",
            "p99 ms",
            "of ref.",
            "p99.9 ms",
            "CPU µs/req.",
            "errors",
            "RSS MB",
        ],
    );
    let (per_second, p99) = reference(asked);
    for one in asked.iter_mut() {
        let own = one.per_run(|outcome| outcome.per_second());
        let own_p99 = one.below(0.99);
        section.row([
            one.name.clone(),
            Spread::of(own.iter().copied()).show(0),
            Spread::of(ratios(&own, &per_second)).show(2),
            Spread::of(one.below(0.5)).show(2),
            Spread::of(own_p99.iter().copied()).show(2),
            Spread::of(ratios(&own_p99, &p99)).show(2),
            Spread::of(one.below(0.999)).show(2),
            Spread::of(one.per_run(|outcome| outcome.processor_each())).show(1),
            count(one.outcomes.iter().map(|outcome| outcome.errors).sum()),
            number(float(process::memory(one.server.id()).unwrap_or(0)) / 1e6, 1),
        ]);
        let error = one.outcomes.iter().find_map(|outcome| outcome.first_error.as_deref());
        if let Some(error) = error {
            report.wrong(format!("{}, {clients} clients: {error}", one.name));
        }
    }
    section.note(format!(
        "Questions of {} and answers of {} bytes (without the answer's head). All servers are asked in turns within \
         each run. The clients run on the same cores.",
        count(question),
        count(answer)
    ));
    let most = count(database::MOST_STORED);
    section.note(format!(
        "With more than {most} users the snapshot is made directly and not from a database, which would take minutes."
    ));
    report.section(section);
}

fn reference(asked: &mut [Asked]) -> (Vec<f64>, Vec<f64>) {
    match asked.iter_mut().find(|asked| asked.is_reference) {
        Some(reference) => (reference.per_run(|outcome| outcome.per_second()), reference.below(0.99)),
        None => (Vec::new(), Vec::new()),
    }
}

fn ratios<'a>(ours: &'a [f64], others: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    ours.iter().zip(others).map(|(ours, other)| ours / other)
}

fn goals(plan: &Plan, report: &mut Report, asked: &mut [Asked]) {
    let (per_second, p99) = reference(asked);
    let many = plan.many();
    let few = asked.first_mut().map(|few| (few.users, few.per_run(|outcome| outcome.per_second())));
    for one in asked.iter_mut().filter(|asked| !asked.is_reference) {
        let own = one.per_run(|outcome| outcome.per_second());
        if one.users == many {
            let share = Spread::of(ratios(&own, &per_second));
            let what = format!("sip_auth, {} users: requests/s, of the reference's", count(many));
            report.goal(what, ">= 0.85", share.show(2), share.median >= 0.85);
            let share = Spread::of(ratios(&one.below(0.99), &p99));
            let what = format!("sip_auth, {} users: p99, of the reference's", count(many));
            report.goal(what, "<= 1.30", share.show(2), share.median <= 1.3);
        } else if let Some((few, per_second)) = few.as_ref().filter(|(few, _)| *few != one.users) {
            let share = Spread::of(ratios(&own, per_second));
            let what = format!("sip_auth: requests/s with {} users, of {few}", count(one.users));
            report.goal(what, ">= 0.95", share.show(2), share.median >= 0.95);
        }
    }
}
