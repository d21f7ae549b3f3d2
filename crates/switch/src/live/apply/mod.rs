//! The state kept by the events.
//!
//! An event that comes twice changes nothing the second time. One that comes late, after a newer one about the same
//! row, is passed over, and where it told something of its own the part is read again.

mod callcenter;
mod channel;
mod conference;
mod host;
mod sofia;
mod verto;

use super::{Live, Wanted};
use crate::Event;

/// An event, and when it was heard.
struct Heard<'a> {
    event: &'a Event,
    /// `Event-Sequence`.
    seq: Option<u64>,
    /// By our clock.
    now_ms: i64,
}

impl<'a> Heard<'a> {
    fn get(&self, field: &str) -> Option<&'a str> {
        self.event.get(field)
    }

    /// When it happened, in seconds by the switch's clock.
    fn at_s(&self) -> Option<u64> {
        let at_us = self.event.at_us().unwrap_or_else(|| self.now_ms.saturating_mul(1000));
        super::told::seconds(Some(at_us))
    }
}

macro_rules! heard {
    (events { $($name:literal => $event:path,)* } custom { $($subclass:literal => $custom:path,)* }) => {
        /// The events that are heard, by name.
        pub(crate) const EVENTS: &[&str] = &[$($name,)*];
        /// The `CUSTOM` events that are heard, by subclass.
        pub(crate) const CUSTOM: &[&str] = &[$($subclass,)*];

        fn heard(live: &mut Live, heard: &Heard<'_>) -> Wanted {
            match heard.event.name() {
                $($name => $event(live, heard),)*
                "CUSTOM" => match heard.event.subclass() {
                    $($subclass => $custom(live, heard),)*
                    _ => Wanted::NONE,
                },
                _ => Wanted::NONE,
            }
        }
    };
}

heard! {
    events {
        "CHANNEL_CREATE" => channel::changed,
        "CHANNEL_CALLSTATE" => channel::changed,
        "CHANNEL_ANSWER" => channel::changed,
        "CHANNEL_BRIDGE" => channel::bridged,
        "CHANNEL_UNBRIDGE" => channel::unbridged,
        "CHANNEL_HOLD" => channel::changed,
        "CHANNEL_UNHOLD" => channel::changed,
        "CALL_UPDATE" => channel::changed,
        "CHANNEL_UUID" => channel::renamed,
        "CHANNEL_DESTROY" => channel::gone,
        "PUBLISH" => sofia::profile_began,
        "UNPUBLISH" => sofia::profile_ended,
        "MODULE_LOAD" => host::loaded,
        "MODULE_UNLOAD" => host::unloaded,
        "HEARTBEAT" => host::heartbeat,
        "SHUTDOWN" => host::shutdown,
    }
    custom {
        "sofia::register" => sofia::registered,
        "sofia::unregister" => sofia::unregistered,
        "sofia::expire" => sofia::unregistered,
        "sofia::gateway_state" => sofia::gateway_changed,
        "sofia::gateway_add" => sofia::gateway_added,
        "sofia::gateway_delete" => sofia::gateway_deleted,
        "sofia::profile_start" => sofia::profile_began,
        "callcenter::info" => callcenter::info,
        "conference::maintenance" => conference::maintenance,
        "verto::login" => verto::logged_in,
        "verto::client_disconnect" => verto::disconnected,
    }
}

impl Live {
    /// Takes note of which run of the switch this is. Whether it is another one than before: then nothing of what was
    /// known is so any more.
    pub(super) fn runs_as(&mut self, core: &str) -> bool {
        if self.core.as_deref() == Some(core) {
            return false;
        }
        let again = self.core.is_some();
        if again {
            self.clear();
        }
        self.core = Some(core.into());
        again
    }

    /// Takes in what the switch tells, and says what has to be read again because it told too little. `now_ms` is
    /// our time in milliseconds since 1970.
    pub fn apply(&mut self, event: &Event, now_ms: i64) -> Wanted {
        let mut wanted = Wanted::NONE;
        if let Some(core) = event.get("Core-UUID")
            && self.runs_as(core)
        {
            wanted = Wanted::ALL;
        }
        wanted | heard(self, &Heard { event, seq: event.number("Event-Sequence"), now_ms })
    }
}
