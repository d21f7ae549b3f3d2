//! One switch, watched: connected as long as it can be, its state kept by its events, and read again where they do not
//! tell enough.
//!
//! At a connection: first the subscription, then everything is read, then the events that came in the meantime are
//! applied; so nothing falls between. From then on
//!
//! - an event that tells too little has its part of the state read again;
//! - what was lost (a full queue here, or the switch's own) has everything read again;
//! - counts are compared now and then with the switch's, and a part that differs is read again.
//!
//! `Event-Sequence` is not used for that: with a narrow subscription it always has gaps.
//!
//! - [`session`]: from a connection to its end;
//! - [`subscribing`]: what is asked for at its beginning;
//! - [`reading`]: asking the switch for its state;
//! - [`rereading`]: which parts are to be read again, and when;
//! - [`status`]: what is told of all this.

mod events;
mod figures;
mod reading;
mod rereading;
mod session;
mod status;
mod subscribing;
mod timing;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{Instant, sleep};

pub use figures::Figures;
pub use status::{Phase, Status};
pub use timing::Timing;

use crate::commands::Commands;
use crate::live::{Live, Told};
use crate::{Address, Trouble};

/// Executions that wait for the slowest listener.
const EXECUTIONS: usize = 4_096;

/// How long it is waited for those who read the state before they have to wait.
const LONGEST_READ: Duration = Duration::from_secs(5);

/// One switch, watched. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor(Arc<Inner>);

struct Inner {
    timing: Timing,
    now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
    address: watch::Sender<Address>,
    commands: Commands,
    live: RwLock<Live>,
    /// [`Live::seq`], for those who wait for changes.
    seq: watch::Sender<u64>,
    status: watch::Sender<Status>,
    figures: Figures,
    /// Whether somebody wants to know what is executed.
    executions: watch::Sender<bool>,
    executed: broadcast::Sender<Executed>,
    again: Notify,
    reread: Notify,
}

/// An application that the switch begins to execute for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The call.
    pub uuid: String,
    /// The application.
    pub application: String,
}

impl Supervisor {
    /// For the switch at this address. `now_ms` is our clock, in milliseconds since 1970. Nothing happens before
    /// [`Supervisor::run`].
    pub fn new(address: Address, timing: Timing, now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let (address, watched) = watch::channel(address);
        let (since_ms, answer) = (now_ms(), timing.answer);
        Self(Arc::new(Inner {
            timing,
            now_ms: Box::new(now_ms),
            address,
            commands: Commands::new(watched, answer),
            live: RwLock::default(),
            seq: watch::Sender::new(0),
            status: watch::Sender::new(Status::at_first(since_ms)),
            figures: Figures::default(),
            executions: watch::Sender::new(false),
            executed: broadcast::channel(EXECUTIONS).0,
            again: Notify::new(),
            reread: Notify::new(),
        }))
    }

