//! Which parts of the state are to be read again, and when.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::Timing;
use crate::live::{Part, Wanted};

/// Which parts are to be read again.
#[derive(Debug, Default)]
pub(super) struct Rereading {
    wanted: Wanted,
    last: BTreeMap<Part, Instant>,
}

impl Rereading {
    pub(super) fn want(&mut self, wanted: Wanted) {
        self.wanted = self.wanted | wanted;
    }

    /// The parts whose turn it is: wanted, and not just read. A gateway that fails every second must not have the switch
    /// print all of its gateways every second.
    pub(super) fn due(&mut self, timing: &Timing, now: Instant) -> Vec<Part> {
        let rested =
            |part: &Part| self.last.get(part).is_none_or(|last| now.duration_since(*last) >= timing.reread);
        let due: Vec<Part> =
            Part::ALL.into_iter().filter(|part| self.wanted.contains(*part)).filter(rested).collect();
        for part in &due {
            self.wanted.remove(*part);
            self.last.insert(*part, now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_not_read_all_the_time() {
        let (timing, now) = (Timing::default(), Instant::now());
        let mut rereading = Rereading::default();
        assert!(rereading.due(&timing, now).is_empty());
        rereading.want(Wanted::of(Part::Channels));
        rereading.want(Wanted::of(Part::Channels));
        assert_eq!(rereading.due(&timing, now), [Part::Channels]);
        rereading.want(Wanted::of(Part::Channels));
        rereading.want(Wanted::of(Part::Sofia));
        assert_eq!(rereading.due(&timing, now), [Part::Sofia]);
        assert_eq!(rereading.due(&timing, now + timing.reread), [Part::Channels]);
        assert!(rereading.due(&timing, now + 2 * timing.reread).is_empty());
    }
}
