//! One connection, from its first frame to its last.
//!
//! Three tasks: this one reads, [`writer`] sends, and one answers the messages, one after the other. So a message that
//! takes long holds up neither pings nor pushes. Two queues lie between them, both bounded: what came and is not
//! answered yet (when it is full nothing more is read, and TCP holds up the client), and what is to be sent.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Error;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use super::peer::{Owed, Peer};
use super::sockets::Slot;
use super::writer;
use crate::App;
use crate::messages::dispatch::{self, By, Origin};
use crate::messages::envelope::{Envelope, LONGEST};
use crate::messages::push;

/// Messages that wait for their answers; together they are no longer than one may be.
const WAITING: usize = 16;
/// How long the client has to answer a close frame.
const LINGER: Duration = Duration::from_secs(1);
/// How long it has to see one, where its answer cannot be read any more.
const BLIND_LINGER: Duration = Duration::from_millis(250);

/// A message that waits for its answer.
struct Letter {
    content: Bytes,
    _room: OwnedSemaphorePermit,
}

/// Why a connection ends.
enum End {
    /// The client left.
    Left,
    /// It is gone without a word.
    Gone,
    /// We close it.
    Close(CloseFrame),
    /// We close it, and cannot read from it any more.
    Fail(CloseFrame),
}

/// How the task that answers ended.
#[derive(PartialEq, Eq)]
enum Answered {
    /// There are no messages any more.
    All,
    /// The client does not take the answers.
    Overflow,
}

/// Runs a connection to its end. It has its slot until then.
pub(super) async fn run(app: App, socket: WebSocket, address: IpAddr, session: Option<String>, slot: Slot) {
    let settings = app.socket();
    let (out, queue) = mpsc::channel(settings.queue_size);
    let entered = app.sockets().enter(out, session);
    let peer = entered.peer.clone();
    let (sink, stream) = socket.split();
    let (close, closing) = oneshot::channel();
    let mut writing = tokio::spawn({
        let (app, settings) = (app.clone(), settings.clone());
        async move {
            writer::write(sink, queue, closing, &settings, &app.sockets().figures).await;
        }
    });
    let (inbox, letters) = mpsc::channel(WAITING);
    let halted = Arc::new(AtomicBool::new(false));
    let mut answering = tokio::spawn(answer(
        app.clone(),
        peer.clone(),
        address,
        letters,
        halted.clone(),
        settings.write_timeout / 2,
    ));

    let mut reader = Reader { app: &app, peer: &peer, stream, inbox, read_timeout: settings.read_timeout };
    let end = reader.read(&mut writing, &mut answering).await;
    let Reader { mut stream, inbox, .. } = reader;
    peer.release();
    // What a client said before it left is still done; what one said that we send away is not.
    halted.store(matches!(end, End::Close(_) | End::Fail(_)), Ordering::Relaxed);
    drop(inbox);
    match end {
        End::Left => {
            // Reading on sends the answer to its close frame.
            let _ = timeout(LINGER, async { while let Some(Ok(_)) = stream.next().await {} }).await;
        }
        End::Gone => {}
        End::Close(frame) => {
            tracing::debug!(code = frame.code, reason = frame.reason.as_str(), "closing a WebSocket");
            // An error means that there is nobody any more to send it.
            let _ = close.send(frame);
            let _ = (&mut writing).await;
            let _ = timeout(LINGER, async { while let Some(Ok(_)) = stream.next().await {} }).await;
        }
        End::Fail(frame) => {
            tracing::debug!(code = frame.code, reason = frame.reason.as_str(), "closing a WebSocket");
            let _ = close.send(frame);
            let _ = (&mut writing).await;
            // Ending at once with something unread would take the close frame back.
            sleep(BLIND_LINGER).await;
        }
    }
    writing.abort();
    drop(stream);
    if !answering.is_finished() {
        let _ = answering.await;
    }
    drop(entered);
    drop(slot);
}

/// What reads.
struct Reader<'a> {
    app: &'a App,
    peer: &'a Peer,
    stream: SplitStream<WebSocket>,
    inbox: mpsc::Sender<Letter>,
    read_timeout: Duration,
}

