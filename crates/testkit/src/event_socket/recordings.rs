//! Which recording answers a command.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::recorded::{bytes, fixtures, frames, text};

/// Bodies of answers by command.
type Answers = Arc<HashMap<String, String>>;

/// What was read of one folder is not read again in this process.
static READ: LazyLock<Mutex<HashMap<String, Answers>>> = LazyLock::new(Mutex::default);

/// Layers of recordings: the first that has a command answers it.
#[derive(Clone, Debug)]
pub(super) struct Recordings(Vec<Answers>);

impl Recordings {
    /// A layer is a folder of `fixtures/esl`, or a folder and how the names in it start: `callcenter/bridged-`.
    pub(super) fn of(layers: &[&str]) -> Self {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        let layers = layers.iter().map(|layer| {
            let answers = read.entry((*layer).to_owned()).or_insert_with(|| Arc::new(answers(layer)));
            Arc::clone(answers)
        });
        Self(layers.collect())
    }

    /// The body of the recorded answer.
    pub(super) fn answer(&self, command: &str) -> Option<&str> {
        self.0.iter().find_map(|answers| answers.get(command)).map(String::as_str)
    }
}

fn answers(layer: &str) -> HashMap<String, String> {
    let root = fixtures().join("esl");
    let (folder, start) = match layer.rsplit_once('/') {
        Some((folder, start)) if !root.join(layer).is_dir() => (folder, start),
        _ => (layer, ""),
    };
    let mut names = names(&root.join(folder));
    names.retain(|name| name.starts_with(start));
    assert!(!names.is_empty(), "nothing was recorded in {layer}");
    let mut answers = HashMap::new();
    for name in names {
        let said = text(&format!("esl/{folder}/{name}.c2s"));
        // Users may not do everything, and what an application was asked is something else.
        if !said.starts_with("auth ClueCon") {
            continue;
        }
        let said = said.replace('\r', "");
        let commands = said.split("\n\n").filter_map(|command| command.strip_prefix("api "));
        let heard = frames(&bytes(&format!("esl/{folder}/{name}.s2c")));
        let bodies = heard.iter().filter(|frame| frame.bytes.starts_with(b"Content-Type: api/response"));
        for (command, frame) in commands.zip(bodies) {
            let command = command.lines().next().unwrap_or_default().to_owned();
            answers.entry(command).or_insert_with(|| String::from_utf8_lossy(&frame.body).into_owned());
        }
    }
    answers
}

/// Names of transcripts, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files = entries.map(|entry| entry.expect("a readable directory").file_name());
    let names = files.filter_map(|name| name.to_string_lossy().strip_suffix(".c2s").map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The JSON texts of the events that a connection was sent: `recorded_events("events/call")`.
pub fn recorded_events(scenario: &str) -> Vec<String> {
    let frames = frames(&bytes(&format!("esl/{scenario}/json.s2c")));
    let is_event = |head: &[u8]| head.ends_with(b"Content-Type: text/event-json\n\n");
    let events =
        frames.into_iter().filter(|frame| is_event(&frame.bytes[..frame.bytes.len() - frame.body.len()]));
    events.map(|frame| String::from_utf8(frame.body).expect("JSON is text")).collect()
}

/// What is said besides the answers to `api`.
#[derive(Debug)]
pub(super) struct Protocol {
    pub(super) greeting: Vec<u8>,
    pub(super) signed_in: Vec<u8>,
    /// With the notice before the end.
    pub(super) wrong_password: Vec<u8>,
    pub(super) goodbye: Vec<u8>,
    pub(super) rude: Vec<u8>,
    /// Commands that are the same at any time.
    pub(super) replies: HashMap<String, Vec<u8>>,
    /// What `show` says when there is nothing.
    pub(super) nothing: String,
}

/// Read once.
pub(super) static PROTOCOL: LazyLock<Protocol> = LazyLock::new(|| {
    let of = |name: &str| frames(&bytes(&format!("esl/session/{name}.s2c")));
    let [ok, bad] = [of("auth-ok"), of("auth-bad")];
    let rest =
        |frames: &[crate::recorded::Frame]| frames.iter().flat_map(|frame| frame.bytes.clone()).collect();
    let said = text("esl/session/event-subscriptions.c2s");
    let replies = said.split("\n\n").map(str::to_owned).zip(of("event-subscriptions").into_iter().skip(1));
    Protocol {
        greeting: ok[0].bytes.clone(),
        signed_in: ok[1].bytes.clone(),
        wrong_password: rest(&bad[1..]),
        goodbye: rest(&ok[2..]),
        rude: bytes("esl/session/acl-rejected.s2c"),
        replies: replies.map(|(command, frame)| (command, frame.bytes)).collect(),
        nothing: crate::recorded::api_answer("idle-reg/show-registrations-as-json"),
    }
});
