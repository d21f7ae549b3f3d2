//! Very many users by REST, and the search among them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::ask::{self, Answer};
use crate::figures::{Spread, Times, count};
use crate::plan::Plan;
use crate::report::{Report, Section, progress};
use crate::server::Server;
use crate::{Result, database, site};

/// From one look at a job to the next.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A job that has not ended by then never does.
const PATIENCE: Duration = Duration::from_secs(600);

/// The web listener of a server.
struct Rest {
    address: SocketAddr,
    token: String,
}

impl Rest {
    fn of(server: &mut Server) -> Result<Self> {
        server.tell("rest on")?;
        let heard = server.hear("rest")?;
        let (port, token) = heard.split_once(' ').ok_or("no port and token")?;
        Ok(Self { address: ask::here(port.parse()?), token: token.to_owned() })
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nAuthorization: Bearer {}\r\n",
            self.token
        );
        let length = body.len();
        write!(request, "Content-Type: application/x-ndjson\r\nContent-Length: {length}\r\n\r\n")?;
        request.push_str(body);
        let mut answer = Answer::default();
        ask::exchange(self.address, request.as_bytes(), &mut answer)?;
        Ok(answer)
    }

    /// A bulk request from its first byte to its end, and what was reported of it.
    fn bulk(&self, rows: &str) -> Result<(Duration, String)> {
        let path = format!("/api/v2/instances/default/bulk/directory/domains/{}/users", site::domain(0));
        let start = Instant::now();
        let mut answer = self.ask("POST", &path, rows)?;
        let job = member(answer.body(), "\"href\":\"").map(str::to_owned);
        while let Some(job) = &job
            && !answer.body().contains("\"state\":\"ended\"")
        {
            if start.elapsed() > PATIENCE {
                return Err("a bulk request does not end".into());
            }
            std::thread::sleep(LOOK_EVERY);
            answer = self.ask("GET", job, "")?;
        }
        Ok((start.elapsed(), answer.body().to_owned()))
    }
}

/// The text behind `head`, up to the next quotation mark.
fn member<'t>(text: &'t str, head: &str) -> Option<&'t str> {
    text.split_once(head)?.1.split('"').next()
}

/// All users as rows.
fn rows(users: usize, edit: usize) -> String {
    let mut rows = String::new();
    for index in 0..users {
        let user = site::user(index);
        let pairs = |holder: &str| {
            let items = user.child(holder).map(|holder| holder.children.as_slice()).unwrap_or_default();
            let pair = |item: &custompbx_model::Node| {
                let name = item.attribute("name").unwrap_or_default();
                let edited = (name == site::EDITED).then(|| site::edited(edit));
                let value = edited.unwrap_or_else(|| item.attribute("value").unwrap_or_default().to_owned());
                format!("\"{name}\":\"{value}\"")
            };
            items.iter().map(pair).collect::<Vec<_>>().join(",")
        };
        let (params, variables) = (pairs("params"), pairs("variables"));
        let id = site::id(index);
        // Writing to memory does not fail.
        let _ = writeln!(rows, "{{\"key\":\"{id}\",\"params\":{{{params}}},\"variables\":{{{variables}}}}}");
    }
    rows
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    let users = plan.many();
    let mut section = Section::new(
        format!("Bulk upsert of {} users over REST (NDJSON)", count(users)),
        &["users are", "s", "users/s"],
    );
    let kinds = [("created", 0), ("unchanged", 0), ("updated", 1)];
    let mut took = kinds.map(|_| Vec::new());
    let mut searches = Vec::new();
    for run in 0..plan.runs {
        progress(&format!("bulk and search, run {} of {}", run + 1, plan.runs));
        let directory = tempfile::tempdir()?;
        let empty = custompbx_model::Node::new("section").with("name", "directory");
        database::with(directory.path(), empty.containing([site::domain_node(0, [])]))?;
        let mut server = Server::ours(directory.path())?;
        let rest = Rest::of(&mut server)?;
        for ((became, edit), took) in kinds.iter().zip(&mut took) {
            let (time, text) = rest.bulk(&rows(users, *edit))?;
            let expected = format!("\"{became}\":{users}");
            if !text.contains(&expected) || !text.contains("\"written\":true") {
                return Err(format!("bulk: {:.300} instead of {expected}", text).into());
            }
            took.push(time.as_secs_f64());
        }
        searches.push(search(plan, &rest, users)?);
    }
    for ((became, _), took) in kinds.iter().zip(&took) {
        let spread = Spread::of(took.iter().copied());
        let pace = Spread::of(took.iter().map(|seconds| crate::figures::float(users) / seconds));
        section.row([(*became).to_owned(), spread.show(1), pace.show(0)]);
    }
    report.section(section);
    let created = Spread::of(took[0].iter().copied());
    let what = format!("bulk upsert of {} users, s", count(users));
    report.goal(what, "<= 20", created.show(1), created.median <= 20.0);

    let title = format!("Search among {} users over REST, one client, 20 hits", count(users));
    let mut section = Section::new(title, &["p50 ms", "p99 ms", "max ms"]);
    let spread =
        |searches: &mut [Times], share| Spread::of(searches.iter_mut().map(|times| times.below(share)));
    section.row([0.5, 0.99, 1.0].map(|share| spread(&mut searches, share).show(1)));
    section.note(
        "In turns: a whole number, its beginning, a value, two words, one letter, nothing that is there.",
    );
    report.section(section);
    let p99 = spread(&mut searches, 0.99);
    let what = format!("search among {} users: p99, ms", count(users));
    report.goal(what, "<= 50", p99.show(1), p99.median <= 50.0);
    Ok(())
}

fn search(plan: &Plan, rest: &Rest, users: usize) -> Result<Times> {
    let mut times = Times::default();
    for at in 0..plan.documents {
        // Any of them, in no order.
        let id = site::id(at.wrapping_mul(7_919) % users);
        let queries = [
            (id.clone(), true),
            (id[..id.len() - 1].to_owned(), true),
            (format!("{id}@mail"), true),
            (format!("extension+{id}"), true),
            ("e".to_owned(), true),
            ("nobody-has-this".to_owned(), false),
        ];
        for (query, is_there) in &queries {
            let start = Instant::now();
            let answer = rest.ask("GET", &format!("/api/v2/instances/default/search?q={query}"), "")?;
            times.add(start.elapsed());
            if answer.status() != 200 || answer.body().contains("\"total\":0") == *is_there {
                return Err(format!("search for {query}: {} {:.200}", answer.status(), answer.body()).into());
            }
        }
    }
    Ok(times)
}
