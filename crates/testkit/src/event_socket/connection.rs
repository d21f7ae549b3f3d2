//! One connection: its bytes, both ways.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::event::Event;
use super::manner::{Manner, event_frame, put_before};
use super::subscription::Subscription;

/// How soon a thread that waits sees that it need not any more.
pub(super) const TICK: Duration = Duration::from_millis(5);

/// One client.
#[derive(Debug)]
pub(super) struct Connection {
    /// From 1, in order of arrival.
    pub(super) number: usize,
    stream: TcpStream,
    manner: Mutex<Manner>,
    has_ended: AtomicBool,
    signed_in: AtomicBool,
    subscribed: AtomicBool,
    line: Mutex<Line>,
}

/// What is written comes from several threads; who has this writes.
#[derive(Debug, Default)]
pub(super) struct Line {
    written: u64,
    /// Changes in one step with the reply that says so.
    pub(super) subscription: Subscription,
}

impl Connection {
    pub(super) fn new(number: usize, stream: TcpStream, manner: Manner) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        // Who writes to a client that does not read still sees when the connection is ended here.
        stream.set_write_timeout(Some(TICK))?;
        Ok(Self {
            number,
            stream,
            manner: Mutex::new(manner),
            has_ended: AtomicBool::new(false),
            signed_in: AtomicBool::new(false),
            subscribed: AtomicBool::new(false),
            line: Mutex::default(),
        })
    }

    pub(super) fn manner(&self) -> Manner {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    pub(super) fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_signed_in(&self) -> bool {
        self.signed_in.load(Ordering::Acquire)
    }

    pub(super) fn sign_in(&self) {
        self.signed_in.store(true, Ordering::Release);
    }

    pub(super) fn is_subscribed(&self) -> bool {
        self.subscribed.load(Ordering::Acquire)
    }

    /// Says what the subscription is to those who do not want to wait for the line.
    pub(super) fn show_subscription(&self, line: &Line) {
        self.subscribed.store(line.subscription.is_any(), Ordering::Release);
    }

    /// Ends it for both sides.
    pub(super) fn close(&self) {
        if !self.has_ended.swap(true, Ordering::AcqRel) {
            // It may be gone already.
            let _ = self.stream.shutdown(Shutdown::Both);
        }
    }

    /// Ends it without a goodbye of TCP: the last one who lets go of the socket sends a reset.
    pub(super) fn reset(&self) {
        if !self.has_ended.swap(true, Ordering::AcqRel) {
            let _ = rustix::net::sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO));
            // Wakes the thread that reads, and sends nothing.
            let _ = self.stream.shutdown(Shutdown::Read);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    /// Writes it in the manner of this connection.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.write_on(&mut self.line(), bytes)
    }

    /// The same for who has the line.
    pub(super) fn write_on(&self, line: &mut Line, bytes: &[u8]) -> io::Result<()> {
        match self.manner() {
            Manner::CutAfter(limit) => {
                let left = usize::try_from(limit.saturating_sub(line.written)).unwrap_or(usize::MAX);
                if bytes.len() < left {
                    return self.push(line, bytes);
                }
                self.push(line, &bytes[..left])?;
                self.close();
                Err(ErrorKind::BrokenPipe.into())
            }
            Manner::Dribble(size, pause) => {
                for piece in bytes.chunks(size.max(1)) {
                    self.push(line, piece)?;
                    thread::sleep(pause);
                }
                Ok(())
            }
            _ => self.push(line, bytes),
        }
    }

    fn push(&self, line: &mut Line, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.has_ended() {
                return Err(ErrorKind::BrokenPipe.into());
            }
            match (&self.stream).write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    line.written += count as u64;
                    bytes = &bytes[count..];
                }
                Err(error) if is_early(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends those of the events that it wants, in one piece.
    pub(super) fn deliver(&self, events: &[Event]) -> usize {
        // Not even the line is waited for: its client may not read.
        if !self.is_subscribed() {
            return 0;
        }
        let mut line = self.line();
        let (mut bytes, mut count) = (Vec::new(), 0);
        let manner = self.manner();
        for event in events {
            let Some(format) = line.subscription.wants(event) else { continue };
            bytes.extend(put_before(manner, false));
            if format == "json" {
                event_frame(manner, format, &event.json, &mut bytes);
            } else {
                event_frame(manner, format, &event.plain(), &mut bytes);
            }
            count += 1;
        }
        if self.write_on(&mut line, &bytes).is_ok() { count } else { 0 }
    }

    /// Waits until it is `done`. False if the connection ended before.
    pub(super) fn rest(&self, done: impl Fn() -> bool) -> bool {
        let _ = self.stream.set_read_timeout(Some(TICK));
        let is_done = loop {
            if self.has_ended() {
                break false;
            }
            if done() {
                break true;
            }
            match self.stream.peek(&mut [0]) {
                Ok(0) => break false,
                // What came already is read later.
                Ok(_) => thread::sleep(TICK),
                Err(error) if is_early(&error) => {}
                Err(_) => break false,
            }
        };
        let _ = self.stream.set_read_timeout(None);
        is_done
    }

    /// Reads more. False at the end.
    pub(super) fn read(&self, buffer: &mut Vec<u8>) -> bool {
        let mut bytes = [0; 4096];
        loop {
            match (&self.stream).read(&mut bytes) {
                _ if self.has_ended() => return false,
                Ok(0) => return false,
                Ok(count) => {
                    buffer.extend_from_slice(&bytes[..count]);
                    return true;
                }
                Err(error) if is_early(&error) => {}
                Err(_) => return false,
            }
        }
    }
}

/// Not yet, and no error.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
