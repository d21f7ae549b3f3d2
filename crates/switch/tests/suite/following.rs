//! What is read and what is told, together.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use custompbx_switch::live::Kind;
use custompbx_switch::live::rows::Host;
use custompbx_switch::{Executed, Phase, Supervisor, Timing};
use custompbx_testkit::event_socket::EventSocket;
use custompbx_testkit::recorded::api_answer;
use tokio::time::timeout;

use crate::support::{Watched, address, channel_event, channels_of, quick, times, until_heard};

const SHOW: &str = "show channels as json";
const HEARD: &str = "api show channels as json";

/// Events come while the first answer is on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_while_it_is_read() {
    let stand_in = EventSocket::start();
    stand_in.answer(SHOW, &channels_of([("a", "RINGING"), ("b", "ACTIVE")]));
    stand_in.hold(SHOW);
    let watched = Watched::at(&stand_in);
    until_heard(&stand_in, HEARD, 1).await;
    assert_eq!(watched.status().phase, Phase::Reading);
    // One ends that was there when the switch was asked, one comes, one comes and goes.
    stand_in.send(&channel_event(&stand_in, "CHANNEL_DESTROY", "b"));
    for (name, uuid) in [("CHANNEL_CREATE", "c"), ("CHANNEL_CREATE", "d"), ("CHANNEL_DESTROY", "d")] {
        stand_in.send(&channel_event(&stand_in, name, uuid));
    }
    watched.until(|watched| watched.live().tables().channels.contains("c")).await;
    assert!(stand_in.wait_until(|| watched.figure("events") == 4));
    stand_in.release(SHOW);
    watched.until_live().await;
    assert_eq!(watched.channels(), ["a", "c"]);
}

/// The same when everything is known and read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_while_it_is_read_again() {
    let stand_in = EventSocket::start();
    stand_in.answer(SHOW, &channels_of([("a", "RINGING"), ("b", "ACTIVE")]));
    let watched = Watched::live_at(&stand_in).await;
    stand_in.hold(SHOW);
    watched.read_again();
    until_heard(&stand_in, HEARD, 2).await;
    for (name, uuid) in [("CHANNEL_ANSWER", "a"), ("CHANNEL_DESTROY", "b"), ("CHANNEL_CREATE", "c")] {
        stand_in.send(&channel_event(&stand_in, name, uuid));
    }
    watched.until(|watched| watched.live().tables().channels.contains("c")).await;
    stand_in.release(SHOW);
    until_heard(&stand_in, "api verto xmlstatus", 2).await;
    assert_eq!(watched.channels(), ["a", "c"]);
    let answered = watched.live().tables().channels.get("a").unwrap().callstate.clone();
    assert_eq!(answered.as_deref(), Some("ACTIVE"));
}

/// How a gateway is the switch knows better than its events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_changes_while_it_is_read_is_read_again() {
    const STATUS: &str = "sofia xmlstatus gateway";
    let stand_in = EventSocket::start();
    let asked = AtomicUsize::new(0);
    stand_in.answer_with(STATUS, move |_| {
        let late = asked.fetch_add(1, Ordering::Relaxed) > 1;
        api_answer(if late { "gateway/down-xmlstatus-gateway" } else { "gateway/up-xmlstatus-gateway" })
    });
    let watched = Watched::live_at(&stand_in).await;
    let state = |watched: &Supervisor| {
        watched.live().tables().gateways.get("external::gw_down").and_then(|row| row.state.clone())
    };
    assert_eq!(state(&watched).as_deref(), Some("TRYING"));
    stand_in.hold(STATUS);
    watched.read_again();
    until_heard(&stand_in, "api sofia xmlstatus gateway", 2).await;
    stand_in.send(&stand_in.event(&[
        ("Event-Name", "CUSTOM"),
        ("Event-Subclass", "sofia::gateway_state"),
        ("Gateway", "gw_down"),
        ("State", "FAILED"),
        ("Ping-Status", "DOWN"),
    ]));
    watched.until(|watched| state(watched).as_deref() == Some("FAILED")).await;
    // The answer that is on its way is from before that.
    stand_in.release(STATUS);
    watched.until(|watched| state(watched).as_deref() == Some("FAIL_WAIT")).await;
    assert_eq!(times(&stand_in, "api sofia xmlstatus gateway"), 3);
}

