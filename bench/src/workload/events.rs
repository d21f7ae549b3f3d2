//! The event socket under load: a switch with thousands of calls that tells of them as fast as it can, and people who
//! watch.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use custompbx_testkit::event_socket::{self, EventSocket, PASS, Ready};
use custompbx_testkit::server::Socket;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::figures::{Times, count, float, number};
use crate::plan::{EventLoad, Plan};
use crate::report::{Report, Section, progress, show};
use crate::server::program::{self, ADMIN_PASSWORD, Serving};
use crate::{Result, database, process};

/// How often events are sent; what is due since the last time goes out together.
const EVERY: Duration = Duration::from_millis(5);
/// How often an event has a mark by which its way can be followed.
const MARK_EVERY: usize = 500;
/// The first channels change only by marks, so that no mark is gone before it was told.
const MARKED: usize = 100;
/// What stands before the number of a mark.
const MARK: &str = "mark-";
/// How long the last events may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// When each mark was sent.
type Marks = Arc<Mutex<HashMap<usize, Instant>>>;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    if let Err(error) = program::path() {
        show(&format!("The event socket was not measured: {error}\n"));
        return Ok(());
    }
    let load = plan.events;
    progress(&format!("events: a switch with {} calls", count(load.calls)));
    let switch = EventSocket::start();
    let channels = load.calls * 2;
    switch.answer("show channels as json", &event_socket::channels_json(channels));
    switch.answer("show channels count", &format!("\n{channels} total.\n"));
    let rounds = ready(&switch, channels)?;
    let directory = tempfile::tempdir()?;
    database::with_users(directory.path(), 100)?;
    let port = switch.address().port().to_string();
    let set = [("CUSTOMPBX__FREESWITCH__ESL__PORT", &*port), ("CUSTOMPBX__FREESWITCH__ESL__PASS", PASS)];
    let serving = Serving::start_with(directory.path(), Some(0), &set)?;
    if !switch.wait_subscribed() {
        return Err("the server did not subscribe".into());
    }
    let (marks, watched) = (Marks::default(), Arc::new(Watched::default()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let token = runtime.block_on(watchers(serving.web, load.watchers, &marks, &watched))?;
    let before = process::processor(serving.id());
    serving.peak();
    let start = Instant::now();
    let sent = send(&switch, &rounds, load, plan.warm_up, &marks);
    let took = start.elapsed();
    let processor = process::processor(serving.id()).saturating_sub(before);
    let awaited = Instant::now();
    while !marks.lock().unwrap_or_else(PoisonError::into_inner).is_empty() && awaited.elapsed() < PATIENCE {
        std::thread::sleep(EVERY);
    }
    let figures = runtime.block_on(figures(serving.web, &token))?;
    let lost = watched.lost.load(Ordering::Relaxed);
    let (peak, unseen) = (serving.peak(), marks.lock().unwrap_or_else(PoisonError::into_inner).len());
    serving.stop()?;

    let mut lag = std::mem::take(&mut *watched.lag.lock().unwrap_or_else(PoisonError::into_inner));
    let dropped = figures["figures"]["dropped"].as_u64().unwrap_or(u64::MAX);
    let taken = figures["figures"]["events"].as_u64().unwrap_or_default();
    let rate = float(sent) / took.as_secs_f64();
    let mut section = Section::new(
        format!("Event socket: {} calls, {} who watch by WebSocket", count(load.calls), load.watchers),
        &[
            "events/s",
            "lag p50 ms",
            "lag p99 ms",
            "lag max ms",
            "dropped",
            "processor",
            "RSS MB",
            "messages to one",
        ],
    );
    let messages = watched.messages.load(Ordering::Relaxed);
    section.row([
        number(rate, 0),
        number(lag.below(0.5), 0),
        number(lag.below(0.99), 0),
        number(lag.below(1.0), 0),
        dropped.to_string(),
        format!("{} %", number(processor.as_secs_f64() / took.as_secs_f64() * 100.0, 0)),
        number(float(peak) / 1e6, 0),
        count(messages),
    ]);
    section.note(format!(
        "{} events of 3 kB as a switch writes them, each of which changes a channel; {} of them were followed from \
         the socket of the switch to one who watches. Changes of the same channel within a tenth of a second are told \
         together. The switch is played, and those who watch run, on the same cores.",
        count(sent),
        count(lag.len()),
    ));
    report.section(section);
    if lost > 0 {
        report.wrong(format!("events: {lost} of those who watched were closed"));
    }
    if unseen > 0 || (taken as usize) < sent {
        report.wrong(format!("events: {unseen} marks were not seen, {taken} of {sent} events were taken"));
    }
    let what = format!("event socket: {} events/s, lag p99, ms", count(load.rate));
    report.goal(what, "<= 250", number(lag.below(0.99), 0), lag.below(0.99) <= 250.0);
    let what = "event socket: events per second that were sent";
    report.goal(what, &format!(">= {}", load.rate), number(rate, 0), rate >= float(load.rate) * 0.98);
    report.goal("event socket: dropped in silence", "0", dropped.to_string(), dropped == 0);
    Ok(())
}

/// Events that change each channel, in several rounds: what is repeated changes nothing.
fn ready(switch: &EventSocket, channels: usize) -> Result<Vec<Vec<Ready>>> {
    let sample = sample()?;
    let mut rounds = Vec::new();
    for state in ["HELD", "ACTIVE"] {
        let texts: Vec<String> =
            (MARKED..channels).map(|channel| event(&sample, channel, state, "")).collect();
        rounds.push(texts.chunks(100).map(|texts| switch.ready(texts)).collect());
    }
    Ok(rounds)
}

/// An event of a call as it was recorded.
fn sample() -> Result<Value> {
    let recorded = event_socket::recorded_events("events/call");
    let found = recorded.iter().find(|text| text.contains("\"Event-Name\":\"CHANNEL_CALLSTATE\""));
    Ok(serde_json::from_str(found.ok_or("no event of a call is recorded")?)?)
}

/// The same about a channel; without a sequence number, so that it counts as new each time.
fn event(sample: &Value, channel: usize, state: &str, name: &str) -> String {
    let mut event = sample.clone();
    if let Some(members) = event.as_object_mut() {
        members.shift_remove("Event-Sequence");
        for member in ["Unique-ID", "Caller-Unique-ID"] {
            members.insert(member.to_owned(), event_socket::channel_uuid(channel).into());
        }
        members.insert("Channel-Call-State".to_owned(), state.into());
        if !name.is_empty() {
            members.insert("Caller-Caller-ID-Name".to_owned(), name.into());
        }
    }
    event.to_string()
}

/// Sends at a steady pace; how many were sent.
fn send(
    switch: &EventSocket,
    rounds: &[Vec<Ready>],
    load: EventLoad,
    warm_up: Duration,
    marks: &Marks,
) -> usize {
    let EventLoad { rate, time, .. } = load;
    let sample = sample().unwrap_or_default();
    let batches: Vec<&Ready> = rounds.iter().flatten().collect();
    let start = Instant::now();
    let (mut sent, mut next_mark, mut batch) = (0, 0, 0);
    while start.elapsed() < time {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of events")]
        let due = (start.elapsed().as_secs_f64() * float(rate)) as usize;
        while sent < due {
            sent += switch.send_ready(batches[batch % batches.len()]);
            batch += 1;
            // The first event of each channel tells much more than those behind it: that is not how it goes on.
            if start.elapsed() < warm_up {
                next_mark = sent / MARK_EVERY;
            }
            if sent / MARK_EVERY > next_mark {
                next_mark = sent / MARK_EVERY;
                let marked = event(&sample, next_mark % MARKED, "ACTIVE", &format!("{MARK}{next_mark}."));
                marks.lock().unwrap_or_else(PoisonError::into_inner).insert(next_mark, Instant::now());
                sent += switch.send(&marked);
            }
        }
        std::thread::sleep(EVERY);
    }
    sent
}

/// What those who watch saw.
#[derive(Default)]
struct Watched {
    lag: Mutex<Times>,
    messages: AtomicUsize,
    /// How many were closed.
    lost: AtomicUsize,
}

/// Connects so many who watch; the first of them looks for marks.
async fn watchers(
    address: SocketAddr,
    watchers: usize,
    marks: &Marks,
    watched: &Arc<Watched>,
) -> Result<String> {
    let mut token = None;
    for watcher in 0..watchers {
        let stream = tokio::net::TcpStream::connect(address).await?;
        let mut socket =
            Socket::over(stream, address, &[]).await.map_err(|status| format!("no WebSocket: {status}"))?;
        if token.is_none() {
            let login = json!({ "login": "admin", "password": ADMIN_PASSWORD });
            let answer = socket.ask("login", login).await;
            token = Some(answer["token"].as_str().ok_or("nobody could sign in")?.to_owned());
        }
        let answer = socket.ask("SubscriptionList", json!({ "token": token, "values": ["[Live]"] })).await;
        if answer["MessageType"] != "OK" {
            return Err(format!("no subscription: {answer}").into());
        }
        let (marks, watched) = (marks.clone(), watched.clone());
        tokio::spawn(async move {
            if watcher == 0 {
                while let Some(text) = socket.text().await {
                    watched.messages.fetch_add(1, Ordering::Relaxed);
                    seen(&text, &marks, &watched.lag);
                }
            } else {
                // A browser has cores of its own; here the others only read.
                let (mut stream, mut buffer) = (socket.into_stream(), vec![0; 256 * 1024]);
                while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
            }
            watched.lost.fetch_add(1, Ordering::Relaxed);
        });
    }
    token.ok_or_else(|| "nobody watches".into())
}

/// Notes the marks in a message.
fn seen(text: &str, marks: &Marks, lag: &Mutex<Times>) {
    let now = Instant::now();
    for (at, _) in text.match_indices(MARK) {
        let rest = &text[at + MARK.len()..];
        let Some(mark) = rest.split('.').next().and_then(|mark| mark.parse::<usize>().ok()) else { continue };
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sent) = marks.remove(&mark) {
            // Those before it on the same channel were told together with it.
            marks.retain(|other, _| *other > mark || other % MARKED != mark % MARKED);
            lag.lock().unwrap_or_else(PoisonError::into_inner).add(now - sent);
        }
    }
}

/// What the server counted.
async fn figures(address: SocketAddr, token: &str) -> Result<Value> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!(
        "GET /api/v2/switches/default HTTP/1.0\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    Ok(serde_json::from_str(body)?)
}
