//! Taking what comes from a switch, as fast as it comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Inner;
use crate::Trouble;
use crate::event::Event;
use crate::wire::{Content, Frame, Reader};

/// Events that wait to be applied.
pub(super) const ROOM: usize = 20_000;

/// What is known of what comes, beside the events.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Some events are missing.
    pub(super) gap: AtomicBool,
    /// How long nothing may be heard, in milliseconds.
    pub(super) silence_ms: AtomicU64,
}

/// Something that came.
#[derive(Debug)]
pub(super) enum Heard {
    Event(Event),
    /// What came of a command of the protocol.
    Reply(String),
}

/// Reads frames until the connection ends. The socket is always emptied: whoever lets FreeSWITCH wait is dropped by it.
pub(super) async fn take(
    inner: Arc<Inner>,
    mut reader: Reader,
    stream: Arc<Stream>,
    heard: mpsc::Sender<Heard>,
) -> Trouble {
    loop {
        let silence = Duration::from_millis(stream.silence_ms.load(Ordering::Relaxed));
        let frame = match timeout(silence, reader.frame()).await {
            Ok(Ok(frame)) => frame,
            Ok(Err(lost)) => return lost.trouble(),
            Err(_) => return Trouble::NoAnswer,
        };
        let said = match frame.content {
            Content::Event => event(&inner, &stream, &frame).map(Heard::Event),
            Content::Reply => Some(Heard::Reply(frame.reply().into_owned())),
            Content::Log => {
                // The switch tells of its own losses by its log only.
                if frame.text().contains("] events! Event Queue size") {
                    stream.gap.store(true, Ordering::Relaxed);
                }
                None
            }
            Content::Goodbye => return Trouble::Closed,
            Content::Rejection => return Trouble::Denied,
            Content::AuthRequest => return Trouble::stranger(),
            Content::Answer | Content::Other => None,
        };
        if let Some(said) = said
            && heard.try_send(said).is_err()
        {
            inner.figures.dropped();
            stream.gap.store(true, Ordering::Relaxed);
        }
    }
}

fn event(inner: &Inner, stream: &Stream, frame: &Frame) -> Option<Event> {
    inner.figures.event();
    match Event::from_json(&frame.body) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::debug!(error = %error, bytes = frame.body.len(), "an event is no JSON");
            inner.figures.unreadable();
            stream.gap.store(true, Ordering::Relaxed);
            None
        }
    }
}
