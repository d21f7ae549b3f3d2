//! What of the configuration the WebSocket needs.

use std::time::Duration;

use custompbx_pbx::config::{OriginPolicy, WebServer};

/// Far more browsers than one server has people, and few enough to fit into its memory and its file descriptors.
const MOST_CONNECTIONS: usize = 4_096;

/// No time is longer: nothing is gained by it, and clocks end somewhere.
const LONGEST_SECONDS: u64 = 24 * 60 * 60;

/// How the WebSocket works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its path.
    pub route: String,
    /// Whose pages may open it.
    pub origin_policy: OriginPolicy,
    /// The origins for [`OriginPolicy::AllowList`], as `https://pbx.example.com:8443`.
    pub allowed_origins: Vec<String>,
    /// How long one message to a client may take.
    pub write_timeout: Duration,
    /// How long a client may be silent, pings included, before it is taken for gone.
    pub read_timeout: Duration,
    /// How often a client is asked for a sign of life.
    pub ping_interval: Duration,
    /// Messages that wait for a client, at most.
    pub queue_size: usize,
    /// Connections at once, at most.
    pub most_connections: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(&WebServer::default())
    }
}

impl Settings {
    /// Those of a configuration. Times of 0, which older files may hold, mean the default.
    pub fn of(web: &WebServer) -> Self {
        let seconds = |seconds: u64, default: u64| {
            Duration::from_secs(if seconds == 0 { default } else { seconds.min(LONGEST_SECONDS) })
        };
        let default = WebServer::default();
        let read_timeout = seconds(web.ws_read_timeout_seconds, default.ws_read_timeout_seconds);
        let ping_interval = seconds(web.ws_ping_interval_seconds, default.ws_ping_interval_seconds);
        Self {
            route: web.route.clone(),
            origin_policy: web.origin_policy,
            allowed_origins: web.allowed_origins.clone(),
            write_timeout: seconds(web.ws_write_timeout_seconds, default.ws_write_timeout_seconds),
            read_timeout,
            // Whoever answers every ping must not be taken for gone in between.
            ping_interval: ping_interval.min(read_timeout / 2),
            queue_size: usize::from(web.websocket_queue_size.clamp(1, 1024)),
            most_connections: MOST_CONNECTIONS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_still_make_a_socket() {
        let web = WebServer {
            ws_read_timeout_seconds: 4,
            ws_ping_interval_seconds: 30,
            ws_write_timeout_seconds: 0,
            websocket_queue_size: 0,
            ..WebServer::default()
        };
        let settings = Settings::of(&web);
        assert_eq!(settings.ping_interval, Duration::from_secs(2));
        assert_eq!(settings.write_timeout, Duration::from_secs(10));
        assert_eq!(settings.queue_size, 1);
    }
}
