//! What was recorded of events, and what the switch answered meanwhile.

use super::*;
use crate::live::rows::{Channel, Member, Registration};

/// Where the first event of this kind is.
fn first(events: &[Event], field: &str, value: &str) -> usize {
    let found = events.iter().position(|event| event.get(field) == Some(value));
    found.unwrap_or_else(|| panic!("no event has {field} {value}"))
}

fn same_channels(live: &Live, path: &str) {
    let Reading::Channels(read) = channels(path) else { panic!("another part") };
    assert_eq!(live.tables().channels.len(), read.len(), "{path}");
    for row in read {
        let known = live.tables().channels.get(&row.uuid).unwrap();
        let of = |row: &Channel| {
            let texts = [&row.direction, &row.callstate, &row.name, &row.cid_num, &row.callee_num, &row.dest];
            let more = [
                &row.cid_name,
                &row.callee_name,
                &row.ip_addr,
                &row.context,
                &row.presence_id,
                &row.dialplan,
            ];
            let texts = texts.into_iter().chain(more).cloned().collect::<Vec<_>>();
            (row.uuid.clone(), row.created_s, row.call().to_owned(), texts)
        };
        assert_eq!(of(known), of(&row), "{path}");
    }
}

#[test]
fn a_call() {
    let events = events("call");
    let (hangup, mut live) = (first(&events, "Event-Name", "CHANNEL_HANGUP"), Live::new());
    let wanted = apply_all(&mut live, &events[..hangup]);
    same_channels(&live, "live-call/show-channels-as-json");
    let calls = live.calls();
    assert_eq!((calls.total, calls.answered, calls.calls.len()), (2, 2, 1));
    assert_eq!(calls.calls[0].legs[0].answered_s, Some(1_795_391_402));
    assert_eq!(calls.calls[0].legs[0].other_leg.as_deref(), Some(&*calls.calls[0].legs[1].uuid));
    assert!(!wanted.contains(Part::Channels));
    // What the switch answers then changes little; what it does not tell stays.
    live.replace(channels("live-call/show-channels-as-json"));
    assert_eq!(live.calls().calls[0].legs[0].answered_s, Some(1_795_391_402));
    assert_eq!(live.calls().calls.len(), 1);
    let _ = apply_all(&mut live, &events[hangup..]);
    assert!(live.tables().channels.is_empty());
    assert_eq!(live.calls(), crate::live::Calls::default());
}

#[test]
fn a_call_that_rings() {
    let events = events("call-cancel");
    let (hangup, mut live) = (first(&events, "Event-Name", "CHANNEL_HANGUP"), Live::new());
    let _ = apply_all(&mut live, &events[..hangup]);
    let calls = live.calls();
    assert_eq!((calls.total, calls.answered, calls.calls.len()), (2, 0, 1));
}

#[test]
fn all_calls_end() {
    for scenario in SCENARIOS {
        let mut live = Live::new();
        let wanted = apply_all(&mut live, &events_to_the_end(scenario));
        assert!(live.tables().channels.is_empty(), "{scenario}");
        let heartbeats =
            ["admin", "conference", "register", "register-expire", "heartbeat"].contains(scenario);
        assert!(!wanted.contains(Part::Channels) || heartbeats, "{scenario} {wanted:?}");
    }
}

#[test]
fn registering() {
    let events = events("register");
    let mut live = Live::new();
    let two = events.iter().position(|event| {
        let _ = apply(&mut live, event);
        live.tables().registrations.len() == 2
    });
    let two = two.unwrap();
    let read = recorded(
        Part::Registrations,
        &[("show registrations as json", "registered/show-registrations-as-json")],
    );
    let Reading::Registrations(read) = read else { panic!("another part") };
    for row in &read {
        let known = live.registrations_of(&row.user, &row.realm).next().unwrap();
        assert_eq!(known.user_agent.as_deref(), Some("lab-ua/1.0"));
        // The switch adds sip-expires-late-margin, which is a minute; and its seconds are not those of the event.
        let late = row.expires.zip(known.expires).map(|(row, known)| row - known);
        assert!(matches!(late, Some(60 | 61)), "{late:?}");
        let same = Registration { user_agent: None, expires: row.expires, ..Registration::clone(known) };
        assert_eq!(same, *row);
    }
    live.replace(Reading::Registrations(read));
    assert!(live.tables().registrations.rows().all(|row| row.user_agent.is_some()));
    let wanted = apply_all(&mut live, &events[two + 1..]);
    assert!(live.tables().registrations.is_empty() && !wanted.contains(Part::Registrations));
    assert_eq!(live.registrations_per_realm().count(), 0);
}

