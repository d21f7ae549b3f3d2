//! From a connection to its end.

use std::sync::atomic::Ordering;
use std::sync::{Arc, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::events::{Heard, ROOM, Stream, take};
use super::reading::{Asked, Names, Taken};
use super::rereading::Rereading;
use super::subscribing::{LOG, subscribe};
use super::{Executed, Phase, Supervisor};
use crate::event::Event;
use crate::live::{Live, Part, Wanted};
use crate::wire::Connection;
use crate::{Address, Trouble};

/// How often it is looked whether something is to be read.
const TICK: Duration = Duration::from_millis(50);
/// Events that are applied while the state is held.
const AT_ONCE: usize = 256;
/// Executions are told by this event.
pub(super) const EXECUTE: &str = "CHANNEL_EXECUTE";

/// Ends the task when it is let go.
struct Taking(JoinHandle<Trouble>);

impl Drop for Taking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What is to be read, and what is being read.
struct Plan {
    rereading: Rereading,
    asked: Option<Asked>,
    /// The parts that were not asked for since the switch is known.
    missing: Vec<Part>,
    sampled: Instant,
    /// So many events were applied.
    applied: u64,
    /// Events were lost. Those before them are applied when so many are; what is read earlier may be older than they.
    lost_at: Option<u64>,
    /// Events were lost a while ago: what the switch held back itself may have been older than what was read then.
    doubtful: bool,
    /// So many frames had come, and since when no more did. `None` when it was asked for a sign of life since.
    quiet: (u64, Option<Instant>),
}

impl Plan {
    fn everything() -> Self {
        Self {
            rereading: Rereading::everything(),
            asked: None,
            missing: Part::ALL.to_vec(),
            sampled: Instant::now(),
            applied: 0,
            lost_at: None,
            doubtful: false,
            quiet: (0, Some(Instant::now())),
        }
    }

    /// Whether nothing came for so long; true once.
    fn is_quiet_for(&mut self, stream: &Stream, long: Duration) -> bool {
        let frames = stream.frames.load(Ordering::Relaxed);
        match &mut self.quiet {
            (known, since) if *known != frames => (*known, *since) = (frames, Some(Instant::now())),
            (_, since) => return since.take_if(|since| since.elapsed() >= long).is_some(),
        }
        false
    }
}

impl Supervisor {
    /// Connects and follows the switch; ends with what ended it. `connected` is set when there is a connection.
    pub(super) async fn session(&self, address: &Address, connected: &mut Option<Instant>) -> Trouble {
        let connection = match Connection::open(address).await {
            Ok(connection) => connection,
            Err(trouble) => return trouble,
        };
        let mut executions = self.0.executions.subscribe();
        let wants_executions = *executions.borrow_and_update();
        let (reader, mut writer) = match subscribe(connection, address.timeout, wants_executions).await {
            Ok(Connection { reader, writer }) => (reader, writer),
            Err(trouble) => return trouble,
        };
        *connected = Some(Instant::now());
        self.0.figures.connected();
        self.enter(Phase::Reading);

        let stream = Arc::new(Stream::default());
        let (sender, mut heard) = mpsc::channel(ROOM);
        let mut taking = Taking(tokio::spawn(take(self.0.clone(), reader, stream.clone(), sender)));

        let mut plan = Plan::everything();
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
                count = heard.recv_many(&mut batch, AT_ONCE) => {
                    if count == 0 {
                        // Nothing comes any more, and all that came is applied.
                        let ended = (&mut taking.0).await;
                        return ended.unwrap_or_else(|error| Trouble::Failed { reason: error.to_string() });
                    }
                    plan.applied += count as u64;
                    let wanted = self.apply(self.writable().await, &mut batch, &stream);
                    if wanted == Wanted::ALL {
                        // It is another run of the switch: what was asked before is of no use.
                        let Plan { applied, lost_at, doubtful, quiet, .. } = plan;
                        plan = Plan { applied, lost_at, doubtful, quiet, ..Plan::everything() };
                        self.enter(Phase::Reading);
                    } else {
                        plan.rereading.want(wanted);
                    }
                    // As long as more comes this would not be interrupted for thousands of events.
                    tokio::task::yield_now().await;
                }
                taken = read(&mut plan.asked) => {
                    plan.asked = None;
                    self.taken(&mut plan, taken);
                }
                () = self.0.reread.notified() => plan.rereading.want(Wanted::ALL),
                changed = executions.changed() => {
                    let wanted = changed.is_ok() && *executions.borrow_and_update();
                    let command = if wanted { "event json" } else { "nixevent" };
                    let told = writer.send_within(&format!("{command} {EXECUTE}"), address.timeout).await;
                    if let Err(lost) = told {
                        return lost.trouble();
                    }
                }
                _ = tick.tick() => {
                    self.look(&mut plan, &stream, address);
                    if plan.is_quiet_for(&stream, self.0.timing.silence / 2) {
                        // What it is told it was told before; its reply is a sign of life.
                        if let Err(lost) = writer.send_within(LOG, address.timeout).await {
                            return lost.trouble();
                        }
                    }
                }
            }
        }
    }

    /// Begins to read what is to be read by now.
    fn look(&self, plan: &mut Plan, stream: &Stream, address: &Address) {
        if stream.gap.swap(false, Ordering::Acquire) {
            if plan.lost_at.is_none() && !plan.doubtful {
                tracing::warn!(host = address.host, "events were lost; reading everything again");
            }
            plan.lost_at = Some(stream.queued.load(Ordering::Acquire));
        }
        if plan.lost_at.is_some_and(|queued| plan.applied >= queued) {
            (plan.lost_at, plan.doubtful) = (None, true);
            plan.rereading.want(Wanted::ALL);
        }
        if plan.asked.is_some() {
            return;
        }
        let due = plan.rereading.due(Instant::now());
        if !due.is_empty() {
            plan.asked = Some(self.read(due));
        } else if plan.sampled.elapsed() >= self.0.timing.sample {
            plan.sampled = Instant::now();
            if std::mem::take(&mut plan.doubtful) {
                plan.rereading.want(Wanted::ALL);
            } else {
                plan.asked = Some(self.sample());
            }
        }
    }

    /// Takes note of what was read.
    fn taken(&self, plan: &mut Plan, taken: Taken) {
        let now = Instant::now();
        for part in &taken.read {
            let well = taken.unread.iter().all(|(unread, _)| unread != part);
            plan.rereading.was_read(*part, well, &self.0.timing, now);
        }
        plan.rereading.want(taken.again);
        plan.missing.retain(|part| !taken.read.contains(part));
        self.say(taken, plan.missing.is_empty());
    }

    /// Applies what came; gives the parts that have to be read again.
    fn apply(&self, mut live: RwLockWriteGuard<'_, Live>, batch: &mut Vec<Heard>, stream: &Stream) -> Wanted {
        let now_ms = (self.0.now_ms)();
        let mut events: Vec<Event> = Vec::with_capacity(batch.len());
        for heard in batch.drain(..) {
            stream.waiting.fetch_sub(heard.size(), Ordering::Relaxed);
            match heard {
                Heard::Event(event) if event.name() == EXECUTE => self.tell_execution(&event),
                Heard::Event(event) => events.push(event),
                Heard::Reply(reply) => {
                    if let Some(reason) = reply.strip_prefix("-ERR") {
                        tracing::warn!(reason, "FreeSWITCH refused a subscription");
                    }
                }
            }
        }
        let (mut wanted, mut names) = (Wanted::NONE, None);
        for event in &events {
            wanted |= live.apply(event, now_ms);
            if event.name() == "HEARTBEAT" {
                names = Some(Names::of(&live));
            }
        }
        self.tell(live.seq());
        drop(live);
        if let Some(names) = names {
            self.0.status.send_if_modified(|status| names.tell(status));
        }
        wanted
    }

    /// Tells those who wait for changes of the state.
    pub(super) fn tell(&self, seq: u64) {
        self.0.seq.send_if_modified(|told| std::mem::replace(told, seq) != seq);
    }

    fn tell_execution(&self, event: &Event) {
        if let (Some(uuid), Some(application)) = (event.get("Unique-ID"), event.get("Application")) {
            // An error means that nobody listens.
            let _ =
                self.0.executed.send(Executed { uuid: uuid.to_owned(), application: application.to_owned() });
        }
    }
}

/// What is being read, when it is there; never, when nothing is.
async fn read(asked: &mut Option<Asked>) -> Taken {
    match asked {
        Some(asked) => asked.await,
        None => std::future::pending().await,
    }
}
