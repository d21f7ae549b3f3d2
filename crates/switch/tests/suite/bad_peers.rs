//! Switches that do not keep to the protocol.

use std::time::{Duration, Instant};

use custompbx_switch::command::Command;
use custompbx_switch::live::rows::Host;
use custompbx_switch::live::{Kind, Part};
use custompbx_switch::{Address, CommandError, Phase, Timing, Trouble};
use custompbx_testkit::event_socket::{EventSocket, Manner, registrations_json};
use tokio::time::sleep;

use crate::support::{
    NEVER, Watched, address, channel_event, channels_of, eventually, quick, times, until_heard,
};

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn behaving(manner: Manner) -> EventSocket {
    let stand_in = EventSocket::start().with_recordings(&["live-call", "registered", "api"]);
    stand_in.behave(manner);
    stand_in
}

/// It comes right as soon as the switch does.
async fn comes_right(stand_in: &EventSocket, watched: &Watched) {
    stand_in.behave_now(Manner::Answers);
    stand_in.close_all();
    watched.until_status(|status| status.is_live() && status.unread.is_empty()).await;
    watched.until(|watched| watched.live().tables().channels.len() == 2).await;
    assert_eq!([Kind::Registrations, Kind::Modules].map(|kind| watched.count(kind)), [2, 52]);
}

/// The answers are of no use: nothing is known, and it is told why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_none() {
    for (manner, reason) in [
        (Manner::HugeBody, "4294967296 bytes was announced"),
        (Manner::WrongLength(7), "did not answer in"),
        (Manner::WrongLength(-40), "cannot be read"),
        (Manner::InvalidUtf8, "cannot be read"),
    ] {
        let stand_in = behaving(manner);
        let timing = Timing { answer: ms(60), ..quick() };
        let watched = Watched::new(address(stand_in.address()), timing);
        let start = Instant::now();
        let status = watched.until_status(|status| !status.unread.is_empty()).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{manner:?}: {:?}", start.elapsed());
        let found = status.unread.iter().any(|(_, told)| told.contains(reason));
        assert!(found, "{manner:?}: {:?}", status.unread);
        assert_eq!(watched.figure("connections"), 1, "{manner:?}: events come by another connection");
        comes_right(&stand_in, &watched).await;
    }
}

/// The connection that events come by is of no use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_are_none() {
    for (manner, trouble) in
        [(Manner::EndlessHeaders, "a head without an end"), (Manner::NoBlankLine, "it does not answer")]
    {
        let stand_in = behaving(manner);
        let address = Address { timeout: ms(200), ..address(stand_in.address()) };
        let watched = Watched::new(address, quick());
        let status = watched.until_status(|status| status.trouble.is_some()).await;
        assert!(status.trouble.unwrap().to_string().contains(trouble), "{manner:?}");
        comes_right(&stand_in, &watched).await;
    }
    // In the midst of events.
    for broken in [
        "Content-Type: text/event-json\nContent-Length: 4294967296\n\n{",
        "Content-Type: text/event-json\nContent-Length: -7\n\n{",
        // An answer may be so long, a reply may not.
        "Content-Type: command/reply\nReply-Text: +OK\nContent-Length: 5000000\n\n",
        "Content-Length: 7\n\n1234567",
        "HTTP/1.1 400 Bad Request\r\n\r\n\n\n",
    ] {
        let stand_in = behaving(Manner::Answers);
        let watched = Watched::live_at(&stand_in).await;
        stand_in.send_raw(broken.as_bytes());
        eventually(|| broken.to_owned(), || (watched.figure("losses") == 1).then_some(())).await;
        comes_right(&stand_in, &watched).await;
    }
}

/// What comes in between changes nothing, nor in which pieces it comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_between() {
    for manner in
        [Manner::LogBetween, Manner::UnaskedReplies, Manner::Dribble(1_000, Duration::from_micros(50))]
    {
        let stand_in = behaving(manner);
        let watched = Watched::live_at(&stand_in).await;
        assert_eq!(watched.status().unread, [], "{manner:?}");
        assert_eq!([Kind::Channels, Kind::Modules].map(|kind| watched.count(kind)), [2, 52]);
        let command = Command::typed("hostname").unwrap();
        assert_eq!(watched.commands().run(&command).await.unwrap(), "fs1", "{manner:?}");
        stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "x"));
        watched.until(|watched| watched.live().tables().channels.contains("x")).await;
        assert_eq!(watched.figure("connections"), 1);
    }
    let stand_in = behaving(Manner::Answers);
    let watched = Watched::live_at(&stand_in).await;
    for unasked in [
        "Content-Type: command/reply\nReply-Text: -ERR nobody asked\n\n",
        "Content-Type: api/response\nContent-Length: 5\n\nwrong",
        "Content-Type: text/event-plain\nContent-Length: 5\n\nwrong",
        "\n\n\n",
    ] {
        stand_in.send_raw(unasked.as_bytes());
    }
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "x"));
    watched.until(|watched| watched.live().tables().channels.contains("x")).await;
    assert_eq!(watched.figure("connections"), 1);
}