#[test]
fn gateways() {
    let mut live = Live::new();
    live.replace(recorded(
        Part::Sofia,
        &[
            ("sofia xmlstatus", "api/sofia-xmlstatus"),
            ("sofia xmlstatus gateway", "api/sofia-xmlstatus-gateway"),
        ],
    ));
    let states = |live: &Live| -> Vec<_> {
        let rows = live.tables().gateways.rows();
        rows.map(|row| (row.name.clone(), row.state.clone(), row.status.clone())).collect()
    };
    let read = |path: &str| {
        let mut live = Live::new();
        live.replace(recorded(Part::Sofia, &[("sofia xmlstatus gateway", path)]));
        states(&live)
    };
    let events = events("gateway");
    let deleted = first(&events, "Event-Subclass", "sofia::gateway_delete");
    let mut seen = Vec::new();
    let mut wanted = Wanted::NONE;
    for event in &events[..deleted] {
        wanted |= apply(&mut live, event);
        seen.push(states(&live));
    }
    assert!(seen.contains(&read("gateway/down-xmlstatus-gateway")));
    assert!(!wanted.contains(Part::Sofia));
    let wanted = apply_all(&mut live, &events[deleted..]);
    assert!(wanted.contains(Part::Sofia));
    assert_eq!(live.tables().gateways.len(), 4);
    assert_eq!(live.tables().gateways.get("external::gw_down").unwrap().state.as_deref(), Some("FAIL_WAIT"));
    assert_eq!(live.tables().gateways.get("external::gw_up").unwrap().state.as_deref(), Some("REGED"));
}

#[test]
fn a_call_centre() {
    let same = |live: &Live, state: &str| {
        let mut other = Live::new();
        other.replace(callcenter(state));
        let of = |live: &Live| {
            let tables = live.tables();
            let agent = tables.agents.get("1001@default").unwrap();
            let agent = (agent.state.clone(), agent.uuid.clone(), agent.last_bridge_start);
            let tiers: Vec<_> = tables.tiers.rows().map(|row| row.state.clone()).collect();
            // These are told by the answer only, the next time that it is asked for.
            let told = |row: &Member| Member {
                instance_id: None,
                system_epoch: None,
                base_score: None,
                skill_score: None,
                ..row.clone()
            };
            let members: Vec<_> = tables.members.rows().map(|row| told(row)).collect();
            (agent, tiers, members)
        };
        assert_eq!(of(live), of(&other), "{state}");
    };
    let mut live = Live::new();
    live.replace(callcenter("callcenter/waiting"));
    let events = events("callcenter");
    let bridged = first(&events, "CC-Agent-State", "In a queue call") + 1;
    let _ = apply_all(&mut live, &events[..bridged]);
    same(&live, "callcenter/bridged");
    let after = first(&events, "CC-Agent-Status", "Logged Out");
    let _ = apply_all(&mut live, &events[bridged..after]);
    same(&live, "callcenter/after");
    let abandoned = first(&events, "CC-Agent-Status", "On Break");
    let wanted = apply_all(&mut live, &events[after..abandoned]);
    same(&live, "callcenter/abandoned");
    assert!(wanted.contains(Part::Callcenter));
    assert_eq!(live.tables().queues.get("support@default").unwrap().count, Some(0));
}

