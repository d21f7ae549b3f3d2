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

use custompbx_pbx::Pbx;
use metrics_exporter_prometheus::PrometheusHandle;

/// What the handlers need.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    pbx: Pbx,
    metrics: PrometheusHandle,
    tls: bool,
}

impl App {
    /// `tls`: whether people reach the web listener by TLS, so that cookies must not go another way.
    pub fn new(pbx: Pbx, metrics: PrometheusHandle, tls: bool) -> Self {
        Self(Arc::new(Inner { pbx, metrics, tls }))
    }

    pub(crate) fn pbx(&self) -> &Pbx {
        &self.0.pbx
    }
}
