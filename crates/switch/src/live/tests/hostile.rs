//! What no switch should say.

use super::*;

fn broken(part: Part, answers: &[(&str, &str)]) -> String {
    Answers::written(answers).read(part).unwrap_err().to_string()
}

#[test]
fn answers_cut_short_say_where() {
    let show = "show channels as json";
    for path in ["live-call/show-channels-as-json", "idle-reg/show-registrations-as-json"] {
        let answer = api_answer(path);
        let answer = answer.trim_end();
        for cut in [1, 2, answer.len() / 2] {
            let error = broken(Part::Channels, &[(show, &answer[..answer.len() - cut])]);
            assert!(error.contains(show), "{error}");
        }
    }
    let answer = api_answer("gateway/up-xmlstatus");
    let error = broken(Part::Sofia, &[("sofia xmlstatus", &answer[..answer.len() / 2])]);
    assert!(error.contains("\"sofia xmlstatus\"") && error.contains("never closed"), "{error}");
    for (part, command, answer) in [
        (Part::Channels, show, "-ERR SQL disabled, no data available!\n"),
        (Part::Channels, show, "{}"),
        (Part::Channels, show, ""),
        (Part::Sofia, "sofia xmlstatus", "No Such Profile\n"),
        (Part::Callcenter, "callcenter_config queue list", "name|strategy\n"),
        (Part::Conferences, "conference json_list", "[{\"conference_name\":\"a\"}"),
        (Part::Host, "status", "UP 1 years"),
        (Part::Verto, "verto xmlstatus", "<profiles><client>"),
    ] {
        let error = broken(part, &[(command, answer)]);
        assert!(error.contains(&format!("{command:?}")), "{error}");
    }
}

#[test]
fn counts_lie() {
    let show = "show registrations as json";
    for (answer, rows) in [
        (r#"{"row_count":-5}"#, 0),
        (r#"{"row_count":"many","rows":[]}"#, 0),
        (
            r#"{"row_count":0,"rows":[{"reg_user":"1","realm":null,"expires":-1,"network_port":"70000"},{"realm":"a"}]}"#,
            1,
        ),
    ] {
        let reading = Answers::written(&[(show, answer)]).read(Part::Registrations).unwrap();
        let Reading::Registrations(read) = reading else { panic!("another part") };
        assert_eq!(read.len(), rows, "{answer}");
        assert!(read.iter().all(|row| row.expires.is_none() && row.network_port.is_none()));
    }
    let mut live = Live::new();
    let fields =
        [("Session-Count", "-3"), ("Idle-CPU", "NaN"), ("Max-Sessions", "1e9"), ("Uptime-msec", "x")];
    let event = Event::of(&[&[("Event-Name", "HEARTBEAT")], &fields[..]].concat());
    assert!(live.apply(&event, i64::MIN).is_empty());
    let host = live.tables().host.get("host").unwrap();
    assert_eq!((host.sessions, host.idle_cpu, host.sessions_max, host.uptime_ms), (None, None, None, None));
}

#[test]
fn queues_that_are_no_words_are_not_asked_for() {
    let names = ["a@b", "c d", "e;f", "${g}", "h\u{e9}", ""];
    let list = format!("name|strategy\n{}\n+OK\n", names.map(|name| format!("{name}|x")).join("\n"));
    let answers = Answers::written(&[("callcenter_config queue list", &list)]);
    let Reading::Callcenter { queues, .. } = answers.read(Part::Callcenter).unwrap() else {
        panic!("another part");
    };
    assert_eq!(queues.len(), names.len());
    let asked = answers.asked.lock().unwrap();
    let members: Vec<_> = asked.iter().filter(|command| command.contains("members")).collect();
    assert_eq!(members, ["callcenter_config queue list members a@b"]);
}

#[test]
fn two_profiles_have_a_gateway_of_the_same_name() {
    let gateway = |profile: &str| {
        format!("<gateway><name>g</name><profile>{profile}</profile><state>NOREG</state></gateway>")
    };
    let list = format!("<gateways>{}{}</gateways>", gateway("a"), gateway("b"));
    let mut live = Live::new();
    live.replace(Answers::written(&[("sofia xmlstatus gateway", &list)]).read(Part::Sofia).unwrap());
    let state = [
        ("Event-Name", "CUSTOM"),
        ("Event-Subclass", "sofia::gateway_state"),
        ("Gateway", "g"),
        ("State", "REGED"),
    ];
    let seq = live.seq();
    assert!(apply(&mut live, &Event::of(&state)).contains(Part::Sofia));
    assert_eq!(live.seq(), seq);
    let told = [&state[..], &[("profile-name", "b")]].concat();
    assert!(apply(&mut live, &Event::of(&told)).is_empty());
    let states: Vec<_> = live.tables().gateways.rows().map(|row| row.state.as_deref().unwrap()).collect();
    assert_eq!(states, ["NOREG", "REGED"]);
}

#[test]
fn a_login_without_a_domain() {
    let mut live = Live::new();
    for (login, user) in [("1005", "1005"), ("@", ""), ("a@b@c", "a@b")] {
        let event = Event::of(&[
            ("Event-Name", "CUSTOM"),
            ("Event-Subclass", "verto::login"),
            ("verto_profile_name", "p"),
            ("verto_client_address", "1.2.3.4:5"),
            ("verto_login", login),
            ("verto_success", "1"),
        ]);
        assert!(apply(&mut live, &event).contains(Part::Verto));
        assert_eq!(&*live.tables().verto_clients.get("p/1.2.3.4:5").unwrap().user, user);
    }
}

#[test]
fn a_channel_that_was_never_seen() {
    let mut live = Live::new();
    let event = |name: &str, more: &[(&str, &str)]| {
        Event::of(
            &[&[("Event-Name", name), ("Unique-ID", "u"), ("Channel-Call-State", "ACTIVE")], more].concat(),
        )
    };
    assert!(apply(&mut live, &event("CHANNEL_DESTROY", &[])).is_empty());
    assert!(apply(&mut live, &event("CHANNEL_CALLSTATE", &[])).contains(Part::Channels));
    assert_eq!(live.calls().answered, 1);
    let _ = apply(
        &mut live,
        &event("CHANNEL_BRIDGE", &[("Other-Leg-Unique-ID", "w"), ("Channel-Call-UUID", "u")]),
    );
    let renamed = Event::of(&[("Event-Name", "CHANNEL_UUID"), ("Unique-ID", "v"), ("Old-Unique-ID", "u")]);
    assert!(apply(&mut live, &renamed).is_empty());
    assert!(live.tables().channels.contains("v") && !live.tables().channels.contains("u"));
    assert_eq!(live.tables().channels.get("v").unwrap().call(), "v");
}

#[test]
fn another_core_is_another_switch() {
    let mut live = Live::new();
    let event = |core: &str, uuid: &str| {
        Event::of(&[("Event-Name", "CHANNEL_CREATE"), ("Core-UUID", core), ("Unique-ID", uuid)])
    };
    assert!(apply(&mut live, &event("a", "1")).is_empty());
    assert!(apply(&mut live, &event("a", "2")).is_empty());
    assert_eq!(apply(&mut live, &event("b", "3")), Wanted::ALL);
    assert_eq!(live.tables().channels.len(), 1);
    assert!(apply(&mut live, &Event::of(&[("Event-Name", "SHUTDOWN")])).is_empty());
    assert!(live.tables().channels.is_empty());
}
