//! JSON that means one thing only: no key twice, nothing behind the value.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is no JSON that is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// From 1; 0 where there is none.
    pub line: usize,
    /// From 1, in bytes.
    pub column: usize,
    /// A sentence without its full stop.
    pub message: String,
}

/// Reads a text. Objects and arrays may be 127 levels deep.
///
/// # Errors
/// [`JsonError`] with the first thing that is wrong and its place.
pub fn read_json(text: &[u8]) -> Result<Value, JsonError> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = Strict::deserialize(&mut json).and_then(|Strict(value)| json.end().map(|()| value));
    read.map_err(|error| {
        let message = error.to_string();
        // The place is told beside it.
        let end = message.rfind(" at line ").unwrap_or(message.len());
        JsonError { line: error.line(), column: error.column(), message: message[..end].to_owned() }
    })
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: de::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Reader).map(Self)
    }
}

#[derive(Clone, Copy)]
struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = array.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format!("the key {name:?} is there twice")));
            }
            members.insert(name, object.next_value_seed(self)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_has_its_place() {
        for (text, line, message) in [
            ("{\n \"a\": 1,\n \"a\": 2}", 3, "the key \"a\" is there twice"),
            ("[{\"x\":{\"b\":1,\"b\":1}}]", 1, "the key \"b\" is there twice"),
            ("{\n\"a\" 1}", 2, "expected `:`"),
            ("{} x", 1, "trailing characters"),
            ("", 1, "EOF while parsing a value"),
            (&"[".repeat(10_000), 1, "recursion limit exceeded"),
            ("\"\\ud800\"", 1, "unexpected end of hex escape"),
        ] {
            let error = read_json(text.as_bytes()).unwrap_err();
            assert_eq!((error.line.max(1), error.message.as_str()), (line, message), "{text:.20}");
        }
        assert!(read_json(b"\"\xff\"").is_err());
        assert_eq!(
            read_json(b" [1, -1, 1.5, null, \"x\", true, {}] ").unwrap().to_string(),
            "[1,-1,1.5,null,\"x\",true,{}]"
        );
    }
}
