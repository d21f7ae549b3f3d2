//! The parts of an address as they are written.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is written as it is; everything else is percent-encoded. `:` is not here: it begins a verb (`:move`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// One part of an address: a name, and which one of those of that name.
///
/// In a name, `~` is written `~~`, and the names `.` and `..`, which programs take out of paths even when they are
/// percent-encoded, are `~.` and `~..`. At the end, `~2` says the second one. An empty name is only its number: `~1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// The number, if it is written.
    pub nth: Option<u32>,
}

/// The parts of an address, from the document down. The document itself has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address(pub Vec<Segment>);

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Two slashes in a row, or one at the end.
    #[error("a part of the address is empty; an empty name is written ~1")]
    Empty,
    /// A `%` that is not followed by two hexadecimal digits, or bytes that are not UTF-8.
    #[error("{0:?} is not percent-encoded UTF-8")]
    Encoding(String),
    /// A `~` with something else behind it.
    #[error(
        "{0:?} has a ~ that is followed by neither ~, a dot, nor a number at its end; a ~ in a name is written ~~"
    )]
    Tilde(String),
}

impl Segment {
    /// A name alone.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), nth: None }
    }

    /// Reads a part as it stands in a path.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(raw: &str) -> Result<Self, AddressError> {
        if raw.is_empty() {
            return Err(AddressError::Empty);
        }
        let encoding = || AddressError::Encoding(raw.to_owned());
        let digits = |at: usize| raw.as_bytes().get(at + 1..at + 3).is_some_and(is_hex);
        if raw.bytes().enumerate().any(|(at, byte)| byte == b'%' && !digits(at)) {
            return Err(encoding());
        }
        let text = percent_decode_str(raw).decode_utf8().map_err(|_| encoding())?;
        Self::unescape(&text).ok_or_else(|| AddressError::Tilde(raw.to_owned()))
    }

    /// Reads a part that is not percent-encoded, as [`Segment::escaped`] writes it.
    pub fn unescape(text: &str) -> Option<Self> {
        let mut name = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('~') {
            name.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(literal) = after.chars().next().filter(|next| matches!(next, '~' | '.')) {
                name.push(literal);
                rest = &after[1..];
            } else {
                let is_number = after.bytes().all(|byte| byte.is_ascii_digit()) && !after.starts_with('0');
                let nth = after.parse().ok().filter(|_| is_number)?;
                return Some(Self { name, nth: Some(nth) });
            }
        }
        name.push_str(rest);
        (!name.is_empty()).then_some(Self { name, nth: None })
    }

    /// The part without percent-encoding.
    pub fn escaped(&self) -> String {
        let mut text = self.name.replace('~', "~~");
        if matches!(text.as_str(), "." | "..") {
            text.insert(0, '~');
        }
        match self.nth {
            Some(nth) => text.push_str(&format!("~{nth}")),
            None if text.is_empty() => text.push_str("~1"),
            None => {}
        }
        text
    }

    /// Which one it means.
    pub fn number(&self) -> u32 {
        self.nth.unwrap_or(1)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf8_percent_encode(&self.escaped(), ENCODED).fmt(f)
    }
}

impl Address {
    /// Reads the part of a path that is an address.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(raw: &str) -> Result<Self, AddressError> {
        if raw.is_empty() {
            return Ok(Self::default());
        }
        raw.split('/').map(Segment::parse).collect::<Result<_, _>>().map(Self)
    }

    /// The address with these parts more.
    #[must_use]
    pub fn join(&self, more: impl IntoIterator<Item = Segment>) -> Self {
        Self(self.0.iter().cloned().chain(more).collect())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("/")?;
            }
            segment.fmt(f)?;
        }
        Ok(())
    }
}

fn is_hex(digits: &[u8]) -> bool {
    digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        for (raw, name, nth) in [
            ("1000", "1000", None),
            ("1000~2", "1000", Some(2)),
            ("a~~2", "a~2", None),
            ("a~~~2", "a~", Some(2)),
            ("~..", "..", None),
            ("~.", ".", None),
            ("~1", "", Some(1)),
            ("a%2Fb%20%7E1", "a/b ", Some(1)),
            ("%F0%9F%98%80", "😀", None),
            ("a:b", "a:b", None),
            ("%2E%2E", "..", None),
        ] {
            let segment = Segment::parse(raw).unwrap();
            assert_eq!((segment.name.as_str(), segment.nth), (name, nth), "{raw}");
        }
        assert_eq!(Segment::new("sip:a/b%2F~..").to_string(), "sip%3Aa%2Fb%252F~~..");
    }

    #[test]
    fn what_is_no_address() {
        for (raw, error) in [
            ("a//b", AddressError::Empty),
            ("a/", AddressError::Empty),
            ("/a", AddressError::Empty),
            ("%zz", AddressError::Encoding("%zz".into())),
            ("%4", AddressError::Encoding("%4".into())),
            ("%FF", AddressError::Encoding("%FF".into())),
            ("a~", AddressError::Tilde("a~".into())),
            ("a~b", AddressError::Tilde("a~b".into())),
            ("a~0", AddressError::Tilde("a~0".into())),
            ("a~1~2", AddressError::Tilde("a~1~2".into())),
            ("a~99999999999", AddressError::Tilde("a~99999999999".into())),
        ] {
            assert_eq!(Address::parse(raw), Err(error), "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_survives(name in "[\\PC~./%:\u{0}\n]{0,12}", nth in proptest::option::of(1_u32..5)) {
            let nth = if name.is_empty() { Some(nth.unwrap_or(1)) } else { nth };
            let segment = Segment { name, nth };
            let text = segment.to_string();
            proptest::prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b"/:?#".contains(&byte)));
            proptest::prop_assert!(text != "." && text != "..");
            proptest::prop_assert_eq!(Segment::parse(&text).unwrap(), segment);
        }
    }
}
