//! The transport POST: one message in, one answer out.

use std::net::SocketAddr;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::Value;

use super::dispatch::{self, By, Fate, Origin};
use super::envelope::Envelope;
use super::tree::listing::{self, Listing};
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
    match answer.rest {
        None => (status, Json(answer.body)).into_response(),
        Some(rest) => {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            (status, headers, pieces(&answer.body, rest)).into_response()
        }
    }
}

/// A body that is made while it is sent. When the database goes away meanwhile, the connection ends, so that nobody
/// takes the beginning for the whole.
fn pieces(head: &Value, rest: Listing) -> Body {
    let begun = (Some(listing::beginning(head)), Some(rest));
    Body::from_stream(stream::try_unfold(begun, |(beginning, rest)| async move {
        if let Some(beginning) = beginning {
            return Ok(Some((beginning, (None, rest))));
        }
        let Some(mut rest) = rest else { return Ok(None) };
        match rest.next().await {
            Ok(Some(piece)) => Ok(Some((piece, (None, Some(rest))))),
            Ok(None) => Ok(Some(("}".to_owned(), (None, None)))),
            Err(error) => {
                tracing::warn!(error = error.chain(), "an answer ended in its middle");
                Err(error)
            }
        }
    }))
}
