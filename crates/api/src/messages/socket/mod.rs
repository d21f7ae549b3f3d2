//! The transport WebSocket: one JSON message a frame, answered in the order in which they came.
//!
//! - [`open`]: the handshake, for the pages that the origin policy lets in;
//! - [`connection`]: one connection from its first frame to its last;
//! - [`writer`]: the only one who sends on it;
//! - [`peer`]: a connection as others see it: who it is bound to, and what it wants to hear of;
//! - [`sockets`]: all connections;
//! - [`figures`]: what is counted;
//! - [`settings`]: what of the configuration it needs.
//!
//! A binary frame is read like a text frame. Close codes: 1001 the server stops; 1002 no WebSocket; 1007 a text frame that
//! is not UTF-8; 1008 the client does not read, or gave no sign of life; 1009 a message above 1 MiB; 1011 we failed.

mod connection;
pub(super) mod figures;
mod origin;
pub(crate) mod peer;
mod settings;
pub(crate) mod sockets;
mod writer;

use std::net::SocketAddr;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

pub use settings::Settings;

use super::envelope::LONGEST;
use crate::App;
use crate::access::session_cookie;
use crate::problem::Problem;

/// What is read at once. The default would be 128 KiB for each connection.
const READ_AT_ONCE: usize = 16 * 1024;

/// The handshake.
pub(crate) async fn open(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let sockets = app.sockets();
    if !origin::may_open(&app.socket(), &headers, &uri) {
        sockets.figures.refused("origin");
        let detail = "pages of this origin may not open the WebSocket; see webserver.origin_policy";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Problem::new(rejection.status(), rejection.body_text()).into_response(),
    };
    let Some(slot) = sockets.slot() else {
        sockets.figures.refused("full");
        let detail = "there are too many WebSocket connections; try again";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response();
    };
    let address = from.ip().to_canonical();
    let session = session_cookie(&headers, &uri);
    upgrade
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
        .read_buffer_size(READ_AT_ONCE)
        .on_upgrade(move |socket| connection::run(app, socket, address, session, slot))
}

/// What is counted, as the reference implementation shows it.
pub(crate) async fn metrics(State(app): State<App>) -> Json<Value> {
    Json(app.sockets().shown())
}
