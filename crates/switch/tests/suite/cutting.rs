//! A connection that ends at any byte.

use std::time::{Duration, Instant};

use custompbx_switch::Timing;
use custompbx_switch::live::Kind;
use custompbx_testkit::event_socket::{EventSocket, Manner};

use crate::support::{Watched, address, eventually, quick};

/// What one of several does.
async fn cut_at(cuts: Vec<u64>) {
    let stand_in = EventSocket::start().with_recordings(&["live-call", "registered", "api"]);
    let timing = Timing {
        first_backoff: Duration::from_millis(1),
        longest_backoff: Duration::from_millis(2),
        ..quick()
    };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    for cut in cuts {
        stand_in.behave(Manner::CutAfter(cut));
        let (before, start) = (stand_in.accepted(), Instant::now());
        stand_in.close_all();
        eventually(|| format!("a try, {cut}"), || (stand_in.accepted() > before).then_some(())).await;
        // Those who got so far that nothing is left to be cut are told more.
        while stand_in.accepted() < before + 2 && start.elapsed() < Duration::from_millis(30) {
            stand_in.flood(5);
            tokio::task::yield_now().await;
        }
        stand_in.behave(Manner::Answers);
        stand_in.close_all();
        let whole = || {
            let status = watched.status();
            (status.is_live() && status.unread.is_empty() && stand_in.subscribed()).then_some(())
        };
        eventually(|| format!("{cut}: {:?}", watched.status()), whole).await;
        let counts = [Kind::Channels, Kind::Registrations, Kind::Modules, Kind::Gateways];
        let full = || (counts.map(|kind| watched.count(kind)) == [2, 2, 52, 4]).then_some(());
        eventually(|| format!("{cut}: {:?}", counts.map(|kind| watched.count(kind))), full).await;
    }
    watched.stop().await;
}

/// Side by side, every so manyth byte each.
async fn all(cuts: impl Iterator<Item = u64>) {
    let cuts: Vec<u64> = cuts.collect();
    let each = |start: usize| cuts.iter().copied().skip(start).step_by(6).collect::<Vec<_>>();
    let parts: Vec<_> = (0..6).map(|start| tokio::spawn(cut_at(each(start)))).collect();
    for part in parts {
        part.await.expect("it does not panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_sign_in_and_the_subscription() {
    all(0..600).await;
}

/// The answers that the state is read from, and events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_answers() {
    all((600..12_000).step_by(97)).await;
}
