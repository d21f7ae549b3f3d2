//! A whole server in the test's process: a database of its own, both listeners on real sockets, and the task that
//! follows the database.
//!
//! ```ignore
//! let pbx = TestPbx::on(Engine::Postgres).await;
//! pbx.import_xml("<document>...</document>").await;
//! let answer = pbx.ask("hostname=fs1&section=directory&...").await;
//! ```

mod asking;
mod database;
pub mod http;
pub mod log;
mod people;
mod relay;
pub mod socket;
mod tree;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use custompbx_api::xml_curl::Questions;
use custompbx_api::{App, Settings, listen, routes};
use custompbx_conf::{ReadOptions, Reading};
use custompbx_pbx::config::{self, Config, Secret};
use custompbx_pbx::settings::LogLevel;
use custompbx_pbx::{Clock, Options, Pbx, import::Imported};
use custompbx_switch::Timing;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub use database::Engine;
pub use http::Reply;
pub use people::{PASSWORD, SignedIn};
pub use socket::{Incoming, Socket};
pub use tree::{find, named, named_child, try_find};

use crate::outsider::Outsider;
use crate::recorded::fixtures;
use database::Home;

/// Where mod_xml_curl asks.
pub const ROUTE: &str = "/conf/config";
/// What mod_xml_curl calls itself.
pub const USER: &str = "freeswitch";
/// And its password.
pub const PASS: &str = "only for tests";
/// The instance that tests work with.
pub const INSTANCE: &str = "default";
/// What a standing clock shows at first: 2026-11-23 00:00:00 UTC.
pub const START_MS: i64 = 1_795_392_000_000;

/// A server in the making.
#[derive(Clone, Debug)]
pub struct Setup {
    engine: Engine,
    clock: Clock,
    config: Config,
    environment: Vec<(String, String)>,
    settings: Settings,
    drives: bool,
}

impl Setup {
    /// With everything as it comes: the machine's clock, questions from the machine itself.
    pub fn on(engine: Engine) -> Self {
        let mut config = Config::default();
        config.webserver.port = 0;
        let xml = &mut config.xml_curl_server;
        xml.port = 0;
        USER.clone_into(&mut xml.user);
        xml.pass = Secret::new(PASS);
        xml.allow = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network")).into();
        Self {
            engine,
            clock: Clock::system(),
            config,
            environment: Vec::new(),
            settings: Settings::default(),
            drives: false,
        }
    }

    /// With a switch that is driven: the one of the configuration. Without this, none is.
    #[must_use]
    pub fn driving(mut self, event_socket: SocketAddr, pass: &str) -> Self {
        let esl = &mut self.config.freeswitch.esl;
        (esl.host, esl.port, esl.pass) =
            (event_socket.ip().to_string(), event_socket.port(), Secret::new(pass));
        self.drives = true;
        self
    }

    /// With a clock that stands still until the test moves it.
    #[must_use]
    pub fn with_standing_clock(mut self) -> Self {
        self.clock = Clock::standing(START_MS);
        self
    }

    /// With questions from these networks only.
    #[must_use]
    pub fn allowing(mut self, networks: &[&str]) -> Self {
        self.config.xml_curl_server.allow =
            networks.iter().map(|net| net.parse().expect("a network")).collect();
        self
    }

    /// With users that the switch keeps for so long.
    #[must_use]
    pub fn cacheable(mut self, value: &str) -> Self {
        self.config.xml_curl_server.cacheable = Some(value.parse().expect("milliseconds, or true"));
        self
    }

