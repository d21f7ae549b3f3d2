//! The server that ours is compared with: the least that a server with the same libraries does for such a request.
//! It reads the body and answers from memory, always the same.

use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;

use super::{LISTENING, say};
use crate::ask::ROUTE;
use crate::database::block_on;
use crate::{Result, ask};

/// Serves until nobody can talk to it any more.
pub(crate) fn run(answer: &Path) -> Result<()> {
    let answer = Bytes::from(std::fs::read(answer)?);
    let answer = move |_: Bytes| {
        let answer = answer.clone();
        async move { ([(CONTENT_TYPE, "text/xml; charset=utf-8")], answer) }
    };
    block_on(async {
        let listener = tokio::net::TcpListener::bind(ask::here(0)).await?;
        let port = listener.local_addr()?.port();
        say(format_args!("{LISTENING}{port}"));
        let server = axum::serve(listener, Router::new().route(ROUTE, post(answer)));
        let abandoned = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
        tokio::select! {
            served = server.into_future() => served?,
            _ = abandoned => {}
        }
        Ok(())
    })
}
