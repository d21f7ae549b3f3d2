//! Taking what comes from a switch, as fast as it comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Inner;
use crate::Trouble;
use crate::event::Event;
use crate::wire::{Content, Frame, Reader};

/// Events that wait to be applied.
pub(super) const ROOM: usize = 20_000;
/// How much memory they may take, in bytes. Events of calls take some 2 kB.
const MOST_WAITING: usize = 128 * 1024 * 1024;

/// What is known of what comes, beside the events.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Some events are missing.
    pub(super) gap: AtomicBool,
    /// So many were put into the queue.
    pub(super) queued: AtomicU64,
    /// So much memory those take that are in the queue.
    pub(super) waiting: AtomicUsize,
    /// So many frames came.
    pub(super) frames: AtomicU64,
}

/// Something that came.
#[derive(Debug)]
pub(super) enum Heard {
    Event(Event),
    /// What came of a command of the protocol.
    Reply(String),
}

impl Heard {
    /// About how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Event(event) => event.size(),
            Self::Reply(text) => text.len(),
        }
    }
}

/// Reads frames until the connection ends. The socket is always emptied: whoever lets FreeSWITCH wait is dropped by it.
pub(super) async fn take(
    inner: Arc<Inner>,
    mut reader: Reader,
    stream: Arc<Stream>,
    heard: mpsc::Sender<Heard>,
) -> Trouble {
    loop {
        let frame = match timeout(inner.timing.silence, reader.frame()).await {
            Ok(Ok(frame)) => frame,
            Ok(Err(lost)) => return lost.trouble(),
            Err(_) => return Trouble::NoAnswer,
        };
        stream.frames.fetch_add(1, Ordering::Relaxed);
        let said = match frame.content {
            Content::Event => event(&inner, &stream, &frame).map(Heard::Event),
            Content::Reply => Some(Heard::Reply(frame.reply().into_owned())),
            Content::Log => {
                // The switch tells of its own losses by its log only.
                if frame.text().contains("] events! Event Queue size") {
                    stream.gap.store(true, Ordering::Release);
                }
                None
            }
            Content::Goodbye => return Trouble::Closed,
            Content::Rejection => return Trouble::Denied,
            Content::AuthRequest => return Trouble::stranger(),
            Content::Answer | Content::Other => None,
        };
        if let Some(said) = said
            && !queue(&stream, &heard, said)
        {
            inner.figures.dropped();
            stream.gap.store(true, Ordering::Release);
        }
    }
}

/// Whether there was room for it.
fn queue(stream: &Stream, heard: &mpsc::Sender<Heard>, said: Heard) -> bool {
    let size = said.size();
    if stream.waiting.load(Ordering::Relaxed) + size > MOST_WAITING {
        return false;
    }
    stream.waiting.fetch_add(size, Ordering::Relaxed);
    if heard.try_send(said).is_err() {
        stream.waiting.fetch_sub(size, Ordering::Relaxed);
        return false;
    }
    stream.queued.fetch_add(1, Ordering::Release);
    true
}

fn event(inner: &Inner, stream: &Stream, frame: &Frame) -> Option<Event> {
    inner.figures.event();
    match Event::from_json(&frame.body) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::debug!(error = %error, bytes = frame.body.len(), "an event is no JSON");
            inner.figures.unreadable();
            stream.gap.store(true, Ordering::Release);
            None
        }
    }
}
