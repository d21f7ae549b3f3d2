//! What is answered to a command, and when.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::recordings::{PROTOCOL, Recordings};

/// The rest of a command after its prefix.
type Answer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Answers to `api` and `bgapi`: those of the test before those that were recorded.
pub(super) struct Answers {
    pub(super) recordings: Recordings,
    exact: HashMap<String, String>,
    by_prefix: Vec<(String, Answer)>,
    delays: HashMap<String, Duration>,
    held: BTreeSet<String>,
}

impl Answers {
    pub(super) fn new(layers: &[&str]) -> Self {
        Self {
            recordings: Recordings::of(layers),
            exact: HashMap::new(),
            by_prefix: Vec::new(),
            delays: HashMap::new(),
            held: BTreeSet::new(),
        }
    }

    pub(super) fn set(&mut self, command: &str, text: &str) {
        self.exact.insert(bare(command).to_owned(), text.to_owned());
    }

    pub(super) fn set_with(&mut self, prefix: &str, answer: Answer) {
        self.by_prefix.insert(0, (bare(prefix).to_owned(), answer));
    }

    pub(super) fn unset(&mut self, command: &str) {
        self.exact.remove(bare(command));
        self.by_prefix.retain(|(prefix, _)| prefix != bare(command));
    }

    pub(super) fn delay(&mut self, command: &str, by: Duration) {
        self.delays.insert(bare(command).to_owned(), by);
    }

    pub(super) fn hold(&mut self, command: &str) {
        self.held.insert(bare(command).to_owned());
    }

    pub(super) fn release(&mut self, command: &str) {
        self.held.remove(bare(command));
    }

    pub(super) fn is_held(&self, command: &str) -> bool {
        self.held.iter().any(|pattern| matches(pattern, command))
    }

    pub(super) fn delay_of(&self, command: &str) -> Duration {
        let delays = self.delays.iter().filter(|(pattern, _)| matches(pattern, command));
        delays.map(|(_, delay)| *delay).max().unwrap_or_default()
    }

    /// A closure of the test gives the body, without a lock that it may want itself.
    pub(super) fn body(&self, command: &str) -> Body {
        if let Some(text) = self.exact.get(command) {
            return Body::Text(text.clone());
        }
        let mut by_prefix = self.by_prefix.iter();
        if let Some((prefix, answer)) = by_prefix.find(|(prefix, _)| command.starts_with(prefix)) {
            return Body::Asked(Arc::clone(answer), command[prefix.len()..].to_owned());
        }
        if let Some(text) = self.recordings.answer(command) {
            return Body::Text(text.to_owned());
        }
        if command.starts_with("show ") && command.ends_with(" as json") {
            return Body::Text(PROTOCOL.nothing.clone());
        }
        let word = command.split(' ').next().unwrap_or_default();
        Body::Text(format!("-ERR {word} Command not found!\n"))
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answers").field("exact", &self.exact).field("held", &self.held).finish()
    }
}

/// Where the body of an answer comes from.
pub(super) enum Body {
    Text(String),
    Asked(Answer, String),
}

impl Body {
    pub(super) fn text(self) -> String {
        let text = match self {
            Self::Text(text) => text,
            Self::Asked(answer, rest) => answer(&rest),
        };
        // FreeSWITCH never sends an empty body.
        if text.is_empty() { "-ERR no reply\n".to_owned() } else { text }
    }
}

/// The command without `api`, which may be there.
pub(super) fn bare(command: &str) -> &str {
    command.strip_prefix("api ").or_else(|| command.strip_prefix("bgapi ")).unwrap_or(command)
}

fn matches(pattern: &str, command: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => command.starts_with(start),
        None => pattern == command,
    }
}
