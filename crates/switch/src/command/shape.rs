//! What may stand in a slot of a command.

use std::borrow::Cow;

/// What may stand in a slot. None of them takes control characters, `${`, `|` or a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A name: of a profile, a gateway, a queue, a conference, a user, a domain. One word of printable characters.
    Name,
    /// The id of a call.
    Uuid,
    /// `mod_` and what follows it.
    Module,
    /// A number without a sign.
    Number,
    /// A cause of a hangup, such as `NORMAL_CLEARING`.
    Cause,
    /// What can be dialled: digits, letters and signs of a SIP address.
    Number164,
    /// An endpoint, such as `user/1000@example.com`.
    Endpoint,
    /// An IP address.
    Address,
    /// The name of a variable.
    Variable,
    /// Text to the end of the line.
    Text,
    /// A path of a file or a stream to be played, or to be written.
    Path,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, which stands for something longer.
    Meaning(&'static [(&'static str, &'static str)]),
}

/// Why a value cannot stand in a slot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct BadValue(Cow<'static, str>);

/// The longest value of one word, in bytes.
const LONGEST_WORD: usize = 255;
/// The longest text, in bytes.
const LONGEST_TEXT: usize = 2_048;

impl Shape {
    /// The value as it stands in the line.
    ///
    /// # Errors
    /// What it would have to be.
    pub fn take(self, value: &str) -> Result<Cow<'_, str>, BadValue> {
        let fits = match self {
            Self::Name => is_word(value, |c| c.is_alphanumeric() || "._-@+:*#".contains(c)),
            Self::Endpoint => is_word(value, |c| c.is_alphanumeric() || "._-@+:/*#;=~".contains(c)),
            Self::Path => is_word(value, |c| c.is_alphanumeric() || "._-@+:/~%=(),".contains(c)),
            Self::Number164 => is_word(value, |c| c.is_ascii_alphanumeric() || "._-@+*#:".contains(c)),
            Self::Uuid => {
                (8..=64).contains(&value.len()) && value.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
            }
            Self::Module => {
                value.starts_with("mod_") && is_word(value, |c| c.is_ascii_alphanumeric() || c == '_')
            }
            Self::Address => value.parse::<std::net::IpAddr>().is_ok(),
            Self::Number => (1..=9).contains(&value.len()) && value.bytes().all(|c| c.is_ascii_digit()),
            Self::Cause => is_word(value, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'),
            Self::Variable => is_word(value, |c| c.is_ascii_alphanumeric() || "._-".contains(c)),
            Self::Text => is_text(value),
            Self::OneOf(words) => words.contains(&value),
            Self::Meaning(words) => {
                let meant = words.iter().find(|(word, _)| *word == value);
                return meant.map(|(_, meant)| Cow::Borrowed(*meant)).ok_or_else(|| BadValue(self.wanted()));
            }
        };
        if fits { Ok(Cow::Borrowed(value)) } else { Err(BadValue(self.wanted())) }
    }

    /// What it would have to be, for people.
    pub fn wanted(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Name => "a name: letters, digits and . _ - @ + : * #, not beginning with -",
            Self::Endpoint => "an endpoint such as user/1000@example.com or sofia/gateway/NAME/NUMBER",
            Self::Path => "one path or stream, without blanks",
            Self::Number164 => "a number or a name that can be dialled",
            Self::Address => "an IP address",
            Self::Uuid => "the id of a call",
            Self::Module => "the name of a module, such as mod_sofia",
            Self::Number => "a number of at most nine digits",
            Self::Cause => "a cause such as NORMAL_CLEARING",
            Self::Variable => "the name of a variable: letters, digits and . _ -",
            Self::Text => "one line of at most 2048 bytes, without ${, $${, |, quotes and control characters",
            Self::OneOf(words) => return Cow::Owned(format!("one of {}", words.join(", "))),
            Self::Meaning(words) => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                return Cow::Owned(format!("one of {}", words.join(", ")));
            }
        })
    }
}

fn is_word(value: &str, fits: impl Fn(char) -> bool) -> bool {
    (1..=LONGEST_WORD).contains(&value.len()) && !value.starts_with('-') && value.chars().all(fits)
}

fn is_text(value: &str) -> bool {
    value.len() <= LONGEST_TEXT
        && !value.contains("${")
        && !value.contains(|c: char| {
            c.is_control() || matches!(c, '|' | '"' | '\'' | '`' | '\u{2028}' | '\u{2029}')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (shape, good) in [
            (Shape::Name, "internal"),
            (Shape::Name, "support@default"),
            (Shape::Name, "Büro"),
            (Shape::Uuid, "7849d4dc-1ea1-4f76-a774-8ba20aa30424"),
            (Shape::Module, "mod_sofia"),
            (Shape::Number, "10"),
            (Shape::Endpoint, "sofia/gateway/gw_up/+4930123"),
            (Shape::Text, "a=b c"),
            (Shape::Text, ""),
            (Shape::OneOf(&["a", "b"]), "b"),
        ] {
            assert!(shape.take(good).is_ok(), "{shape:?} {good}");
        }
        for (shape, bad) in [
            (Shape::Name, ""),
            (Shape::Name, "a b"),
            (Shape::Name, "a\nb"),
            (Shape::Name, "a;b"),
            (Shape::Name, "${x}"),
            (Shape::Name, "-bleg"),
            (Shape::Uuid, "all"),
            (Shape::Module, "sofia"),
            (Shape::Number, "-1"),
            (Shape::Endpoint, "{a=b}user/1"),
            (Shape::Endpoint, "user/1 &bridge(x)"),
            (Shape::Endpoint, "user/1|user/2"),
            (Shape::Text, "a\r\nb"),
            (Shape::Text, "$${x}"),
            (Shape::OneOf(&["a", "b"]), "c"),
        ] {
            assert!(shape.take(bad).is_err(), "{shape:?} {bad}");
        }
    }
}