/// What a channel does after its last event is read with the next sample.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_event_tells_of_a_channel_is_read() {
    let stand_in = EventSocket::start();
    stand_in.answer(SHOW, &channels_of([("a", "ACTIVE")]));
    stand_in.answer("show channels count", "1 total.\n");
    stand_in.answer("show registrations count", "0 total.\n");
    let timing = Timing { sample: Duration::from_millis(100), ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    let sampled = async || {
        let counted = times(&stand_in, "api show channels count");
        until_heard(&stand_in, "api show channels count", counted + 3).await;
    };
    sampled().await;
    let parked = channels_of([("a", "ACTIVE")]).replace("\"uuid\":", "\"application\":\"park\",\"uuid\":");
    assert!(parked.contains("park"), "{parked}");
    stand_in.answer(SHOW, &parked);
    let fields = [
        ("Event-Name", "CHANNEL_CALLSTATE"),
        ("Unique-ID", "a"),
        ("Channel-Call-State", "ACTIVE"),
        ("variable_current_application", "set"),
        ("variable_current_application_data", "x=y"),
    ];
    stand_in.send(&stand_in.event(&fields));
    let application = |watched: &Supervisor| {
        let live = watched.live();
        let row = live
            .tables()
            .channels
            .get("a")
            .map(|row| (row.application.clone(), row.application_data.clone()));
        row.map(|(application, data)| [application, data].map(|word| word.map(|word| word.to_string())))
    };
    watched.until(|watched| application(watched) == Some([Some("park".to_owned()), None])).await;
}

/// A channel that nothing was heard of: it is shown, and the switch is asked what else there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_was_never_seen() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    stand_in.answer(SHOW, &channels_of([("a", "ACTIVE"), ("b", "ACTIVE")]));
    stand_in.send(&channel_event(&stand_in, "CHANNEL_ANSWER", "a"));
    watched.until(|watched| watched.live().tables().channels.len() == 2).await;
    stand_in.send(&channel_event(&stand_in, "CHANNEL_DESTROY", "never"));
    stand_in.send(&channel_event(&stand_in, "CHANNEL_DESTROY", "a"));
    watched.until(|watched| watched.live().tables().channels.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_starts_again() {
    let stand_in = EventSocket::start().with_recordings(&["live-call", "registered", "api"]);
    let watched = Watched::live_at(&stand_in).await;
    stand_in.send(&stand_in.event(&[("Event-Name", "HEARTBEAT")]));
    let first = watched.until_status(|status| status.core_uuid.is_some()).await.core_uuid;
    stand_in.set_recordings(&["idle-reg", "api"]);
    stand_in.set_core("00000000-0000-4000-8000-000000000001");
    stand_in.hold("show registrations as json");
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "new"));
    watched.until(|watched| watched.live().tables().channels.contains("new")).await;
    // Nothing of before is so any more, and what is so is not known yet.
    watched.until_status(|status| status.phase == Phase::Reading).await;
    assert_eq!((watched.channels(), watched.count(Kind::Registrations)), (vec!["new".to_owned()], 0));
    stand_in.send(&stand_in.event(&[("Event-Name", "HEARTBEAT")]));
    stand_in.release("show registrations as json");
    watched.until_live().await;
    let second = watched.status().core_uuid;
    assert!(second.is_some() && second != first, "{first:?} {second:?}");
    assert_eq!(watched.count(Kind::Modules), 52);
}

