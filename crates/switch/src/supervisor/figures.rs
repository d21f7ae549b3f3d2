//! What is counted about a switch.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Figures {
    events: AtomicU64,
    dropped: AtomicU64,
    unreadable: AtomicU64,
    connections: AtomicU64,
    losses: AtomicU64,
    readings: AtomicU64,
    corrections: AtomicU64,
}

impl Figures {
    /// Each with its name and what it counts.
    pub fn all(&self) -> [(&'static str, &'static str, u64); 7] {
        let figure = |name, text, counted: &AtomicU64| (name, text, counted.load(Ordering::Relaxed));
        [
            figure("events", "events that came", &self.events),
            figure("dropped", "events for which there was no room; everything was read again", &self.dropped),
            figure("unreadable", "events that were no JSON; everything was read again", &self.unreadable),
            figure("connections", "connections that were made", &self.connections),
            figure("losses", "connections that failed or were lost", &self.losses),
            figure("readings", "parts of the state that were read", &self.readings),
            figure("corrections", "parts that were read again because a count differed", &self.corrections),
        ]
    }

    pub(super) fn event(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn unreadable(&self) {
        self.unreadable.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) {
        self.losses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) {
        self.readings.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn corrected(&self) {
        self.corrections.fetch_add(1, Ordering::Relaxed);
    }
}
