//! More events than usual.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use custompbx_testkit::event_socket::EventSocket;

use crate::support::{Watched, channel_event, channels_of, eventually, times};

/// The channels that a switch has, as it would answer.
#[derive(Clone, Default)]
struct Channels(Arc<Mutex<BTreeMap<String, &'static str>>>);

impl Channels {
    /// A switch with these channels.
    fn of_a_switch(&self) -> EventSocket {
        let stand_in = EventSocket::start();
        let this = self.clone();
        stand_in.answer_with("show channels", move |what| {
            let channels = this.0.lock().expect("no test panics with it");
            if what == " count" {
                return format!("{} total.\n", channels.len());
            }
            channels_of(channels.iter().map(|(uuid, state)| (uuid.as_str(), *state)))
        });
        stand_in
    }

    /// Something happens: three of four channels end.
    fn event(&self, stand_in: &EventSocket, number: usize) -> String {
        let (call, step) = (number / 3, number % 3);
        let uuid = format!("{call:08}");
        let mut channels = self.0.lock().expect("no test panics with it");
        let name = match step {
            0 => {
                channels.insert(uuid.clone(), "RINGING");
                "CHANNEL_CREATE"
            }
            1 => {
                channels.insert(uuid.clone(), "ACTIVE");
                "CHANNEL_ANSWER"
            }
            _ if call.is_multiple_of(4) => "CALL_UPDATE",
            _ => {
                channels.remove(&uuid);
                "CHANNEL_DESTROY"
            }
        };
        drop(channels);
        if name == "CALL_UPDATE" {
            let fields = [("Event-Name", name), ("Unique-ID", &*uuid), ("Caller-Callee-ID-Number", "1001")];
            return stand_in.event(&fields);
        }
        channel_event(stand_in, name, &uuid)
    }

    fn are_those_of(&self, watched: &Watched) -> bool {
        let channels = self.0.lock().expect("no test panics with it");
        let live = watched.live();
        let known =
            live.tables().channels.rows().map(|row| (&*row.uuid, row.callstate.as_deref().unwrap_or("")));
        known.eq(channels.iter().map(|(uuid, state)| (&**uuid, *state)))
    }
}

/// As many as may come in a second: there is room for all of them, and nothing has to be read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_events() {
    const COUNT: usize = 20_000;
    let channels = Channels::default();
    let stand_in = Arc::new(channels.of_a_switch());
    let watched = Watched::live_at(&stand_in).await;
    let read = watched.figure("readings");
    let start = Instant::now();
    let flood = tokio::task::spawn_blocking({
        let (stand_in, channels) = (stand_in.clone(), channels.clone());
        move || stand_in.flood_with(COUNT, |number| channels.event(&stand_in, number))
    });
    assert_eq!(flood.await.unwrap(), COUNT);
    eventually(
        || format!("{} events, {} dropped", watched.figure("events"), watched.figure("dropped")),
        || channels.are_those_of(&watched).then_some(()),
    )
    .await;
    let rate = COUNT as f64 / start.elapsed().as_secs_f64();
    eprintln!("{rate:.0} events a second");
    assert_eq!(watched.figure("events"), COUNT as u64);
    assert_eq!((watched.figure("dropped"), watched.figure("connections")), (0, 1));
    assert_eq!(watched.figure("readings"), read, "nothing was read for nothing");
    assert_eq!(times(&stand_in, "api show modules as json"), 1);
}

/// Somebody holds the state while more comes than there is room for. What was dropped is read, and nothing that was
/// waiting then comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_there_is_room_for() {
    const COUNT: usize = 24_000;
    let channels = Channels::default();
    let stand_in = channels.of_a_switch();
    let watched = Watched::live_at(&stand_in).await;
    let held = watched.live();
    assert_eq!(stand_in.flood_with(COUNT, |number| channels.event(&stand_in, number)), COUNT);
    assert!(stand_in.wait_until(|| watched.figure("events") == COUNT as u64));
    drop(held);
    eventually(
        || format!("{} known, {} dropped", watched.channels().len(), watched.figure("dropped")),
        || channels.are_those_of(&watched).then_some(()),
    )
    .await;
    assert!(watched.figure("dropped") > 0);
    let again = || (times(&stand_in, "api show modules as json") >= 2).then_some(());
    eventually(|| "everything is read again".to_owned(), again).await;
    // It stays so.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(channels.are_those_of(&watched));
    assert_eq!(watched.figure("connections"), 1);
}

/// Under a flood that does not end the state is read all the same, commands are answered, and it can be stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_starves_nothing() {
    let stand_in = Arc::new(EventSocket::start());
    let watched = Watched::live_at(&stand_in).await;
    let (sender, flooding) = std::sync::mpsc::channel::<()>();
    let flood = tokio::task::spawn_blocking({
        let stand_in = stand_in.clone();
        move || {
            while flooding.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                stand_in.flood(500);
            }
        }
    });
    for count in 2..6 {
        watched.read_again();
        eventually(
            || format!("reading {count}"),
            || (times(&stand_in, "api verto xmlstatus") >= count).then_some(()),
        )
        .await;
    }
    let command = custompbx_switch::command::Command::typed("hostname").unwrap();
    assert_eq!(watched.commands().run(&command).await.unwrap(), "fs1");
    watched.stop().await;
    drop(sender);
    flood.await.unwrap();
}
