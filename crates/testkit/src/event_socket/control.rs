//! What a test says to the stand-in, and asks it.

use std::sync::Arc;
use std::time::Duration;

use super::event::Event;
use super::manner::{Manner, log_frame};
use super::recordings::Recordings;
use super::{EventSocket, PATIENCE, recorded_events};

/// Events that can be sent without another look at them.
#[derive(Debug)]
pub struct Ready(Vec<Event>);

/// Events that a flood writes at once.
const FLOOD: usize = 100;

/// What it answers. A command is written without `api`; one that ends with `*` stands for all that start so,
/// where something is delayed or held.
impl EventSocket {
    /// The same with answers from these folders of `fixtures/esl`; the first that has a command answers it.
    /// A folder may come with how the names in it start: `callcenter/bridged-`.
    #[must_use]
    pub fn with_recordings(self, layers: &[&str]) -> Self {
        self.set_recordings(layers);
        self
    }

    /// Answers from these folders from now on, as with [`Self::with_recordings`].
    pub fn set_recordings(&self, layers: &[&str]) {
        let recordings = Recordings::of(layers);
        self.switch.answers().recordings = recordings;
    }

    /// Answers a command with this body.
    pub fn answer(&self, command: &str, text: &str) {
        self.switch.answers().set(command, text);
    }

    /// Answers all commands that start so; what is after the prefix is given to `answer`.
    pub fn answer_with(&self, prefix: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) {
        self.switch.answers().set_with(prefix, Arc::new(answer));
    }

    /// Answers a command, or a prefix, from the recordings again.
    pub fn answer_as_recorded(&self, command: &str) {
        self.switch.answers().unset(command);
    }

    /// Answers a command so much later. Zero takes it back.
    pub fn delay(&self, command: &str, by: Duration) {
        self.switch.answers().delay(command, by);
    }

    /// Does not answer a command until it is released. Its connection answers nothing else meanwhile.
    pub fn hold(&self, command: &str) {
        self.switch.answers().hold(command);
    }

    /// Answers those that were held, and holds no more.
    pub fn release(&self, command: &str) {
        self.switch.answers().release(command);
    }

    /// Treats connections to come in this manner; those that are there keep theirs.
    pub fn behave(&self, manner: Manner) {
        self.switch.behave(manner);
    }

    /// The same, and those that are there too, from their next command on.
    pub fn behave_now(&self, manner: Manner) {
        self.switch.behave(manner);
        for connection in self.switch.connections() {
            connection.behave(manner);
        }
    }
}

/// What it sends. All of it returns when it was written, which takes a client that reads.
impl EventSocket {
    /// The JSON text of an event: these fields, and what every event has unless it is given.
    pub fn event(&self, fields: &[(&str, &str)]) -> String {
        self.switch.event(fields)
    }

    /// The `Core-UUID` of events from now on. They count from 1 again, as after a start of the switch.
    pub fn set_core(&self, core: &str) {
        core.clone_into(&mut self.switch.core());
        self.switch.restart_sequence();
    }

    /// Sends an event to each connection that subscribed to it. Says to how many.
    pub fn send(&self, json: &str) -> usize {
        self.switch.send(&[Event::parse(json)])
    }

    /// Writes bytes to each connection that is signed in. Says to how many.
    pub fn send_raw(&self, bytes: &[u8]) -> usize {
        let connections = self.switch.connections();
        let signed_in = connections.iter().filter(|connection| connection.is_signed_in());
        signed_in.filter(|connection| connection.write(bytes).is_ok()).count()
    }

    /// Sends a line of the log to each connection that wants this level (7 is debug). Says to how many.
    pub fn send_log(&self, level: u8, text: &str) -> usize {
        let connections = self.switch.connections();
        let sent = connections.iter().filter(|connection| {
            let mut line = connection.line();
            line.subscription.wants_log(level)
                && connection.write_on(&mut line, &log_frame(level, text)).is_ok()
        });
        sent.count()
    }

    /// Sends the events that were recorded in a scenario, `events/call`, in their order. Says how many were
    /// written, over all connections.
    pub fn replay(&self, scenario: &str) -> usize {
        recorded_events(scenario).iter().map(|json| self.send(json)).sum()
    }

    /// Sends so many `HEARTBEAT`s as fast as they are read.
    pub fn flood(&self, count: usize) -> usize {
        self.flood_with(count, |_| self.event(&[("Event-Name", "HEARTBEAT")]))
    }

    /// Sends so many events as fast as they are read. Says how many were written, over all connections.
    pub fn flood_with(&self, count: usize, event: impl Fn(usize) -> String) -> usize {
        let mut written = 0;
        for start in (0..count).step_by(FLOOD) {
            let events = (start..count.min(start + FLOOD)).map(|number| Event::parse(&event(number)));
            written += self.switch.send(&events.collect::<Vec<_>>());
        }
        written
    }

    /// Makes events ready to be sent, for a sender that must not spend its time on that.
    pub fn ready(&self, events: &[String]) -> Ready {
        Ready(events.iter().map(|json| Event::parse(json)).collect())
    }

    /// Sends events that were made ready. Says how many were written, over all connections.
    pub fn send_ready(&self, events: &Ready) -> usize {
        self.switch.send(&events.0)
    }

    /// Drops the connections that are there.
    pub fn close_all(&self) {
        for connection in self.switch.take_connections() {
            connection.close();
        }
    }

    /// Drops them as a switch does that lost its power: TCP resets them.
    pub fn reset_all(&self) {
        for connection in self.switch.take_connections() {
            connection.reset();
        }
    }
}

/// What it saw. What waits says whether it came; it gives up after ten seconds.
impl EventSocket {
    /// The commands that came, of all connections. One with header lines has them too.
    pub fn heard(&self) -> Vec<String> {
        self.switch.heard().into_iter().map(|(_, command)| command).collect()
    }

    /// The same with the number of the connection, counted from 1.
    pub fn heard_on(&self) -> Vec<(usize, String)> {
        self.switch.heard()
    }

    /// Waits until what was heard is as it should be.
    pub fn wait_heard(&self, is_so: impl Fn(&[String]) -> bool) -> bool {
        self.wait_until(|| is_so(&self.heard()))
    }

    /// Starts to listen as if nothing had come.
    pub fn forget_heard(&self) {
        self.switch.forget_heard();
    }

    /// Whether somebody subscribed to events.
    pub fn subscribed(&self) -> bool {
        self.switch.connections().iter().any(|connection| connection.is_subscribed())
    }

    /// Waits until somebody did.
    pub fn wait_subscribed(&self) -> bool {
        self.wait_until(|| self.subscribed())
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.switch.connections().len()
    }

    /// How many were opened in all.
    pub fn accepted(&self) -> usize {
        self.switch.accepted()
    }

    /// Waits until something is so.
    pub fn wait_until(&self, is_so: impl Fn() -> bool) -> bool {
        self.switch.wait_until(PATIENCE, is_so)
    }
}
