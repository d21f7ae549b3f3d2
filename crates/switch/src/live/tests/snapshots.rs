//! Answers that were recorded, read.

use super::*;
use crate::live::rows::{Host, Profile};

fn live(readings: impl IntoIterator<Item = Reading>) -> Live {
    let mut live = Live::new();
    readings.into_iter().for_each(|reading| live.replace(reading));
    live
}

#[test]
fn the_host() {
    let reading = recorded(
        Part::Host,
        &[
            ("status", "live-call/status"),
            ("version", "api/version"),
            ("switchname", "api/switchname"),
            ("hostname", "api/hostname"),
        ],
    );
    let live = live([reading]);
    let host = live.tables().host.get(Host::KEY).unwrap();
    assert_eq!(host.version.as_deref(), Some("1.11.1-release+git~20260526T204126Z~c2c59645f6~64bit"));
    assert_eq!((host.switchname.as_deref(), host.hostname.as_deref()), (Some("fs1"), Some("fs1")));
    assert_eq!(host.uptime_ms, Some((14 * 60 + 45) * 1000 + 752));
    assert_eq!(
        (host.sessions, host.sessions_since_startup, host.sessions_max),
        (Some(2), Some(53), Some(1000))
    );
    assert_eq!((host.sessions_peak, host.sessions_peak_five_min), (Some(3), Some(2)));
    assert_eq!((host.sessions_per_sec, host.sessions_per_sec_max), (Some(0), Some(30)));
    assert_eq!(host.idle_cpu, Some(27.37));
}

#[test]
fn registrations() {
    let show = "show registrations as json";
    let none = recorded(Part::Registrations, &[(show, "idle-reg/show-registrations-as-json")]);
    assert_eq!(none, Reading::Registrations(Vec::new()));
    let live = live([recorded(Part::Registrations, &[(show, "registered/show-registrations-as-json")])]);
    assert!(live.is_registered("1000", "127.0.0.1") && !live.is_registered("100", "127.0.0.1"));
    assert_eq!(live.registrations_per_realm().collect::<Vec<_>>(), [("127.0.0.1", 2)]);
    let row = live.tables().registrations.get("1001@127.0.0.1/67cefa99d0548238").unwrap();
    assert_eq!(
        (row.profile.as_deref(), row.contact.as_deref()),
        (Some("internal"), Some("sip:1001@127.0.0.1:6001"))
    );
    assert_eq!((row.network_port, row.expires), (Some(6001), Some(1_795_394_415)));
}

#[test]
fn calls() {
    for (path, legs, answered) in [
        ("live-call/show-channels-as-json", vec![2], 2),
        ("ringing/show-channels-as-json", vec![2], 0),
        ("gateway/call-show-channels-as-json", vec![1, 2], 3),
        ("callcenter/show-channels-as-json", vec![1, 2], 3),
        ("conference/show-channels-as-json", vec![1, 1], 2),
    ] {
        let calls = live([channels(path)]).calls();
        let counts: Vec<_> = calls.calls.iter().map(|call| call.legs.len()).collect();
        assert_eq!((&counts, calls.answered), (&legs, answered), "{path}");
        assert_eq!(calls.total, legs.iter().sum::<usize>(), "{path}");
        assert_eq!(calls.calls[0].legs[0].direction.as_deref(), Some("inbound"), "{path}");
    }
    let live = live([channels("live-call/show-channels-as-json")]);
    assert_eq!(live.channels_of("1001@127.0.0.1").count(), 1);
    assert_eq!(live.channels_of("1001").count(), 0);
}

#[test]
fn profiles_and_gateways() {
    for (status, gateways) in [
        ("gateway/up-xmlstatus", "gateway/up-xmlstatus-gateway"),
        ("api/sofia-xmlstatus", "api/sofia-xmlstatus-gateway"),
        ("registered/sofia-xmlstatus", "gateway/down-xmlstatus-gateway"),
    ] {
        let reading =
            recorded(Part::Sofia, &[("sofia xmlstatus", status), ("sofia xmlstatus gateway", gateways)]);
        let live = live([reading]);
        assert_eq!((live.tables().profiles.len(), live.tables().gateways.len()), (4, 4));
        let internal = live.tables().profiles.get("sofia::internal").unwrap();
        assert_eq!(internal.uri.as_deref(), Some("sip:mod_sofia@127.0.0.1:5060"));
        assert_eq!(
            internal.addresses,
            [
                "sip:mod_sofia@127.0.0.1:5060".into(),
                "sip:mod_sofia@127.0.0.1:5066;transport=ws".into(),
                "sips:mod_sofia@127.0.0.1:7443;transport=wss".into()
            ] as [Box<str>; 3]
        );
        assert_eq!(internal.aliases, ["127.0.0.1".into()] as [Box<str>; 1]);
        assert_eq!(internal.state.as_deref(), Some("RUNNING"));
        assert!(internal.calls.is_some());
        let gateway = live.tables().gateways.get("external::gw_noreg").unwrap();
        assert_eq!((gateway.state.as_deref(), gateway.status.as_deref()), (Some("NOREG"), Some("UP")));
        assert_eq!((gateway.pinging, gateway.ping), (Some(false), None));
        assert!(gateway.uptime_us > Some(0));
    }
}