impl Reader<'_> {
    async fn read(&mut self, writing: &mut JoinHandle<()>, answering: &mut JoinHandle<Answered>) -> End {
        let room = Arc::new(Semaphore::new(LONGEST));
        let mut closing = self.app.sockets().closing();
        let silence = sleep_until(Instant::now() + self.read_timeout);
        tokio::pin!(silence);
        // A message that was read and for which there is no room yet.
        let mut waiting: Option<Bytes> = None;
        let mut owing = false;
        loop {
            let length = waiting.as_ref().map_or(0, Bytes::len);
            tokio::select! {
                frame = self.stream.next(), if waiting.is_none() => {
                    silence.as_mut().reset(Instant::now() + self.read_timeout);
                    match frame {
                        Some(Ok(Message::Text(text))) => waiting = Some(text.into()),
                        Some(Ok(Message::Binary(bytes))) => waiting = Some(bytes),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Close(_))) => return End::Left,
                        Some(Err(error)) => return broken(error),
                        None => return End::Gone,
                    }
                }
                place = place(&self.inbox, &room, length), if waiting.is_some() => {
                    // Nothing was read meanwhile, so it could not show that it is there.
                    silence.as_mut().reset(Instant::now() + self.read_timeout);
                    if let (Some((slot, _room)), Some(content)) = (place, waiting.take()) {
                        slot.send(Letter { content, _room });
                    }
                }
                () = &mut silence, if waiting.is_none() => {
                    return End::Close(frame(close_code::POLICY, "no sign of life"));
                }
                () = self.peer.owing.notified() => owing = true,
                permit = self.peer.out.reserve(), if owing => {
                    match (self.peer.owed(), permit) {
                        (Some(owed), Ok(permit)) => permit.send(told(self.app, owed).await),
                        (None, _) | (_, Err(_)) => owing = false,
                    }
                }
                () = stopped(&mut closing) => {
                    return End::Close(frame(close_code::AWAY, "the server stops"));
                }
                // It ends before this one only when the client does not take anything.
                _ = &mut *writing => return End::Gone,
                answered = &mut *answering => return match answered {
                    Ok(Answered::Overflow) => {
                        self.app.sockets().figures.overflows.up(1);
                        End::Close(frame(close_code::POLICY, "the answers are not read"))
                    }
                    _ => End::Close(frame(close_code::ERROR, "the server failed")),
                },
            }
        }
    }
}

async fn stopped(closing: &mut watch::Receiver<bool>) {
    // An error means that the server is gone.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// Room for one more message of this length; `None` when nobody answers any more.
async fn place<'i>(
    inbox: &'i mpsc::Sender<Letter>,
    room: &Arc<Semaphore>,
    length: usize,
) -> Option<(mpsc::Permit<'i, Letter>, OwnedSemaphorePermit)> {
    let length = u32::try_from(length.clamp(1, LONGEST)).unwrap_or(u32::MAX);
    let room = room.clone().acquire_many_owned(length).await.ok()?;
    Some((inbox.reserve().await.ok()?, room))
}

/// Answers messages in the order in which they come.
async fn answer(
    app: App,
    peer: Arc<Peer>,
    address: IpAddr,
    mut letters: mpsc::Receiver<Letter>,
    halted: Arc<AtomicBool>,
    // A client that reads is waited for as long as it takes messages: each in less than the write timeout.
    patience: Duration,
) -> Answered {
    let origin = Origin { address, by: By::WebSocket, peer: Some(&peer) };
    while let Some(letter) = letters.recv().await {
        if halted.load(Ordering::Relaxed) {
            break;
        }
        app.sockets().figures.message();
        let answer = match Envelope::parse(&letter.content) {
            Ok(envelope) => dispatch::answer(&app, envelope, origin).await,
            Err(malformed) => dispatch::malformed(&malformed),
        };
        drop(letter);
        let text = Utf8Bytes::from(answer.into_text(&app).await);
        if timeout(patience, peer.out.send(text)).await.is_err() {
            return Answered::Overflow;
        }
    }
    Answered::All
}

/// What a connection is told of which it missed something.
async fn told(app: &App, owed: Owed) -> Utf8Bytes {
    match owed {
        Owed::Loss => dispatch::no_token(app).await,
        Owed::State => push::state(app).await,
        Owed::Resync(name) => {
            app.sockets().figures.resync();
            push::resync(name)
        }
    }
}

/// What an error of reading means.
fn broken(error: Error) -> End {
    let error = error.into_inner();
    match error.downcast_ref::<WsError>() {
        Some(WsError::Capacity(_)) => End::Fail(frame(close_code::SIZE, "a message has at most 1 MiB")),
        Some(WsError::Utf8(_)) => End::Fail(frame(close_code::INVALID, "a text frame must be UTF-8")),
        Some(WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => End::Gone,
        Some(WsError::Protocol(_)) => End::Fail(frame(close_code::PROTOCOL, "this is no WebSocket frame")),
        _ => End::Gone,
    }
}

fn frame(code: u16, reason: &'static str) -> CloseFrame {
    CloseFrame { code, reason: Utf8Bytes::from_static(reason) }
}
