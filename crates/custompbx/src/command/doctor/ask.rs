//! One HTTP request to our own listeners, as mod_xml_curl makes it: a connection of its own.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(5);
/// Of an answer that is longer, the rest is not read.
const MOST: u64 = 2 * 1024 * 1024;

/// The status and the body.
pub(super) async fn get(host: &str, port: u16, path: &str) -> Result<(u16, String), Error> {
    exchange(host, port, format!("GET {path} HTTP/1.1\r\nHost: doctor\r\nConnection: close\r\n\r\n")).await
}

/// The status and the body.
pub(super) async fn post(
    host: &str,
    port: u16,
    path: &str,
    user: &str,
    pass: &str,
    form: &str,
) -> Result<(u16, String), Error> {
    let credentials = BASE64_STANDARD.encode(format!("{user}:{pass}"));
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: doctor\r\nAuthorization: Basic {credentials}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    exchange(host, port, request).await
}

async fn exchange(host: &str, port: u16, request: String) -> Result<(u16, String), Error> {
    // A server that listens everywhere is here too.
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let talk = async {
        let mut stream = TcpStream::connect((host, port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(MOST).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer: Result<String, Error> =
        timeout(PATIENCE, talk).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
    let answer = answer?;
    let strange = || Error::new(ErrorKind::InvalidData, "something else than CustomPBX answers there");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(strange)?;
    let status =
        head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    Ok((status.ok_or_else(strange)?, body.to_owned()))
}
