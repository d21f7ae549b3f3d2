//! Directory look-ups: ours with different numbers of users, and the reference.

use crate::Result;
use crate::ask::{self, Form};
use crate::database;
use crate::figures::{count, number};
use crate::load::check;
use crate::plan::{CLIENTS, Plan};
use crate::report::{Report, progress};
use crate::server::Server;
use crate::turns::{Asked, measure, ratio, section};

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    let form = Form::sip_auth();
    let directory = tempfile::tempdir()?;
    let mut asked = Vec::new();
    let mut first = None;
    for users in &plan.users {
        progress(&format!("making a database with {} users", count(*users)));
        let data_dir = directory.path().join(users.to_string());
        std::fs::create_dir(&data_dir)?;
        database::with_users(&data_dir, *users)?;
        let server = Server::ours(&data_dir)?;
        first.get_or_insert(server.address);
        asked.push(Asked::ours(format!("ours, {} users", count(*users)), server, *users));
    }
    let answer = ask::once(first.ok_or("no numbers of users are planned")?, &form, 0)?;
    check(&answer, 0)?;
    let file = directory.path().join("answer");
    std::fs::write(&file, answer.body())?;
    asked.push(Asked::reference(Server::reference(&file)?, plan.many()));

    measure(plan.turns, &form, CLIENTS, &mut asked);
    let mut table = section(report, title(CLIENTS), &mut asked);
    let mut question = Vec::new();
    form.fill(0, &mut question);
    table.note(format!(
        "Questions of {} and answers of {} bytes (without the answer's head). The clients run on the same cores.",
        count(question.len()),
        count(answer.body().len())
    ));
    let most = count(database::MOST_STORED);
    table.note(format!(
        "With more than {most} users the snapshot is made directly and not from a database, which would take minutes."
    ));
    report.section(table);
    goals(plan, report, &mut asked);
    for clients in &plan.more_clients {
        asked.retain(|asked| asked.is_reference || asked.users == plan.many());
        measure(plan.turns, &form, *clients, &mut asked);
        let table = section(report, title(*clients), &mut asked);
        report.section(table);
    }
    Ok(())
}

fn title(clients: usize) -> String {
    format!("Directory `sip_auth`, a new connection for each question, {clients} clients")
}

fn goals(plan: &Plan, report: &mut Report, asked: &mut [Asked]) {
    let many = plan.many();
    let (mut per_second, mut p99) = (Vec::new(), f64::NAN);
    if let Some(reference) = asked.iter_mut().find(|asked| asked.is_reference) {
        per_second = reference.per_second();
        p99 = reference.below(0.99);
    }
    let few = asked.first().map(|few| (few.users, few.per_second()));
    for one in asked.iter_mut().filter(|asked| !asked.is_reference) {
        if one.users == many {
            let share = ratio(&one.per_second(), &per_second);
            let what = format!("sip_auth, {} users: requests/s, of the reference's", count(many));
            report.goal(what, ">= 0.85", share.show(2), share.median >= 0.85);
            let share = one.below(0.99) / p99;
            let what = format!("sip_auth, {} users: p99, of the reference's", count(many));
            report.goal(what, "<= 1.30", number(share, 2), share <= 1.3);
        } else if let Some((few, per_second)) = few.as_ref().filter(|(few, _)| *few != one.users) {
            let share = ratio(&one.per_second(), per_second);
            let what = format!("sip_auth: requests/s with {} users, of {few}", count(one.users));
            report.goal(what, ">= 0.95", share.show(2), share.median >= 0.95);
        }
    }
}
