//! The transport POST: one message in, one answer out.

use std::net::SocketAddr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::dispatch::{self, By, Fate, Origin};
use super::envelope::Envelope;
use crate::App;

/// 200 for every message that was processed, business errors too; 400 for what is none; 401 without a token that
/// counts; 503 while the database is away, 500 where we failed.
pub(crate) async fn message(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let origin = Origin { address: peer.ip().to_canonical(), by: By::Post, peer: None };
    let answer = match Envelope::parse(&body) {
        Ok(envelope) => dispatch::answer(&app, envelope, origin).await,
        Err(malformed) => dispatch::malformed(&malformed),
    };
    let status = match answer.fate {
        Fate::Processed => StatusCode::OK,
        Fate::Malformed => StatusCode::BAD_REQUEST,
        Fate::NoToken => StatusCode::UNAUTHORIZED,
        Fate::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Fate::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Json(answer.body)).into_response()
}