    /// With a configuration that is otherwise. It is written to the file once, and read from there at each start.
    #[must_use]
    pub fn configured(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With these settings of the web listener.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Starts it, with an empty database.
    pub async fn start(self) -> TestPbx {
        let home = Home::new(self.engine).await;
        Place { setup: self, home: Arc::new(home), data: Arc::new(directory()) }.start().await
    }

    /// Only the place it will be in, with an empty database.
    pub async fn place(self) -> Place {
        let home = Home::new(self.engine).await;
        Place { setup: self, home: Arc::new(home), data: Arc::new(directory()) }
    }
}

fn directory() -> TempDir {
    tempfile::Builder::new().prefix("custompbx-test-").tempdir().expect("cannot make a directory")
}

/// What outlasts a server: its database and its data directory.
#[derive(Clone)]
pub struct Place {
    setup: Setup,
    home: Arc<Home>,
    data: Arc<TempDir>,
}

impl Place {
    /// Starts a server here.
    pub async fn start(self) -> TestPbx {
        log::capture();
        let path = self.config_file();
        if !path.exists() {
            config::save(&path, &self.setup.config).expect("the directory is ours");
        }
        let configuration = config::load(&path, self.setup.environment.clone()).expect("it can be read");
        let options = Options {
            engine: self.home.engine(),
            data_dir: self.data.path().to_owned(),
            configuration,
            log_level: Some(LogLevel::new(log::check_level)),
            clock: self.setup.clock.clone(),
        };
        let metrics = metrics();
        let pbx = Pbx::open(options).await.unwrap_or_else(|error| panic!("{}", error.chain()));
        let (stop, stopped) = watch::channel(false);
        let web = listen::bind("webserver", "127.0.0.1", 0, None).await.expect("a free port");
        let xml = listen::bind("xml_curl_server", "127.0.0.1", 0, None).await.expect("a free port");
        let (web_at, xml_at) =
            (web.address().expect("a bound socket"), xml.address().expect("a bound socket"));
        let questions = Questions::new(pbx.clone(), ROUTE);
        let app = App::new(pbx.clone(), metrics, self.setup.settings.clone());
        let people = routes::router(app.clone());
        let pushing = stopped.clone();
        let following = pbx.clone();
        let follow = stopped.clone();
        let (driver, drive) = (pbx.clone(), stopped.clone());
        let drives = self.setup.drives;
        let tasks = vec![
            tokio::spawn(async move {
                if drives {
                    driver.drive_switches_with(in_a_hurry(), drive).await;
                }
            }),
            tokio::spawn(async move { following.keep_up(follow).await }),
            tokio::spawn(async move { app.run(pushing).await }),
            tokio::spawn(works(web.serve(people, stopped.clone()))),
            tokio::spawn(works(xml.answer(questions, stopped))),
        ];
        TestPbx { pbx, web: web_at, xml_curl: xml_at, place: self, stop, tasks }
    }

    /// Takes the database away: it answers nobody, and nobody is connected any more.
    pub async fn take_database_away(&self) {
        self.home.take_away().await;
    }

    /// Lets nothing through to the PostgreSQL database, without a word to anybody.
    pub fn stall_database(&self) {
        self.home.stall();
    }

    /// Lets everything through again.
    pub fn let_database_go_on(&self) {
        self.home.go_on();
    }

    /// Takes the PostgreSQL database away right behind the next commit, of which the server still hears.
    pub fn take_database_away_behind_a_commit(&self) {
        self.home.take_away_behind_a_commit();
    }

    /// Gives it back as it was.
    pub async fn give_database_back(&self) {
        self.home.give_back().await;
    }

    /// Another program at its database.
    pub async fn outsider(&self) -> Outsider {
        self.home.outsider().await
    }

    /// The file of the configuration.
    pub fn config_file(&self) -> std::path::PathBuf {
        self.data.path().join("config.json")
    }

    /// The file of an SQLite database.
    pub fn database_file(&self) -> Option<std::path::PathBuf> {
        match self.home.engine() {
            custompbx_store::Engine::Sqlite { path } => Some(path),
            custompbx_store::Engine::Postgres { .. } => None,
        }
    }

    /// The saved snapshot's file.
    pub fn snapshot_file(&self) -> std::path::PathBuf {
        self.data.path().join("snapshot.bin")
    }
}

/// Tests do not wait as long as people do.
fn in_a_hurry() -> Timing {
    Timing {
        first_backoff: Duration::from_millis(20),
        longest_backoff: Duration::from_millis(200),
        steady: Duration::from_millis(500),
        reread: Duration::from_millis(100),
        sample: Duration::from_secs(1),
        ..Timing::default()
    }
}

async fn works(listener: impl Future<Output = Result<(), listen::ListenError>>) {
    listener.await.expect("a listener that works");
}

fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || PrometheusBuilder::new().install_recorder().expect("the only recorder of the process");
    HANDLE.get_or_init(install).clone()
}

