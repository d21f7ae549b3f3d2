//! What a client said to a FreeSWITCH gets the same bytes here.

use super::*;
use crate::recorded::{bytes, fixtures};

/// Says all of it at once: the replies come in order anyway.
fn replayed(name: &str, layers: &[&str], manner: super::super::Manner) -> Vec<u8> {
    let socket = EventSocket::start().with_recordings(layers);
    socket.behave(manner);
    let mut client = Client::connected(&socket);
    client.stream.write_all(&bytes(&format!("esl/{name}.c2s"))).unwrap();
    client.all(Duration::from_secs(1))
}

#[test]
fn sessions_are_as_they_were() {
    use super::super::Manner::{Answers, Rude};
    for name in [
        "auth-ok",
        "auth-bad",
        "auth-bad-three",
        "noauth-api",
        "crlf-lines",
        "unknown-command",
        "userauth-bad",
    ] {
        let said = replayed(&format!("session/{name}"), &["api"], Answers);
        assert_eq!(String::from_utf8_lossy(&said), text_of(&format!("session/{name}")), "{name}");
    }
    let said = replayed("session/event-subscriptions", &["api"], Answers);
    assert_eq!(String::from_utf8_lossy(&said), text_of("session/event-subscriptions"));
    assert_eq!(replayed("session/acl-rejected", &["api"], Rude), bytes("esl/session/acl-rejected.s2c"));
}

fn text_of(name: &str) -> String {
    crate::recorded::text(&format!("esl/{name}.s2c"))
}

/// Each transcript with one command, but for those that repeat the command of another.
#[test]
fn answers_are_as_they_were() {
    for folder in [
        "api",
        "registered",
        "idle-reg",
        "live-call",
        "ringing",
        "live-call2",
        "control",
        "callcenter",
        "conference",
        "gateway",
        "verto",
        "park",
        "voicemail",
        "pristine",
        "xml_locate",
    ] {
        let socket = EventSocket::start().with_recordings(&[folder]);
        let mut names: Vec<_> = std::fs::read_dir(fixtures().join("esl").join(folder))
            .unwrap()
            .filter_map(|entry| {
                entry.unwrap().file_name().to_str().unwrap().strip_suffix(".c2s").map(str::to_owned)
            })
            .collect();
        names.sort();
        let mut seen = std::collections::BTreeSet::new();
        for name in names {
            let said = bytes(&format!("esl/{folder}/{name}.c2s"));
            if !seen.insert(said.clone()) {
                continue;
            }
            let mut client = Client::connected(&socket);
            client.stream.write_all(&said).unwrap();
            let heard = client.all(Duration::from_secs(5));
            assert_eq!(
                String::from_utf8_lossy(&heard),
                text_of(&format!("{folder}/{name}")),
                "{folder}/{name}"
            );
        }
        assert!(!seen.is_empty());
    }
}

#[test]
fn the_first_layer_wins() {
    let socket = EventSocket::start();
    let mut client = Client::signed_in(&socket);
    assert_eq!(client.api("show registrations as json"), "{\"row_count\": 0}\n");
    assert_eq!(client.api("show channels as json"), "{\"row_count\": 0}\n");
    assert!(client.api("show modules as json").contains("mod_callcenter"));
    socket.set_recordings(&["live-call", "registered", "api", "pristine"]);
    assert!(client.api("show registrations as json").starts_with("{\"row_count\":2"));
    assert!(client.api("show channels as json").contains("\"callstate\":\"ACTIVE\""));
    socket.set_recordings(&["callcenter/bridged-"]);
    assert!(client.api("callcenter_config agent list").contains("In a queue call"));
    assert_eq!(client.api("hostname"), "-ERR hostname Command not found!\n");
}
