//! What FreeSWITCH tells of itself without being asked.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The fields that are read of events, sorted. An event of a call has some two hundred; the others are passed over
/// without being kept, which is most of what an event costs.
pub(crate) const FIELDS: &[&str] = &[
    "Action",
    "Answer-State",
    "Application",
    "Application-Data",
    "Application-UUID",
    "Bridge-A-Unique-ID",
    "Bridge-B-Unique-ID",
    "CC-Action",
    "CC-Agent",
    "CC-Agent-Answered-Time",
    "CC-Agent-Contact",
    "CC-Agent-State",
    "CC-Agent-Status",
    "CC-Agent-System",
    "CC-Agent-UUID",
    "CC-Bridge-Terminated-Time",
    "CC-Cancel-Reason",
    "CC-Cause",
    "CC-Count",
    "CC-Member-CID-Name",
    "CC-Member-CID-Number",
    "CC-Member-Joined-Time",
    "CC-Member-Leaving-Time",
    "CC-Member-Session-UUID",
    "CC-Member-UUID",
    "CC-Queue",
    "Call-Direction",
    "Caller-ANI",
    "Caller-Callee-ID-Name",
    "Caller-Callee-ID-Number",
    "Caller-Caller-ID-Name",
    "Caller-Caller-ID-Number",
    "Caller-Channel-Answered-Time",
    "Caller-Channel-Created-Time",
    "Caller-Channel-Name",
    "Caller-Context",
    "Caller-Destination-Number",
    "Caller-Dialplan",
    "Caller-Network-Addr",
    "Caller-Unique-ID",
    "Channel-Call-State",
    "Channel-Call-UUID",
    "Channel-HIT-Dialplan",
    "Channel-Name",
    "Channel-Presence-ID",
    "Channel-Read-Codec-Name",
    "Channel-Read-Codec-Rate",
    "Channel-State",
    "Channel-Write-Codec-Name",
    "Channel-Write-Codec-Rate",
    "Conference-Ghosts",
    "Conference-Name",
    "Conference-Profile-Name",
    "Conference-Size",
    "Conference-Unique-ID",
    "Core-UUID",
    "Energy-Level",
    "Event-Date-Timestamp",
    "Event-Info",
    "Event-Name",
    "Event-Sequence",
    "Event-Subclass",
    "Floor",
    "FreeSWITCH-Hostname",
    "FreeSWITCH-Switchname",
    "FreeSWITCH-Version",
    "Gateway",
    "Gateway-Name",
    "Hangup-Cause",
    "Hear",
    "Heartbeat-Interval",
    "Hold",
    "Idle-CPU",
    "Job-Command",
    "Job-UUID",
    "Max-Sessions",
    "Member-ID",
    "Member-Type",
    "Mute-Detect",
    "New-ID",
    "Old-Unique-ID",
    "Other-Leg-Unique-ID",
    "Phrase",
    "Ping-Status",
    "See",
    "Session-Count",
    "Session-Peak-FiveMin",
    "Session-Peak-Max",
    "Session-Per-Sec",
    "Session-Per-Sec-FiveMin",
    "Session-Per-Sec-Last",
    "Session-Per-Sec-Max",
    "Session-Since-Startup",
    "Speak",
    "State",
    "Status",
    "Talking",
    "Unique-ID",
    "Up-Time",
    "Uptime-msec",
    "_body",
    "call-id",
    "contact",
    "expires",
    "filename",
    "from-host",
    "from-user",
    "host",
    "key",
    "module_name",
    "name",
    "network-ip",
    "network-port",
    "profile",
    "profile-name",
    "profile_name",
    "profile_uri",
    "realm",
    "rpid",
    "status",
    "to-host",
    "to-user",
    "type",
    "uri",
    "user",
    "user-agent",
    "username",
    "variable_accountcode",
    "variable_current_application",
    "variable_current_application_data",
    "verto_client_address",
    "verto_login",
    "verto_profile_name",
    "verto_success",
];

/// An event, as far as it is read here.
///
/// FreeSWITCH repeats some names (`Hangup-Cause`, `Conference-Name`); the first one counts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Event {
    fields: Vec<(&'static str, Box<str>)>,
}

