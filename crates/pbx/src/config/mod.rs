//! `config.json`: what the program needs to know before it can ask the database.
//!
//! The documented sections and keys (`freeswitch`, `webserver`, `xml_curl_server`, `database`), with a default for
//! everything, so that an old file keeps working. Any value can come from the environment instead ([`env`]). A key
//! that is not known is an error: a misspelt one would be ignored for ever.

mod cacheable;
mod env;
mod file;
mod secret;
mod validate;

use custompbx_xmlcurl::Cacheable;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use env::EnvError;
pub(crate) use env::SECRET;
pub use file::{ConfigError, Loaded, load, save};
pub(crate) use file::{stored, typed_value};
pub use secret::{Secret, random_text};
pub use validate::Invalid;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The switch.
    pub freeswitch: Freeswitch,
    /// The listener for people and programs.
    pub webserver: WebServer,
    /// The listener for mod_xml_curl.
    pub xml_curl_server: XmlCurlServer,
    /// Where the tree is kept.
    pub database: Database,
    /// What is logged.
    pub log: Log,
}

/// The switch that is driven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Freeswitch {
    /// Its name, if it is not its host's; empty: not said.
    pub switchname: String,
    /// Its event socket.
    pub esl: Esl,
    /// Where its HEP packets are taken.
    pub hep_collector: HepCollector,
    /// Whether modules are loaded that could not when the switch started, because nobody answered them.
    pub load_missing_modules: bool,
}

impl Default for Freeswitch {
    fn default() -> Self {
        Self {
            switchname: String::new(),
            esl: Esl::default(),
            hep_collector: HepCollector::default(),
            load_missing_modules: true,
        }
    }
}

/// The event socket of the switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Esl {
    /// Address or name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Password. The default is the one that FreeSWITCH is shipped with; `doctor` says so when it still works.
    pub pass: Secret,
    /// Seconds to wait for an answer.
    pub timeout: u64,
    /// Log level that is collected, 1 to 10; 0: none.
    pub collect_logs: u8,
}

impl Default for Esl {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 8021,
            pass: Secret::new("ClueCon"),
            timeout: 10,
            collect_logs: 0,
        }
    }
}

/// Where HEP packets are taken; off when `host` is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HepCollector {
    /// Address to listen on.
    pub host: String,
    /// UDP port.
    pub port: u16,
}

/// The listener for people and programs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebServer {
    /// Path of the WebSocket.
    pub route: String,
    /// Address to listen on.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// UDP port of the STUN server; 0: none.
    pub stun_port: u16,
    /// PEM file with the certificate chain; empty: no TLS.
    pub cert_path: String,
    /// PEM file with the key.
    pub key_path: String,
    /// Which origins may open the WebSocket: `same_origin`, `allow_list` or `allow_all`.
    pub origin_policy: OriginPolicy,
    /// For `allow_list`.
    pub allowed_origins: Vec<String>,
    /// Seconds.
    pub ws_write_timeout_seconds: u64,
    /// Seconds.
    pub ws_read_timeout_seconds: u64,
    /// Seconds.
    pub ws_ping_interval_seconds: u64,
    /// Messages that wait for a slow reader before it is disconnected, at most 1024.
    pub websocket_queue_size: u16,
    /// Accepted because older files have it; TLS is on when there is a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
}

impl Default for WebServer {
    fn default() -> Self {
        Self {
            route: "/ws".into(),
            host: "127.0.0.1".into(),
            port: 8080,
            stun_port: 0,
            cert_path: String::new(),
            key_path: String::new(),
            origin_policy: OriginPolicy::SameOrigin,
            allowed_origins: Vec::new(),
            ws_write_timeout_seconds: 10,
            ws_read_timeout_seconds: 60,
            ws_ping_interval_seconds: 30,
            websocket_queue_size: 64,
            secure: None,
        }
    }
}

/// Who may open the WebSocket from a browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginPolicy {
    /// Pages of this server.
    #[default]
    SameOrigin,
    /// Pages of `allowed_origins`.
    AllowList,
    /// Any page.
    AllowAll,
}

/// The listener for mod_xml_curl.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XmlCurlServer {
    /// Path.
    pub route: String,
    /// Address to listen on.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// PEM file with the certificate chain; empty: no TLS.
    pub cert_path: String,
    /// PEM file with the key.
    pub key_path: String,
    /// The user name that the switch must send.
    pub user: String,
    /// The password that it must send; made up at the first start.
    pub pass: Secret,
    /// The addresses that may ask.
    pub allow: Vec<IpNet>,
    /// How long the switch may keep a user that does not say so itself; a text, and empty for not at all.
    #[serde(with = "cacheable")]
    pub cacheable: Option<Cacheable>,
    /// Accepted because older files have it; not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stun_port: Option<u16>,
    /// Accepted because older files have it; TLS is on when there is a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
}

impl Default for XmlCurlServer {
    fn default() -> Self {
        Self {
            route: "/conf/config".into(),
            host: "127.0.0.1".into(),
            port: 8081,
            cert_path: String::new(),
            key_path: String::new(),
            user: "freeswitch".into(),
            pass: Secret::default(),
            allow: vec![
                IpNet::from(std::net::IpAddr::from([127, 0, 0, 1])),
                IpNet::from(std::net::IpAddr::from(std::net::Ipv6Addr::LOCALHOST)),
            ],
            cacheable: None,
            stun_port: None,
            secure: None,
        }
    }
}

/// Where the tree is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Which engine.
    pub engine: Engine,
    /// SQLite: the file, relative to the data directory.
    pub path: String,
    /// PostgreSQL: the database.
    pub name: String,
    /// PostgreSQL: address, name or directory of the socket.
    pub host: String,
    /// PostgreSQL: TCP port.
    pub port: u16,
    /// PostgreSQL: the role.
    pub user: String,
    /// PostgreSQL: its password.
    pub pass: Secret,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            engine: Engine::Sqlite,
            path: "custompbx.db".into(),
            name: "custompbx".into(),
            host: "127.0.0.1".into(),
            port: 5432,
            user: "custompbx".into(),
            pass: Secret::default(),
        }
    }
}

/// The database engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A file.
    #[default]
    Sqlite,
    /// A server, which several nodes may share.
    Postgres,
}

/// What is logged, to standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A level (`error`, `warn`, `info`, `debug`, `trace`), or levels by module as `RUST_LOG` has them.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// The URL that people open.
    pub fn web_url(&self) -> String {
        let web = &self.webserver;
        url(&web.cert_path, &web.host, web.port, "/cweb/")
    }

    /// How the switch is answered beside the tree.
    pub(crate) fn answers(&self) -> custompbx_xmlcurl::Settings {
        custompbx_xmlcurl::Settings { cacheable: self.xml_curl_server.cacheable.clone() }
    }

    /// The URL that the switch asks.
    pub fn xml_curl_url(&self) -> String {
        let xml = &self.xml_curl_server;
        url(&xml.cert_path, &xml.host, xml.port, &xml.route)
    }
}

fn url(cert_path: &str, host: &str, port: u16, path: &str) -> String {
    let scheme = if cert_path.is_empty() { "http" } else { "https" };
    // Listening everywhere is no address to go to.
    let host = match host {
        "0.0.0.0" | "::" => "127.0.0.1",
        host => host,
    };
    if host.contains(':') {
        format!("{scheme}://[{host}]:{port}{path}")
    } else {
        format!("{scheme}://{host}:{port}{path}")
    }
}
