//! From a connection to its end.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::events::{Heard, ROOM, Stream, take};
use super::rereading::Rereading;
use super::{Executed, Phase, Supervisor};
use crate::commands::AskError;
use crate::event::Event;
use crate::live::rows::{Host, Word};
use crate::live::{self, Part, ReadError, Reading, Wanted};
use crate::wire::{Connection, Content, Lost};
use crate::{Address, Trouble};

/// How often it is looked whether something is to be read.
const TICK: Duration = Duration::from_millis(50);
/// Events that are applied while the state is held.
const AT_ONCE: usize = 256;
/// Executions are told by this event.
const EXECUTE: &str = "CHANNEL_EXECUTE";

type Readings = Vec<(Part, Result<Reading, ReadError<AskError>>)>;

/// Something that is being read, with the number of the last change before it was asked for.
struct Asked {
    future: Pin<Box<dyn Future<Output = Readings> + Send>>,
    seq: u64,
}

/// Ends the task when it is let go.
struct Taking(JoinHandle<Trouble>);

impl Drop for Taking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Supervisor {
    /// Connects and follows the switch; ends with what ended it.
    pub(super) async fn session(&self, address: &Address) -> Trouble {
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
        self.0.figures.connected();
        self.enter(Phase::Reading);

        let stream = Arc::new(Stream::default());
        stream.silence_ms.store(millis(self.0.timing.silence), Ordering::Relaxed);
        let (sender, mut heard) = mpsc::channel(ROOM);
        let taking = tokio::spawn(take(self.0.clone(), reader, stream.clone(), sender));
        let mut taking = Taking(taking);

        let mut rereading = Rereading::default();
        rereading.want(Wanted::ALL);
        let mut asked = Some(self.read(rereading.due(&self.0.timing, Instant::now())));
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sampled = Instant::now();
        let mut batch = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
                count = heard.recv_many(&mut batch, AT_ONCE) => {
                    if count == 0 {
                        // The other end is gone, and says why below.
                        tokio::task::yield_now().await;
                    }
                    rereading.want(self.apply(&mut batch, &stream));
                }
                ended = &mut taking.0 => {
                    return ended.unwrap_or_else(|error| Trouble::Failed { reason: error.to_string() });
                }
                readings = read(&mut asked) => {
                    let seq = asked.take().map_or(0, |asked| asked.seq);
                    rereading.want(self.take_over(readings, seq));
                }
                () = self.0.reread.notified() => rereading.want(Wanted::ALL),
                changed = executions.changed() => {
                    let wanted = changed.is_ok() && *executions.borrow_and_update();
                    let command = if wanted { "event json" } else { "nixevent" };
                    let told = writer.send_within(&format!("{command} {EXECUTE}"), address.timeout).await;
                    if let Err(lost) = told {
                        return lost.trouble();
                    }
                }
                _ = tick.tick() => {
                    if stream.gap.swap(false, Ordering::Relaxed) {
                        tracing::warn!(host = address.host, "events were lost; reading everything again");
                        rereading.want(Wanted::ALL);
                    }
                    if asked.is_none() {
                        let due = rereading.due(&self.0.timing, Instant::now());
                        if !due.is_empty() {
                            asked = Some(self.read(due));
                        } else if sampled.elapsed() >= self.0.timing.sample {
                            sampled = Instant::now();
                            asked = Some(self.sample());
                        }
                    }
                }
            }
        }
    }

    /// Begins to read parts.
    fn read(&self, parts: Vec<Part>) -> Asked {
        let commands = self.0.commands.clone();
        let future = async move {
            let mut readings = Vec::new();
            for part in parts {
                readings.push((part, live::read(part, &commands).await));
            }
            readings
        };
        Asked { future: Box::pin(future), seq: self.live().seq() }
    }

    /// Begins to compare counts, and to read the parts that differ.
    fn sample(&self) -> Asked {
        let this = self.clone();
        let future = async move {
            let mut readings = Vec::new();
            let known = |kind| this.live().tables().len(kind);
            for part in live::differing(known, &this.0.commands).await {
                this.0.figures.corrected();
                readings.push((part, live::read(part, &this.0.commands).await));
            }
            readings
        };
        Asked { future: Box::pin(future), seq: self.live().seq() }
    }

    /// Applies what came; gives the parts that have to be read again.
    fn apply(&self, batch: &mut Vec<Heard>, stream: &Stream) -> Wanted {
        let now_ms = (self.0.now_ms)();
        let mut events: Vec<Event> = Vec::with_capacity(batch.len());
        for heard in batch.drain(..) {
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
        let mut wanted = Wanted::NONE;
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        for event in &events {
            if let Some(seconds) = event.number::<u64>("Heartbeat-Interval") {
                let heartbeats = Duration::from_secs(seconds.min(3_600) * 2 + 5).max(self.0.timing.silence);
                stream.silence_ms.store(millis(heartbeats), Ordering::Relaxed);
            }
            wanted |= live.apply(event, now_ms);
        }
        self.tell(live.seq());
        drop(live);
        wanted
    }

    /// Puts what was read into the place of what was known when it was asked for, at the change `seq`.
    fn take_over(&self, readings: Readings, seq: u64) -> Wanted {
        let (mut wanted, mut unread) = (Wanted::NONE, Vec::new());
        let mut live = self.0.live.write().unwrap_or_else(PoisonError::into_inner);
        let read: Vec<Part> = readings.iter().map(|(part, _)| *part).collect();
        for (part, reading) in readings {
            self.0.figures.read();
            match reading {
                Ok(reading) => {
                    // An event that came meanwhile may tell of something newer.
                    if live.changes_since(seq, part.read_only()).is_none_or(|delta| !delta.rows.is_empty()) {
                        wanted |= part.into();
                    }
                    live.replace_asked_at(reading, seq);
                }
                Err(error) => {
                    // It is tried again in its time; until then it is what it was.
                    wanted |= part.into();
                    unread.push((part, error.to_string()));
                }
            }
        }
        let host = live.tables().host.get(Host::KEY);
        let text = |value: Option<&Word>| value.map(|value| value.to_string());
        let switchname = text(host.and_then(|host| host.switchname.as_ref()));
        let core_uuid = text(host.and_then(|host| host.core_uuid.as_ref()));
        self.tell(live.seq());
        drop(live);
        self.say(&read, unread, switchname, core_uuid);
        wanted
    }

    fn say(
        &self,
        read: &[Part],
        unread: Vec<(Part, String)>,
        switchname: Option<String>,
        core_uuid: Option<String>,
    ) {
        let now_ms = (self.0.now_ms)();
        self.0.status.send_if_modified(|status| {
            let before = status.clone();
            for (part, reason) in &unread {
                if before.unread.iter().all(|(known, text)| (known, text) != (part, reason)) {
                    tracing::warn!(part = ?part, reason, "a part of the switch's state cannot be read; trying again");
                }
            }
            status.unread.retain(|(part, _)| !read.contains(part));
            status.unread.extend(unread);
            if switchname.is_some() {
                status.switchname = switchname;
            }
            if core_uuid.is_some() {
                status.core_uuid = core_uuid;
            }
            // What is read at first is everything. Where none of it could be, nothing is known yet.
            if status.phase == Phase::Reading && status.unread.len() < Part::ALL.len() {
                status.enter(Phase::Live, now_ms);
                tracing::info!(switchname = status.switchname, "connected to FreeSWITCH");
            }
            *status != before
        });
    }

    fn tell(&self, seq: u64) {
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

/// Subscribes to what the state is made of. Lines of the log may come in between, and replies that nobody asked for.
async fn subscribe(
    mut connection: Connection,
    longest: Duration,
    executions: bool,
) -> Result<Connection, Trouble> {
    let mut events = live::EVENTS.join(" ");
    if executions {
        events = format!("{events} {EXECUTE}");
    }
    // Those of CUSTOM come last: what follows that word is a subclass. The log is only for what is critical, among which
    // is that events were lost.
    let command = format!("event json {events} CUSTOM {}", live::CUSTOM.join(" "));
    for (command, accepted) in [(&*command, "+OK event listener enabled"), ("log 2", "+OK log level")] {
        let agreed = async {
            connection.writer.send(command).await?;
            loop {
                let frame = connection.reader.frame().await?;
                match frame.content {
                    Content::Reply if frame.reply().starts_with(accepted) => return Ok(Ok(())),
                    Content::Reply if frame.reply().starts_with("-ERR") => {
                        return Ok(Err(Trouble::Failed {
                            reason: format!("FreeSWITCH refused a subscription: {}", frame.reply()),
                        }));
                    }
                    Content::Goodbye => return Ok(Err(Trouble::Closed)),
                    Content::Rejection => return Ok(Err(Trouble::Denied)),
                    _ => {}
                }
            }
        };
        let agreed = timeout(longest, agreed).await.map_err(|_| Trouble::NoAnswer)?;
        agreed.map_err(Lost::trouble)??;
    }
    Ok(connection)
}

/// What is being read, when it is there; never, when nothing is.
async fn read(asked: &mut Option<Asked>) -> Readings {
    match asked {
        Some(asked) => (&mut asked.future).await,
        None => std::future::pending().await,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
