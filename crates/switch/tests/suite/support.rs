//! A supervisor at work, and what the tests ask of it.

use std::net::SocketAddr;
use std::ops::Deref;
use std::time::{Duration, Instant};

use custompbx_switch::live::{Kind, Row, Table};
use custompbx_switch::{Address, Phase, Status, Supervisor, Timing};
use custompbx_testkit::event_socket::{EventSocket, PASS};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longer than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a stand-in is.
pub(crate) fn address(socket: SocketAddr) -> Address {
    Address {
        host: socket.ip().to_string(),
        port: socket.port(),
        pass: PASS.to_owned(),
        timeout: Duration::from_secs(5),
    }
}

/// In a hurry, and without sampling.
pub(crate) fn quick() -> Timing {
    Timing {
        first_backoff: Duration::from_millis(2),
        longest_backoff: Duration::from_millis(20),
        steady: Duration::from_secs(3_600),
        silence: Duration::from_secs(30),
        reread: Duration::from_millis(20),
        sample: Duration::from_secs(3_600),
        answer: Duration::from_secs(10),
    }
}

/// Long enough that nothing happens by itself.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);

/// A supervisor that runs.
pub(crate) struct Watched {
    supervisor: Supervisor,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Deref for Watched {
    type Target = Supervisor;

    fn deref(&self) -> &Supervisor {
        &self.supervisor
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Watched {
    pub(crate) fn new(address: Address, timing: Timing) -> Self {
        let supervisor = Supervisor::new(address, timing, || 1_795_391_400_000);
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn({
            let supervisor = supervisor.clone();
            async move { supervisor.run(stopped).await }
        });
        Self { supervisor, stop, running }
    }

    pub(crate) fn at(stand_in: &EventSocket) -> Self {
        Self::new(address(stand_in.address()), quick())
    }

    /// One that knows the switch.
    pub(crate) async fn live_at(stand_in: &EventSocket) -> Self {
        let watched = Self::at(stand_in);
        watched.until_live().await;
        watched
    }

    pub(crate) async fn until_live(&self) {
        self.until_status(|status| status.phase == Phase::Live).await;
    }

    pub(crate) async fn until_status(&self, is_so: impl Fn(&Status) -> bool) -> Status {
        eventually(|| format!("{:?}", self.status()), || Some(self.status()).filter(&is_so)).await
    }

    /// Waits for a state.
    pub(crate) async fn until(&self, is_so: impl Fn(&Supervisor) -> bool) {
        let shown = || format!("{:?} {:?}", self.status(), self.channels());
        eventually(shown, || is_so(&self.supervisor).then_some(())).await;
    }

    /// Ends it; panics if that takes a while.
    pub(crate) async fn stop(mut self) -> Status {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(Duration::from_secs(2), &mut self.running).await;
        ended.expect("it stops at once").expect("it does not panic");
        self.status()
    }

    /// The same for another thread.
    pub(crate) fn supervisor(&self) -> Supervisor {
        self.supervisor.clone()
    }

    /// The keys of the channels.
    pub(crate) fn channels(&self) -> Vec<String> {
        keys(&self.live().tables().channels)
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.live().tables().len(kind)
    }

    /// A figure by its name.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        let found = self.figures().all().into_iter().find(|(known, ..)| *known == name);
        found.expect("there is such a figure").2
    }
}

/// The keys of a table.
pub(crate) fn keys<R: Row>(table: &Table<R>) -> Vec<String> {
    table.iter().map(|(key, _)| key.to_string()).collect()
}

/// Asks until there is an answer.
pub(crate) async fn eventually<T>(shown: impl Fn() -> String, ask: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "it never came: {}", shown());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How often a command was heard.
pub(crate) fn times(stand_in: &EventSocket, command: &str) -> usize {
    stand_in.heard().iter().filter(|heard| *heard == command).count()
}

/// Waits until a command was heard so often.
pub(crate) async fn until_heard(stand_in: &EventSocket, command: &str, count: usize) {
    let shown = || format!("{command}: {:?}", stand_in.heard());
    eventually(shown, || (times(stand_in, command) >= count).then_some(())).await;
}

/// An event of a channel.
pub(crate) fn channel_event(stand_in: &EventSocket, name: &str, uuid: &str) -> String {
    let state = match name {
        "CHANNEL_CREATE" => "RINGING",
        "CHANNEL_ANSWER" => "ACTIVE",
        _ => "HANGUP",
    };
    stand_in.event(&[("Event-Name", name), ("Unique-ID", uuid), ("Channel-Call-State", state)])
}

/// `show channels as json` with these channels.
pub(crate) fn channels_of<'a>(uuids: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let rows = uuids.into_iter().map(|(uuid, state)| format!(r#"{{"uuid":"{uuid}","callstate":"{state}"}}"#));
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return "{\"row_count\": 0}\n".to_owned();
    }
    format!(r#"{{"row_count":{},"rows":[{}]}}"#, rows.len(), rows.join(","))
}
