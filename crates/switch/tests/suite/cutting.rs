//! A connection that ends at any byte.

use std::time::{Duration, Instant};

use custompbx_switch::command::Command;
use custompbx_switch::live::Kind;
use custompbx_switch::{CommandError, Commands, Timing};
use custompbx_testkit::event_socket::{EventSocket, Manner};

use crate::support::{Watched, address, eventually, quick, times};

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

/// Longer than it takes to see that a connection ended.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A command whose connection ends at any byte, in its sign-in and in the reply: what came of it is said at once, and
/// it is not sent twice. Gives how many bytes the whole has.
async fn in_a_reply(stand_in: &EventSocket, command: &Command) -> u64 {
    let heard = format!("api {}", command.line());
    let (mut not_sent, mut unknown) = (0, 0);
    for cut in 0..1_000 {
        stand_in.forget_heard();
        stand_in.behave(Manner::CutAfter(cut));
        let start = Instant::now();
        let came = Commands::to(address(stand_in.address())).run(command).await;
        assert!(start.elapsed() < AT_ONCE, "{cut}: {:?}", start.elapsed());
        let sent = times(stand_in, &heard);
        match came {
            Ok(_) => {
                assert!(not_sent > 0 && unknown > 0, "{not_sent} not sent, {unknown} unknown");
                return cut;
            }
            Err(CommandError::NotSent { .. }) => {
                assert_eq!(sent, 0, "{cut}");
                not_sent += 1;
            }
            Err(CommandError::Unknown { .. }) => {
                assert!(sent <= 1, "{cut}");
                unknown += 1;
            }
            Err(error) => panic!("{cut}: {error}"),
        }
    }
    panic!("it has an end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_reply_to_a_command() {
    const SAID: &str = "+OK [Success]\n";
    let stand_in = EventSocket::start();
    stand_in.answer("hupall", SAID);
    stand_in.answer("reloadxml", SAID);
    let whole = in_a_reply(&stand_in, &Command::typed("hupall").unwrap()).await;
    // What may be asked twice has a connection that was kept, which ends; then it is asked again by another one.
    let again = Command::of("reloadxml", &[]).unwrap();
    let reply = format!("Content-Type: api/response\nContent-Length: {}\n\n{SAID}", SAID.len());
    for cut in 0..reply.len() as u64 {
        stand_in.behave(Manner::Answers);
        let (commands, before) = (Commands::to(address(stand_in.address())), stand_in.accepted());
        commands.run(&again).await.unwrap();
        stand_in.behave_now(Manner::CutAfter(whole + cut));
        stand_in.behave(Manner::Answers);
        let start = Instant::now();
        assert_eq!(commands.run(&again).await.as_deref(), Ok(SAID), "{cut}");
        assert!(start.elapsed() < AT_ONCE, "{cut}: {:?}", start.elapsed());
        assert_eq!(stand_in.accepted(), before + 2, "{cut}");
    }
}
