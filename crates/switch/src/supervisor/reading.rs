//! Asking a switch for its state.

use std::pin::Pin;
use std::sync::RwLockWriteGuard;

use tokio::time::{Instant, sleep_until};

use super::{Phase, Supervisor};
use crate::live::rows::Host;
use crate::live::{self, Kind, Live, Part, Reading, Wanted};

/// Something that is being read.
pub(super) type Asked = Pin<Box<dyn Future<Output = Taken> + Send>>;

/// What was read, and taken over.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The parts that were asked for.
    pub(super) read: Vec<Part>,
    /// Those of them that could not be read, with the reasons. They are what they were.
    pub(super) unread: Vec<(Part, String)>,
    /// Those that an event told of while they were read.
    pub(super) again: Wanted,
}

impl Supervisor {
    /// Begins to read parts.
    pub(super) fn read(&self, parts: Vec<Part>) -> Asked {
        let this = self.clone();
        Box::pin(async move { this.read_each(parts).await })
    }

    /// Begins to compare counts, and to read the parts that differ.
    pub(super) fn sample(&self) -> Asked {
        let this = self.clone();
        Box::pin(async move {
            let known = |kind| this.live().tables().len(kind);
            let (seq, settled) = (this.live().seq(), Instant::now() + this.0.timing.reread);
            let parts = live::differing(known, &this.0.commands).await;
            // The others have no count: they are read because not all of their changes are told.
            let counted = |part: &&Part| matches!(part, Part::Registrations | Part::Channels);
            parts.iter().filter(counted).for_each(|_| this.0.figures.corrected());
            let mut taken = this.read_each(parts).await;
            // Which application a channel executes after its last event, no event tells that we hear. FreeSWITCH's own
            // list is a moment behind its events: what these told since then stays.
            if !taken.read.contains(&Part::Channels) && known(Kind::Channels) > 0 {
                sleep_until(settled).await;
                this.read_one(Part::Channels, seq, &mut taken).await;
            }
            taken
        })
    }

    /// Each part is taken over before the next one is asked for: what is taken over is a change as well, and with that
    /// of 100,000 rows in between the events since the question would no longer be known.
    async fn read_each(&self, parts: Vec<Part>) -> Taken {
        let mut taken = Taken::default();
        for part in parts {
            let seq = self.live().seq();
            self.read_one(part, seq, &mut taken).await;
        }
        taken
    }

    /// Reads a part, but for what events told of it since the change `seq`.
    async fn read_one(&self, part: Part, seq: u64, taken: &mut Taken) {
        let reading = live::read(part, &self.0.commands).await;
        self.0.figures.read();
        match reading {
            Ok(reading) => {
                taken.again |= self.take_over(self.writable().await, part, reading, seq);
            }
            Err(error) => taken.unread.push((part, error.to_string())),
        }
        taken.read.push(part);
    }

    /// Puts what was read into the place of what was known when it was asked for, at the change `seq`.
    fn take_over(
        &self,
        mut live: RwLockWriteGuard<'_, Live>,
        part: Part,
        reading: Reading,
        seq: u64,
    ) -> Wanted {
        // An event that came meanwhile may tell of something newer.
        let newer = live.is_changed_since(seq, part.read_only());
        let another_run = live.replace_asked_at(reading, seq);
        self.tell(live.seq());
        match (another_run, newer) {
            (true, _) => Wanted::ALL,
            (false, true) => part.into(),
            (false, false) => Wanted::NONE,
        }
    }

    /// Tells of what was read; `whole` says whether everything was by now.
    pub(super) fn say(&self, taken: Taken, whole: bool) {
        let now_ms = (self.0.now_ms)();
        let names = Names::of(&self.live());
        self.0.status.send_if_modified(|status| {
            let before = status.clone();
            for (part, reason) in &taken.unread {
                if before.unread.iter().all(|(known, text)| (known, text) != (part, reason)) {
                    tracing::warn!(part = ?part, reason, "a part of the switch's state cannot be read; trying again");
                }
            }
            status.unread.retain(|(part, _)| !taken.read.contains(part));
            status.unread.extend(taken.unread);
            names.tell(status);
            // Where no part could be read nothing is known yet.
            if status.phase == Phase::Reading && whole && status.unread.len() < Part::ALL.len() {
                status.enter(Phase::Live, now_ms);
                tracing::info!(switchname = status.switchname, "connected to FreeSWITCH");
            }
            *status != before
        });
    }
}

/// How the switch calls itself, and the id of its run.
pub(super) struct Names {
    switchname: Option<String>,
    core_uuid: Option<String>,
}

impl Names {
    pub(super) fn of(live: &Live) -> Self {
        let host = live.tables().host.get(Host::KEY);
        let switchname = host.and_then(|host| host.switchname.as_deref()).map(str::to_owned);
        let core_uuid = host.and_then(|host| host.core_uuid.as_deref()).map(str::to_owned);
        Self { switchname, core_uuid }
    }

    /// Whether it is something new. What is not known does not take away what was.
    pub(super) fn tell(self, status: &mut super::Status) -> bool {
        let mut new = false;
        for (now, known) in
            [(self.switchname, &mut status.switchname), (self.core_uuid, &mut status.core_uuid)]
        {
            if now.is_some() && now != *known {
                (*known, new) = (now, true);
            }
        }
        new
    }
}
