//! Servers that are asked in turns, and how they compare.
//!
//! What else a machine does is not spread evenly over the time. So every server is asked for a short while in each of
//! many rounds, figures of a round are compared with those of the same round, and the median of these ratios counts.
//! There are too few of the slowest answers in a round: for these, all answers of a server count together.

use std::time::Duration;

use crate::ask::Form;
use crate::figures::{Spread, Times, count, float, number};
use crate::load::{Outcome, Target};
use crate::process;
use crate::report::{Report, Section, progress};
use crate::server::Server;

/// A server, and what came of asking it.
#[derive(Debug)]
pub(crate) struct Asked {
    name: String,
    server: Server,
    /// How many users there are to ask about.
    pub(crate) users: usize,
    /// Whether the others are compared with it.
    pub(crate) is_reference: bool,
    /// Whether it answers with the first user whatever it is asked.
    always_the_first: bool,
    rounds: Vec<Outcome>,
    /// Those of all rounds.
    times: Times,
}

/// How much servers are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    /// How often each is asked.
    pub(crate) rounds: usize,
    /// For how long each time.
    pub(crate) slice: Duration,
    /// How long each is asked before it counts.
    pub(crate) warm_up: Duration,
}

impl Asked {
    /// One of ours, with this many users.
    pub(crate) fn ours(name: String, server: Server, users: usize) -> Self {
        let (rounds, times) = (Vec::new(), Times::default());
        Self { name, server, users, is_reference: false, always_the_first: false, rounds, times }
    }

    /// The one that the others are compared with.
    pub(crate) fn reference(server: Server, users: usize) -> Self {
        let name = "reference".to_owned();
        Self { is_reference: true, always_the_first: true, ..Self::ours(name, server, users) }
    }

    /// Right answers in a second, by rounds.
    pub(crate) fn per_second(&self) -> Vec<f64> {
        self.per_round(Outcome::per_second)
    }

    /// What this share of all answers stayed below, in milliseconds.
    pub(crate) fn below(&mut self, share: f64) -> f64 {
        self.times.below(share)
    }

    fn per_round(&self, figure: impl FnMut(&Outcome) -> f64) -> Vec<f64> {
        self.rounds.iter().map(figure).collect()
    }

    fn ask(&self, form: &Form, clients: usize, duration: Duration) -> Outcome {
        let (address, users) = (self.server.address, self.users);
        let target = Target { address, form, users, always_the_first: self.always_the_first };
        self.server.load(target, clients, duration)
    }
}

/// Asks all of them in turns, by this many clients.
pub(crate) fn measure(turns: Turns, form: &Form, clients: usize, asked: &mut [Asked]) {
    for one in asked.iter_mut() {
        one.rounds.clear();
        one.times = Times::default();
        one.ask(form, clients, turns.warm_up);
    }
    for round in 0..turns.rounds {
        progress(&format!("look-ups with {clients} clients, round {} of {}", round + 1, turns.rounds));
        for at in 0..asked.len() {
            // No server always comes after the same other one.
            let at = if round % 2 == 0 { at } else { asked.len() - 1 - at };
            let outcome = asked[at].ask(form, clients, turns.slice);
            asked[at].times.append(&outcome.times);
            asked[at].rounds.push(outcome);
        }
    }
}

/// What was measured, as a table.
pub(crate) fn section(report: &mut Report, title: String, asked: &mut [Asked]) -> Section {
    let mut section = Section::new(
        title,
        &[
            "server",
            "requests/s",
            "of ref.",
            "p50 ms",
            "p99 ms",
            "of ref.",
            "p99.9 ms",
            "CPU µs/req.",
            "of ref.",
            "errors",
            "RSS MB",
        ],
    );
    let (mut per_second, mut processor, mut p99) = (Vec::new(), Vec::new(), f64::NAN);
    if let Some(reference) = asked.iter_mut().find(|asked| asked.is_reference) {
        per_second = reference.per_second();
        processor = reference.per_round(Outcome::processor_each);
        p99 = reference.below(0.99);
    }
    for one in asked.iter_mut() {
        let own_processor = one.per_round(Outcome::processor_each);
        section.row([
            one.name.clone(),
            Spread::middle(one.per_second()).show(0),
            ratio(&one.per_second(), &per_second).show(2),
            number(one.below(0.5), 2),
            number(one.below(0.99), 2),
            number(one.below(0.99) / p99, 2),
            number(one.below(0.999), 2),
            Spread::middle(own_processor.iter().copied()).show(1),
            ratio(&own_processor, &processor).show(2),
            count(one.rounds.iter().map(|outcome| outcome.errors).sum()),
            number(float(process::memory(one.server.id()).unwrap_or(0)) / 1e6, 1),
        ]);
        if let Some(error) = one.rounds.iter().find_map(|outcome| outcome.first_error.as_deref()) {
            report.wrong(format!("{}: {error}", one.name));
        }
    }
    section.note(format!(
        "All servers are asked in turns, {} times. Ratios are between figures of the same turn; in parentheses is the \
         middle half of the turns. Percentiles are of all answers together.",
        asked.first().map_or(0, |asked| asked.rounds.len())
    ));
    section
}

/// Figures of one server by those of another, round by round.
pub(crate) fn ratio(ours: &[f64], others: &[f64]) -> Spread {
    Spread::middle(ours.iter().zip(others).map(|(ours, other)| ours / other))
}
