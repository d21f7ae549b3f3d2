//! What a configuration must hold beyond its types.

use super::{Config, Engine};

/// A value that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct Invalid {
    /// The key, such as `webserver.port`.
    pub key: &'static str,
    /// What is wrong with its value, and what would be right.
    pub reason: String,
}

impl Config {
    /// Checks everything and names the first key that is wrong.
    ///
    /// # Errors
    /// The key and why.
    pub fn validate(&self) -> Result<(), Invalid> {
        let web = &self.webserver;
        let xml = &self.xml_curl_server;
        check("webserver.host", is_address(&web.host), || address(&web.host))?;
        check("xml_curl_server.host", is_address(&xml.host), || address(&xml.host))?;
        check("webserver.route", is_route(&web.route), || route(&web.route))?;
        check("xml_curl_server.route", is_route(&xml.route), || route(&xml.route))?;
        for taken in ["/cweb", "/api", "/healthz", "/readyz", "/metrics"] {
            check("webserver.route", !web.route.starts_with(taken), || {
                format!("{} is used for something else", web.route)
            })?;
        }
        check("webserver.cert_path", web.cert_path.is_empty() == web.key_path.is_empty(), both)?;
        check("xml_curl_server.cert_path", xml.cert_path.is_empty() == xml.key_path.is_empty(), both)?;
        let same = web.port == xml.port
            && web.port != 0
            && (web.host == xml.host || any(&web.host) || any(&xml.host));
        check("xml_curl_server.port", !same, || {
            format!("{} is the port of webserver.port too; the switch needs a listener of its own", xml.port)
        })?;
        check("xml_curl_server.user", !xml.user.is_empty() && !xml.user.contains(':'), || {
            "must be a name without a colon".to_owned()
        })?;
        check("xml_curl_server.allow", !xml.allow.is_empty(), || {
            "is empty, so no switch could ask; list its address, such as \"192.0.2.7/32\"".to_owned()
        })?;
        check("webserver.websocket_queue_size", (1..=1024).contains(&web.websocket_queue_size), || {
            "must be from 1 to 1024".to_owned()
        })?;
        check("freeswitch.esl.collect_logs", self.freeswitch.esl.collect_logs <= 10, || {
            "must be from 0 to 10".to_owned()
        })?;
        check("freeswitch.esl.timeout", self.freeswitch.esl.timeout > 0, || {
            "must be at least 1 second".to_owned()
        })?;
        let database = &self.database;
        let (sqlite, postgres) = (database.engine == Engine::Sqlite, database.engine == Engine::Postgres);
        check("database.path", !(sqlite && database.path.is_empty()), || "must name a file".to_owned())?;
        check("database.name", !(postgres && database.name.is_empty()), || {
            "must name a database".to_owned()
        })?;
        check("database.host", !(postgres && database.host.is_empty()), || "must name a host".to_owned())
    }
}

fn check(key: &'static str, good: bool, reason: impl FnOnce() -> String) -> Result<(), Invalid> {
    if good { Ok(()) } else { Err(Invalid { key, reason: reason() }) }
}

fn is_address(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok()
}

fn address(host: &str) -> String {
    format!("{host:?} is no address to listen on, such as \"127.0.0.1\" or \"::\"")
}

fn any(host: &str) -> bool {
    host == "0.0.0.0" || host == "::"
}

/// What the HTTP router takes as a path without placeholders.
fn is_route(route: &str) -> bool {
    route.len() > 1
        && route.starts_with('/')
        && !route.ends_with('/')
        && route.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte))
}

fn route(route: &str) -> String {
    format!("{route:?} is no path; it begins with / and has letters, digits, / - _ . ~")
}

fn both() -> String {
    "cert_path and key_path belong together; set both or none".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid(change: impl FnOnce(&mut Config)) -> &'static str {
        let mut config = Config::default();
        change(&mut config);
        config.validate().unwrap_err().key
    }

    #[test]
    fn the_defaults_are_valid() {
        Config::default().validate().unwrap();
    }

    #[test]
    fn the_key_is_named() {
        assert_eq!(invalid(|c| c.webserver.host = "nowhere".into()), "webserver.host");
        assert_eq!(invalid(|c| c.webserver.route = "ws".into()), "webserver.route");
        assert_eq!(invalid(|c| c.webserver.route = "/api/v1".into()), "webserver.route");
        assert_eq!(invalid(|c| c.xml_curl_server.route = "/{x}".into()), "xml_curl_server.route");
        assert_eq!(invalid(|c| c.xml_curl_server.port = 8080), "xml_curl_server.port");
        assert_eq!(invalid(|c| c.xml_curl_server.allow.clear()), "xml_curl_server.allow");
        assert_eq!(invalid(|c| c.xml_curl_server.user = "a:b".into()), "xml_curl_server.user");
        assert_eq!(invalid(|c| c.webserver.cert_path = "x".into()), "webserver.cert_path");
        assert_eq!(invalid(|c| c.database.path.clear()), "database.path");
        assert_eq!(invalid(|c| c.freeswitch.esl.collect_logs = 11), "freeswitch.esl.collect_logs");
    }
}
