//! The state, held by those who read it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use custompbx_switch::command::Command;
use custompbx_testkit::event_socket::EventSocket;

use crate::support::{Watched, channel_event, eventually};

/// Whoever reads for long keeps changes waiting, and no thread of the runtime, of which there is only one here.
#[tokio::test]
async fn a_long_read_holds_up_nothing_else() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    let (has_it, held) = channel();
    let (done, let_go) = channel::<()>();
    let reader = thread::spawn({
        let supervisor = watched.supervisor();
        move || {
            let live = supervisor.live();
            has_it.send(()).expect("it is waited for");
            // Not for ever, so that a test that fails ends.
            let _ = let_go.recv_timeout(Duration::from_secs(10));
            drop(live);
        }
    });
    held.recv().expect("it is held");
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "a"));
    eventually(|| "it is read".to_owned(), || (watched.figure("events") == 1).then_some(())).await;
    let command = Command::typed("hostname").unwrap();
    for _ in 0..3 {
        assert_eq!(watched.commands().run(&command).await.unwrap(), "fs1");
    }
    assert!(watched.channels().is_empty(), "it is held still");
    done.send(()).expect("it is still held");
    watched.until(|watched| watched.live().tables().channels.contains("a")).await;
    reader.join().unwrap();
}

/// Where there is always somebody who reads, the change comes between them in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_without_end() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (supervisor, over) = (watched.supervisor(), over.clone());
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let live = supervisor.live();
                    thread::sleep(Duration::from_millis(5));
                    drop(live);
                }
            })
        })
        .collect();
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "a"));
    watched.until(|watched| watched.live().tables().channels.contains("a")).await;
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
}
