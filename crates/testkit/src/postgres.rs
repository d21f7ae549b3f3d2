//! A PostgreSQL server of the tests' own: made in a temporary directory when the first test asks for a database,
//! gone with the process that asked, however that ends.
//!
//! The crate `pgtemp` does nearly the same, but needs `sudo` where the tests run as root, and leaves its server behind
//! when the process is killed.

use std::fmt;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const USER: &str = "custompbx";
const PASS: &str = "for tests only";

/// An empty database of one's own.
#[derive(Clone)]
pub struct Database {
    /// An address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// A superuser.
    pub user: String,
    /// Its password.
    pub pass: String,
    /// The database.
    pub name: String,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.host, self.port, self.name)
    }
}

/// Makes a database on the server of this process.
///
/// # Panics
/// Says what is missing when there is no PostgreSQL here: tests on one engine only are no tests.
pub fn database() -> Database {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(Server::start);
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    server.create(&name);
    let host = "127.0.0.1".to_owned();
    Database { host, port: server.port, user: USER.to_owned(), pass: PASS.to_owned(), name }
}

struct Server {
    programs: PathBuf,
    port: u16,
    /// Holds the pipe that keeps the server alive.
    _guard: Child,
}

/// Starts the server and waits for its standard input to end, which it does with the process at its other end: then
/// stops the server at once and removes its directory.
const GUARD: &str = r#"
    dir=$1; shift
    "$@" </dev/null >"$dir/log" 2>&1 &
    cat >/dev/null
    kill -QUIT $!
    wait $!
    rm -rf "$dir"
"#;

impl Server {
    fn start() -> Self {
        let programs = programs();
        let dir = tempfile::Builder::new()
            .prefix("custompbx-postgres-")
            .tempdir()
            .expect("cannot make a directory");
        // The guard removes it, also when this process is killed.
        let dir = dir.keep();
        let owner = owner(&dir);
        // A port that was free a moment ago can be taken by another test process.
        for _ in 0..10 {
            initdb(&programs, &dir, owner);
            let port = free_port();
            if let Some(guard) = run(&programs, &dir, port, owner) {
                return Self { programs, port, _guard: guard };
            }
        }
        panic!("PostgreSQL does not start; see {}/log", dir.display());
    }

    fn create(&self, name: &str) {
        let mut createdb = Command::new(self.programs.join("createdb"));
        createdb
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER, name])
            .env("PGPASSWORD", PASS);
        output(&mut createdb);
    }
}

/// The newest PostgreSQL server that is installed.
fn programs() -> PathBuf {
    let version = |path: &PathBuf| path.parent().and_then(Path::file_name)?.to_str()?.parse::<u32>().ok();
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = packaged
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest
        .or_else(|| std::env::split_paths(&path).find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists()))
        .expect("PostgreSQL is not installed, and the tests need it: initdb is neither in /usr/lib/postgresql/*/bin nor in PATH (apt-get install postgresql)")
}

/// The user and group that the server runs as: PostgreSQL refuses to be root.
type Owner = Option<(u32, u32)>;

fn owner(dir: &Path) -> Owner {
    use std::os::unix::fs::MetadataExt as _;
    let made = std::fs::metadata(dir).expect("cannot look at the directory just made");
    if made.uid() != 0 {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(|id| id.parse().ok());
        Some((ids.next()??, ids.next()??))
    };
    let owner =
        find("postgres").or_else(|| find("nobody")).expect("there is neither a user postgres nor nobody");
    chown(dir, Some(owner.0), Some(owner.1)).expect("cannot give the directory away");
    Some(owner)
}

fn command(program: PathBuf, dir: &Path, owner: Owner) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command.current_dir(dir).env("LC_ALL", "C.UTF-8");
    command
}

fn initdb(programs: &Path, dir: &Path, owner: Owner) {
    let data = dir.join("data");
    if data.exists() {
        return;
    }
    let password = dir.join("password");
    std::fs::write(&password, PASS).expect("cannot write the password's file");
    if let Some((uid, gid)) = owner {
        chown(&password, Some(uid), Some(gid)).expect("cannot give the password's file away");
    }
    let mut initdb = command(programs.join("initdb"), dir, owner);
    initdb.args(["--no-sync", "--encoding=UTF8", "--auth=scram-sha-256", "--username", USER]);
    initdb.arg("--pwfile").arg(&password).arg("-D").arg(&data);
    output(&mut initdb);
}

/// `None` when the server ended instead of answering.
fn run(programs: &Path, dir: &Path, port: u16, owner: Owner) -> Option<Child> {
    let mut guard = command("/bin/sh".into(), dir, owner);
    guard
        .args(["-c", GUARD, "guard"])
        .arg(dir)
        .arg(programs.join("postgres"))
        .arg("-D")
        .arg(dir.join("data"));
    let settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "full_page_writes=off",
        "max_connections=300",
        "shared_buffers=128MB",
        "max_wal_size=4GB",
    ];
    for setting in settings {
        guard.args(["-c", setting]);
    }
    guard
        .args(["-c", &format!("port={port}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C in a terminal is for the tests; the guard hears of it when they end.
    let mut guard = guard.process_group(0).spawn().expect("cannot start PostgreSQL");
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let ready = Command::new(programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .status();
        if ready.is_ok_and(|status| status.success()) {
            return Some(guard);
        }
        let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
        if log.contains("could not create any TCP/IP sockets") {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // Without the directory there is nothing to try again with, so the guard must not clean up.
    guard.kill().ok();
    guard.wait().ok();
    None
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("no free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn output(command: &mut Command) {
    let program = command.get_program().to_owned();
    let done = command.output().unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{} failed: {errors}", program.display());
}
