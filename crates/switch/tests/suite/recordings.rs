//! The state is what a switch was recorded to have.

use custompbx_switch::live::Kind;
use custompbx_switch::live::rows::Host;
use custompbx_testkit::event_socket::{CORE, EventSocket, recorded_events};

use crate::support::{Watched, keys};

async fn of(layers: &[&str]) -> (EventSocket, Watched) {
    let stand_in = EventSocket::start().with_recordings(layers);
    let watched = Watched::live_at(&stand_in).await;
    (stand_in, watched)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_those_of_the_recordings() {
    let kinds = [
        Kind::Registrations,
        Kind::Channels,
        Kind::Profiles,
        Kind::Gateways,
        Kind::Modules,
        Kind::Queues,
        Kind::Agents,
        Kind::Tiers,
        Kind::Members,
        Kind::Conferences,
        Kind::ConferenceMembers,
    ];
    for (layers, counts) in [
        (&["idle-reg", "api"][..], [0, 0, 6, 4, 52, 1, 1, 1, 0, 0, 0]),
        (&["registered", "api"], [2, 0, 6, 4, 52, 1, 1, 1, 0, 0, 0]),
        (&["live-call", "registered", "api"], [2, 2, 6, 4, 52, 1, 1, 1, 0, 0, 0]),
        (&["callcenter/waiting-", "api"], [0, 0, 6, 4, 52, 1, 1, 1, 1, 0, 0]),
        (&["callcenter/bridged-", "callcenter/show-", "api"], [0, 3, 6, 4, 52, 1, 1, 1, 1, 0, 0]),
        (&["conference", "api"], [0, 2, 6, 4, 52, 1, 1, 1, 0, 1, 2]),
        (&["gateway/up-", "gateway/call-", "api"], [0, 3, 6, 4, 52, 1, 1, 1, 0, 0, 0]),
    ] {
        let (_stand_in, watched) = of(layers).await;
        assert_eq!(watched.status().unread, [], "{layers:?}");
        assert_eq!(kinds.map(|kind| watched.count(kind)), counts, "{layers:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call() {
    let (_stand_in, watched) = of(&["live-call", "registered", "api"]).await;
    let live = watched.live();
    let calls = live.calls();
    assert_eq!((calls.total, calls.answered, calls.calls.len()), (2, 2, 1));
    assert_eq!(live.channels_of("1001@127.0.0.1").count(), 1);
    assert!(live.is_registered("1000", "127.0.0.1") && live.is_registered("1001", "127.0.0.1"));
    let host = live.tables().host.get(Host::KEY).unwrap();
    assert_eq!((host.switchname.as_deref(), host.sessions), (Some("fs1"), Some(2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways() {
    for (layer, state) in [("gateway/up-", "TRYING"), ("gateway/down-", "FAIL_WAIT")] {
        let (_stand_in, watched) = of(&[layer, "api"]).await;
        let live = watched.live();
        let gateway = live.tables().gateways.get("external::gw_down").unwrap();
        assert_eq!(
            (gateway.state.as_deref(), gateway.status.as_deref()),
            (Some(state), Some("DOWN")),
            "{layer}"
        );
    }
}

/// What is heard of a call from its beginning to its end leaves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_ended_leave_nothing() {
    for scenario in ["events/call", "events/call-busy", "events/call-cancel", "events/conference"] {
        let stand_in = EventSocket::start();
        let watched = Watched::live_at(&stand_in).await;
        let before = watched.live().seq();
        for json in recorded_events(scenario) {
            // Most recordings end with this one: what follows it was not asked for.
            stand_in.send(&json.replace("\"CHANNEL_HANGUP_COMPLETE\"", "\"CHANNEL_DESTROY\""));
        }
        // All before it is applied when this one is.
        let heartbeat = [
            ("Event-Name", "HEARTBEAT"),
            ("FreeSWITCH-Switchname", "the end"),
            ("Event-Sequence", "9999999"),
        ];
        stand_in.send(&stand_in.event(&heartbeat));
        watched.until_status(|status| status.switchname.as_deref() == Some("the end")).await;
        assert_eq!(keys(&watched.live().tables().channels), [""; 0], "{scenario}");
        assert_eq!(watched.count(Kind::ConferenceMembers), 0, "{scenario}");
        let changes = watched.live().changes_since(before, &[Kind::Channels]).unwrap();
        assert!(!changes.rows.is_empty(), "{scenario}: something was there");
    }
}

/// The run of the switch is known before it sends its first event.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_run_is_asked_for() {
    let stand_in = EventSocket::start();
    stand_in.answer("global_getvar core_uuid", CORE);
    let watched = Watched::live_at(&stand_in).await;
    assert_eq!(watched.status().core_uuid.as_deref(), Some(CORE));
}
