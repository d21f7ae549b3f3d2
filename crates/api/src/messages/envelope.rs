//! What comes in: `{"event": <name>, "data": {...}}`.

use serde_json::{Map, Value};

/// The longest message, in bytes, on both transports.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// A message as it came.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Which message.
    pub(crate) event: String,
    /// What the client calls this request, if it cares: a text or a number, which comes back in the reply.
    pub(crate) id: Option<Value>,
    /// The fields of the message; the token is one of them.
    pub(crate) data: Map<String, Value>,
}

/// Why something is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// No JSON.
    Payload,
    /// JSON without a name or without data; with the name, where there is one.
    Message {
        /// The name, if it could be read.
        event: Option<String>,
    },
}

impl Malformed {
    /// The documented text.
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::Payload => "invalid request payload",
            Self::Message { .. } => "invalid message",
        }
    }
}

impl Envelope {
    /// Reads a message. Members that nobody knows are ignored, as they always were.
    ///
    /// # Errors
    /// [`Malformed`]; serde_json itself refuses a depth of more than 128.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_slice(text).map_err(|_| Malformed::Payload)?;
        let Value::Object(mut members) = value else {
            return Err(Malformed::Message { event: None });
        };
        let event = match members.remove("event") {
            Some(Value::String(event)) if !event.trim().is_empty() => event.trim().to_owned(),
            _ => return Err(Malformed::Message { event: None }),
        };
        let id = members.remove("id").filter(|id| id.is_string() || id.is_number());
        match members.remove("data") {
            Some(Value::Object(data)) => Ok(Self { event, id, data }),
            _ => Err(Malformed::Message { event: Some(event) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_told_apart() {
        let parse = |text: &str| Envelope::parse(text.as_bytes()).unwrap_err();
        for text in ["", "{", "nul", "{\"event\":\"a\",\"data\":{}} x", &"[".repeat(10_000)] {
            assert_eq!(parse(text), Malformed::Payload, "{text:.20}");
        }
        for text in ["null", "[]", "\"login\"", "1", "{}", "{\"data\":{}}", "{\"event\":1,\"data\":{}}"] {
            assert_eq!(parse(text), Malformed::Message { event: None }, "{text}");
        }
        for text in ["{\"event\":\"a\"}", "{\"event\":\"a\",\"data\":null}", "{\"event\":\"a\",\"data\":[]}"]
        {
            assert_eq!(parse(text), Malformed::Message { event: Some("a".to_owned()) }, "{text}");
        }
        assert_eq!(Envelope::parse(b"{\"event\":\"\xff\",\"data\":{}}").unwrap_err(), Malformed::Payload);
    }

    #[test]
    fn the_last_of_two_equal_keys_counts_and_strangers_are_ignored() {
        let text = r#"{"event":"a","event":" b ","username":"x","id":7,"data":{"x":1,"x":2}}"#;
        let envelope = Envelope::parse(text.as_bytes()).unwrap();
        assert_eq!((envelope.event.as_str(), envelope.id), ("b", Some(7.into())));
        assert_eq!(envelope.data["x"], 2);
    }
}
