//! Frames: lines of a head, an empty line, and as many bytes as the head says. They follow each other with nothing in
//! between.

use std::borrow::Cow;

use bytes::{Buf as _, Bytes, BytesMut};

/// The longest head, in bytes. Real ones have less than 300.
const LONGEST_HEAD: usize = 16 * 1024;
/// The longest answer to a command, in bytes: 100,000 registrations are 35 MB.
const LONGEST_ANSWER: u64 = 256 * 1024 * 1024;
/// The longest event or line of the log, in bytes. The largest recorded event has 20 kB.
const LONGEST_EVENT: u64 = 4 * 1024 * 1024;
/// The longest body of what belongs to the protocol, in bytes. Replies have none, a farewell has some 70.
const LONGEST_WORD: u64 = 16 * 1024;

/// The longest body, in bytes, after which the memory that it was read into is used again.
const KEPT: usize = 256 * 1024;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// `auth/request`: the password is wanted.
    AuthRequest,
    /// `command/reply`: what came of a command of the protocol is in [`Frame::reply`].
    Reply,
    /// `api/response`: the body is what an API command printed.
    Answer,
    /// `text/event-json`.
    Event,
    /// `log/data`: a line of the log.
    Log,
    /// `text/disconnect-notice`: the switch closes the connection.
    Goodbye,
    /// `text/rude-rejection`: the access list does not have this machine.
    Rejection,
    /// Something that nobody here asks for, such as events in another format.
    Other,
}

impl Content {
    fn of(content_type: &str) -> Self {
        match content_type {
            "auth/request" => Self::AuthRequest,
            "command/reply" => Self::Reply,
            "api/response" => Self::Answer,
            "text/event-json" => Self::Event,
            "log/data" => Self::Log,
            "text/disconnect-notice" => Self::Goodbye,
            "text/rude-rejection" => Self::Rejection,
            _ => Self::Other,
        }
    }

    fn longest(self) -> u64 {
        match self {
            Self::Answer => LONGEST_ANSWER,
            Self::Event | Self::Log | Self::Other => LONGEST_EVENT,
            Self::AuthRequest | Self::Reply | Self::Goodbye | Self::Rejection => LONGEST_WORD,
        }
    }
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What it is.
    pub(crate) content: Content,
    head: Bytes,
    /// What follows the head.
    pub(crate) body: Bytes,
}

impl Frame {
    /// A line of the head, by its name; the first one counts.
    pub(crate) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        header(&self.head, name)
    }

    /// `Reply-Text`.
    pub(crate) fn reply(&self) -> Cow<'_, str> {
        self.header("Reply-Text").unwrap_or_default()
    }

    /// The body as text. What is not UTF-8 in it came so from outside, and is replaced.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

fn header<'h>(head: &'h [u8], name: &str) -> Option<Cow<'h, str>> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name.as_bytes()).then(|| String::from_utf8_lossy(value.trim_ascii()))
    })
}

/// Why what comes are no frames. The connection is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// No empty line.
    #[error("a head without an end: more than {LONGEST_HEAD} bytes without an empty line")]
    EndlessHead,
    /// A head that does not say what it is of.
    #[error("a head without Content-Type")]
    NoContentType,
    /// A length that is no number.
    #[error("a Content-Length that is no number: {0:?}")]
    Length(String),
    /// A length that nothing has.
    #[error("a body of {announced} bytes was announced, and {longest} are the most that is taken")]
    TooLong {
        /// What was announced.
        announced: u64,
        /// What is taken.
        longest: u64,
    },
}

/// Cuts a stream of bytes into frames.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    bytes: BytesMut,
    /// So many bytes were looked at and have no end of a head in them.
    seen: usize,
    /// The head of the frame whose body is not there yet.
    head: Option<(Content, Bytes, usize)>,
}

impl Decoder {
    /// Where bytes are put that come.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    /// The next frame, when all of it is there.
    ///
    /// # Errors
    /// [`Broken`]; from then on there is no next frame.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, Broken> {
        let (content, head, length) = match self.head.take() {
            Some(head) => head,
            None => match self.next_head()? {
                Some(head) => head,
                None => return Ok(None),
            },
        };
        if self.bytes.len() < length {
            self.head = Some((content, head, length));
            return Ok(None);
        }
        let body = self.bytes.split_to(length).freeze();
        if length > KEPT && self.bytes.is_empty() {
            // What is left of so much room would be kept as long as the connection, and the body with it.
            self.bytes = BytesMut::new();
        }
        Ok(Some(Frame { content, head, body }))
    }

    fn next_head(&mut self) -> Result<Option<(Content, Bytes, usize)>, Broken> {
        // Some write another line end behind a body than they counted.
        while self.seen == 0 && self.bytes.first() == Some(&b'\n') {
            self.bytes.advance(1);
        }
        let Some(end) = memchr::memmem::find(&self.bytes[self.seen..], b"\n\n") else {
            if self.bytes.len() > LONGEST_HEAD {
                return Err(Broken::EndlessHead);
            }
            self.seen = self.bytes.len().saturating_sub(1);
            return Ok(None);
        };
        let end = self.seen + end;
        self.seen = 0;
        if end > LONGEST_HEAD {
            return Err(Broken::EndlessHead);
        }
        let head = self.bytes.split_to(end).freeze();
        self.bytes.advance(2);
        let content = header(&head, "Content-Type").ok_or(Broken::NoContentType)?;
        let content = Content::of(&content);
        let length = match header(&head, "Content-Length") {
            None => 0,
            Some(text) => text.parse::<u64>().map_err(|_| Broken::Length(text.into_owned()))?,
        };
        let longest = content.longest();
        match usize::try_from(length) {
            Ok(length) if length as u64 <= longest => Ok(Some((content, head, length))),
            _ => Err(Broken::TooLong { announced: length, longest }),
        }
    }
}

