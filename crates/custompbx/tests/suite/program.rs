//! The program in a directory of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything takes, on a machine with much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// `freeswitch`, and the password of [`Place::command`].
pub(crate) const SWITCH_CREDENTIALS: &str = "ZnJlZXN3aXRjaDpzd2l0Y2gtcGFzc3dvcmQ=";

/// A data directory; what is run in it never touches anything else.
pub(crate) struct Place {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) web: u16,
    pub(crate) xml: u16,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), web: free_port(), xml: free_port() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_custompbx"));
        let inherited = std::env::vars().filter(|(name, _)| !name.starts_with("CUSTOMPBX"));
        command
            .env_clear()
            .envs(inherited)
            .env("CUSTOMPBX_DATA_DIR", self.path("data"))
            .env("CUSTOMPBX__WEBSERVER__PORT", self.web.to_string())
            .env("CUSTOMPBX__XML_CURL_SERVER__PORT", self.xml.to_string())
            .env("CUSTOMPBX__XML_CURL_SERVER__PASS", "switch-password")
            // Nothing listens there, so that no test depends on a switch that happens to run.
            .env("CUSTOMPBX__FREESWITCH__ESL__PORT", free_port().to_string())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs a command that must fail, and returns what it said.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }

    /// Starts the server and waits until it answers.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&mut self.command(&["serve"]))
    }

    pub(crate) fn serve_with(&self, command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let printed = collect(child.stdout.take().unwrap());
        let logged = collect(child.stderr.take().unwrap());
        let server = Server { child, printed, logged };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if get(self.web, "/readyz").is_some_and(|answer| answer.contains("200 OK")) {
                return server;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not answer: {}", server.logged());
    }

    /// The answer to a question of FreeSWITCH.
    pub(crate) fn ask(&self, form: &str) -> String {
        let request = format!(
            "POST /conf/config HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {SWITCH_CREDENTIALS}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        exchange(self.xml, &request).unwrap_or_default()
    }
}

type Lines = std::sync::Arc<std::sync::Mutex<String>>;

/// A running server; it is stopped when this is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    printed: Lines,
    logged: Lines,
}

impl Server {
    pub(crate) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    pub(crate) fn logged(&self) -> String {
        self.logged.lock().unwrap().clone()
    }

    /// Waits until its log holds this; a line that was written is not read at once.
    pub(crate) fn logs(&self, text: &str) -> bool {
        for _ in 0..100 {
            if self.logged().contains(text) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Asks it to stop, and does not wait.
    pub(crate) fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> (bool, String) {
        self.ask_to_stop();
        let status = self.child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        (status.success(), self.logged())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let into = lines.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut lines = into.lock().unwrap();
            lines.push_str(&line);
            lines.push('\n');
        }
    });
    lines
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn get(port: u16, path: &str) -> Option<String> {
    exchange(port, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
}

/// The answer to a request of the API with a JSON body.
pub(crate) fn send(port: u16, method: &str, path: &str, more: &str, body: &str) -> String {
    send_as(port, method, path, more, "application/json", body)
}

pub(crate) fn send_as(port: u16, method: &str, path: &str, more: &str, kind: &str, body: &str) -> String {
    try_send(port, method, path, more, kind, body).unwrap()
}

/// `None` when the server goes away meanwhile.
pub(crate) fn try_send(
    port: u16,
    method: &str,
    path: &str,
    more: &str,
    kind: &str,
    body: &str,
) -> Option<String> {
    let request = format!(
        "{method} /api/v2/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
         Connection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{more}\r\n{body}",
        body.len()
    );
    exchange(port, &request)
}

pub(crate) fn exchange(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(text(&answer))
}

/// The administrator of a server, signed in; also of one that is started later at the same place.
pub(crate) struct Admin {
    web: u16,
    pub(crate) cookie: String,
}

impl Admin {
    /// The password that a server is given for it.
    pub(crate) const PASSWORD: &str = "the password";

    pub(crate) fn sign_in(web: u16) -> Self {
        let body = format!(r#"{{"login":"admin","password":"{}"}}"#, Self::PASSWORD);
        let answer = send(web, "POST", "session", "", &body);
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.unwrap_or_else(|| panic!("{answer}"));
        Self { web, cookie: format!("Cookie: {}\r\n", cookie.split(';').next().unwrap()) }
    }

    /// What is answered to a request, which must be a good one.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send_as(self.web, method, path, &self.cookie, kind, &body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// How the server and its switch stand; one that has just started may not know of the switch yet.
    pub(crate) fn phase(&self) -> Value {
        let path = "switches/default";
        let answer = send(self.web, "GET", path, &self.cookie, "");
        if answer.starts_with("HTTP/1.1 404") {
            Value::Null
        } else {
            self.ask("GET", path, &Value::Null)["phase"].clone()
        }
    }

    /// All effects, the newest first: the command, and what came of it.
    pub(crate) fn effects(&self) -> Vec<(String, String)> {
        let effects = self.ask("GET", "switches/default/effects?limit=1000", &Value::Null);
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let effects = effects["items"].as_array().unwrap();
        effects.iter().map(|one| (text(one, "line"), text(one, "state"))).collect()
    }
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} does not come true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn vanilla() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures/vanilla-conf")
}

pub(crate) const USER_1000: &str = "hostname=default&section=directory&tag_name=domain&key_name=name&key_value=127.0.0.1\
    &Event-Name=REQUEST_PARAMS&FreeSWITCH-IPv4=127.0.0.1&action=sip_auth&key=id&user=1000&domain=127.0.0.1";
