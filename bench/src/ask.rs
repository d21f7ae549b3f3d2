//! Questions as mod_xml_curl puts them: a recorded one with other names in it, over a new connection, HTTP/1.1 as
//! curl speaks it, and the connection is closed once the answer was read.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_testkit::recorded;

use crate::Result;
use crate::site;

/// Where questions go.
pub(crate) const ROUTE: &str = "/conf/config";
/// The user name that comes with them.
pub(crate) const USER: &str = "freeswitch";
/// Its password.
pub(crate) const PASS: &str = "a-password-of-24-letters";
/// The switch of the recordings.
pub(crate) const SWITCH: &str = "fs1";

/// Longer than anything may take; a server that does not answer at all should not stop the measurement for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// A question with gaps.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    head: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    User,
    Domain,
}

impl Form {
    /// The question that comes with each registration.
    pub(crate) fn sip_auth() -> Self {
        let folder = recorded::questions_of("02-traffic-not-found/reg");
        let question =
            folder.iter().find(|question| question.field("action") == Some("sip_auth")).expect("recorded");
        // What FreeSWITCH says about itself stays.
        let own = ["FreeSWITCH-IPv4", "ip"];
        let mut pieces = Vec::new();
        let mut text = String::new();
        for (at, field) in question.form().split('&').enumerate() {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            if at > 0 {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            let gap = match value {
                "1000" => Some(Piece::User),
                "127.0.0.1" if !own.contains(&name) => Some(Piece::Domain),
                "sip%3A127.0.0.1" => {
                    text.push_str("sip%3A");
                    Some(Piece::Domain)
                }
                _ => {
                    text.push_str(value);
                    None
                }
            };
            if let Some(gap) = gap {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(gap);
            }
        }
        pieces.push(Piece::Text(text));
        Self { head: head(&question.head), pieces }
    }

    /// A recorded question with some fields changed, each as name, old and new value.
    pub(crate) fn recorded(folder: &str, file: &str, changes: &[(&str, &str, &str)]) -> Self {
        let folder = recorded::questions_of(folder);
        let question = folder.iter().find(|question| question.file.starts_with(file)).expect("recorded");
        let mut form = question.form();
        for (name, old, new) in changes {
            form = form.replace(&format!("&{name}={old}"), &format!("&{name}={new}"));
        }
        Self { head: head(&question.head), pieces: vec![Piece::Text(form)] }
    }

    /// The whole request, into `out`.
    pub(crate) fn fill(&self, user: usize, out: &mut Vec<u8>) {
        let (id, domain) = (site::id(user), site::domain(user));
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::User => id.len(),
            Piece::Domain => domain.len(),
        };
        let length: usize = self.pieces.iter().map(text).sum();
        out.clear();
        out.extend_from_slice(self.head.as_bytes());
        // Writing to memory does not fail.
        let _ = write!(out, "Content-Length: {length}\r\n\r\n");
        for piece in &self.pieces {
            out.extend_from_slice(match piece {
                Piece::Text(text) => text.as_bytes(),
                Piece::User => id.as_bytes(),
                Piece::Domain => domain.as_bytes(),
            });
        }
    }
}

/// The recorded head for our server, with credentials and without its length.
fn head(recorded: &str) -> String {
    let mut head = format!("POST {ROUTE} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    let credentials = BASE64_STANDARD.encode(format!("{USER}:{PASS}"));
    head.push_str(&format!("Authorization: Basic {credentials}\r\n"));
    for line in recorded.lines().skip(1) {
        if !line.starts_with("Host:") && !line.starts_with("Content-Length:") {
            head.push_str(line);
            head.push_str("\r\n");
        }
    }
    head
}

/// An answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    bytes: Vec<u8>,
    body: usize,
}

impl Answer {
    /// The status.
    pub(crate) fn status(&self) -> u16 {
        let status = self.bytes.get(9..12).and_then(|status| std::str::from_utf8(status).ok());
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// What is below the head.
    pub(crate) fn body(&self) -> &str {
        self.bytes.get(self.body..).and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default()
    }
}

/// Sends a request over a connection of its own and reads the whole answer into `answer`.
pub(crate) fn exchange(address: SocketAddr, request: &[u8], answer: &mut Answer) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    answer.bytes.clear();
    let mut expected = None;
    let mut read = 0;
    while expected.is_none_or(|expected| read < expected) {
        if answer.bytes.len() < read + 16 * 1024 {
            answer.bytes.resize(read + 64 * 1024, 0);
        }
        let count = stream.read(&mut answer.bytes[read..])?;
        if count == 0 {
            return Err("the server closed the connection before the end of its answer".into());
        }
        read += count;
        if expected.is_none()
            && let Some(end) = answer.bytes[..read].windows(4).position(|window| window == b"\r\n\r\n")
        {
            answer.body = end + 4;
            expected = Some(answer.body + length(&answer.bytes[..end])?);
        }
    }
    answer.bytes.truncate(read);
    Ok(())
}

fn length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let field = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = field.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().ok_or("the answer does not say how long it is")?;
    Ok(length.trim().parse()?)
}

/// Asks once, and keeps the answer.
pub(crate) fn once(address: SocketAddr, form: &Form, user: usize) -> Result<Answer> {
    let (mut request, mut answer) = (Vec::new(), Answer::default());
    form.fill(user, &mut request);
    exchange(address, &request, &mut answer)?;
    Ok(answer)
}

/// This machine.
pub(crate) fn here(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
