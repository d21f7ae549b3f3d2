//! The outside: HTTP in, use cases of `custompbx-pbx`, HTTP out. No decision is made here.
//!
//! - [`routes`]: every route of the web listener with its access rule, in one table;
//! - [`xml_curl`]: the listener for FreeSWITCH;
//! - [`messages`]: the documented API, by WebSocket and by POST;
//! - [`rest`]: REST, sessions;
//! - [`openapi`]: the description of REST, made from data beside the handlers;
//! - [`web`]: the web interface, health, metrics;
//! - [`listen`]: sockets, TLS, shutdown.

pub mod access;
mod etag;
pub mod listen;
pub mod messages;
pub mod openapi;
mod problem;
pub mod rest;
pub mod routes;
pub mod web;
pub mod xml_curl;

use std::sync::Arc;

use arc_swap::ArcSwap;
use custompbx_pbx::Pbx;
use custompbx_pbx::config::Config;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use messages::socket::sockets::Sockets;
use messages::{push, socket};

/// What the handlers need.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    pbx: Pbx,
    metrics: PrometheusHandle,
    settings: Settings,
    /// How new WebSocket connections work, and the configuration that says so.
    socket: ArcSwap<(Arc<Config>, Arc<socket::Settings>)>,
    sockets: Sockets,
}

/// What of the configuration the handlers need.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether people reach the web listener by TLS, so that cookies must not go another way.
    pub tls: bool,
    /// The WebSocket.
    pub socket: socket::Settings,
}

impl Settings {
    /// Those of a configuration.
    pub fn of(config: &Config) -> Self {
        let web = &config.webserver;
        Self { tls: !web.cert_path.is_empty(), socket: socket::Settings::of(web) }
    }
}

impl App {
    /// The server for people and programs.
    pub fn new(pbx: Pbx, metrics: PrometheusHandle, settings: Settings) -> Self {
        let sockets = Sockets::new(settings.socket.most_connections);
        let socket = ArcSwap::from_pointee((pbx.config(), Arc::new(settings.socket.clone())));
        Self(Arc::new(Inner { pbx, metrics, settings, socket, sockets }))
    }

    /// Pushes what happens to those who subscribed to it, until `stop` says so; then ends the WebSocket connections,
    /// and returns when they have ended.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            () = push::run(self) => {}
            () = push::look_after_sessions(self) => {}
            () = messages::named::dashboard::run(self) => {}
            () = messages::live::run(self) => {}
            // An error means that whoever could say stop is gone.
            _ = stop.wait_for(|stop| *stop) => {}
        }
        self.sockets().close().await;
    }

    /// Whether somebody subscribed to this name, so that it is worth making its pushes.
    pub fn is_subscribed(&self, name: &str) -> bool {
        self.sockets().names().contains(name)
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        &self.0.sockets
    }

    /// How a new WebSocket connection works: as the settings say by now. Its path and the number of connections stay.
    pub(crate) fn socket(&self) -> Arc<socket::Settings> {
        let config = self.0.pbx.config();
        let known = self.0.socket.load();
        if Arc::ptr_eq(&known.0, &config) {
            return known.1.clone();
        }
        let (mut settings, start) = (known.1.clone(), &self.0.settings.socket);
        if known.0.webserver != config.webserver {
            let changed = socket::Settings::of(&config.webserver);
            let (route, most_connections) = (start.route.clone(), start.most_connections);
            settings = Arc::new(socket::Settings { route, most_connections, ..changed });
        }
        self.0.socket.store(Arc::new((config, settings.clone())));
        settings
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn pbx(&self) -> &Pbx {
        &self.0.pbx
    }
}
