//! What the test wants answered, and when.

use std::time::Instant;

use super::*;

#[test]
fn the_test_decides_what_is_answered() {
    let socket = EventSocket::start();
    let mut client = Client::signed_in(&socket);
    socket.answer("hostname", "pbx7");
    socket.answer_with("module_exists ", |module| (module == "mod_xml_curl").to_string());
    socket.answer("show nothing", "");
    assert_eq!(client.api("hostname"), "pbx7");
    assert_eq!(client.api("module_exists mod_xml_curl"), "true");
    assert_eq!(client.api("module_exists mod_sofia"), "false");
    assert_eq!(client.api("show nothing"), "-ERR no reply\n");
    socket.answer_as_recorded("hostname");
    socket.answer_as_recorded("module_exists ");
    assert_eq!(client.api("hostname"), "fs1");
    assert_eq!(client.api("module_exists mod_sofia"), "true");
}

#[test]
fn answers_are_late_if_told_so() {
    let socket = EventSocket::start();
    let mut client = Client::signed_in(&socket);
    socket.delay("hostname", A_WHILE);
    let start = Instant::now();
    client.api("switchname");
    assert!(start.elapsed() < A_WHILE);
    assert_eq!(client.api("hostname"), "fs1");
    assert!(start.elapsed() >= A_WHILE);
}

#[test]
fn a_command_that_is_held_waits_alone() {
    let socket = EventSocket::start();
    let [mut held, mut free] = [Client::signed_in(&socket), Client::signed_in(&socket)];
    socket.hold("show registrations*");
    held.say("api show registrations as json");
    assert!(socket.wait_heard(|heard| heard.iter().any(|command| command.starts_with("api show"))));
    assert_eq!(free.api("hostname"), "fs1");
    assert!(held.hears_nothing());
    socket.release("show registrations*");
    assert!(held.frame().contains("row_count"));
    socket.hold("event json ALL");
    held.say("event json ALL");
    assert!(held.hears_nothing() && !socket.subscribed());
    // One who gives up is gone, whatever is held.
    drop(held);
    assert!(socket.wait_until(|| socket.connections() == 1));
}

#[test]
fn jobs_reply_at_once_and_tell_later() {
    let socket = EventSocket::start();
    let mut listener = Client::subscribed(&socket, "BACKGROUND_JOB");
    let mut client = Client::signed_in(&socket);
    let id = "11111111-2222-3333-4444-555555555555";
    socket.hold("sofia status");
    let expected = format!("Content-Type: command/reply\nReply-Text: +OK Job-UUID: {id}\nJob-UUID: {id}\n\n");
    assert_eq!(client.ask(&format!("bgapi sofia status\nJob-UUID: {id}")), expected);
    assert_eq!(client.api("hostname"), "fs1");
    assert!(listener.hears_nothing());
    socket.release("sofia status");
    let event = listener.frame();
    for part in [
        "\"Event-Name\":\"BACKGROUND_JOB\"",
        id,
        "\"Job-Command\":\"sofia\"",
        "\"Job-Command-Arg\":\"status\"",
        "\"_body\":\"",
    ] {
        assert!(event.contains(part), "{part} {event}");
    }
    let reply = client.ask("bgapi nosuchapi");
    let id = reply.trim_end().rsplit_once("\nJob-UUID: ").unwrap().1;
    let event = listener.frame();
    assert!(event.contains(id) && event.contains("-ERR nosuchapi Command not found!\\n"), "{event}");
}

#[test]
fn commands_are_heard_in_their_order() {
    let socket = EventSocket::start();
    let [mut one, mut two] = [Client::signed_in(&socket), Client::signed_in(&socket)];
    socket.forget_heard();
    one.api("hostname");
    two.api("version");
    one.ask("bgapi status\nJob-UUID: 7");
    two.ask("sendevent NOTIFY\ncontent-length: 4\n\nbody");
    assert_eq!(one.ask("exit"), "Content-Type: command/reply\nReply-Text: +OK bye\n\n");
    let expected = [
        "api hostname",
        "api version",
        "bgapi status\nJob-UUID: 7",
        "sendevent NOTIFY\ncontent-length: 4",
        "exit",
    ];
    assert_eq!(socket.heard(), expected);
    let numbers: Vec<_> = socket.heard_on().into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 2, 1, 2, 1]);
}

#[test]
fn long_answers_are_made() {
    use super::super::{channels_json, registrations_json};
    for text in [registrations_json(3), channels_json(3)] {
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["row_count"], 3);
        assert_eq!(answer["rows"].as_array().unwrap().len(), 3);
    }
    let recorded = crate::recorded::api_answer("idle-reg/show-registrations-as-json");
    assert_eq!(registrations_json(0), recorded);
    let fields = |text: &str| -> Vec<String> {
        let answer: serde_json::Value = serde_json::from_str(text).unwrap();
        answer["rows"][0].as_object().unwrap().keys().cloned().collect()
    };
    let recorded = crate::recorded::api_answer("live-call/show-channels-as-json");
    assert_eq!(fields(&channels_json(1)), fields(&recorded));
    let recorded = crate::recorded::api_answer("registered/show-registrations-as-json");
    assert_eq!(fields(&registrations_json(1)), fields(&recorded));
}