/// A restart that nobody saw: the events count from the beginning, and what was known is not taken for newer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_started_again_while_it_was_away() {
    const CORE: &str = "00000000-0000-4000-8000-000000000002";
    let stand_in = EventSocket::start().with_recordings(&["live-call", "registered", "api"]);
    let watched = Watched::live_at(&stand_in).await;
    for _ in 0..50 {
        stand_in.send(&stand_in.event(&[("Event-Name", "HEARTBEAT")]));
    }
    watched.until_status(|status| status.core_uuid.is_some()).await;
    stand_in.stop();
    watched.until_status(|status| status.phase != Phase::Live).await;
    assert_eq!(watched.count(Kind::Channels), 2, "what was known is still shown");
    stand_in.set_recordings(&["idle-reg", "api"]);
    stand_in.set_core(CORE);
    stand_in.answer("global_getvar core_uuid", CORE);
    stand_in.answer("switchname", "fs2");
    stand_in.start_again();
    watched.until_live().await;
    let status = watched.status();
    assert_eq!((status.core_uuid.as_deref(), status.switchname.as_deref()), (Some(CORE), Some("fs2")));
    assert_eq!((watched.count(Kind::Channels), watched.count(Kind::Registrations)), (0, 0));
    // It is known already: the first event does not empty the state.
    let modules = watched.live().tables().modules.changed("mod_sofia");
    stand_in.send(&stand_in.event(&[
        ("Event-Name", "HEARTBEAT"),
        ("FreeSWITCH-Switchname", "fs2"),
        ("Session-Count", "0"),
        ("Max-Sessions", "77"),
    ]));
    let most =
        |watched: &Supervisor| watched.live().tables().host.get(Host::KEY).and_then(|host| host.sessions_max);
    watched.until(|watched| most(watched) == Some(77)).await;
    assert_eq!(watched.live().tables().modules.changed("mod_sofia"), modules);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_watch_one_switch() {
    let stand_in = EventSocket::start();
    let (a, b) = (Watched::live_at(&stand_in).await, Watched::live_at(&stand_in).await);
    assert_eq!(stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "x")), 2);
    for watched in [&a, &b] {
        watched.until(|watched| watched.live().tables().channels.contains("x")).await;
    }
    a.stop().await;
    assert!(stand_in.wait_until(|| stand_in.send(&stand_in.event(&[("Event-Name", "HEARTBEAT")])) == 1));
    stand_in.send(&channel_event(&stand_in, "CHANNEL_DESTROY", "x"));
    b.until(|watched| watched.live().tables().channels.is_empty()).await;
    assert_eq!(b.status().phase, Phase::Live);
}

/// Who waits for changes is told, and asked for executions are told too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_and_executions_are_told() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    let (mut changes, mut executions) = (watched.changes(), watched.executions());
    changes.borrow_and_update();
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "x"));
    timeout(Duration::from_secs(5), changes.changed()).await.unwrap().unwrap();
    let execute = |uuid: &str| {
        let fields = [("Event-Name", "CHANNEL_EXECUTE"), ("Unique-ID", uuid), ("Application", "answer")];
        stand_in.event(&fields)
    };
    assert_eq!(stand_in.send(&execute("unasked")), 0);
    watched.want_executions(true);
    until_heard(&stand_in, "event json CHANNEL_EXECUTE", 1).await;
    assert!(stand_in.wait_until(|| stand_in.send(&execute("asked")) == 1));
    let told = timeout(Duration::from_secs(5), executions.recv()).await.unwrap().unwrap();
    assert_eq!(told, Executed { uuid: "asked".into(), application: "answer".into() });
    watched.want_executions(false);
    assert!(stand_in.wait_until(|| stand_in.send(&execute("unasked")) == 0));
    // They are wanted after a loss as well.
    watched.want_executions(true);
    stand_in.close_all();
    assert!(stand_in.wait_until(|| stand_in.send(&execute("again")) == 1));
}
