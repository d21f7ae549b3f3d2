//! The log of a switch.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use custompbx_switch::{LogLine, LogStream, Trouble};
use custompbx_testkit::event_socket::{EventSocket, Manner};

use crate::support::address;

const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_come_with_where_they_are_from() {
    let stand_in = EventSocket::start();
    let mut log = LogStream::open(&address(stand_in.address()), 7).await.unwrap();
    assert_eq!(stand_in.heard().last().unwrap(), "log 7");
    assert_eq!(stand_in.send_log(4, "Something is odd"), 1);
    let line = log.next(PATIENCE).await.unwrap().unwrap();
    assert_eq!((line.level, &*line.file, &*line.function, line.line), (4, "stand_in.c", "send_log", 1));
    assert_eq!(line.uuid, None);
    assert!(line.text.ends_with("[WARNING] stand_in.c:1 Something is odd"), "{}", line.text);

    let text = "2026-11-22 23:38:13.872780 92.80% [ERR] switch_é.c:7 two\nlines\n\n";
    let head = format!(
        "Content-Type: log/data\nContent-Length: {}\nLog-Level: 3\nText-Channel: 3\nLog-File: switch_é.c\n\
         Log-Func: f\nLog-Line: 7\nUser-Data: 7849d4dc-1ea1-4f76-a774-8ba20aa30424\n\n{text}",
        text.len()
    );
    stand_in.send_raw(head.as_bytes());
    let expected = LogLine {
        level: 3,
        file: "switch_é.c".to_owned(),
        function: "f".to_owned(),
        line: 7,
        uuid: Some("7849d4dc-1ea1-4f76-a774-8ba20aa30424".to_owned()),
        text: text.trim_end().to_owned(),
    };
    assert_eq!(log.next(PATIENCE).await.unwrap(), Some(expected));
}

/// Only the levels that were asked for come, and all of them in their order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_lines() {
    let stand_in = EventSocket::start();
    let mut log = LogStream::open(&address(stand_in.address()), 4).await.unwrap();
    for number in 0..500 {
        assert_eq!(stand_in.send_log(4, &format!("line {number}")), 1);
        assert_eq!(stand_in.send_log(7, "not asked for"), 0);
    }
    for number in 0..500 {
        let line = log.next(PATIENCE).await.unwrap().unwrap();
        assert!(line.text.ends_with(&format!(" line {number}")), "{}", line.text);
    }
    assert_eq!(log.next(Duration::from_millis(20)).await, Ok(None));
}

/// Nothing is lost when nothing came for a while in the middle of a line.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_in_pieces() {
    let stand_in = EventSocket::start();
    let mut log = LogStream::open(&address(stand_in.address()), 7).await.unwrap();
    let bytes = b"Content-Type: log/data\nContent-Length: 5\nLog-Level: nonsense\n\nhello";
    for piece in bytes.chunks(9) {
        assert_eq!(log.next(Duration::from_millis(5)).await, Ok(None));
        stand_in.send_raw(piece);
    }
    let line = log.next(PATIENCE).await.unwrap().unwrap();
    assert_eq!((line.level, &*line.text), (0, "hello"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_goes_away() {
    let stand_in = EventSocket::start();
    let mut log = LogStream::open(&address(stand_in.address()), 7).await.unwrap();
    stand_in.send_log(1, "the last one");
    stand_in.close_all();
    assert!(log.next(PATIENCE).await.unwrap().is_some());
    assert_eq!(log.next(PATIENCE).await, Err(Trouble::Closed));
    stand_in.stop();
    assert_eq!(LogStream::open(&address(stand_in.address()), 7).await.unwrap_err(), Trouble::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_not_let_in_or_not_answered() {
    let stand_in = EventSocket::start();
    let mut at = address(stand_in.address());
    at.timeout = Duration::from_millis(150);
    for (manner, trouble) in [
        (Manner::Rude, Trouble::Denied),
        (Manner::WrongPassword, Trouble::WrongPassword),
        (Manner::SilentOnceSignedIn, Trouble::NoAnswer),
        (Manner::HangsUp, Trouble::Closed),
    ] {
        stand_in.behave(manner);
        assert_eq!(LogStream::open(&at, 7).await.unwrap_err(), trouble, "{manner:?}");
    }
}

/// Levels that there are not are not asked for; one that the switch refuses is a trouble.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn levels() {
    let stand_in = EventSocket::start();
    drop(LogStream::open(&address(stand_in.address()), 200).await.unwrap());
    assert_eq!(stand_in.heard().last().unwrap(), "log 10");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = address(listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut buffer = [0; 1_024];
        for reply in
            ["Content-Type: auth/request\n\n", "Content-Type: command/reply\nReply-Text: +OK accepted\n\n"]
        {
            stream.write_all(reply.as_bytes()).expect("it reads");
            assert!(stream.read(&mut buffer).expect("it writes") > 0);
        }
        let reply = "Content-Type: command/reply\nReply-Text: -ERR invalid log level\n\n";
        stream.write_all(reply.as_bytes()).expect("it reads");
    });
    let trouble = LogStream::open(&at, 7).await.unwrap_err();
    assert!(trouble.to_string().contains("invalid log level"), "{trouble}");
    server.join().unwrap();
}
