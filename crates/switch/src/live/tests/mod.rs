//! Tests against what a FreeSWITCH said.

mod hostile;
mod invariants;
mod registrations;
mod scenarios;
mod snapshots;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use custompbx_testkit::recorded::{api_answer, bytes, frames};
use serde_json::Value;

use super::{Ask, Kind, Live, Part, ReadError, Reading, Wanted, read};
use crate::Event;

/// The time of the recordings.
const NOW_MS: i64 = 1_795_391_400_000;

/// A switch that answers what was recorded, or written down; to anything else that it does not know the command.
#[derive(Default)]
struct Answers {
    answers: BTreeMap<String, String>,
    asked: Mutex<Vec<String>>,
}

impl Answers {
    fn written(answers: &[(&str, &str)]) -> Self {
        let answers = answers.iter().map(|(command, answer)| ((*command).into(), (*answer).into()));
        Self { answers: answers.collect(), ..Self::default() }
    }

    fn recorded(answers: &[(&str, &str)]) -> Self {
        let answers = answers.iter().map(|(command, path)| ((*command).into(), api_answer(path)));
        Self { answers: answers.collect(), ..Self::default() }
    }

    fn read(&self, part: Part) -> Result<Reading, ReadError<String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(read(part, self))
    }
}

impl Ask for Answers {
    type Error = String;

    async fn ask(&self, command: &str) -> Result<String, String> {
        self.asked.lock().unwrap().push(command.to_owned());
        let word = command.split(' ').next().unwrap_or_default();
        let unknown = || format!("-ERR {word} Command not found!\n");
        Ok(self.answers.get(command).cloned().unwrap_or_else(unknown))
    }
}

/// What the switch answered in a state of the recordings.
fn recorded(part: Part, answers: &[(&str, &str)]) -> Reading {
    Answers::recorded(answers).read(part).unwrap()
}

fn channels(path: &str) -> Reading {
    recorded(Part::Channels, &[("show channels as json", path)])
}

fn callcenter(state: &str) -> Reading {
    recorded(
        Part::Callcenter,
        &[
            ("callcenter_config queue list", &format!("{state}-queue-list")),
            ("callcenter_config agent list", &format!("{state}-agent-list")),
            ("callcenter_config tier list", &format!("{state}-tier-list")),
            ("callcenter_config queue list members support@default", &format!("{state}-queue-list-members")),
        ],
    )
}

/// The events of a scenario, one word in them replaced by another.
fn events_as(scenario: &str, from: &str, to: &str) -> Vec<Event> {
    let frames = frames(&bytes(&format!("esl/events/{scenario}/json.s2c")));
    let events = frames.iter().filter(|frame| {
        let head = &frame.bytes[..frame.bytes.len() - frame.body.len()];
        String::from_utf8_lossy(head).contains("text/event-json")
    });
    let event = |body: &[u8]| {
        let text = String::from_utf8_lossy(body).replace(from, to);
        Event::from_json(text.as_bytes()).unwrap()
    };
    let events: Vec<_> = events.map(|frame| event(&frame.body)).collect();
    assert!(!events.is_empty(), "{scenario} has no events");
    events
}

fn events(scenario: &str) -> Vec<Event> {
    events_as(scenario, "\u{0}", "\u{0}")
}

/// The last event of a channel in most of the recordings is CHANNEL_HANGUP_COMPLETE: what follows it was not
/// subscribed. Here it stands for CHANNEL_DESTROY.
fn events_to_the_end(scenario: &str) -> Vec<Event> {
    let events = events(scenario);
    if events.iter().any(|event| event.name() == "CHANNEL_DESTROY") {
        return events;
    }
    events_as(scenario, "\"CHANNEL_HANGUP_COMPLETE\"", "\"CHANNEL_DESTROY\"")
}

const SCENARIOS: &[&str] = &[
    "admin",
    "call",
    "call-api-kill",
    "call-badauth",
    "call-bleg-hangup",
    "call-busy",
    "call-cancel",
    "call-control",
    "call-echo",
    "call-noroute",
    "callcenter",
    "conference",
    "gateway",
    "heartbeat",
    "loopback",
    "originate",
    "park",
    "register",
    "register-expire",
    "verto",
    "verto-all",
    "voicemail",
];

fn apply(live: &mut Live, event: &Event) -> Wanted {
    live.apply(event, NOW_MS)
}

fn apply_all<'a>(live: &mut Live, events: impl IntoIterator<Item = &'a Event>) -> Wanted {
    events.into_iter().fold(Wanted::NONE, |wanted, event| wanted | apply(live, event))
}

/// All rows, for comparing.
fn rows(live: &Live) -> BTreeMap<(Kind, Arc<str>), Arc<Value>> {
    let (_, everything) = live.everything(Kind::ALL);
    everything.into_iter().map(|row| ((row.kind, row.key.clone()), Arc::new(row.row()))).collect()
}
