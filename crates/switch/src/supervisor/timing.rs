//! How long is waited for what.

use std::time::Duration;

/// How long is waited for what. The default is for real switches; tests are in more of a hurry.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Before the second try to connect; doubled with each further one.
    pub first_backoff: Duration,
    /// The most between two tries.
    pub longest_backoff: Duration,
    /// A connection that lasted so long was a good one: what follows is a first failure.
    pub steady: Duration,
    /// Nothing at all for so long means that the connection is dead. FreeSWITCH sends a HEARTBEAT every 20 s; where it is
    /// told to send them more seldom, it is asked for a sign of life after half of this.
    pub silence: Duration,
    /// The least time between two readings of the same part.
    pub reread: Duration,
    /// How often the counts are compared with the switch's.
    pub sample: Duration,
    /// How long the answer to a question is waited for. 100,000 registrations take FreeSWITCH some seconds.
    pub answer: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            first_backoff: Duration::from_millis(250),
            longest_backoff: Duration::from_secs(15),
            steady: Duration::from_secs(5),
            silence: Duration::from_secs(45),
            reread: Duration::from_secs(1),
            sample: Duration::from_secs(15),
            answer: Duration::from_secs(20),
        }
    }
}

impl Timing {
    /// How long to wait after so many failures in a row. A part of it is random, so that many who lost the same switch do
    /// not come back at the same moment.
    pub(crate) fn backoff(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
        let whole = self.first_backoff.saturating_mul(doubled).min(self.longest_backoff);
        whole.mul_f64(rand::random_range(0.5..1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit() {
        let timing = Timing::default();
        for (failures, most_ms) in
            [(1, 250), (2, 500), (3, 1_000), (6, 8_000), (7, 15_000), (4_000_000, 15_000)]
        {
            let waited = timing.backoff(failures);
            let most = Duration::from_millis(most_ms);
            assert!(waited >= most / 2 && waited <= most, "{failures}: {waited:?}");
        }
    }
}
