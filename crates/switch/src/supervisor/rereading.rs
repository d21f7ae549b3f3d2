//! Which parts of the state are to be read again, and when.

use tokio::time::Instant;

use super::Timing;
use crate::live::{Part, Wanted};

/// Which parts of the state are to be read again.
#[derive(Debug, Default)]
pub(super) struct Rereading {
    wanted: Wanted,
    rests: Vec<Rest>,
}

/// A part that was just read.
#[derive(Debug)]
struct Rest {
    part: Part,
    until: Instant,
    /// How often in a row it could not be read.
    failures: u32,
}

impl Rereading {
    /// Of everything.
    pub(super) fn everything() -> Self {
        Self { wanted: Wanted::ALL, rests: Vec::new() }
    }

    pub(super) fn want(&mut self, wanted: Wanted) {
        self.wanted |= wanted;
    }

    /// The parts whose turn it is: wanted, and not just read. A gateway that fails every second must not have the switch
    /// print all of its gateways every second.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Part> {
        let rested = |part: &Part| self.rests.iter().all(|rest| rest.part != *part || rest.until <= now);
        let (due, later): (Vec<Part>, Vec<Part>) = self.wanted.parts().partition(rested);
        self.wanted = later.into_iter().fold(Wanted::NONE, |wanted, part| wanted | part.into());
        due
    }

    /// It was read, or could not be: then it is tried again, less and less often.
    pub(super) fn was_read(&mut self, part: Part, well: bool, timing: &Timing, now: Instant) {
        let known = self.rests.iter().find(|rest| rest.part == part);
        let failures = if well { 0 } else { known.map_or(0, |rest| rest.failures).saturating_add(1) };
        let rest = timing.reread.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(16)));
        let until = now + rest.min(timing.sample.max(timing.reread));
        self.rests.retain(|rest| rest.part != part);
        self.rests.push(Rest { part, until, failures });
        if !well {
            self.want(part.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_not_read_all_the_time() {
        let (timing, now) = (Timing::default(), Instant::now());
        let mut rereading = Rereading::default();
        assert!(rereading.due(now).is_empty());
        rereading.want(Part::Channels.into());
        rereading.want(Part::Channels.into());
        assert_eq!(rereading.due(now), [Part::Channels]);
        rereading.was_read(Part::Channels, true, &timing, now);
        rereading.want(Part::Channels.into());
        rereading.want(Part::Sofia.into());
        assert_eq!(rereading.due(now), [Part::Sofia]);
        assert_eq!(rereading.due(now + timing.reread), [Part::Channels]);
        assert!(rereading.due(now + 2 * timing.reread).is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_tried_less_and_less() {
        let (timing, mut now) = (Timing::default(), Instant::now());
        let mut rereading = Rereading::everything();
        assert_eq!(rereading.due(now), Part::ALL);
        let mut waits = Vec::new();
        for _ in 0..6 {
            rereading.was_read(Part::Sofia, false, &timing, now);
            let wait = (0..60).find(|seconds| !rereading.due(now + timing.reread * *seconds).is_empty());
            waits.push(wait.expect("it is tried again"));
            now += timing.sample;
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15]);
        rereading.was_read(Part::Sofia, true, &timing, now);
        rereading.want(Part::Sofia.into());
        assert_eq!(rereading.due(now + timing.reread), [Part::Sofia]);
    }
}
