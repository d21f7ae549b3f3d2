//! What all connections share.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::answers::Answers;
use super::connection::{Connection, TICK};
use super::event::{self, Event};
use super::manner::Manner;
use super::session::Session;

/// The switch that is played.
#[derive(Debug)]
pub(super) struct Switch {
    answers: Mutex<Answers>,
    manner: Mutex<Manner>,
    core: Mutex<String>,
    sequence: AtomicU64,
    uuids: AtomicU64,
    is_running: AtomicBool,
    connections: Mutex<Vec<Arc<Connection>>>,
    diary: Mutex<Diary>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Diary {
    heard: Vec<(usize, String)>,
    accepted: usize,
}

impl Switch {
    pub(super) fn new(layers: &[&str], core: &str) -> Self {
        Self {
            answers: Mutex::new(Answers::new(layers)),
            manner: Mutex::default(),
            core: Mutex::new(core.to_owned()),
            sequence: AtomicU64::new(1),
            uuids: AtomicU64::new(1),
            is_running: AtomicBool::new(false),
            connections: Mutex::default(),
            diary: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) fn answers(&self) -> MutexGuard<'_, Answers> {
        lock(&self.answers)
    }

    pub(super) fn core(&self) -> MutexGuard<'_, String> {
        lock(&self.core)
    }

    pub(super) fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Acquire)
    }

    pub(super) fn run(&self, runs: bool) {
        self.is_running.store(runs, Ordering::Release);
    }

    /// For connections to come.
    pub(super) fn behave(&self, manner: Manner) {
        *lock(&self.manner) = manner;
    }

    /// Takes a client.
    pub(super) fn accept(self: &Arc<Self>, stream: TcpStream) {
        let number = {
            let mut diary = lock(&self.diary);
            diary.accepted += 1;
            diary.accepted
        };
        let manner = *lock(&self.manner);
        // A client may be gone again already.
        let Ok(connection) = Connection::new(number, stream, manner) else { return };
        let connection = Arc::new(connection);
        lock(&self.connections).push(Arc::clone(&connection));
        self.changed();
        let session = Session { switch: Arc::clone(self), connection };
        thread::spawn(move || session.run());
    }

    pub(super) fn forget(&self, connection: &Arc<Connection>) {
        lock(&self.connections).retain(|other| !Arc::ptr_eq(other, connection));
        self.changed();
    }

    /// Those that are open.
    pub(super) fn connections(&self) -> Vec<Arc<Connection>> {
        lock(&self.connections).clone()
    }

    /// All of them, which are none then.
    pub(super) fn take_connections(&self) -> Vec<Arc<Connection>> {
        let taken = std::mem::take(&mut *lock(&self.connections));
        self.changed();
        taken
    }

    pub(super) fn hear(&self, connection: usize, command: &str) {
        lock(&self.diary).heard.push((connection, command.to_owned()));
        self.changed();
    }

    pub(super) fn heard(&self) -> Vec<(usize, String)> {
        lock(&self.diary).heard.clone()
    }

    pub(super) fn forget_heard(&self) {
        lock(&self.diary).heard.clear();
    }

    pub(super) fn accepted(&self) -> usize {
        lock(&self.diary).accepted
    }

    /// Wakes those who wait for something.
    pub(super) fn changed(&self) {
        self.changed.notify_all();
    }

    /// Waits until it is so. False if it took too long.
    pub(super) fn wait_until(&self, patience: Duration, is_so: impl Fn() -> bool) -> bool {
        let deadline = Instant::now() + patience;
        while !is_so() {
            if Instant::now() > deadline {
                return false;
            }
            // It may have changed since it was looked at: that is seen a tick later.
            drop(self.changed.wait_timeout(lock(&self.diary), TICK));
        }
        true
    }

    /// Whether a command that came at `start` is to be answered by now.
    pub(super) fn is_due(&self, command: &str, start: Instant) -> bool {
        let answers = self.answers();
        !answers.is_held(command) && start.elapsed() >= answers.delay_of(command)
    }

    pub(super) fn body(&self, command: &str) -> String {
        let body = self.answers().body(command);
        body.text()
    }

    /// An event with what every event has.
    pub(super) fn event(&self, fields: &[(&str, &str)]) -> String {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        event::text(&self.core(), sequence, fields)
    }

    /// The numbers of events start again, as they do when a switch is started.
    pub(super) fn restart_sequence(&self) {
        self.sequence.store(1, Ordering::Relaxed);
    }

    pub(super) fn next_uuid(&self) -> String {
        format!("10b00000-0000-4000-8000-{:012x}", self.uuids.fetch_add(1, Ordering::Relaxed))
    }

    /// To those who want them. Says how many were written.
    pub(super) fn send(&self, events: &[Event]) -> usize {
        self.connections().iter().map(|connection| connection.deliver(events)).sum()
    }

    /// Tells that a job is done.
    pub(super) fn finish_job(&self, id: &str, command: &str) {
        let body = self.body(command);
        let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
        let length = body.len().to_string();
        let mut fields = vec![("Event-Name", "BACKGROUND_JOB"), ("Job-UUID", id), ("Job-Command", word)];
        if !argument.is_empty() {
            fields.push(("Job-Command-Arg", argument));
        }
        fields.extend([("Content-Length", length.as_str()), ("_body", body.as_str())]);
        self.send(&[Event::parse(&self.event(&fields))]);
    }
}

/// A test that panicked has its own message.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
