//! Sockets, TLS and shutdown.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use tokio::sync::watch;

/// How long a client may take for the head of a request; on a new connection also for its first byte.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long running requests may take once the server stops.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// Why a listener cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, not ours, or not allowed.
    #[error("cannot listen on {host} port {port}{}; change {key}.port in the configuration, or stop what uses it", hint(.source))]
    Bind {
        /// The section of the configuration.
        key: &'static str,
        /// The address.
        host: String,
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate or the key.
    #[error("cannot use the certificate {cert} with the key {key_file} ({key}.cert_path, {key}.key_path)")]
    Tls {
        /// The section of the configuration.
        key: &'static str,
        /// The file.
        cert: String,
        /// The file.
        key_file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The listener broke.
    #[error("the listener of {key} failed")]
    Serve {
        /// The section of the configuration.
        key: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

fn hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => ", which another program uses",
        std::io::ErrorKind::AddrNotAvailable => ", which is no address of this machine",
        std::io::ErrorKind::PermissionDenied => ", which this user may not use",
        _ => "",
    }
}

/// A socket that is bound, so that its errors are known before anything starts.
#[derive(Debug)]
pub struct Bound {
    pub(crate) key: &'static str,
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<RustlsConfig>,
}

/// Binds a listener; `key` is its section in the configuration. `tls`: certificate chain and key, PEM.
///
/// # Errors
/// Which address, and what to change.
pub async fn bind(
    key: &'static str,
    host: &str,
    port: u16,
    tls: Option<(&Path, &Path)>,
) -> Result<Bound, ListenError> {
    let failed = |source| ListenError::Bind { key, host: host.to_owned(), port, source };
    // Tokio's, and not that of the standard library, because it lets 1,024 connections wait and not 128: so many
    // questions may come at once.
    let socket = tokio::net::TcpListener::bind((host, port)).await.map_err(failed)?;
    let socket = socket.into_std().map_err(failed)?;
    let tls = match tls {
        Some((cert, key_file)) => {
            // Fails only if there is one already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let loaded = RustlsConfig::from_pem_file(cert, key_file).await;
            let loaded = loaded.map_err(|source| ListenError::Tls {
                key,
                cert: cert.display().to_string(),
                key_file: key_file.display().to_string(),
                source,
            })?;
            Some(loaded)
        }
        None => None,
    };
    Ok(Bound { key, socket, tls })
}

impl Bound {
    /// Where it listens; the port is known even if any was asked for.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `stop` is true, and then finishes what is running.
    ///
    /// # Errors
    /// The listener broke.
    pub async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) -> Result<(), ListenError> {
        let key = self.key;
        let handle = Handle::new();
        let stopper = handle.clone();
        let stopping = tokio::spawn(async move {
            // An error means that whoever could say stop is gone.
            let _ = stop.wait_for(|stop| *stop).await;
            stopper.graceful_shutdown(Some(GRACE));
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let served = match self.tls {
            Some(tls) => {
                let mut server = axum_server::from_tcp_rustls(self.socket, tls)
                    .map_err(|source| ListenError::Serve { key, source })?
                    .handle(handle)
                    .first_request_timeout(HEAD_TIMEOUT);
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
                server.serve(service).await
            }
            None => {
                let mut server = axum_server::from_tcp(self.socket)
                    .map_err(|source| ListenError::Serve { key, source })?
                    .handle(handle)
                    .first_request_timeout(HEAD_TIMEOUT);
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
                server.serve(service).await
            }
        };
        stopping.abort();
        served.map_err(|source| ListenError::Serve { key, source })
    }
}
