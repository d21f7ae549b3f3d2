//! The documented messages with very many users: a change that somebody else has subscribed to, and the list of all
//! users.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use custompbx_testkit::server::Socket;
use serde_json::{Value, json};

use crate::Result;
use crate::database::{self, block_on};
use crate::figures::{Spread, Times, count, float, number};
use crate::load::Random;
use crate::plan::Plan;
use crate::report::{Report, Section, progress, show};
use crate::server::program::{self, ADMIN_PASSWORD, Serving};
use crate::site;

/// What a list of all users cost.
struct Listed {
    seconds: f64,
    bytes: usize,
    /// More than before, at most, in bytes.
    grown: usize,
}

/// How long changes took, each from before it was sent.
#[derive(Default)]
struct Changes {
    answered: Times,
    /// Until the answer and the push to another connection were there.
    pushed: Times,
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    if let Err(error) = program::path() {
        show(&format!("The messages were not measured: {error}\n"));
        return Ok(());
    }
    let users = plan.many();
    progress(&format!("messages: making a database with {} users", count(users)));
    let directory = tempfile::tempdir()?;
    database::with_users(directory.path(), users)?;
    let serving = Serving::start(directory.path(), Some(0))?;
    let (mut lists, mut changes) = (Vec::new(), Changes::default());
    block_on(async {
        let mut who = Signed::in_at(serving.web).await?;
        for run in 0..plan.runs {
            progress(&format!("messages, run {} of {}", run + 1, plan.runs));
            let (listed, ids) = list(&serving, &who.token)?;
            if ids.len() != users {
                return Err(format!("{} users are listed, and there are {users}", ids.len()).into());
            }
            lists.push(listed);
            who.change(&ids, plan.messages, &mut changes).await?;
        }
        Ok(())
    })?;
    serving.stop()?;

    let mut section = Section::new(
        format!("`[Users] Get_users`, {} users, by POST", count(users)),
        &["seconds", "MB", "memory more, MB"],
    );
    let spread = |figure: fn(&Listed) -> f64| Spread::of(lists.iter().map(figure));
    let grown = spread(|list| float(list.grown) / 1e6);
    section.row([
        spread(|list| list.seconds).show(2),
        spread(|list| float(list.bytes) / 1e6).show(1),
        grown.show(1),
    ]);
    report.section(section);
    let mut section = Section::new(
        format!("`UpdateDirectoryUserParameter` by WebSocket, {} users, SQLite", count(users)),
        &["until", "p50 ms", "p99 ms", "max ms"],
    );
    for (name, times) in [
        ("it is answered", &mut changes.answered),
        ("somebody else, who subscribed, was told too", &mut changes.pushed),
    ] {
        let shares = [0.5, 0.99, 1.0].map(|share| number(times.below(share), 1));
        section.row([name.to_owned()].into_iter().chain(shares));
    }
    section.note(format!("{} changes, one after the other.", count(changes.pushed.len())));
    report.section(section);

    let what = format!("[Users] Get_users with {} users: memory more, MB", count(users));
    report.goal(what, "<= 16", grown.show(1), grown.median <= 16.0);
    let what = format!("a change with {} users, answered and pushed: p99, ms", count(users));
    let p99 = changes.pushed.below(0.99);
    report.goal(what, "<= 10", number(p99, 1), p99 <= 10.0);
    Ok(())
}

/// Asks for all users; the ids of all of them.
fn list(serving: &Serving, token: &str) -> Result<(Listed, Vec<i64>)> {
    serving.peak();
    let before = serving.memory();
    let start = Instant::now();
    let body = json!({ "event": "[Users] Get_users", "data": { "token": token } }).to_string();
    let answer = post(serving.web, &body)?;
    let seconds = start.elapsed().as_secs_f64();
    let grown = serving.peak().saturating_sub(before);
    let shown: Value = serde_json::from_slice(&answer)?;
    let users = shown["directory_users"].as_object().ok_or("the answer has no users")?;
    let all = users.values().filter_map(Value::as_object).flat_map(|of_domain| of_domain.keys());
    let ids = all.map(|id| id.parse()).collect::<std::result::Result<_, _>>()?;
    Ok((Listed { seconds, bytes: answer.len(), grown }, ids))
}

/// The body of an answer. Memory is what is measured, so the answer is read as it comes.
fn post(address: SocketAddr, body: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    // HTTP/1.0 has no chunks: the end of the connection is the end of the answer.
    write!(
        stream,
        "POST /api/v1 HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or("an answer without an end of its head")?;
    Ok(answer.split_off(end + 4))
}

/// Two connections of somebody who is signed in.
struct Signed {
    token: String,
    asking: Socket,
    listening: Socket,
    random: Random,
    made: usize,
}

impl Signed {
    async fn in_at(address: SocketAddr) -> Result<Self> {
        let mut asking = connect(address).await?;
        let answer = asking.ask("login", json!({ "login": "admin", "password": ADMIN_PASSWORD })).await;
        let token = answer["token"].as_str().ok_or("nobody could sign in")?.to_owned();
        let mut listening = connect(address).await?;
        let subscribed = listening
            .ask("SubscriptionList", json!({ "token": token, "values": ["[Users] Get_user_details"] }))
            .await;
        if subscribed["MessageType"] != "OK" {
            return Err(format!("no subscription: {subscribed}").into());
        }
        Ok(Self { token, asking, listening, random: Random::new(7), made: 0 })
    }

    /// Changes params of users, one after the other.
    async fn change(&mut self, ids: &[i64], times: usize, changes: &mut Changes) -> Result<()> {
        for _ in 0..times {
            let id = ids.get(self.random.below(ids.len())).copied().ok_or("there are no users")?;
            let details = json!({ "token": self.token, "id": id });
            let details = self.asking.ask("[Users] Get_user_details", details).await;
            let params = details["user_details"][id.to_string()]["parameters"].as_object();
            let mut params = params.into_iter().flat_map(serde_json::Map::values);
            let param =
                params.find(|param| param["name"] == site::EDITED).ok_or("a user has no such param")?;
            self.made += 1;
            let value = site::edited(self.made);
            let change =
                json!({ "token": self.token, "id": param["id"], "name": site::EDITED, "value": value });
            let start = Instant::now();
            let answer = self.asking.ask("UpdateDirectoryUserParameter", change).await;
            let answered = start.elapsed();
            if answer["data"]["value"] != value {
                return Err(format!("the change was answered with {answer}").into());
            }
            let push = self.listening.next().await;
            changes.pushed.add(start.elapsed());
            changes.answered.add(answered);
            let pushed = &push["user_details"][id.to_string()]["parameters"][param["id"].to_string()];
            if pushed["value"] != value {
                return Err(format!("what was pushed is {push}").into());
            }
        }
        Ok(())
    }
}

async fn connect(address: SocketAddr) -> Result<Socket> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    Socket::over(stream, address, &[]).await.map_err(|status| format!("no WebSocket: {status}").into())
}
