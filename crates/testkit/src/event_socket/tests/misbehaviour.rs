//! Each manner does what it says.

use super::super::Manner;
use super::*;

fn behaving(manner: Manner) -> EventSocket {
    let socket = EventSocket::start();
    socket.behave(manner);
    socket
}

/// What a client that signs in and asks two things is sent.
fn told(manner: Manner) -> String {
    String::from_utf8_lossy(&told_bytes(manner)).into_owned()
}

fn told_bytes(manner: Manner) -> Vec<u8> {
    let socket = behaving(manner);
    let mut client = Client::connected(&socket);
    // Who is refused cannot say it any more.
    let _ = client.stream.write_all(b"auth ClueCon\n\napi hostname\n\napi switchname\n\n");
    client.all(A_WHILE)
}

const GREETING: &str = "Content-Type: auth/request\n\n";
const SIGNED_IN: &str =
    "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n";
const ANSWER: &str = "Content-Type: api/response\nContent-Length: 3\n\nfs1";

#[test]
fn it_answers() {
    assert_eq!(told(Manner::Answers), format!("{SIGNED_IN}{ANSWER}{ANSWER}"));
    assert_eq!(told(Manner::Dribble(3, Duration::from_micros(10))), format!("{SIGNED_IN}{ANSWER}{ANSWER}"));
}

#[test]
fn it_lets_nobody_in() {
    assert!(told(Manner::Rude).starts_with("Content-Type: text/rude-rejection\n"));
    assert!(
        told(Manner::WrongPassword)
            .starts_with(&format!("{GREETING}Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"))
    );
    assert_eq!(told(Manner::Silent), "");
    assert_eq!(told(Manner::SilentOnceSignedIn), SIGNED_IN);
    assert!(told(Manner::Stranger).starts_with("SSH-2.0"));
    assert_eq!(told(Manner::HangsUp), SIGNED_IN);
}

#[test]
fn it_cuts_at_every_byte() {
    let whole = format!("{SIGNED_IN}{ANSWER}{ANSWER}");
    for count in [0, 1, GREETING.len(), GREETING.len() + 1, SIGNED_IN.len(), whole.len() - 1, whole.len()] {
        assert_eq!(told(Manner::CutAfter(count as u64)), whole[..count], "{count}");
    }
}

#[test]
fn it_frames_badly() {
    let no_blank = "Content-Type: api/response\nContent-Length: 3\nfs1";
    assert_eq!(told(Manner::NoBlankLine), format!("{SIGNED_IN}{no_blank}{no_blank}"));
    assert!(
        told(Manner::HugeBody).starts_with(&format!(
            "{SIGNED_IN}Content-Type: api/response\nContent-Length: 4294967296\n\nfs1"
        ))
    );
    assert!(told(Manner::WrongLength(2)).contains("Content-Length: 5\n\nfs1"));
    assert!(told(Manner::WrongLength(-2)).contains("Content-Length: 1\n\nfs1"));
    let spoilt = told_bytes(Manner::InvalidUtf8);
    assert!(std::str::from_utf8(&spoilt).is_err());
    assert!(String::from_utf8_lossy(&spoilt).contains("Content-Length: 7\n\nf"));
}

#[test]
fn its_headers_have_no_end() {
    let socket = behaving(Manner::EndlessHeaders);
    let mut client = Client::signed_in(&socket);
    client.say("api hostname");
    while client.buffer.len() < 1_000_000 {
        client.read().unwrap();
    }
    assert!(!client.buffer.windows(2).any(|pair| pair == b"\n\n"));
    drop(client);
    assert!(socket.wait_until(|| socket.connections() == 0));
}

#[test]
fn it_talks_out_of_turn() {
    let unasked = "Content-Type: command/reply\nReply-Text: +OK nobody asked\n\n";
    assert_eq!(told(Manner::UnaskedReplies), format!("{SIGNED_IN}{unasked}{ANSWER}{unasked}{ANSWER}"));
    let socket = behaving(Manner::LogBetween);
    let mut client = Client::signed_in(&socket);
    let is_log = |frame: &str| frame.starts_with("Content-Type: log/data\n");
    assert!(is_log(&client.ask("event json HEARTBEAT")));
    assert!(client.frame().contains("+OK event listener"));
    socket.flood(2);
    for _ in 0..2 {
        assert!(is_log(&client.frame()) && client.frame().contains("HEARTBEAT"));
    }
}

/// The values of an event are spoilt, and nothing else.
#[test]
fn events_are_spoilt_within_a_value() {
    let socket = behaving(Manner::InvalidUtf8);
    let mut client = Client::subscribed(&socket, "HEARTBEAT");
    socket.flood(1);
    client.read();
    let length = length(&client.buffer).unwrap();
    assert_eq!(client.buffer.len(), length);
    let text = String::from_utf8_lossy(&client.buffer).into_owned();
    let json = text.split_once("\n\n").unwrap().1;
    assert!(json.starts_with("{\"Event-Name\":\"\u{fffd}"), "{json}");
    assert!(serde_json::from_str::<serde_json::Value>(json).is_ok());
}

#[test]
fn it_reads_no_more() {
    let socket = behaving(Manner::StallReading);
    let mut client = Client::signed_in(&socket);
    client.say("api hostname");
    assert!(client.hears_nothing());
    assert_eq!(socket.heard(), ["auth ClueCon"]);
    assert_eq!(socket.send_raw(b"Content-Type: text/x\n\n"), 1);
    assert_eq!(client.frame(), "Content-Type: text/x\n\n");
    socket.behave_now(Manner::Answers);
    assert!(client.frame().ends_with("fs1"));
}

#[test]
fn manners_change() {
    let socket = behaving(Manner::Rude);
    assert!(Client::connected(&socket).frame().contains("Access Denied"));
    socket.behave(Manner::Answers);
    let mut client = Client::signed_in(&socket);
    socket.behave(Manner::HangsUp);
    assert_eq!(client.api("hostname"), "fs1");
    socket.behave_now(Manner::HangsUp);
    client.say("api hostname");
    assert_eq!(client.try_frame(), None);
}
