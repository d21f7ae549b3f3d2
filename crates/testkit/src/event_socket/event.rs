//! Events: their text, and what decides who is sent them.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// What a FreeSWITCH encodes in the values of plain events.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b':')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An event, from its JSON text.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) json: String,
    headers: Headers,
}

/// In order, and with the names that come more than once.
#[derive(Clone, Debug)]
struct Headers(Vec<(String, Value)>);

impl Event {
    /// Panics if the text is no JSON object: the test is wrong then.
    pub(super) fn parse(json: &str) -> Self {
        let headers = serde_json::from_str(json).unwrap_or_else(|error| panic!("no event: {error}: {json}"));
        Self { json: json.to_owned(), headers }
    }

    /// The first header of this name, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.0.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    }

    /// As `event plain` has it: names with encoded values, then the body.
    pub(super) fn plain(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.headers.0.iter().filter(|(name, _)| name != "_body") {
            let value = match value {
                Value::String(value) => value.clone(),
                Value::Array(values) => {
                    let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                    format!("ARRAY::{}", values.join("|:"))
                }
                other => other.to_string(),
            };
            text.push_str(&format!("{name}: {}\n", utf8_percent_encode(&value, UNSAFE)));
        }
        text.push('\n');
        text.push_str(self.header("_body").unwrap_or_default());
        text
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Headers;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = Vec::new();
                while let Some(header) = map.next_entry()? {
                    headers.push(header);
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// The JSON text of an event: those of `fields` first that name it, then what every event has, then the others.
pub(super) fn text(core: &str, sequence: u64, fields: &[(&str, &str)]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros().to_string();
    let sequence = sequence.to_string();
    let names_it = |name: &str| ["Event-Name", "Event-Subclass"].contains(&name);
    let common = [
        ("Core-UUID", core),
        ("FreeSWITCH-Hostname", "fs1"),
        ("FreeSWITCH-Switchname", "fs1"),
        ("FreeSWITCH-IPv4", "127.0.0.1"),
        ("Event-Date-Timestamp", &now),
        ("Event-Sequence", &sequence),
    ];
    let given = |name: &str| fields.iter().any(|(field, _)| *field == name);
    let first = fields.iter().filter(|(name, _)| names_it(name));
    let filled = common.iter().filter(|(name, _)| !given(name));
    let others = fields.iter().filter(|(name, _)| !names_it(name));
    let all = first.chain(filled).chain(others);
    let pairs: Vec<_> =
        all.map(|(name, value)| format!("{}:{}", Value::from(*name), Value::from(*value))).collect();
    format!("{{{}}}", pairs.join(","))
}
