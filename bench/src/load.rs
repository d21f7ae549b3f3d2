//! Many clients at once, each asking its next question when it has the answer to the last one.
//!
//! A thread for each: mod_xml_curl waits in a thread of FreeSWITCH's too, and nothing costs the machine less.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::Result;
use crate::ask::{Answer, Form, exchange};
use crate::figures::{Times, float};
use crate::site;

/// Whom to ask what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    /// The server.
    pub(crate) address: SocketAddr,
    /// The question.
    pub(crate) form: &'a Form,
    /// How many users there are; each question is about any of them.
    pub(crate) users: usize,
    /// Whether the server answers with the first user whatever it is asked.
    pub(crate) always_the_first: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How long right answers took, from connecting to the last byte.
    pub(crate) times: Times,
    /// Everything that was no right answer.
    pub(crate) errors: usize,
    /// What the first of them was.
    pub(crate) first_error: Option<String>,
    /// How long it was asked.
    pub(crate) elapsed: Duration,
    /// The processor time of the server meanwhile.
    pub(crate) processor: Duration,
}

impl Outcome {
    /// Adds another one of the same server.
    pub(crate) fn append(&mut self, other: Self) {
        self.times.append(&other.times);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        self.elapsed += other.elapsed;
        self.processor += other.processor;
    }

    /// Right answers in a second.
    pub(crate) fn per_second(&self) -> f64 {
        float(self.times.len()) / self.elapsed.as_secs_f64()
    }

    /// Processor time of the server for an answer, in microseconds.
    pub(crate) fn processor_each(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / float(self.times.len().max(1))
    }
}

/// Asks for as long as `duration`.
pub(crate) fn run(target: Target<'_>, clients: usize, duration: Duration) -> Outcome {
    let start = Instant::now();
    let end = start + duration;
    let mut outcome = Outcome::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..clients).map(|client| scope.spawn(move || ask_until(target, client, end))).collect();
        for thread in threads {
            match thread.join() {
                Ok(of_client) => outcome.append(of_client),
                Err(_) => outcome.errors += 1,
            }
        }
    });
    outcome.elapsed = start.elapsed();
    outcome
}

fn ask_until(target: Target<'_>, client: usize, end: Instant) -> Outcome {
    let mut random = Random::new(client);
    let (mut request, mut answer) = (Vec::new(), Answer::default());
    let mut outcome = Outcome::default();
    loop {
        let user = random.below(target.users);
        target.form.fill(user, &mut request);
        let start = Instant::now();
        if start >= end {
            return outcome;
        }
        let exchanged = exchange(target.address, &request, &mut answer);
        let time = start.elapsed();
        match exchanged.and_then(|()| check(&answer, if target.always_the_first { 0 } else { user })) {
            Ok(()) => outcome.times.add(time),
            Err(error) => {
                outcome.errors += 1;
                outcome.first_error.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

/// A right answer has the user that was asked for.
pub(crate) fn check(answer: &Answer, user: usize) -> Result<()> {
    let body = answer.body();
    if answer.status() != 200 || !body.contains(&format!("<user id=\"{}\"", site::id(user))) {
        let shown: String = body.chars().take(200).collect();
        return Err(format!("status {}, not user {}: {shown}", answer.status(), site::id(user)).into());
    }
    Ok(())
}

/// Numbers without a pattern (splitmix64).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A series of its own.
    pub(crate) fn new(series: usize) -> Self {
        let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos());
        Self((series as u64) << 32 | u64::from(now))
    }

    /// Any number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (end.max(1) as u64)).unwrap_or(0)
    }
}
