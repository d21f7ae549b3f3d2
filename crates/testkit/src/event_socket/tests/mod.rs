//! The stand-in itself.

mod answers;
mod as_recorded;
mod events;
mod life;
mod misbehaviour;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::{EventSocket, PASS};

/// A client that reads whole frames.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    fn connected(to: &EventSocket) -> Self {
        let stream = TcpStream::connect(to.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    fn signed_in(to: &EventSocket) -> Self {
        let mut client = Self::connected(to);
        assert_eq!(client.frame(), "Content-Type: auth/request\n\n");
        assert!(client.ask(&format!("auth {PASS}")).contains("+OK accepted"));
        client
    }

    fn subscribed(to: &EventSocket, names: &str) -> Self {
        let mut client = Self::signed_in(to);
        let reply = client.ask(&format!("event json {names}"));
        assert!(reply.contains("+OK event listener enabled json"), "{reply}");
        client
    }

    fn say(&mut self, command: &str) {
        self.stream.write_all(format!("{command}\n\n").as_bytes()).unwrap();
    }

    fn ask(&mut self, command: &str) -> String {
        self.say(command);
        self.frame()
    }

    /// The body of the answer.
    fn api(&mut self, command: &str) -> String {
        let frame = self.ask(&format!("api {command}"));
        assert!(frame.starts_with("Content-Type: api/response\n"), "{frame}");
        frame.split_once("\n\n").unwrap().1.to_owned()
    }

    /// The next frame.
    fn frame(&mut self) -> String {
        self.try_frame().expect("a frame")
    }

    /// None at the end.
    fn try_frame(&mut self) -> Option<String> {
        loop {
            if let Some(length) = length(&self.buffer).filter(|length| *length <= self.buffer.len()) {
                let frame: Vec<u8> = self.buffer.drain(..length).collect();
                return Some(String::from_utf8(frame).unwrap());
            }
            self.read()?;
        }
    }

    fn read(&mut self) -> Option<usize> {
        let mut bytes = [0; 65_536];
        let count = self.stream.read(&mut bytes).ok().filter(|count| *count > 0)?;
        self.buffer.extend_from_slice(&bytes[..count]);
        Some(count)
    }

    /// All that comes until the connection is closed, or nothing came for a while.
    fn all(mut self, patience: Duration) -> Vec<u8> {
        self.stream.set_read_timeout(Some(patience)).unwrap();
        while self.read().is_some() {}
        self.buffer
    }

    /// Whether nothing comes for a while, and the connection stays.
    fn hears_nothing(&mut self) -> bool {
        self.stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let error = self.stream.peek(&mut [0]).err();
        self.stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        self.buffer.is_empty() && error.is_some_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }
}

/// Of a frame, once its head is there.
fn length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(2).position(|pair| pair == b"\n\n")? + 2;
    let text = std::str::from_utf8(&buffer[..head]).unwrap();
    let body = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    Some(head + body.map_or(0, |body| body.parse::<usize>().unwrap()))
}

/// Short enough for a test, and long enough for a thread to do something.
const A_WHILE: Duration = Duration::from_millis(150);
