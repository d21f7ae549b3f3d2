//! Which parts of the state are to be read again, and when.

use tokio::time::Instant;

use super::Timing;
use crate::live::{Part, Wanted};

/// Which parts of the state are to be read again.
#[derive(Debug, Default)]
pub(super) struct Rereading {
    wanted: Wanted,
    last: Vec<(Part, Instant)>,
}

impl Rereading {
    pub(super) fn want(&mut self, wanted: Wanted) {
        self.wanted |= wanted;
    }

    /// The parts whose turn it is: wanted, and not just read. A gateway that fails every second must not have the switch
    /// print all of its gateways every second.
    pub(super) fn due(&mut self, timing: &Timing, now: Instant) -> Vec<Part> {
        self.last.retain(|(_, last)| now.duration_since(*last) < timing.reread);
        let rested = |part: &Part| self.last.iter().all(|(read, _)| read != part);
        let (due, later): (Vec<Part>, Vec<Part>) = self.wanted.parts().partition(rested);
        self.wanted = later.into_iter().fold(Wanted::NONE, |wanted, part| wanted | part.into());
        self.last.extend(due.iter().map(|part| (*part, now)));
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
        rereading.want(Part::Channels.into());
        rereading.want(Part::Channels.into());
        assert_eq!(rereading.due(&timing, now), [Part::Channels]);
        rereading.want(Part::Channels.into());
        rereading.want(Part::Sofia.into());
        assert_eq!(rereading.due(&timing, now), [Part::Sofia]);
        assert_eq!(rereading.due(&timing, now + timing.reread), [Part::Channels]);
        assert!(rereading.due(&timing, now + 2 * timing.reread).is_empty());
    }
}
