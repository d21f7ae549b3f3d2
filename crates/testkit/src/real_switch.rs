//! A FreeSWITCH, where there is one: the environment variable `FREESWITCH_HOME` says where it is installed.
//!
//! Everything it writes is below a directory of the test's, and all its sockets are on 127.0.0.1; it ends with the
//! test.

pub mod prepared;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::recorded::frames;

/// With a whole boot in it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where FreeSWITCH is installed; says so when it is not.
pub fn home() -> Option<PathBuf> {
    let home = std::env::var_os("FREESWITCH_HOME").map(PathBuf::from);
    match &home {
        Some(home) => {
            let program = home.join("bin/freeswitch");
            assert!(program.exists(), "FREESWITCH_HOME is set, but there is no {}", program.display());
        }
        None => {
            // Past the capture of the test's output, so that it is seen.
            let text = "SKIPPED: FREESWITCH_HOME is not set, so nothing was tried with a real FreeSWITCH\n";
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }
    home
}

/// Free ports of 127.0.0.1, each free for TCP and UDP.
pub fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let mut held = Vec::new();
    std::array::from_fn(|_| {
        loop {
            let tcp = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = tcp.local_addr().expect("a bound socket has an address").port();
            if let Ok(udp) = UdpSocket::bind(("127.0.0.1", port)) {
                held.push((tcp, udp));
                return port;
            }
        }
    })
}

/// A switch that is not running any more, with all that it had.
pub struct Stopped {
    home: PathBuf,
    event_socket: SocketAddr,
    pass: String,
    directory: TempDir,
}

impl Stopped {
    /// Starts it again with what it has.
    pub fn start_again(self) -> Switch {
        Switch::start(&self.home, self.event_socket.port(), &self.pass, self.directory)
    }
}

/// A running switch.
pub struct Switch {
    child: Child,
    home: PathBuf,
    /// Its event socket.
    pub event_socket: SocketAddr,
    pass: String,
    /// `None` only while it is taken over by what is started next.
    directory: Option<TempDir>,
}

impl Switch {
    /// Starts one; `configure` writes its configuration into the directory that it is given.
    ///
    /// # Panics
    /// Shows the end of its log when it does not come up.
    pub fn start(home: &Path, event_socket_port: u16, pass: &str, configuration: TempDir) -> Self {
        let directory = configuration;
        let mut command = Command::new(home.join("bin/freeswitch"));
        command.args(["-nonat", "-np", "-nf", "-nc"]);
        for (option, name) in [
            ("-conf", "conf"),
            ("-log", "log"),
            ("-db", "db"),
            ("-run", "run"),
            ("-storage", "storage"),
            ("-recordings", "recordings"),
            ("-cache", "cache"),
            ("-temp", "tmp"),
            ("-scripts", "scripts"),
            ("-certs", "certs"),
        ] {
            let path = directory.path().join(name);
            std::fs::create_dir_all(&path).expect("a directory can be made");
            command.arg(option).arg(path);
        }
        command
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().expect("FreeSWITCH can be started");
        let event_socket = SocketAddr::from(([127, 0, 0, 1], event_socket_port));
        let (home, pass) = (home.to_owned(), pass.to_owned());
        let mut switch = Self { child, home, event_socket, pass, directory: Some(directory) };
        switch
            .wait_until(|switch| switch.try_api("status").is_some_and(|status| status.contains("is ready")));
        switch
    }

    /// Waits until something is so.
    ///
    /// # Panics
    /// Shows the end of its log when it is not so in time, or the switch ended.
    pub fn wait_until(&mut self, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none() && Instant::now() < deadline, "{ended:?}: {}", self.log_end());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The answer to a command.
    pub fn api(&self, command: &str) -> String {
        self.try_api(command).unwrap_or_else(|| panic!("{command} was not answered: {}", self.log_end()))
    }

    /// `None` when there is no answer.
    fn try_api(&self, command: &str) -> Option<String> {
        let mut connection = TcpStream::connect(self.event_socket).ok()?;
        connection.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let commands = format!("auth {}\n\napi {command}\n\nexit\n\n", self.pass);
        connection.write_all(commands.as_bytes()).ok()?;
        let mut said = Vec::new();
        connection.read_to_end(&mut said).ok()?;
        let response = frames(&said)
            .into_iter()
            .find(|frame| frame.bytes.windows(12).any(|part| part == b"api/response"))?;
        String::from_utf8(response.body).ok()
    }

    /// The files of its configuration directory.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut directories = vec![self.path().join("conf")];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a readable directory").flatten() {
                let path = entry.path();
                if path.is_dir() { directories.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    }

    /// The lines of its log that have this in them.
    pub fn log_with(&self, part: &str) -> Vec<String> {
        self.log().lines().filter(|line| line.contains(part)).map(str::to_owned).collect()
    }

    fn log(&self) -> String {
        let log = std::fs::read(self.path().join("log/freeswitch.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn path(&self) -> &Path {
        self.directory.as_ref().expect("it is taken only at the end").path()
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) -> Stopped {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
        let directory = self.directory.take().expect("it is taken only here");
        Stopped {
            home: self.home.clone(),
            event_socket: self.event_socket,
            pass: self.pass.clone(),
            directory,
        }
    }

    /// Ends it, as an administrator would.
    pub fn stop(mut self) {
        // It may be gone before it has answered.
        let _ = self.try_api("fsctl shutdown now");
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.child.try_wait().expect("a child can be waited for").is_none() {
            assert!(Instant::now() < deadline, "it does not stop: {}", self.log_end());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A test that failed leaves no switch behind.
impl Drop for Switch {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
