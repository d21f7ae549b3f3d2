//! Who is sent what.

use std::thread;
use std::time::Instant;

use super::super::recorded_events;
use super::*;

fn custom(socket: &EventSocket, subclass: &str) -> String {
    socket.event(&[("Event-Name", "CUSTOM"), ("Event-Subclass", subclass), ("from-user", "1000")])
}

#[test]
fn events_go_to_who_subscribed() {
    let socket = EventSocket::start();
    let mut all = Client::subscribed(&socket, "ALL");
    let mut some = Client::subscribed(&socket, "HEARTBEAT CUSTOM sofia::register sofia::expire");
    let _none = Client::signed_in(&socket);
    assert!(socket.subscribed());
    let heartbeat = socket.event(&[("Event-Name", "HEARTBEAT")]);
    let expected =
        format!("Content-Length: {}\nContent-Type: text/event-json\n\n{heartbeat}", heartbeat.len());
    assert_eq!(socket.send(&heartbeat), 2);
    assert_eq!([all.frame(), some.frame()], [expected.clone(), expected]);
    assert_eq!(socket.send(&custom(&socket, "sofia::register")), 2);
    assert_eq!(socket.send(&custom(&socket, "callcenter::info")), 1);
    assert!(some.frame().contains("sofia::register"));
    assert!(some.ask("nixevent CUSTOM sofia::register").contains("nixed"));
    assert_eq!(socket.send(&custom(&socket, "sofia::register")), 1);
    assert_eq!(socket.send(&custom(&socket, "sofia::expire")), 2);
    assert!(some.frame().contains("sofia::expire"));
    some.ask("filter from-user 1001");
    assert_eq!(socket.send(&custom(&socket, "sofia::expire")), 1);
    some.ask("filter from-user 1000");
    assert_eq!(socket.send(&custom(&socket, "sofia::expire")), 2);
    some.frame();
    some.ask("noevents");
    assert_eq!(socket.send(&socket.event(&[("Event-Name", "HEARTBEAT")])), 1);
    assert!(socket.subscribed());
    drop(all);
    assert!(socket.wait_until(|| !socket.subscribed()));
}

#[test]
fn clients_send_events_too() {
    let socket = EventSocket::start();
    let mut listener = Client::subscribed(&socket, "CUSTOM lab::test");
    let mut client = Client::signed_in(&socket);
    let reply = client.ask("sendevent CUSTOM\nEvent-Subclass: lab::test\nHeader-One: a value: with colon");
    assert!(reply.contains("\nReply-Text: +OK 10b00000-"), "{reply}");
    let event = listener.frame();
    assert!(event.contains("\"Header-One\":\"a value: with colon\""), "{event}");
}

#[test]
fn plain_events_are_encoded() {
    let socket = EventSocket::start();
    let mut client = Client::signed_in(&socket);
    client.ask("event plain ALL");
    socket.send(r#"{"Event-Name":"HEARTBEAT","FreeSWITCH-IPv6":"::1","list":["a","b c"],"Content-Length":"2","_body":"x:"}"#);
    let body = "Event-Name: HEARTBEAT\nFreeSWITCH-IPv6: %3A%3A1\nlist: ARRAY%3A%3Aa%7C%3Ab%20c\nContent-Length: 2\n\nx:";
    assert_eq!(
        client.frame(),
        format!("Content-Length: {}\nContent-Type: text/event-plain\n\n{body}", body.len())
    );
}

#[test]
fn events_count_on() {
    let socket = EventSocket::start();
    let number = |text: &str| -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["Event-Sequence"].clone()
    };
    assert_eq!(number(&socket.event(&[("Event-Name", "HEARTBEAT")])), "1");
    assert_eq!(number(&socket.event(&[("Event-Name", "HEARTBEAT")])), "2");
    assert_eq!(number(&socket.event(&[("Event-Name", "HEARTBEAT"), ("Event-Sequence", "77")])), "77");
    socket.set_core("another");
    let event = socket.event(&[("Event-Name", "HEARTBEAT")]);
    assert!(number(&event) == "1" && event.contains("\"Core-UUID\":\"another\""), "{event}");
}

#[test]
fn a_scenario_is_played_again() {
    let socket = EventSocket::start();
    let mut client = Client::subscribed(&socket, "ALL");
    let events = recorded_events("events/register");
    assert!(events.len() > 10);
    thread::scope(|scope| {
        let sent = scope.spawn(|| socket.replay("events/register"));
        for event in &events {
            assert!(client.frame().ends_with(event));
        }
        assert_eq!(sent.join().unwrap(), events.len());
    });
}

#[test]
fn the_log_goes_to_who_wants_it() {
    let socket = EventSocket::start();
    let mut client = Client::signed_in(&socket);
    assert_eq!(socket.send_log(3, "no"), 0);
    client.ask("log err");
    assert_eq!([socket.send_log(7, "no"), socket.send_log(3, "yes")], [0, 1]);
    let frame = client.frame();
    assert!(
        frame.starts_with("Content-Type: log/data\nContent-Length: ")
            && frame.ends_with("[ERR] stand_in.c:1 yes\n"),
        "{frame}"
    );
    socket.send_raw(b"Content-Type: text/x\n\n");
    assert_eq!(client.frame(), "Content-Type: text/x\n\n");
}

#[test]
fn a_flood_is_fast() {
    const COUNT: usize = 20_000;
    let socket = EventSocket::start();
    let mut client = Client::subscribed(&socket, "HEARTBEAT");
    let start = Instant::now();
    thread::scope(|scope| {
        let sent = scope.spawn(|| socket.flood(COUNT));
        let mut bytes = 0;
        while !String::from_utf8_lossy(&client.buffer).contains(&format!("\"Event-Sequence\":\"{COUNT}\"")) {
            bytes += client.read().unwrap();
            let kept = client.buffer.len().saturating_sub(1000);
            client.buffer.drain(..kept);
        }
        assert!(bytes > COUNT * 200);
        assert_eq!(sent.join().unwrap(), COUNT);
    });
    // Far more than it takes, also beside other tests.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