impl Event {
    /// Reads the body of a `text/event-json` frame.
    ///
    /// Text that is not UTF-8 comes from a SIP header as it stood on the wire; what it cannot be is replaced.
    ///
    /// # Errors
    /// What is wrong with the JSON.
    pub fn from_json(body: &[u8]) -> Result<Self, serde_json::Error> {
        let text = String::from_utf8_lossy(body);
        let mut reader = serde_json::Deserializer::from_str(&text);
        let event = reader.deserialize_map(Fields)?;
        reader.end()?;
        Ok(event)
    }

    /// An event of these fields, for tests of what reads events.
    ///
    /// # Panics
    /// At a field that is never read.
    #[cfg(test)]
    pub(crate) fn of(fields: &[(&str, &str)]) -> Self {
        let named =
            |(name, value): &(&str, &str)| (known(name).unwrap_or_else(|| panic!("{name}")), (*value).into());
        Self { fields: fields.iter().map(named).collect() }
    }

    /// The value of a field that is in [`FIELDS`]; never empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(known(name).is_some(), "{name} is not read");
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }

    /// The number in a field.
    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.get(name)?.trim().parse().ok()
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let place = size_of::<(&str, Box<str>)>();
        self.fields.capacity() * place + self.fields.iter().map(|(_, value)| value.len()).sum::<usize>()
    }

    /// `Event-Name`, such as `CHANNEL_CREATE`.
    pub fn name(&self) -> &str {
        self.get("Event-Name").unwrap_or_default()
    }

    /// `Event-Subclass` of a `CUSTOM` event, such as `sofia::register`.
    pub fn subclass(&self) -> &str {
        self.get("Event-Subclass").unwrap_or_default()
    }

    /// When it happened, in microseconds since 1970 by the switch's clock.
    pub fn at_us(&self) -> Option<i64> {
        self.number("Event-Date-Timestamp")
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.fields.iter().map(|(name, value)| (name, value))).finish()
    }
}

fn known(name: &str) -> Option<&'static str> {
    FIELDS.binary_search_by(|known| known.as_bytes().cmp(name.as_bytes())).ok().map(|at| FIELDS[at])
}

/// Takes the known fields out of an object.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
        let mut event = Event { fields: Vec::with_capacity(32) };
        while let Some(name) = map.next_key_seed(Name)? {
            match name.filter(|name| event.fields.iter().all(|(taken, _)| taken != name)) {
                Some(name) => event.fields.push((name, map.next_value_seed(Value)?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(event)
    }
}

/// The name of a field, if it is known.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(known(name))
    }
}

/// A value as text; FreeSWITCH writes texts, and arrays of texts for variables that are arrays.
struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Box<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Box<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(value.to_string().into())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok("".into())
    }

    /// The first item: nothing that is read here is an array.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let first = seq.next_element::<Cow<'de, str>>()?.unwrap_or_default();
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok("".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sorted_and_there_once() {
        assert!(FIELDS.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
    }

    #[test]
    fn the_first_of_repeated_names_counts() {
        let event = Event::from_json(
            br#"{"Event-Name":"CHANNEL_HANGUP","Hangup-Cause":"A","x":[1,{"y":2}],"Hangup-Cause":"B"}"#,
        );
        let event = event.unwrap();
        assert_eq!((event.name(), event.get("Hangup-Cause")), ("CHANNEL_HANGUP", Some("A")));
    }

    #[test]
    fn what_is_not_utf_8_is_replaced_and_other_types_are_text() {
        let event = Event::from_json(
            b"{\"from-user\":\"a\xffb\",\"expires\":7,\"status\":[\"x\",\"y\"],\"name\":null}",
        );
        let event = event.unwrap();
        assert_eq!(event.get("from-user"), Some("a\u{fffd}b"));
        assert_eq!(
            (event.number("expires"), event.get("status"), event.get("name")),
            (Some(7), Some("x"), None)
        );
    }

    #[test]
    fn broken_json_is_an_error() {
        for broken in ["", "{", "[]", "{\"a\":}", "{} x", "null", "{\"Event-Name\":\"A\""] {
            assert!(Event::from_json(broken.as_bytes()).is_err(), "{broken}");
        }
        // Nested as deep as anybody likes.
        let deep = format!("{{\"name\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Event::from_json(deep.as_bytes()).is_err());
    }
}