#[cfg(test)]
mod tests {
    use custompbx_testkit::recorded;
    use proptest::prelude::*;

    use super::*;

    fn frames_of(stream: &[u8], piece: usize) -> Result<Vec<Frame>, Broken> {
        let mut decoder = Decoder::default();
        let mut frames = Vec::new();
        for piece in stream.chunks(piece.max(1)) {
            decoder.buffer().extend_from_slice(piece);
            while let Some(frame) = decoder.next()? {
                frames.push(frame);
            }
        }
        Ok(frames)
    }

    #[test]
    fn frames_are_the_same_wherever_the_stream_is_cut() {
        for name in ["session/auth-ok", "session/auth-bad", "session/acl-rejected", "api/status"] {
            let stream = recorded::bytes(&format!("esl/{name}.s2c"));
            let whole = frames_of(&stream, stream.len()).unwrap();
            let bodies: Vec<Vec<u8>> =
                recorded::frames(&stream).into_iter().map(|frame| frame.body).collect();
            assert_eq!(whole.iter().map(|frame| frame.body.to_vec()).collect::<Vec<_>>(), bodies, "{name}");
            for piece in 1..stream.len() {
                assert_eq!(frames_of(&stream, piece).unwrap(), whole, "{name} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn heads_are_read_as_they_are() {
        let frames = frames_of(b"Reply-Text: +OK a: b \nContent-Type: command/reply\n\n", 7).unwrap();
        assert_eq!((frames[0].content, &*frames[0].reply()), (Content::Reply, "+OK a: b"));
        assert_eq!(frames[0].header("nothing"), None);
        let frames = frames_of(b"content-type: api/response\nCONTENT-LENGTH: 2\n\n\xff\n", 1).unwrap();
        assert_eq!((frames[0].content, &*frames[0].text()), (Content::Answer, "\u{fffd}\n"));
    }

    #[test]
    fn what_are_no_frames() {
        let error = |text: &str| frames_of(text.as_bytes(), 1_000).unwrap_err();
        assert_eq!(error("SSH-2.0-OpenSSH\r\n\n\n"), Broken::NoContentType);
        assert_eq!(error("Content-Type: api/response\nContent-Length: -1\n\n"), Broken::Length("-1".into()));
        let huge = "Content-Type: api/response\nContent-Length: 4294967296\n\n";
        assert_eq!(error(huge), Broken::TooLong { announced: 4_294_967_296, longest: LONGEST_ANSWER });
        for (kind, longest) in [
            ("api/response", LONGEST_ANSWER),
            ("text/event-json", LONGEST_EVENT),
            ("text/event-plain", LONGEST_EVENT),
            ("log/data", LONGEST_EVENT),
            ("command/reply", LONGEST_WORD),
            ("auth/request", LONGEST_WORD),
            ("text/disconnect-notice", LONGEST_WORD),
            ("text/rude-rejection", LONGEST_WORD),
        ] {
            let head = |length| format!("Content-Type: {kind}\nContent-Length: {length}\n\n");
            assert_eq!(
                error(&head(longest + 1)),
                Broken::TooLong { announced: longest + 1, longest },
                "{kind}"
            );
            assert_eq!(frames_of(head(longest).as_bytes(), 1_000), Ok(Vec::new()), "{kind} is waited for");
        }
        assert_eq!(error(&"X: y\n".repeat(10_000)), Broken::EndlessHead);
        let late = format!("{}\n\n", "X: y\n".repeat(10_000));
        assert_eq!(frames_of(late.as_bytes(), late.len()).unwrap_err(), Broken::EndlessHead);
    }

    proptest! {
        /// Nothing that comes is taken for more than it is, and no cut matters.
        #[test]
        fn any_bytes(stream in proptest::collection::vec(any::<u8>(), 0..400), piece in 1_usize..50) {
            let whole = frames_of(&stream, stream.len());
            prop_assert_eq!(frames_of(&stream, piece).ok(), whole.ok());
        }

        #[test]
        fn what_was_written_is_read(bodies in proptest::collection::vec("[ -~\\n]{0,60}", 0..8), piece in 1_usize..20) {
            let mut stream = String::new();
            for body in &bodies {
                stream += &format!("Content-Type: api/response\nContent-Length: {}\n\n{body}", body.len());
            }
            let read = frames_of(stream.as_bytes(), piece).unwrap();
            let read: Vec<String> = read.iter().map(|frame| frame.text().into_owned()).collect();
            prop_assert_eq!(read, bodies);
        }
    }
}