/// Events whose values are no text, that say a name twice, that count below nothing, or that hold nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_are_odd() {
    let stand_in = behaving(Manner::Answers);
    stand_in.answer("show channels count", "-1 total.\n");
    let watched = Watched::new(address(stand_in.address()), Timing { sample: ms(100), ..quick() });
    watched.until_live().await;
    stand_in.behave_now(Manner::InvalidUtf8);
    stand_in.send(&stand_in.event(&[("Event-Name", "HEARTBEAT")]));
    stand_in.behave_now(Manner::Answers);
    for json in [
        r#"{"Event-Name":"CHANNEL_CREATE","Unique-ID":"x","Unique-ID":"y","Channel-Call-State":"RINGING"}"#,
        r#"{"Event-Name":"CHANNEL_CREATE"}"#,
        r#"{"Event-Name":"CHANNEL_ANSWER","Unique-ID":["z","w"],"Event-Sequence":-5,"Caller-Channel-Created-Time":-1}"#,
        r#"{"Event-Name":"HEARTBEAT","Session-Count":"-5","Heartbeat-Interval":"-20","Up-Time":null}"#,
        r#"{"Event-Name":"CUSTOM","Event-Subclass":"callcenter::info","CC-Action":"members-count","CC-Queue":"support@default","CC-Count":"-1"}"#,
        r#"{"Event-Name":"CUSTOM","Event-Subclass":"conference::maintenance","Action":"add-member","Conference-Name":"c","Conference-Size":"-9"}"#,
    ] {
        stand_in.send(json);
    }
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "last"));
    watched.until(|watched| watched.live().tables().channels.contains("last")).await;
    let names: Vec<String> = watched.channels();
    assert!(names.contains(&"x".to_owned()) && !names.contains(&"y".to_owned()), "{names:?}");
    let sessions = watched.live().tables().host.get(Host::KEY).unwrap().sessions;
    assert_eq!(sessions, None);
    assert_eq!((watched.figure("connections"), watched.figure("unreadable")), (1, 0));
    sleep(ms(250)).await;
    assert_eq!(watched.status().phase, Phase::Live);
}

/// Nothing at all is heard, not even when it is asked: the connection is dead, whatever TCP thinks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_heard() {
    let stand_in = behaving(Manner::Answers);
    let watched = Watched::new(address(stand_in.address()), Timing { silence: ms(1_000), ..quick() });
    watched.until_live().await;
    // A switch with nothing to tell is no dead one, however seldom it says so.
    sleep(ms(2_200)).await;
    assert_eq!((watched.figure("connections"), watched.status().phase), (1, Phase::Live));
    let asked = times(&stand_in, "log 2");
    assert!((3..=6).contains(&asked), "{asked}");
    stand_in.behave_now(Manner::SilentOnceSignedIn);
    stand_in.behave(Manner::Rude);
    eventually(|| "a loss".to_owned(), || (watched.figure("losses") > 0).then_some(())).await;
    watched.until_status(|status| status.trouble.is_some()).await;
    stand_in.behave(Manner::Answers);
    comes_right(&stand_in, &watched).await;
}

/// Why such a connection is given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_heard_is_no_answer() {
    let stand_in = behaving(Manner::Answers);
    let timing = Timing { silence: ms(600), first_backoff: NEVER, longest_backoff: NEVER, ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    stand_in.behave_now(Manner::SilentOnceSignedIn);
    let status = watched.until_status(|status| status.phase == Phase::Away).await;
    assert_eq!(status.trouble, Some(Trouble::NoAnswer));
    assert_eq!(watched.count(Kind::Channels), 2, "what was known is still shown");
}

/// A switch that reads nothing more: commands end in their time, and events come all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read() {
    let stand_in = behaving(Manner::Answers);
    let watched = Watched::live_at(&stand_in).await;
    stand_in.behave_now(Manner::StallReading);
    let command = |line: &str| Command::typed(line).unwrap().within(ms(200));
    let long = format!("hupall {}", "x".repeat(8_000));
    let start = Instant::now();
    let (first, second) = (command("hupall"), command(&long));
    let (a, b) = tokio::join!(watched.commands().run(&first), watched.commands().run(&second));
    for error in [a, b] {
        assert!(matches!(error, Err(CommandError::Unknown { .. })), "{error:?}");
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "x"));
    watched.until(|watched| watched.live().tables().channels.contains("x")).await;
    // Reading is tried meanwhile; that ends when it is to end.
    watched.read_again();
    watched.stop().await;
    // It sees that nobody is there any more when it reads.
    stand_in.behave_now(Manner::Answers);
    assert!(stand_in.wait_until(|| stand_in.connections() == 0));
}

/// A large switch: what happens while it is read is in there, and what is read after it is right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_registrations() {
    const SHOW: &str = "show channels as json";
    let stand_in = EventSocket::start();
    stand_in.answer("show registrations as json", &registrations_json(100_000));
    stand_in.answer(SHOW, &channels_of([("a", "ACTIVE"), ("b", "ACTIVE")]));
    stand_in.hold(SHOW);
    let watched = Watched::at(&stand_in);
    until_heard(&stand_in, "api show channels as json", 1).await;
    stand_in.send(&channel_event(&stand_in, "CHANNEL_DESTROY", "b"));
    stand_in.send(&channel_event(&stand_in, "CHANNEL_CREATE", "c"));
    watched.until(|watched| watched.live().tables().channels.contains("c")).await;
    stand_in.release(SHOW);
    watched.until_live().await;
    assert_eq!(watched.channels(), ["a", "c"]);
    assert_eq!(watched.live().registrations_per_realm().collect::<Vec<_>>(), [("127.0.0.1", 100_000)]);
    assert!(watched.live().is_registered("100999", "127.0.0.1"));
    sleep(ms(150)).await;
    assert_eq!(times(&stand_in, "api show registrations as json"), 1, "it is not read for nothing");
    assert!(watched.status().unread.iter().all(|(part, _)| *part != Part::Registrations));
}
