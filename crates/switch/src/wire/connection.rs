//! A connection that has signed in.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use super::frame::{Broken, Content, Decoder, Frame};
use crate::{Address, Trouble};

/// So much is read at once, at most.
const PIECE: usize = 64 * 1024;

/// A connection that has signed in.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
}

impl Connection {
    /// Connects and signs in, in [`Address::timeout`] at most.
    ///
    /// # Errors
    /// What is in the way.
    pub(crate) async fn open(address: &Address) -> Result<Self, Trouble> {
        timeout(address.timeout, sign_in(address)).await.unwrap_or(Err(Trouble::NoAnswer))
    }
}

async fn sign_in(address: &Address) -> Result<Connection, Trouble> {
    let stream = TcpStream::connect((&*address.host, address.port)).await.map_err(|error| no_way(&error))?;
    // Commands are small and waited for. An error means that the socket is closed, which is seen next.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let mut connection =
        Connection { reader: Reader { stream: reader, decoder: Decoder::default() }, writer: Writer(writer) };
    let greeting = connection.reader.frame().await.map_err(Lost::before_sign_in)?;
    match greeting.content {
        Content::AuthRequest => {}
        Content::Rejection => return Err(Trouble::Denied),
        _ => return Err(Trouble::stranger()),
    }
    if address.pass.contains(['\r', '\n']) {
        return Err(Trouble::Failed { reason: "the password has a line break in it".to_owned() });
    }
    connection.writer.send(&format!("auth {}", address.pass)).await.map_err(|lost| lost.before_sign_in())?;
    loop {
        let frame = connection.reader.frame().await.map_err(Lost::before_sign_in)?;
        return match frame.content {
            Content::Reply if frame.reply().starts_with("+OK") => Ok(connection),
            Content::Reply => Err(Trouble::WrongPassword),
            Content::Rejection => Err(Trouble::Denied),
            Content::Goodbye => Err(Lost::Closed.before_sign_in()),
            Content::Log | Content::Event | Content::Other => continue,
            Content::AuthRequest | Content::Answer => Err(Trouble::stranger()),
        };
    }
}

fn no_way(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Trouble::Refused,
        io::ErrorKind::TimedOut => Trouble::NoAnswer,
        _ => Trouble::Unreachable { reason: error.to_string() },
    }
}

/// Why a connection is of no use any more.
#[derive(Debug)]
pub(crate) enum Lost {
    /// It was closed from the other side.
    Closed,
    /// It broke.
    Io(io::Error),
    /// What is sent is not read on the other side.
    NotRead,
    /// What comes is not the protocol.
    Broken(Broken),
}

impl Lost {
    fn before_sign_in(self) -> Trouble {
        match self {
            Self::Closed => {
                Trouble::Failed { reason: "the connection was closed before it was signed in".to_owned() }
            }
            lost => lost.trouble(),
        }
    }

    /// The same, for people.
    pub(crate) fn trouble(self) -> Trouble {
        match self {
            Self::Closed => Trouble::Closed,
            Self::Io(error) => Trouble::Failed { reason: format!("the connection broke: {error}") },
            Self::NotRead => Trouble::NoAnswer,
            Self::Broken(Broken::NoContentType) => Trouble::stranger(),
            Self::Broken(broken) => Trouble::Failed { reason: broken.to_string() },
        }
    }
}

/// The half that frames come from.
#[derive(Debug)]
pub(crate) struct Reader {
    stream: OwnedReadHalf,
    decoder: Decoder,
}

impl Reader {
    /// The next frame. Nothing is lost when this is given up while it waits.
    ///
    /// # Errors
    /// [`Lost`].
    pub(crate) async fn frame(&mut self) -> Result<Frame, Lost> {
        loop {
            if let Some(frame) = self.decoder.next().map_err(Lost::Broken)? {
                return Ok(frame);
            }
            let buffer: &mut BytesMut = self.decoder.buffer();
            buffer.reserve(PIECE);
            match self.stream.read_buf(buffer).await {
                Ok(0) => return Err(Lost::Closed),
                Ok(_) => {}
                Err(error) => return Err(Lost::Io(error)),
            }
        }
    }

    /// Whether nothing came that was not read, and the connection is open as far as is known.
    pub(crate) fn is_quiet(&mut self) -> bool {
        let buffer = self.decoder.buffer();
        if !buffer.is_empty() {
            return false;
        }
        let mut byte = [0];
        matches!(self.stream.try_read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// The half that commands go to. Nothing is kept here: what the system has no room for is waited for.
#[derive(Debug)]
pub(crate) struct Writer(OwnedWriteHalf);

impl Writer {
    /// Sends a command. It is one line, made by [`crate::command`], or known here.
    ///
    /// # Errors
    /// [`Lost`]; then some of it may have been sent.
    pub(crate) async fn send(&mut self, command: &str) -> Result<(), Lost> {
        debug_assert!(!command.contains(['\r', '\n']), "a command is one line");
        // In one piece, so that it is one packet.
        self.0.write_all(format!("{command}\n\n").as_bytes()).await.map_err(Lost::Io)
    }

    /// The same, but no longer than this.
    ///
    /// # Errors
    /// [`Lost`]; [`Lost::NotRead`] where nobody makes room for it in that time.
    pub(crate) async fn send_within(&mut self, command: &str, longest: Duration) -> Result<(), Lost> {
        timeout(longest, self.send(command)).await.unwrap_or(Err(Lost::NotRead))
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A switch that reads nothing: what the system has no room for is given up, and is not kept here.
    #[tokio::test]
    async fn what_is_not_read_is_given_up() {
        const MORE_THAN_ANY_SYSTEM_TAKES: usize = 64 * 1024 * 1024;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (_switch, _) = listener.accept().await.unwrap();
        let (_reader, writer) = stream.into_split();
        let (mut writer, command, mut sent) = (Writer(writer), "x".repeat(8_000), 0);
        let lost = loop {
            match writer.send_within(&command, Duration::from_millis(200)).await {
                Ok(()) => sent += command.len(),
                Err(lost) => break lost,
            }
            assert!(sent < MORE_THAN_ANY_SYSTEM_TAKES);
        };
        assert_eq!(lost.trouble(), Trouble::NoAnswer);
    }
}
