//! Getting to a switch, and staying away from one.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use custompbx_switch::live::Kind;
use custompbx_switch::{Address, Phase, Timing, Trouble};
use custompbx_testkit::event_socket::{EventSocket, Manner};
use tokio::time::sleep;

use crate::support::{NEVER, Watched, address, eventually, quick, until_heard};

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trouble_is_told_with_what_to_do() {
    for (manner, trouble, advice) in [
        (Manner::WrongPassword, Some(Trouble::WrongPassword), "freeswitch.esl.pass"),
        (Manner::Rude, Some(Trouble::Denied), "apply-inbound-acl"),
        (Manner::Silent, Some(Trouble::NoAnswer), "firewall"),
        (Manner::SilentOnceSignedIn, Some(Trouble::NoAnswer), "firewall"),
        (Manner::HangsUp, Some(Trouble::Closed), "tried again"),
        (Manner::Stranger, None, "freeswitch.esl.port"),
    ] {
        let stand_in = EventSocket::start();
        stand_in.behave(manner);
        let address = Address { timeout: ms(100), ..address(stand_in.address()) };
        let watched = Watched::new(address, quick());
        let status = watched.until_status(|status| status.trouble.is_some()).await;
        let told = status.trouble.unwrap();
        assert!(trouble.as_ref().is_none_or(|trouble| *trouble == told), "{manner:?}: {told:?}");
        assert!(told.advice().contains(advice), "{manner:?}: {}", told.advice());
        assert!(matches!(status.phase, Phase::Away | Phase::Connecting), "{manner:?}");
        assert!(status.stale_since_ms.is_some());
        stand_in.behave(Manner::Answers);
        watched.until_live().await;
        let status = watched.status();
        assert_eq!((status.trouble, status.stale_since_ms, status.failures), (None, None, 0), "{manner:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_there_and_then_somebody_is() {
    let stand_in = EventSocket::start();
    stand_in.stop();
    let watched = Watched::at(&stand_in);
    let status = watched.until_status(|status| status.failures > 2).await;
    assert_eq!(status.trouble, Some(Trouble::Refused));
    stand_in.start_again();
    watched.until_live().await;
    stand_in.reset_all();
    watched.until_status(|status| status.phase != Phase::Live).await;
    watched.until_live().await;
    assert_eq!((watched.figure("connections"), watched.status().switchname.as_deref()), (2, Some("fs1")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_tries_less_and_less_often() {
    let stand_in = EventSocket::start();
    stand_in.behave(Manner::Rude);
    let timing = Timing { first_backoff: ms(20), longest_backoff: ms(160), ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    let start = Instant::now();
    sleep(ms(700)).await;
    let (tries, most) = (stand_in.accepted(), 6 + start.elapsed().as_millis() / 80);
    assert!(tries >= 3 && tries as u128 <= most, "{tries} tries in {:?}", start.elapsed());
    assert!(watched.status().failures >= 3);
}

/// A connection that lasted counts as a good one; one that did not counts as one more failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_connection_is_a_new_beginning() {
    for (steady, expected) in [(Duration::ZERO, 1), (NEVER, 4)] {
        let stand_in = EventSocket::start();
        stand_in.behave(Manner::Rude);
        let timing = Timing { steady, ..quick() };
        let address = address(stand_in.address());
        let watched =
            Watched::new(address, Timing { first_backoff: ms(60), longest_backoff: ms(60), ..timing });
        watched.until_status(|status| status.failures == 3).await;
        stand_in.behave(Manner::Answers);
        watched.until_live().await;
        stand_in.stop();
        let status = watched.until_status(|status| status.failures > 0).await;
        assert_eq!(status.failures, expected, "{steady:?}");
    }
}

/// A switch that takes long to say nothing is no good connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_is_no_connection() {
    let stand_in = EventSocket::start();
    stand_in.behave(Manner::Silent);
    let address = Address { timeout: ms(30), ..address(stand_in.address()) };
    let watched = Watched::new(address, Timing { steady: ms(10), ..quick() });
    watched.until_status(|status| status.failures >= 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_in_a_hurry() {
    let stand_in = EventSocket::start();
    stand_in.behave(Manner::Rude);
    let timing = Timing { first_backoff: NEVER, longest_backoff: NEVER, ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_status(|status| status.phase == Phase::Away).await;
    sleep(ms(50)).await;
    assert_eq!(stand_in.accepted(), 1);
    watched.try_now();
    eventually(|| "a second try".to_owned(), || (stand_in.accepted() == 2).then_some(())).await;
    watched.until_status(|status| status.phase == Phase::Away).await;
    stand_in.behave(Manner::Answers);
    // Whoever has seen that it is away is heard.
    watched.try_now();
    watched.until_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_moves_to_another_address() {
    let (old, new) = (EventSocket::start(), EventSocket::start());
    old.set_recordings(&["live-call", "registered", "api"]);
    new.answer("switchname", "fs2");
    let watched = Watched::live_at(&old).await;
    assert_eq!((watched.count(Kind::Channels), watched.count(Kind::Registrations)), (2, 2));
    // What cannot be read of the new one is not what the old one had.
    new.hold("show registrations as json");
    watched.set_address(address(new.address()));
    watched.until(|watched| watched.live().tables().channels.is_empty()).await;
    until_heard(&new, "api show registrations as json", 1).await;
    assert_eq!(watched.count(Kind::Registrations), 0);
    new.release("show registrations as json");
    watched.until_live().await;
    assert_eq!(watched.status().switchname.as_deref(), Some("fs2"));
    assert!(old.wait_until(|| old.connections() == 0), "the old one is left");
    assert_eq!(
        watched
            .commands()
            .run(&custompbx_switch::command::Command::typed("switchname").unwrap())
            .await
            .unwrap(),
        "fs2"
    );

    // The same while it waits.
    let timing = Timing { first_backoff: NEVER, longest_backoff: NEVER, ..quick() };
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let watched = Watched::new(address(gone), timing);
    watched.until_status(|status| status.phase == Phase::Away).await;
    watched.set_address(address(new.address()));
    watched.until_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stops_whatever_it_does() {
    let slow = Timing { first_backoff: NEVER, longest_backoff: NEVER, ..quick() };
    for (manner, held, phase) in [
        (Manner::Silent, None, Phase::Connecting),
        (Manner::SilentOnceSignedIn, None, Phase::Connecting),
        (Manner::Rude, None, Phase::Away),
        (Manner::Answers, Some("show channels as json"), Phase::Reading),
        (Manner::Answers, None, Phase::Live),
    ] {
        let stand_in = EventSocket::start();
        stand_in.behave(manner);
        held.inspect(|command| stand_in.hold(command));
        let address = Address { timeout: NEVER, ..address(stand_in.address()) };
        let watched = Watched::new(address, slow.clone());
        watched.until_status(|status| status.phase == phase).await;
        assert!(stand_in.wait_until(|| stand_in.accepted() > 0));
        assert_eq!(watched.stop().await.phase, Phase::Away);
        assert!(stand_in.wait_until(|| stand_in.connections() == 0), "{manner:?} {phase:?}: all is closed");
    }
}

/// A switch that is away for a night fills no log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trouble_is_logged_once() {
    let stand_in = EventSocket::start();
    let port = stand_in.address().port();
    warnings::count();
    let watched = Watched::live_at(&stand_in).await;
    // That the connection was lost is one more.
    for (manner, expected) in [(Manner::Rude, 2), (Manner::HangsUp, 3)] {
        stand_in.behave(manner);
        if watched.status().is_live() {
            stand_in.close_all();
        }
        let tries = stand_in.accepted() + 8;
        eventually(|| format!("{manner:?}"), || (stand_in.accepted() > tries).then_some(())).await;
        assert_eq!(warnings::of(port), expected, "{manner:?}");
    }
    // The same trouble, but each time a little later.
    stand_in.hold("status");
    stand_in.behave(Manner::Answers);
    for losses in 1..8 {
        let before = watched.figure("connections");
        watched.until_status(|status| status.phase == Phase::Reading).await;
        stand_in.close_all();
        let again = || (watched.figure("connections") > before).then_some(());
        eventually(|| format!("connection {losses}"), again).await;
    }
    assert_eq!(warnings::of(port), 3);
}

/// Counts what is said to people about connections, by the port: tests run side by side.
mod warnings {
    use std::collections::HashMap;
    use std::sync::{Mutex, Once};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    static COUNTED: Mutex<Option<HashMap<u16, usize>>> = Mutex::new(None);

    pub(super) fn count() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Warnings).expect("there is no other"));
    }

    pub(super) fn of(port: u16) -> usize {
        let counted = COUNTED.lock().expect("no test panics with it");
        counted.as_ref().and_then(|counted| counted.get(&port)).copied().unwrap_or(0)
    }

    struct Warnings;

    struct Port;

    impl Visit for Port {
        fn record_u64(&mut self, field: &Field, value: u64) {
            if let ("port", Ok(port)) = (field.name(), u16::try_from(value)) {
                let mut counted = COUNTED.lock().expect("no test panics with it");
                *counted.get_or_insert_default().entry(port).or_default() += 1;
            }
        }

        fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
    }

    impl Subscriber for Warnings {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::WARN
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut Port);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }
}
