//! The log of a switch, as server-sent events.

use std::time::Duration;

use custompbx_pbx::switches::logs::MOST_LOG_WATCHES;
use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, PASS};
use custompbx_testkit::server::{Engine, Setup, TestPbx};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{KEY, live, played, until};
use crate::asking::Client;
use crate::routes::scoped;

const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who follows a log.
struct Follower(BufReader<TcpStream>);

impl Follower {
    /// Asks, and reads the head of the answer.
    async fn start(pbx: &TestPbx, token: &str, query: &str) -> Self {
        let mut stream = TcpStream::connect(pbx.web).await.unwrap();
        // An answer to HTTP 1.0 has no chunks.
        let path = format!("/api/v2/switches/{KEY}/log{query}");
        let request = format!("GET {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut follower = Self(BufReader::new(stream));
        let mut head = Vec::new();
        while let Some(line) = follower.line().await.filter(|line| !line.is_empty()) {
            head.push(line.to_lowercase());
        }
        assert!(head[0].contains(" 200 "), "{head:?}");
        assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
        follower
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.0.read_line(&mut line)).await.expect("something comes").unwrap();
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The next event with its data; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (String::new(), Value::Null);
        loop {
            let line = self.line().await?;
            if let Some(event) = line.strip_prefix("event: ") {
                event.clone_into(&mut name);
            } else if let Some(text) = line.strip_prefix("data: ") {
                data = serde_json::from_str(text).unwrap();
            } else if line.is_empty() && !name.is_empty() {
                return Some((name, data));
            }
        }
    }

    /// The next line of the log.
    async fn logged(&mut self) -> Value {
        let (name, data) = self.next().await.expect("it goes on");
        assert_eq!(name, "line", "{data}");
        data
    }

    /// Why it ended.
    async fn end(&mut self) -> String {
        let (name, data) = self.next().await.expect("it says why it ends");
        assert_eq!(name, "end", "{data}");
        assert_eq!(self.next().await, None, "nothing comes after the end");
        data["reason"].as_str().unwrap().to_owned()
    }
}

