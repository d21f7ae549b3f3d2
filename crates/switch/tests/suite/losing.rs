//! Events that are lost, and counts that differ.

use std::time::{Duration, Instant};

use custompbx_switch::Timing;
use custompbx_switch::live::Kind;
use custompbx_testkit::event_socket::EventSocket;
use tokio::time::sleep;

use crate::support::{Watched, address, channels_of, quick, times, until_heard};

/// A question for each part.
const QUESTIONS: [&str; 8] = [
    "api status",
    "api show registrations as json",
    "api show channels as json",
    "api sofia xmlstatus",
    "api show modules as json",
    "api callcenter_config queue list",
    "api conference json_list",
    "api verto xmlstatus",
];

async fn all_is_read_again(stand_in: &EventSocket) {
    for question in QUESTIONS {
        until_heard(stand_in, question, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_lost_events() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    stand_in.answer("show channels as json", &channels_of([("a", "ACTIVE")]));
    assert_eq!(stand_in.send_log(2, "Lost [12] events! Event Queue size: [5000/5000]"), 1);
    all_is_read_again(&stand_in).await;
    watched.until(|watched| watched.live().tables().channels.contains("a")).await;
    assert_eq!(watched.figure("dropped"), 0);
}

/// What else is logged has nothing read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_logs_something_else() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    stand_in.send_log(2, "Something terrible");
    sleep(Duration::from_millis(150)).await;
    assert_eq!(QUESTIONS.map(|question| times(&stand_in, question)), [1; 8]);
    assert_eq!(watched.figure("connections"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_no_json() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    for (count, json) in
        [r#"{"Event-Name":"CHANNEL_CREATE","Unique"#, "[]", "", "\0\0\0\0"].iter().enumerate()
    {
        let frame = format!("Content-Length: {}\nContent-Type: text/event-json\n\n{json}", json.len());
        stand_in.send_raw(frame.as_bytes());
        watched.until(|watched| watched.figures().all()[2].2 == count as u64 + 1).await;
    }
    assert_eq!(watched.figure("unreadable"), 4);
    all_is_read_again(&stand_in).await;
    assert_eq!(watched.figure("connections"), 1, "the connection is as good as before");
}

/// After a loss everything is read a second time a while later: what the switch had not sent yet may have been older.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_is_looked_at_twice() {
    let stand_in = EventSocket::start();
    let timing = Timing { sample: Duration::from_millis(300), ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    stand_in.send_log(2, "Lost [1] events! Event Queue size: [5000/5000]");
    until_heard(&stand_in, "api verto xmlstatus", 3).await;
    sleep(Duration::from_millis(700)).await;
    assert_eq!(times(&stand_in, "api verto xmlstatus"), 3, "and not for ever");
}

/// A count that differs has the part read, and only that part.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_differs() {
    let stand_in = EventSocket::start();
    stand_in.answer("show channels count", "0 total.\n");
    stand_in.answer("show registrations count", "0 total.\n");
    let timing = Timing { sample: Duration::from_millis(60), ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    until_heard(&stand_in, "api show channels count", 3).await;
    assert_eq!(times(&stand_in, "api show channels as json"), 1);
    assert_eq!(watched.figure("corrections"), 0);
    // An event was missed.
    stand_in.answer("show channels as json", &channels_of([("a", "ACTIVE")]));
    stand_in.answer("show channels count", "1 total.\n");
    watched.until(|watched| watched.live().tables().channels.contains("a")).await;
    let counted = times(&stand_in, "api show channels count");
    until_heard(&stand_in, "api show channels count", counted + 3).await;
    assert_eq!(watched.figure("corrections"), 1);
    assert_eq!(times(&stand_in, "api show registrations as json"), 1);
}

/// A count that is never right, or no count, does not have the switch asked all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_lies() {
    let stand_in = EventSocket::start();
    stand_in.answer("show channels count", "7 total.\n");
    stand_in.answer("show registrations count", "-3 total.\n");
    let timing = Timing { sample: Duration::from_millis(100), reread: Duration::from_millis(1), ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    let start = Instant::now();
    sleep(Duration::from_millis(800)).await;
    let (read, most) =
        (times(&stand_in, "api show channels as json") as u128, 2 + start.elapsed().as_millis() / 100);
    assert!(read >= 3 && read <= most, "{read} readings in {:?}", start.elapsed());
    assert_eq!(times(&stand_in, "api show registrations as json"), 1);
    assert_eq!(watched.count(Kind::Channels), 0);
}

/// What can never be read is asked for less and less often, and known when it can be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_cannot_be_read() {
    let stand_in = EventSocket::start();
    stand_in.answer("show channels as json", "{\"row_count\":1,\"rows\":[{\"uuid\"");
    let timing = Timing { sample: Duration::from_millis(800), ..quick() };
    let watched = Watched::new(address(stand_in.address()), timing);
    watched.until_live().await;
    let unread = watched.status().unread;
    assert!(unread.len() == 1 && unread[0].1.contains("show channels as json"), "{unread:?}");
    sleep(Duration::from_millis(600)).await;
    let read = times(&stand_in, "api show channels as json");
    assert!((2..=7).contains(&read), "{read}");
    assert_eq!(times(&stand_in, "api show modules as json"), 1);
    stand_in.answer("show channels as json", &channels_of([("a", "ACTIVE")]));
    watched.until_status(|status| status.unread.is_empty()).await;
    assert_eq!(watched.channels(), ["a"]);
}