#[test]
fn modules() {
    let live = live([recorded(Part::Modules, &[("show modules as json", "api/show-modules-as-json")])]);
    assert_eq!(live.tables().modules.len(), 52);
    for name in ["mod_sofia", "mod_event_socket", "CORE_PCM_MODULE"] {
        assert!(live.tables().modules.contains(name), "{name}");
    }
}

#[test]
fn queues() {
    for (state, members, agent) in [
        ("callcenter/waiting", 1, "Waiting"),
        ("callcenter/bridged", 1, "In a queue call"),
        ("callcenter/after", 0, "Waiting"),
        ("callcenter/abandoned", 1, "Waiting"),
        ("api/callcenter", 0, "Waiting"),
    ] {
        let live = live([callcenter(state)]);
        let tables = live.tables();
        assert_eq!(
            (tables.queues.len(), tables.members.len(), tables.tiers.len()),
            (1, members, 1),
            "{state}"
        );
        assert_eq!(tables.agents.get("1001@default").unwrap().state.as_deref(), Some(agent), "{state}");
        let waits = if state == "callcenter/waiting" { 1 } else { 0 };
        assert_eq!(tables.queues.get("support@default").unwrap().count, Some(waits), "{state}");
    }
    let Reading::Callcenter { agents, .. } = recorded(
        Part::Callcenter,
        &[
            ("callcenter_config queue list", "api/callcenter-queue-list-one"),
            ("callcenter_config agent list", "api/callcenter-agent-list-2"),
        ],
    ) else {
        panic!("another part");
    };
    assert_eq!(agents.len(), 2);
}

#[test]
fn conferences() {
    let list = "conference json_list";
    let none = recorded(Part::Conferences, &[(list, "api/conference-json_list-none")]);
    assert_eq!(none, Reading::Conferences { conferences: Vec::new(), members: Vec::new() });
    for (path, ids) in [("conference/json_list", [9, 10]), ("conference/json_list-after-dial", [9, 12])] {
        let live = live([recorded(Part::Conferences, &[(list, path)])]);
        let conference = live.tables().conferences.get("3000-127.0.0.1").unwrap();
        assert_eq!((conference.member_count, conference.locked), (Some(2), Some(false)));
        for id in ids {
            assert!(
                live.tables().conference_members.contains(&format!("3000-127.0.0.1/{id}")),
                "{path} {id}"
            );
        }
    }
}

#[test]
fn verto() {
    let status = "verto xmlstatus";
    let live = live([recorded(Part::Verto, &[(status, "verto/verto-xmlstatus-logged-in")])]);
    let client = live.tables().verto_clients.get("default-v4/127.0.0.1:52410").unwrap();
    assert_eq!((&*client.user, client.domain.as_deref()), ("1005", Some("127.0.0.1")));
    assert_eq!(client.transport.as_deref(), Some("WS"));
    let profile = live.tables().profiles.get("verto::default-v6").unwrap();
    let addresses: [Box<str>; 2] = ["ws://[::1]:8081".into(), "wss://[::1]:8082".into()];
    assert_eq!((&*profile.kind, &*profile.addresses), (Profile::VERTO, &addresses[..]));
    let Reading::Verto { clients, .. } = recorded(Part::Verto, &[(status, "api/verto-xmlstatus")]) else {
        panic!("another part");
    };
    assert!(clients.is_empty());
}

#[test]
fn a_module_that_is_not_loaded_has_no_rows() {
    for part in [Part::Sofia, Part::Callcenter, Part::Conferences, Part::Verto] {
        let live = live([Answers::default().read(part).unwrap()]);
        assert_eq!(live.seq(), 0, "{part:?}");
    }
    for part in [Part::Host, Part::Registrations, Part::Channels, Part::Modules] {
        assert!(Answers::default().read(part).is_err(), "{part:?}");
    }
}

/// The profiles of one module do not go because the other one was read.
#[test]
fn both_modules_keep_their_profiles() {
    let sofia = recorded(Part::Sofia, &[("sofia xmlstatus", "api/sofia-xmlstatus")]);
    let verto = recorded(Part::Verto, &[("verto xmlstatus", "api/verto-xmlstatus")]);
    let live = live([sofia.clone(), verto.clone(), sofia, verto]);
    assert_eq!(live.tables().profiles.len(), 6);
    assert_eq!(live.seq(), 6);
}
