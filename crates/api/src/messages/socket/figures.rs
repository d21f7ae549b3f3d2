//! What is counted of WebSockets.

use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Counter, Gauge, counter, gauge};

/// Figures since the start. Each stands in `/metrics` and, as far as the reference implementation has it, in its own
/// list.
pub(crate) struct Figures {
    pub(super) active: Gauge,
    messages: Counter,
    pub(super) broadcasts: Count,
    pub(super) overflows: Count,
    pub(super) failed_writes: Count,
    pub(super) handler_failures: Count,
    resyncs: Counter,
}

/// A figure that can be read too.
pub(super) struct Count {
    shown: Counter,
    value: AtomicU64,
}

impl Count {
    fn new(shown: Counter) -> Self {
        Self { shown, value: AtomicU64::new(0) }
    }

    pub(super) fn up(&self, by: u64) {
        self.shown.increment(by);
        self.value.fetch_add(by, Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            active: gauge!("custompbx_websocket_connections"),
            messages: counter!("custompbx_websocket_messages_total"),
            broadcasts: Count::new(counter!("custompbx_websocket_pushes_total")),
            overflows: Count::new(counter!("custompbx_websocket_queue_overflows_total")),
            failed_writes: Count::new(counter!("custompbx_websocket_failed_writes_total")),
            handler_failures: Count::new(counter!("custompbx_message_failures_total")),
            resyncs: counter!("custompbx_websocket_resyncs_total"),
        }
    }
}

impl Figures {
    /// Somebody was not let in.
    pub(super) fn refused(&self, reason: &'static str) {
        counter!("custompbx_websocket_refused_total", "reason" => reason).increment(1);
    }

    pub(super) fn message(&self) {
        self.messages.increment(1);
    }

    /// Somebody was told to read again, because something was left out.
    pub(super) fn resync(&self) {
        self.resyncs.increment(1);
    }

    /// A message ended in a panic.
    pub(crate) fn handler_failed(&self) {
        self.handler_failures.up(1);
    }
}