    /// Watches the switch until `stop` says so.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        self.0.commands.keep_connections(true);
        tokio::select! {
            () = self.watch() => {}
            // The sender is gone: so is whoever wanted this.
            _ = stop.wait_for(|stop| *stop) => {}
        }
        self.0.commands.keep_connections(false);
        self.0.status.send_modify(|status| status.enter(Phase::Away, (self.0.now_ms)()));
    }

    async fn watch(&self) {
        let mut address = self.0.address.subscribe();
        let (mut failures, mut said) = (0, None);
        let mut previous: Option<Address> = None;
        loop {
            let current = address.borrow_and_update().clone();
            if previous.is_some_and(|old| (&old.host, old.port) != (&current.host, current.port)) {
                self.forget_switch();
            }
            previous = Some(current.clone());
            self.enter(Phase::Connecting);
            let mut connected = None;
            let trouble = tokio::select! {
                trouble = self.session(&current, &mut connected) => trouble,
                _ = address.changed() => {
                    failures = 0;
                    self.0.commands.forget();
                    continue;
                }
            };
            // A switch that takes connections and drops them at once is not asked all the time.
            let steady = connected.is_some_and(|since: Instant| since.elapsed() >= self.0.timing.steady);
            failures = if steady { 1 } else { failures + 1 };
            // Whoever sees that it waits can wake it.
            let again = self.0.again.notified();
            self.lost(&current, trouble, failures, &mut said);
            tokio::select! {
                () = sleep(self.0.timing.backoff(failures)) => {}
                () = again => failures = 0,
                _ = address.changed() => failures = 0,
            }
        }
    }

    fn enter(&self, phase: Phase) {
        let now = (self.0.now_ms)();
        self.0.status.send_if_modified(|status| {
            let changed = status.phase != phase;
            status.enter(phase, now);
            changed
        });
    }

    /// What is known is of the switch at another address.
    fn forget_switch(&self) {
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        live.clear();
        self.tell(live.seq());
        drop(live);
        self.0.status.send_modify(|status| {
            (status.switchname, status.core_uuid) = (None, None);
            status.unread.clear();
        });
    }

    /// Says so once for each kind of trouble: a switch that is away for a night fills no log. `said` is what was said
    /// since it was there.
    fn lost(&self, address: &Address, trouble: Trouble, failures: u32, said: &mut Option<Trouble>) {
        self.0.commands.forget();
        self.0.figures.lost();
        let now = (self.0.now_ms)();
        self.0.status.send_modify(|status| {
            if status.phase == Phase::Live {
                *said = None;
            }
            status.failures = failures;
            status.enter(Phase::Away, now);
            status.trouble = Some(trouble.clone());
        });
        if said.as_ref() != Some(&trouble) {
            tracing::warn!(
                host = address.host,
                port = address.port,
                trouble = %trouble,
                advice = trouble.advice(),
                "no connection to FreeSWITCH; trying again"
            );
            *said = Some(trouble);
        }
    }

    /// Tries to connect now, if it waits to do so.
    pub fn try_now(&self) {
        self.0.again.notify_waiters();
    }

    /// Has everything read again.
    pub fn read_again(&self) {
        self.0.reread.notify_one();
    }

    /// Goes on with another address.
    pub fn set_address(&self, address: Address) {
        self.0.address.send_if_modified(|current| {
            let changed = *current != address;
            *current = address;
            changed
        });
    }

    /// Where it is.
    pub fn address(&self) -> Address {
        self.0.address.borrow().clone()
    }

    /// What sends commands to it.
    pub fn commands(&self) -> &Commands {
        &self.0.commands
    }

    /// Its state, as far as it is known. Held, it keeps events from being applied: for reading, not across an await.
    pub fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.0.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What changed since this was last asked ([`Live::tell`]): for one who tells everybody else.
    pub async fn tell_changes(&self) -> (u64, u64, Option<Vec<Told>>) {
        self.writable().await.tell()
    }

    /// Its state, to be changed. Whoever reads it for long must not keep a thread of the runtime waiting: the task that
    /// empties the socket may be next on it.
    async fn writable(&self) -> RwLockWriteGuard<'_, Live> {
        let begun = Instant::now();
        while begun.elapsed() < LONGEST_READ {
            match self.0.live.try_write() {
                Ok(live) => return live,
                Err(TryLockError::Poisoned(error)) => return error.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
            sleep(Duration::from_millis(1)).await;
        }
        // There is always somebody who reads. Whoever waits here is the next.
        self.0.live.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the last change of its state, to wait for more.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.seq.subscribe()
    }

    /// How the connection is.
    pub fn status(&self) -> Status {
        self.0.status.borrow().clone()
    }

    /// How the connection is, to wait for changes.
    pub fn status_changes(&self) -> watch::Receiver<Status> {
        self.0.status.subscribe()
    }

    /// What was counted.
    pub fn figures(&self) -> &Figures {
        &self.0.figures
    }

    /// Whether the applications that it executes are told. They are many events, so only those who need them ask.
    pub fn want_executions(&self, wanted: bool) {
        self.0.executions.send_if_modified(|now| std::mem::replace(now, wanted) != wanted);
    }

    /// The applications that it executes, while [`Supervisor::want_executions`].
    pub fn executions(&self) -> broadcast::Receiver<Executed> {
        self.0.executed.subscribe()
    }
}

impl std::fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervisor")
            .field("address", &self.address())
            .field("status", &self.status())
            .finish()
    }
}