/// A running server.
pub struct TestPbx {
    /// Its use cases.
    pub pbx: Pbx,
    /// Where people connect.
    pub web: SocketAddr,
    /// Where mod_xml_curl connects.
    pub xml_curl: SocketAddr,
    place: Place,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl TestPbx {
    /// A server with an empty database of its own.
    pub async fn on(engine: Engine) -> Self {
        Setup::on(engine).start().await
    }

    /// Another server on the same database.
    pub async fn beside(&self) -> Self {
        let place = Place { data: Arc::new(directory()), ..self.place.clone() };
        place.start().await
    }

    /// Another server on the same database, that drives another switch.
    pub async fn beside_driving(&self, event_socket: SocketAddr, pass: &str) -> Self {
        let mut place = Place { data: Arc::new(directory()), ..self.place.clone() };
        place.setup = place.setup.driving(event_socket, pass);
        place.start().await
    }

    /// Which engine it has.
    pub fn engine(&self) -> Engine {
        self.place.setup.engine
    }

    /// Its database and its data directory.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Moves its standing clock.
    pub fn advance(&self, by: Duration) {
        self.place.setup.clock.advance(i64::try_from(by.as_millis()).expect("some time"));
    }

    /// Another connection to its database, as another program would have it.
    pub async fn another_store(&self) -> custompbx_store::Store {
        let engine = self.place.home.engine();
        custompbx_store::Store::open(&engine, self.pbx.now()).await.expect("the database is there")
    }

    /// Takes the database away from the running server.
    pub async fn take_database_away(&self) {
        self.place.home.take_away().await;
        if self.engine() == Engine::Sqlite {
            // An open file goes on working after it was moved.
            self.pbx.close().await;
        }
    }

    /// Gives it back as it was.
    pub async fn give_database_back(&self) {
        self.place.home.give_back().await;
    }

    /// Makes the tree that of FreeSWITCH's vanilla configuration.
    pub async fn import_vanilla(&self) -> Imported {
        let mut nobody = |_| {};
        let paths = [fixtures().join("vanilla-conf")];
        let reading = custompbx_conf::read(&paths, &ReadOptions::default(), &mut nobody);
        self.import(reading.expect("vanilla can be read")).await
    }

    /// Makes the tree that of one text.
    pub async fn import_xml(&self, text: &str) -> Imported {
        let reading = custompbx_conf::read_text("test.xml", text.as_bytes(), &ReadOptions::default());
        self.import(reading.expect("a text that can be read")).await
    }

    async fn import(&self, reading: Reading) -> Imported {
        let imported = self.pbx.import(INSTANCE, reading, "test", &mut |_| {}).await;
        imported.unwrap_or_else(|error| panic!("{}", error.chain()))
    }

    /// Asks as mod_xml_curl does: a new connection, POST, the form as it is.
    pub async fn ask(&self, form: &str) -> Reply {
        let request = question(form, &format!("Authorization: {}\r\n", authorization(USER, PASS)));
        self.ask_raw(&request).await
    }

    /// Sends bytes to the listener for mod_xml_curl.
    pub async fn ask_raw(&self, request: &[u8]) -> Reply {
        http::exchange(self.xml_curl, request).await.expect("an answer")
    }

    /// Sends a request to the listener for people.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.web));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let request = [head.as_bytes(), b"\r\n", body].concat();
        http::exchange(self.web, &request).await.expect("an answer")
    }

    /// GET without anything.
    pub async fn get(&self, path: &str) -> Reply {
        self.http("GET", path, &[], b"").await
    }

    /// Ends the server, as a signal would.
    pub async fn stop(self) -> Place {
        self.stop.send_replace(true);
        for task in self.tasks {
            timeout(Duration::from_secs(10), task).await.expect("the server stops").expect("without a panic");
        }
        self.pbx.close().await;
        self.place
    }

    /// Ends the server as a power cut would: nothing is saved any more.
    pub async fn kill(self) -> Place {
        for task in &self.tasks {
            task.abort();
        }
        for task in self.tasks {
            let _ = task.await;
        }
        self.place
    }

    /// Ends it and starts it again on the same database and data directory.
    pub async fn restart(self) -> Self {
        self.stop().await.start().await
    }
}

/// The value of `Authorization`.
pub fn authorization(user: &str, pass: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{pass}")))
}

/// A question with these further header lines.
pub fn question(form: &str, headers: &str) -> Vec<u8> {
    let head = format!(
        "POST {ROUTE} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}User-Agent: freeswitch-xml/1.0\r\nAccept: */*\r\n\
         Content-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n",
        form.len()
    );
    (head + form).into_bytes()
}