#[test]
fn a_conference() {
    let events = events_to_the_end("conference");
    let (muted, mut live) = (first(&events, "Action", "mute-member"), Live::new());
    let wanted = apply_all(&mut live, &events[..muted]);
    assert!(!wanted.contains(Part::Conferences));
    let mut read = Live::new();
    read.replace(recorded(Part::Conferences, &[("conference json_list", "conference/json_list")]));
    let members = |live: &Live| -> Vec<_> {
        let mut rows: Vec<_> = live.tables().conference_members.rows().map(|row| (**row).clone()).collect();
        rows.iter_mut().for_each(|row| row.flags.has_video = None);
        rows
    };
    assert_eq!(members(&live), members(&read));
    assert_eq!(live.tables().conferences.get("3000-127.0.0.1").unwrap().member_count, Some(2));
    let _ = apply(&mut live, &events[muted]);
    let member =
        |live: &Live| live.tables().conference_members.get("3000-127.0.0.1/10").unwrap().flags.can_speak;
    assert_eq!(member(&live), Some(false));
    let wanted = apply_all(&mut live, &events[muted + 1..]);
    assert!(live.tables().conferences.is_empty() && live.tables().conference_members.is_empty());
    assert!(!wanted.contains(Part::Conferences));
}

#[test]
fn a_verto_client() {
    let events = events("verto");
    let mut live = Live::new();
    let _ = apply(&mut live, &events[0]);
    let _ = apply(&mut live, &events[1]);
    assert!(live.tables().verto_clients.is_empty());
    let _ = apply_all(&mut live, &events[2..events.len() - 1]);
    let client = live.tables().verto_clients.get("default-v4/127.0.0.1:52410").unwrap();
    assert_eq!((&*client.user, client.domain.as_deref()), ("1005", Some("127.0.0.1")));
    let _ = apply_all(&mut live, &events);
    assert!(live.tables().verto_clients.is_empty());
}

#[test]
fn modules() {
    let mut live = Live::new();
    live.replace(recorded(Part::Modules, &[("show modules as json", "api/show-modules-as-json")]));
    let before: Vec<_> = live.tables().modules.rows().cloned().collect();
    let wanted = apply_all(&mut live, &events("admin"));
    let after: Vec<_> = live.tables().modules.rows().cloned().collect();
    assert_eq!(before, after);
    assert!(wanted.contains(Part::Callcenter) && wanted.contains(Part::Modules));
}

#[test]
fn the_heart_beats() {
    let mut live = Live::new();
    let events = events("heartbeat");
    let _ = apply_all(&mut live, &events);
    let host = live.tables().host.get("host").unwrap();
    assert_eq!(host.hostname.as_deref(), Some("fs1"));
    assert_eq!(
        host.clock_offset_ms,
        host.heartbeat_ms.map(|ms| ms - events[events.len() - 1].at_us().unwrap() / 1000)
    );
    assert!(host.idle_cpu.is_some() && host.core_uuid.is_some() && host.sessions_max == Some(1000));
}

#[test]
fn what_comes_twice_changes_nothing() {
    for scenario in SCENARIOS {
        let events = events_to_the_end(scenario);
        let (mut once, mut twice) = (Live::new(), Live::new());
        for event in &events {
            let _ = apply(&mut once, event);
            let _ = apply(&mut twice, event);
            let seq = twice.seq();
            let _ = apply(&mut twice, event);
            assert_eq!(twice.seq(), seq, "{scenario} {event:?}");
        }
        assert_eq!(rows(&once), rows(&twice), "{scenario}");
        // All of it again: nothing that is gone comes back.
        let _ = apply_all(&mut twice, &events);
        let without = |live: &Live| {
            [Kind::Channels, Kind::Registrations, Kind::ConferenceMembers].map(|kind| live.tables().len(kind))
        };
        assert_eq!(without(&once), without(&twice), "{scenario}");
    }
}

#[test]
fn what_comes_late_ends_the_same() {
    for scenario in SCENARIOS {
        let events = events_to_the_end(scenario);
        for distance in 2..5 {
            let (mut ordered, mut mixed) = (Live::new(), Live::new());
            let _ = apply_all(&mut ordered, &events);
            for some in events.chunks(distance) {
                let _ = apply_all(&mut mixed, some.iter().rev());
            }
            let kinds = [Kind::Channels, Kind::Registrations, Kind::ConferenceMembers, Kind::VertoClients];
            let of = |live: &Live| {
                let (_, rows) = live.everything(&kinds);
                rows.into_iter().map(|row| (row.kind, row.key)).collect::<Vec<_>>()
            };
            assert_eq!(of(&ordered), of(&mixed), "{scenario} by {distance}");
        }
    }
}
