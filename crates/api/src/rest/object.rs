//! Bodies that are objects.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A structure that came as an object. Serde also takes an array for one, with the values in the order of the fields,
/// which nobody may come to depend on.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        one: u8,
        two: String,
    }

    fn read(json: &str) -> Result<Pair, String> {
        serde_json::from_str(json).map(|Object(pair)| pair).map_err(|error| error.to_string())
    }

    #[test]
    fn only_an_object_is_one() {
        assert_eq!(read(r#"{"two": "b", "one": 1}"#), Ok(Pair { one: 1, two: "b".to_owned() }));
        for (json, why) in [
            (r#"[1, "b"]"#, "invalid type: sequence, expected an object"),
            ("null", "invalid type: null, expected an object"),
            (r#""b""#, "expected an object"),
            (r#"{"one": 1}"#, "missing field `two`"),
            (r#"{"one": 1, "one": 2, "two": "b"}"#, "duplicate field `one`"),
            (r#"{"one": 1, "two": "b", "three": 3}"#, "unknown field `three`"),
        ] {
            let said = read(json).unwrap_err();
            assert!(said.contains(why), "{json}: {said}");
        }
    }
}
