//! A plain HTTP client that hides nothing.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any limit of the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, without chunks.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Whether this is an RFC 9457 problem of its own status.
    pub fn is_problem(&self) -> bool {
        self.header("content-type") == Some("application/problem+json")
            && self.json()["status"] == self.status
            && self.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty())
    }

    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| broken("the head is not text"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| broken("no status"))?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        Ok(Some(Self { status, headers, body: bytes[end + 4..].to_vec() }))
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
    }

    /// The body without the marks of its chunks; `None` while the last one is missing.
    fn without_chunks(&self) -> Option<Vec<u8>> {
        let (mut body, mut rest) = (Vec::new(), self.body.as_slice());
        loop {
            let end = rest.windows(2).position(|window| window == b"\r\n")?;
            let size = std::str::from_utf8(&rest[..end]).ok()?;
            let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
            let chunk = rest.get(end + 2..end + 2 + size)?;
            rest = rest.get(end + 2 + size + 2..)?;
            if size == 0 {
                return Some(body);
            }
            body.extend_from_slice(chunk);
        }
    }

    /// How long the body is to be; `None`: until the connection ends.
    fn length(&self) -> Option<usize> {
        match (self.status, self.header("content-length")) {
            (204 | 304, _) => Some(0),
            (_, Some(length)) => length.parse().ok(),
            (_, None) => None,
        }
    }
}

/// Sends bytes on a new connection and reads one answer.
///
/// # Errors
/// The connection ended before there was a whole answer.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> io::Result<Reply> {
    let connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    let (mut reader, mut writer) = connection.into_split();
    let is_head = request.starts_with(b"HEAD ");
    let request = request.to_vec();
    // The server may answer, and close, before it has read everything.
    let writing = tokio::spawn(async move {
        let _ = writer.write_all(&request).await;
        writer
    });
    let read = async {
        let (mut bytes, mut chunk, mut chunked) = (Vec::new(), vec![0; 65536], false);
        loop {
            if bytes.starts_with(b"HTTP/1.1 100 ")
                && let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n")
            {
                bytes.drain(..end + 4);
            }
            // A large body is not looked at again and again.
            let may_be_whole = !chunked || bytes.ends_with(b"0\r\n\r\n");
            if let Some(mut reply) = if may_be_whole { Reply::parse(&bytes)? } else { None } {
                if reply.is_chunked() {
                    chunked = true;
                    if let Some(body) = reply.without_chunks() {
                        reply.body = body;
                        return Ok(reply);
                    }
                } else {
                    let length = if is_head { Some(0) } else { reply.length() };
                    if length.is_some_and(|length| reply.body.len() >= length) {
                        reply.body.truncate(length.unwrap_or_default());
                        return Ok(reply);
                    }
                }
            }

            match reader.read(&mut chunk).await {
                Ok(0) | Err(_) => {
                    let ended = || io::Error::new(io::ErrorKind::UnexpectedEof, "no whole answer");
                    let reply = Reply::parse(&bytes)?.ok_or_else(ended)?;
                    return if reply.length().is_none() && !reply.is_chunked() {
                        Ok(reply)
                    } else {
                        Err(ended())
                    };
                }
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            }
        }
    };
    let reply = timeout(PATIENCE, read).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
    writing.abort();
    reply
}
