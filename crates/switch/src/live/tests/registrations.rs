//! Registrations, many and few.

use super::*;

fn register(seq: u64, token: &str, port: u16) -> Event {
    Event::of(&[
        ("Event-Name", "CUSTOM"),
        ("Event-Subclass", "sofia::register"),
        ("Event-Sequence", &seq.to_string()),
        ("profile-name", "internal"),
        ("from-user", "1"),
        ("from-host", "a"),
        ("call-id", token),
        ("contact", &format!("<sip:1@h:{port}>")),
        ("expires", "60"),
    ])
}

#[test]
fn a_hundred_thousand() {
    let line = |at: u32| {
        format!(
            r#"{{"reg_user":"{at}","realm":"r{}.example.com","token":"t{at}","url":"sofia/internal/sip:{at}@10.0.0.1:{}","expires":"1795394415","network_ip":"10.0.0.1","network_port":"{}","network_proto":"udp","hostname":"fs1","metadata":""}}"#,
            at % 7,
            at % 65_536,
            at % 65_536
        )
    };
    let lines: Vec<_> = (0..100_000).map(line).collect();
    let answer = format!(r#"{{"row_count":100000,"rows":[{}]}}"#, lines.join(","));
    let answers = Answers::written(&[("show registrations as json", &answer)]);
    let mut live = Live::new();
    live.replace(answers.read(Part::Registrations).unwrap());
    assert_eq!(live.tables().registrations.len(), 100_000);
    assert_eq!(live.registrations_per_realm().map(|(_, count)| count).sum::<usize>(), 100_000);
    assert!(live.is_registered("99999", "r4.example.com") && !live.is_registered("99999", "r3.example.com"));
    assert!(live.changes_since(0, Kind::ALL).is_none());
    let seq = live.seq();
    live.replace(answers.read(Part::Registrations).unwrap());
    assert_eq!(live.seq(), seq);
    assert_eq!(live.changes_since(seq, Kind::ALL).unwrap().rows, []);
    live.clear();
    assert!(live.tables().registrations.is_empty() && live.seq() > seq);
}

#[test]
fn a_phone_that_comes_again_is_one() {
    let mut live = Live::new();
    for (seq, token, port, several) in
        [(1, "t", 1, false), (2, "t", 2, false), (3, "u", 2, false), (4, "v", 3, true)]
    {
        let wanted = apply(&mut live, &register(seq, token, port));
        assert_eq!(wanted.contains(Part::Registrations), several, "{seq}");
    }
    assert_eq!(live.registrations_of("1", "a").count(), 2);
    // It came late: a newer one is known.
    assert!(apply(&mut live, &register(2, "u", 9)).is_empty());
    assert_eq!(live.registrations_of("1", "a").count(), 2);
}

#[test]
fn what_was_heard_while_the_switch_was_asked_is_newer() {
    let line = |token: &str| {
        format!(r#"{{"reg_user":"1","realm":"a","token":"{token}","url":"sofia/internal/sip:1@h:{token}"}}"#)
    };
    let answer = format!(r#"{{"row_count":2,"rows":[{},{}]}}"#, line("1"), line("2"));
    let answers = Answers::written(&[("show registrations as json", &answer)]);
    let reading = answers.read(Part::Registrations).unwrap();
    let mut live = Live::new();
    live.replace(reading.clone());
    let asked = live.seq();
    let _ = apply(&mut live, &register(5, "3", 3));
    let gone = [("from-user", "1"), ("from-host", "a"), ("call-id", "1"), ("Event-Sequence", "6")];
    let gone = [&[("Event-Name", "CUSTOM"), ("Event-Subclass", "sofia::unregister")], &gone[..]].concat();
    assert!(apply(&mut live, &Event::of(&gone)).contains(Part::Registrations));
    live.replace_asked_at(reading.clone(), asked);
    let tokens = |live: &Live| -> Vec<_> {
        live.registrations_of("1", "a").map(|row| row.token.as_deref().unwrap().to_owned()).collect()
    };
    assert_eq!(tokens(&live), ["2", "3"]);
    live.replace(reading);
    assert_eq!(tokens(&live), ["1", "2"]);
}
