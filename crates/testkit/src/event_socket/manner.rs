//! How the stand-in behaves, and what that does to a reply.

use std::time::Duration;

/// How connections are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// As a FreeSWITCH does.
    #[default]
    Answers,
    /// The access list refuses.
    Rude,
    /// No password is the right one.
    WrongPassword,
    /// Takes connections, and says nothing.
    Silent,
    /// Signs in, and says nothing more.
    SilentOnceSignedIn,
    /// Speaks another protocol.
    Stranger,
    /// Closes the connection at the first command after `auth`.
    HangsUp,
    /// Closes each connection once this many bytes were written on it, the greeting included.
    CutAfter(u64),
    /// Writes in pieces of so many bytes, with a pause after each.
    Dribble(usize, Duration),
    /// Signs in, and reads nothing more. Events still come.
    StallReading,
    /// Answers the first command after `auth` with header lines, and more header lines.
    EndlessHeaders,
    /// Replies after the one to `auth` have no empty line after their headers.
    NoBlankLine,
    /// Bodies of API answers are said to be 4 GiB.
    HugeBody,
    /// `Content-Length` of API answers is wrong by this much.
    WrongLength(i64),
    /// API answers and events are no UTF-8.
    InvalidUtf8,
    /// A `command/reply` that nobody asked for comes before each reply, once signed in.
    UnaskedReplies,
    /// A log line comes before each reply and each event, once signed in.
    LogBetween,
}

/// What a connection with [`Manner::HugeBody`] claims.
const HUGE: u64 = 4_294_967_296;

/// A byte sequence that is no UTF-8.
const NO_UTF8: &[u8] = b"\xff\xfe\xc3(";

/// The reply to a command that is no `api`.
pub(super) fn command_reply(text: &str) -> Vec<u8> {
    format!("Content-Type: command/reply\nReply-Text: {text}\n\n").into_bytes()
}

/// The reply to `api`.
pub(super) fn api_reply(manner: Manner, body: &str) -> Vec<u8> {
    let body = spoilt(manner, body.as_bytes());
    let length = match manner {
        Manner::HugeBody => HUGE,
        Manner::WrongLength(by) => (body.len() as u64).saturating_add_signed(by),
        _ => body.len() as u64,
    };
    let mut reply = format!("Content-Type: api/response\nContent-Length: {length}\n\n").into_bytes();
    reply.extend_from_slice(&body);
    reply
}

/// An event of a format, `plain` or `json`, from its body.
pub(super) fn event_frame(manner: Manner, format: &str, body: &str, frame: &mut Vec<u8>) {
    let body = spoilt(manner, body.as_bytes());
    let head = format!("Content-Length: {}\nContent-Type: text/event-{format}\n\n", body.len());
    frame.extend_from_slice(head.as_bytes());
    frame.extend_from_slice(&body);
}

/// A line of the log, as recorded.
pub(super) fn log_frame(level: u8, text: &str) -> Vec<u8> {
    let word = LEVELS.get(usize::from(level)).copied().unwrap_or("DEBUG");
    let body = format!("2026-11-22 23:38:13.872780 92.80% [{word}] stand_in.c:1 {text}\n");
    format!(
        "Content-Type: log/data\nContent-Length: {}\nLog-Level: {level}\nText-Channel: 0\nLog-File: stand_in.c\n\
         Log-Func: send_log\nLog-Line: 1\nUser-Data: \n\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Log levels by number.
pub(super) const LEVELS: [&str; 8] =
    ["CONSOLE", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"];

/// What comes before a reply or an event of a connection that is signed in.
pub(super) fn put_before(manner: Manner, is_reply: bool) -> Vec<u8> {
    match manner {
        Manner::UnaskedReplies if is_reply => command_reply("+OK nobody asked"),
        Manner::LogBetween => log_frame(7, "between"),
        _ => Vec::new(),
    }
}

/// Without the empty line after the headers.
pub(super) fn without_blank_line(mut reply: Vec<u8>) -> Vec<u8> {
    if let Some(end) = reply.windows(2).position(|pair| pair == b"\n\n") {
        reply.remove(end);
    }
    reply
}

/// With something in it that is no text, inside the first value if there is one: JSON stays JSON but for that.
fn spoilt(manner: Manner, body: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if manner != Manner::InvalidUtf8 {
        return body.into();
    }
    let value = body.windows(3).position(|three| three == b"\":\"").map(|at| at + 3);
    let (before, after) = body.split_at(value.unwrap_or(body.len() / 2));
    [before, NO_UTF8, after].concat().into()
}
