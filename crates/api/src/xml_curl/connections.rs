//! Connections of mod_xml_curl: a new one for each question, so that what a connection costs counts as much as what
//! the answer does (docs/decisions/0020).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::Questions;
use crate::listen::{Bound, GRACE, HEAD_TIMEOUT, ListenError};

/// How long nothing is accepted after the system could not, for want of open files for example.
const PAUSE: Duration = Duration::from_millis(50);

impl Bound {
    /// Answers FreeSWITCH until `stop` is true, and then finishes what is running.
    ///
    /// # Errors
    /// The listener broke.
    pub async fn answer(
        self,
        questions: Questions,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), ListenError> {
        let Self { key, socket, tls } = self;
        let listener = TcpListener::from_std(socket).map_err(|source| ListenError::Serve { key, source })?;
        let tls = tls.map(|tls| {
            let mut config = (*tls.get_inner()).clone();
            // libcurl would take HTTP/2 where it is offered.
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            TlsAcceptor::from(Arc::new(config))
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        let running = GracefulShutdown::new();
        // An error means that whoever could say stop is gone.
        let mut stopped = pin!(async { drop(stop.wait_for(|stop| *stop).await) });
        loop {
            let accepted = tokio::select! {
                biased;
                accepted = listener.accept() => accepted,
                () = &mut stopped => break,
            };
            let Ok((stream, peer)) = accepted else {
                sleep(PAUSE).await;
                continue;
            };
            let (questions, http, watcher) = (questions.clone(), http.clone(), running.watcher());
            match tls.clone() {
                None => drop(tokio::spawn(converse(stream, peer, questions, http, watcher))),
                Some(tls) => drop(tokio::spawn(async move {
                    if let Ok(Ok(stream)) = timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
                        converse(stream, peer, questions, http, watcher).await;
                    }
                })),
            }
        }
        drop(listener);
        // What takes longer ends with the program.
        let _ = timeout(GRACE, running.shutdown()).await;
        Ok(())
    }
}

/// All questions of one connection. How it ends is of no interest: whoever asked has gone.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    peer: SocketAddr,
    questions: Questions,
    http: http1::Builder,
    watcher: Watcher,
) {
    let questions = &questions;
    let service =
        service_fn(move |request| async move { Ok::<_, Infallible>(questions.respond(peer, request).await) });
    let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
}
