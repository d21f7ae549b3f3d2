//! Texts of the switch as words, numbers and flags.
//!
//! The same row may come as JSON, as columns and as XML, mostly as texts. What cannot be the number it should be is
//! not there; nothing here is an error.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text that is kept.
pub type Word = Box<str>;

/// A text that many rows have, and that is in memory once.
pub type Shared = Arc<str>;

/// A text, unless there is none.
pub(super) fn word(text: &str) -> Option<Word> {
    (!text.is_empty()).then(|| text.into())
}

/// A number as the switch writes it, maybe with blanks around it.
pub(super) fn number<N: FromStr>(text: &str) -> Option<N> {
    text.trim().parse().ok()
}

/// A time in microseconds as seconds; 0 is no time.
pub(super) fn seconds(us: Option<i64>) -> Option<u64> {
    us.and_then(|us| u64::try_from(us / 1_000_000).ok()).filter(|seconds| *seconds > 0)
}

/// A flag as the switch writes it.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// For `deserialize_with`: a text.
pub(super) fn as_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    deserializer.deserialize_any(Told(|text: &str| word(text), PhantomData))
}

/// For `deserialize_with`: a text that may be empty.
pub(super) fn as_text<'de, T: Default + for<'a> From<&'a str>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = deserializer.deserialize_any(Told(|text: &str| Some(text.into()), PhantomData))?;
    Ok(text.unwrap_or_default())
}

/// For `deserialize_with`: a text that many rows have.
pub(super) fn as_shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Shared>, D::Error> {
    deserializer.deserialize_any(Told(|text: &str| (!text.is_empty()).then(|| text.into()), PhantomData))
}

/// For `deserialize_with`: a number.
pub(super) fn as_number<'de, N: FromStr, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    deserializer.deserialize_any(Told(number::<N>, PhantomData))
}

/// For `deserialize_with`: a time in seconds, where 0 is no time.
pub(super) fn as_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    as_number(deserializer).map(|time| time.filter(|time| *time > 0))
}

/// For `deserialize_with`: a flag.
pub(super) fn as_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    deserializer.deserialize_any(Told(flag, PhantomData))
}

/// Reads a scalar of any type as the text it would be.
struct Told<F, T>(F, PhantomData<T>);

impl<'de, T, F: Fn(&str) -> Option<T>> Visitor<'de> for Told<F, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.0)(text))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok((self.0)(if value { "true" } else { "false" }))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok((self.0)(&value.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A row out of names and values; of repeated names the first counts.
pub(super) fn of_pairs<'a, R: Deserialize<'a>>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<R, serde::de::value::Error> {
    let mut first: Vec<(&str, &str)> = Vec::new();
    for (name, value) in pairs {
        if first.iter().all(|(known, _)| *known != name) {
            first.push((name, value));
        }
    }
    R::deserialize(serde::de::value::MapDeserializer::new(first.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_not_there() {
        for nonsense in ["", "-1", "1e99", "18446744073709551616", "0x10", "nan", "\u{0}", "１"] {
            assert_eq!(number::<u64>(nonsense), None, "{nonsense}");
        }
        assert_eq!((number::<u64>(" 7 "), flag("1"), flag("maybe")), (Some(7), Some(true), None));
        assert_eq!(
            (seconds(Some(0)), seconds(Some(-5_000_000)), seconds(Some(i64::MAX))),
            (None, None, Some(9_223_372_036_854))
        );
    }
}