async fn driving(switch: &EventSocket) -> TestPbx {
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    live(&pbx).await;
    pbx
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_come_as_events() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    for (query, heard) in [
        ("", "log 6"),
        ("?level=7", "log 7"),
        ("?level=debug", "log 7"),
        ("?level=WARNING", "log 4"),
        ("?level=0", "log 0"),
    ] {
        switch.forget_heard();
        let _follower = Follower::start(&pbx, &admin.token, query).await;
        assert_eq!(
            switch.heard().iter().filter(|line| line.starts_with("log ")).collect::<Vec<_>>(),
            [heard]
        );
    }
    let mut follower = Follower::start(&pbx, &admin.token, "?level=4").await;
    let call = "7849d4dc-1ea1-4f76-a774-8ba20aa30424";
    let mut of_call = Follower::start(&pbx, &admin.token, &format!("?uuid={call}")).await;
    switch.send_log(7, "too verbose");
    switch.send_log(4, "odd");
    let line = follower.logged().await;
    let text = line["text"].as_str().unwrap();
    assert!(text.ends_with("[WARNING] stand_in.c:1 odd"), "{text}");
    let expected = json!({
        "level": 4, "file": "stand_in.c", "function": "send_log", "line": 1, "uuid": null, "text": text,
    });
    assert_eq!(line, expected);
    let text = "[ERR] a.c:7 two\n lines \u{e9}";
    let frame = format!(
        "Content-Type: log/data\nContent-Length: {}\nLog-Level: 3\nText-Channel: 3\nLog-File: a.c\n\
         Log-Func: f\nLog-Line: 7\nUser-Data: {call}\n\n{text}",
        text.len()
    );
    switch.send_raw(frame.as_bytes());
    let expected =
        json!({ "level": 3, "file": "a.c", "function": "f", "line": 7, "uuid": call, "text": text });
    assert_eq!(follower.logged().await, expected);
    assert_eq!(of_call.logged().await, expected, "what is about no call is not shown");

    switch.close_all();
    for mut follower in [follower, of_call] {
        let reason = follower.end().await;
        assert!(!reason.is_empty(), "{reason}");
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_followed() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let path = |query: &str| format!("/switches/{KEY}/log{query}");
    for query in [
        "?level=8",
        "?level=-1",
        "?level=",
        "?level=loud",
        "?seconds=0",
        "?seconds=86401",
        "?seconds=x",
        "?x=1",
    ] {
        admin.rest_refused("GET", &path(query), &Value::Null, 400).await;
    }
    let mut followers = Vec::new();
    for _ in 0..MOST_LOG_WATCHES {
        followers.push(Follower::start(&pbx, &admin.person.token, "").await);
    }
    let reply = admin.rest("GET", &path(""), &Value::Null).await;
    assert_eq!((reply.status, &reply.json()["code"]), (503, &json!("busy")), "{}", reply.text());
    // Whoever leaves makes room.
    drop(followers.pop());
    until("there is room", async || pbx.pbx.watch_log(KEY, 6, None).await.is_ok()).await;
    drop(followers);

    let mut follower = Follower::start(&pbx, &admin.person.token, "?seconds=1").await;
    assert!(follower.end().await.contains("the time"));
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    let reply = admin.rest("GET", &path(""), &Value::Null).await;
    assert_eq!((reply.status, &reply.json()["code"]), (503, &json!("no-switch")), "{}", reply.text());
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_right_to_it() {
    let switch = played();
    let pbx = driving(&switch).await;
    let lost = [
        pbx.sign_in_as(Role::Admin).await,
        pbx.sign_in_as(Role::Admin).await,
        pbx.sign_in_as(Role::Admin).await,
    ];
    let stays = pbx.sign_in_as(Role::Admin).await;
    let token = scoped(&pbx, &stays.login, "fs_cli:read").await;
    let mut revoked = Follower::start(&pbx, &token, "").await;
    let mut others = Vec::new();
    for one in &lost {
        others.push(Follower::start(&pbx, &one.token, "").await);
    }
    let mut follower = Follower::start(&pbx, &stays.token, "").await;
    pbx.pbx.sign_out(&lost[0].token).await.unwrap();
    pbx.set_enabled(&lost[1].login, false).await;
    pbx.set_role(&lost[2].login, Role::Manager).await;
    pbx.pbx.sign_out(&token).await.unwrap();
    for mut other in others {
        assert!(other.end().await.contains("session"));
    }
    assert!(revoked.end().await.contains("session"));
    switch.send_log(3, "goes on");
    assert!(follower.logged().await["text"].as_str().unwrap().ends_with("goes on"));
    pbx.stop().await;
}

/// FreeSWITCH does not wait for whoever is slow, and nothing grows: what does not fit is counted where it is missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_misses_lines_and_is_told() {
    const LINES: u64 = 20_000;
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut follower = Follower::start(&pbx, &admin.token, "").await;
    let text = "x".repeat(1_000);
    for number in 0..LINES {
        assert_eq!(switch.send_log(5, &format!("{number} {text}")), 1);
    }
    switch.close_all();
    let (mut next, mut dropped) = (0, 0);
    loop {
        let (name, data) = follower.next().await.expect("it ends with a reason");
        match &*name {
            "line" => {
                let number = data["text"].as_str().unwrap().split(' ').rev().nth(1).unwrap();
                assert_eq!(number, next.to_string());
                next += 1;
            }
            "dropped" => {
                let count = data["count"].as_u64().unwrap();
                assert!(count > 0);
                (next, dropped) = (next + count, dropped + count);
            }
            _ => break,
        }
    }
    assert_eq!(next, LINES);
    assert!(dropped > 0);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_does_not_wait_for_it() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut follower = Follower::start(&pbx, &admin.token, "").await;
    let (_, reason) = tokio::join!(pbx.stop(), follower.end());
    // Whichever it hears of first.
    assert!(["the server stops", "the switch is driven no longer"].contains(&&*reason), "{reason}");
}
