//! The only one who sends on a connection.

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::Settings;
use super::figures::Figures;

/// Sends what waits in `queue`, and pings, until `closing` says why it ends, or until the client takes too long for one
/// message. What waits is not sent any more then.
pub(super) async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<Utf8Bytes>,
    mut closing: oneshot::Receiver<CloseFrame>,
    settings: &Settings,
    figures: &Figures,
) {
    let mut ping = interval_at(Instant::now() + settings.ping_interval, settings.ping_interval);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            biased;
            frame = &mut closing => match frame {
                Ok(frame) => Message::Close(Some(frame)),
                Err(_) => return,
            },
            // Before what waits: whoever only listens is known to be there by its answer to this.
            _ = ping.tick() => Message::Ping(Bytes::new()),
            text = queue.recv() => match text {
                Some(text) => Message::Text(text),
                None => return,
            },
        };
        let is_last = matches!(message, Message::Close(_));
        match timeout(settings.write_timeout, sink.send(message)).await {
            Ok(Ok(())) if is_last => return,
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => {
                figures.failed_writes.up(1);
                return;
            }
        }
    }
}
