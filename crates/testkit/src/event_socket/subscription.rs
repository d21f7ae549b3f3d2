//! What a connection wants to be sent.

use std::collections::BTreeSet;

use super::event::Event;
use super::manner::LEVELS;

/// The names that `event` takes.
const NAMES: &str = "CUSTOM CLONE CHANNEL_CREATE CHANNEL_DESTROY CHANNEL_STATE CHANNEL_CALLSTATE CHANNEL_ANSWER \
    CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HOLD CHANNEL_UNHOLD \
    CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_OUTGOING CHANNEL_PARK \
    CHANNEL_UNPARK CHANNEL_APPLICATION CHANNEL_ORIGINATE CHANNEL_UUID API LOG INBOUND_CHAN OUTBOUND_CHAN STARTUP \
    SHUTDOWN PUBLISH UNPUBLISH TALK NOTALK SESSION_CRASH MODULE_LOAD MODULE_UNLOAD DTMF MESSAGE PRESENCE_IN \
    NOTIFY_IN PRESENCE_OUT PRESENCE_PROBE MESSAGE_WAITING MESSAGE_QUERY ROSTER CODEC BACKGROUND_JOB \
    DETECTED_SPEECH DETECTED_TONE PRIVATE_COMMAND HEARTBEAT TRAP ADD_SCHEDULE DEL_SCHEDULE EXE_SCHEDULE \
    RE_SCHEDULE RELOADXML NOTIFY PHONE_FEATURE PHONE_FEATURE_SUBSCRIBE SEND_MESSAGE RECV_MESSAGE REQUEST_PARAMS \
    CHANNEL_DATA GENERAL COMMAND SESSION_HEARTBEAT CLIENT_DISCONNECTED SERVER_DISCONNECTED SEND_INFO RECV_INFO \
    RECV_RTCP_MESSAGE SEND_RTCP_MESSAGE CALL_SECURE NAT RECORD_START RECORD_STOP PLAYBACK_START PLAYBACK_STOP \
    CALL_UPDATE FAILURE SOCKET_DATA MEDIA_BUG_START MEDIA_BUG_STOP CONFERENCE_DATA_QUERY CONFERENCE_DATA \
    CALL_SETUP_REQ CALL_SETUP_RESULT CALL_DETAIL DEVICE_STATE TEXT SHUTDOWN_REQUESTED ALL";

const NO_KEYWORDS: &str = "-ERR no keywords supplied";

/// Events, filters, and the log level of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscription {
    format: Option<&'static str>,
    names: BTreeSet<String>,
    subclasses: BTreeSet<String>,
    filters: Vec<(String, String)>,
    log: Option<u8>,
}

impl Subscription {
    /// Whether anything is subscribed to.
    pub(super) fn is_any(&self) -> bool {
        !self.names.is_empty()
    }

    /// The format in which this event is wanted, `json` or `plain`. There is no XML here.
    pub(super) fn wants(&self, event: &Event) -> Option<&'static str> {
        let name = event.header("Event-Name").unwrap_or_default();
        let subclass = event.header("Event-Subclass").filter(|_| name == "CUSTOM");
        let subscribed = self.names.contains("ALL")
            || self.names.contains(name)
                && subclass.is_none_or(|subclass| self.subclasses.contains(subclass));
        let passes = |(name, value): &(String, String)| {
            event.header(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        let passed = self.filters.is_empty() || self.filters.iter().any(passes);
        self.format.filter(|format| *format != "xml" && subscribed && passed)
    }

    /// Whether a log line of this level is wanted.
    pub(super) fn wants_log(&self, level: u8) -> bool {
        self.log.is_some_and(|log| level <= log)
    }

    /// The text of the reply to a command that is about subscriptions.
    pub(super) fn command(&mut self, line: &str) -> Option<String> {
        let mut words = line.split_whitespace();
        let command = words.next()?;
        let words: Vec<&str> = words.collect();
        Some(match command {
            "event" => self.event(&words).to_owned(),
            "nixevent" => self.nix(&words).to_owned(),
            "noevents" => {
                self.names.clear();
                self.subclasses.clear();
                "+OK no longer listening for events".to_owned()
            }
            "filter" if !words.is_empty() => self.filter(&words),
            "log" => self.log(words.first().copied().unwrap_or_default()),
            "nolog" => {
                self.log = None;
                "+OK no longer logging".to_owned()
            }
            _ => return None,
        })
    }

    fn event(&mut self, words: &[&str]) -> &'static str {
        let (format, reply) = match words.first() {
            Some(&"json") => ("json", "+OK event listener enabled json"),
            Some(&"xml") => ("xml", "+OK event listener enabled xml"),
            _ => ("plain", "+OK event listener enabled plain"),
        };
        let (names, subclasses) = split(words.get(1..).unwrap_or_default());
        if names.is_empty() {
            return NO_KEYWORDS;
        }
        self.format = Some(format);
        self.names.extend(names);
        self.subclasses.extend(subclasses);
        reply
    }

    fn nix(&mut self, words: &[&str]) -> &'static str {
        let (names, subclasses) = split(words);
        if names.is_empty() {
            return NO_KEYWORDS;
        }
        for name in &names {
            // With subclasses only those go.
            if name == "ALL" {
                self.names.clear();
            } else if name != "CUSTOM" || subclasses.is_empty() {
                self.names.remove(name);
            }
        }
        self.subclasses.retain(|subclass| !subclasses.contains(subclass));
        "+OK events nixed"
    }

    fn filter(&mut self, words: &[&str]) -> String {
        if words[0] != "delete" {
            let (name, value) = (words[0], words[1..].join(" "));
            let reply = format!("+OK filter added. [{name}]=[{value}]");
            self.filters.push((name.to_owned(), value));
            return reply;
        }
        let (name, value) =
            (words.get(1).copied().unwrap_or_default(), words.get(2..).unwrap_or_default().join(" "));
        self.filters.retain(|(header, wanted)| {
            name != "all" && (header != name || !value.is_empty() && *wanted != value)
        });
        format!("+OK filter deleted. [{name}][{value}]")
    }

    fn log(&mut self, word: &str) -> String {
        let by_name = LEVELS.iter().position(|level| level.eq_ignore_ascii_case(word));
        let level =
            by_name.and_then(|level| u8::try_from(level).ok()).or_else(|| word.parse().ok()).unwrap_or(7);
        self.log = Some(level);
        format!("+OK log level {word} [{level}]")
    }
}

/// Names that there are, and the subclasses after `CUSTOM`.
fn split(words: &[&str]) -> (Vec<String>, Vec<String>) {
    let custom = words.iter().position(|word| *word == "CUSTOM").map_or(words.len(), |at| at + 1);
    let (names, subclasses) = words.split_at(custom);
    let is_known = |name: &&&str| NAMES.split_whitespace().any(|known| known == **name);
    let names = names.iter().filter(is_known).map(|name| (*name).to_owned());
    (names.collect(), subclasses.iter().map(|name| (*name).to_owned()).collect())
}
