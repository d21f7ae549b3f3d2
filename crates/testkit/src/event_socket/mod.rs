//! An event socket on a real socket: a whole switch, played from recordings.
//!
//! It has threads of its own, and what waits here blocks. A test with a client on tokio needs the runtime
//! `multi_thread`, or asks again and again ([`EventSocket::heard`], [`EventSocket::subscribed`]).

mod answers;
mod connection;
mod control;
mod event;
mod manner;
mod recordings;
mod rows;
mod session;
mod subscription;
mod switch;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use control::Ready;
pub use manner::Manner;
pub use recordings::recorded_events;
pub use rows::{channel_uuid, channels_json, registrations_json};
use switch::Switch;

/// The password of the recordings.
pub const PASS: &str = "ClueCon";

/// The `Core-UUID` of most recordings, and of events that are made here.
pub const CORE: &str = "bc453a99-8332-441a-8dc7-3fa6b5c4c378";

/// What answers when nothing else was chosen: nobody is there.
const IDLE: &[&str] = &["idle-reg", "api", "pristine"];

/// Longer than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A switch at its event socket. When it is dropped all connections are closed, and its port is free.
#[derive(Debug)]
pub struct EventSocket {
    address: SocketAddr,
    switch: Arc<Switch>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl EventSocket {
    /// One on a free port of 127.0.0.1, that answers as an idle switch.
    pub fn start() -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into())
    }

    /// One on this address, where another one may have been.
    pub fn start_at(address: SocketAddr) -> Self {
        let switch = Arc::new(Switch::new(IDLE, CORE));
        let mut socket = Self { address, switch, listening: Mutex::default() };
        socket.address = socket.listen();
        socket
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes all connections, and listens no more.
    pub fn stop(&self) {
        let listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.switch.run(false);
        if let Some(thread) = listening {
            // The thread sees it with the next client.
            let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
            // If it panicked, that is in the output of the test.
            let _ = thread.join();
        }
        self.close_all();
    }

    /// Listens again after [`Self::stop`], on the same port. Answers, manner and what was heard are kept.
    pub fn start_again(&self) {
        self.stop();
        self.listen();
    }

    fn listen(&self) -> SocketAddr {
        let listener = bind(self.address);
        let address = listener.local_addr().expect("a bound socket has an address");
        self.switch.run(true);
        let switch = Arc::clone(&self.switch);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if !switch.is_running() {
                    return;
                }
                // A client may be gone before it was accepted.
                if let Ok(stream) = stream {
                    switch.accept(stream);
                }
            }
        });
        *self.listening.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        address
    }
}

impl Drop for EventSocket {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that was just left may be somebody's for a moment: a client is given any free one.
fn bind(address: SocketAddr) -> TcpListener {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match TcpListener::bind(address) {
            Ok(listener) => return listener,
            Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => panic!("cannot listen at {address}: {error}"),
        }
    }
}
