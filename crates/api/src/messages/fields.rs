//! The fields of a message, with the documented refusals for those that are missing or wrong.

use serde_json::{Map, Value};

use super::reply::Refusal;

/// The longest name or value that a field may have, in bytes, where nothing else is said.
pub(crate) const LONGEST_TEXT: usize = 64 * 1024;

/// An object of fields: the data of a message, or an object in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields of `data`.
    pub(crate) fn of(data: &'a Map<String, Value>) -> Self {
        Self(data)
    }

    /// One field as it is.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// The fields of an object that is a field; none at all where it is missing or something else.
    pub(crate) fn object(self, name: &str) -> Option<Self> {
        self.0.get(name).and_then(Value::as_object).map(Self)
    }

    /// A text without the blanks around it; `None` where it is missing or no text.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.raw(name).map(str::trim)
    }

    /// A text as it came: a password, a token, a file.
    pub(crate) fn raw(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A text that must be there and not be empty.
    ///
    /// # Errors
    /// `empty data`.
    pub(crate) fn needed(self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name).filter(|text| !text.is_empty()).ok_or(Refusal::EMPTY_DATA)
    }

    /// The id of something: a positive whole number.
    ///
    /// # Errors
    /// `wrong id` for everything else, a number in quotes too.
    pub(crate) fn id(self, name: &str) -> Result<i64, Refusal> {
        self.number(name).filter(|id| *id > 0).ok_or(Refusal::WRONG_ID)
    }

    /// A whole number.
    pub(crate) fn number(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    /// Yes or no.
    ///
    /// # Errors
    /// `wrong data` where it is missing or something else.
    pub(crate) fn flag(self, name: &str) -> Result<bool, Refusal> {
        self.0.get(name).and_then(Value::as_bool).ok_or(Refusal::WRONG_DATA)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_positive_whole_numbers() {
        for (id, expected) in [
            ("1", Some(1)),
            ("9223372036854775807", Some(i64::MAX)),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("1.0", None),
            ("9223372036854775808", None),
            ("1e400", None),
            ("\"1\"", None),
            ("null", None),
            ("[1]", None),
        ] {
            let Ok(data) = serde_json::from_str::<Map<String, Value>>(&format!("{{\"id\":{id}}}")) else {
                assert_eq!(expected, None, "{id}");
                continue;
            };
            assert_eq!(Fields::of(&data).id("id").ok(), expected, "{id}");
        }
    }

    #[test]
    fn texts_lose_the_blanks_around_them_and_secrets_do_not() {
        let data = serde_json::json!({"name": " a b\n", "other": 1, "empty": "  "});
        let data = Fields::of(data.as_object().unwrap());
        assert_eq!(data.text("name"), Some("a b"));
        assert_eq!(data.raw("name"), Some(" a b\n"));
        assert_eq!(data.needed("empty").unwrap_err(), Refusal::EMPTY_DATA);
        assert_eq!(data.needed("other").unwrap_err(), Refusal::EMPTY_DATA);
        assert_eq!(data.flag("name").unwrap_err(), Refusal::WRONG_DATA);
    }
}
