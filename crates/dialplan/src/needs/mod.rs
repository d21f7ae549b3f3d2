//! What a text must have so that an expression can match it.
//!
//! Most expressions of a dialplan are those of other numbers. To see that, no regular expression is needed: that of each
//! extension is code and memory of its own, and a call that runs thousands of them waits for memory most of its time.

mod literals;

use literals::Literals;

/// What is plain to see of an expression; one of which nothing is plain to see needs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    prefix: Prefix,
    literals: Literals,
}

impl Needs {
    /// Of an expression as it is after expansion.
    pub(crate) fn of(expression: &[u8]) -> Self {
        Self { prefix: Prefix::of(expression), literals: Literals::of(expression) }
    }

    /// Whether a text has it. One that does not is never matched.
    pub(crate) fn are_met(&self, text: &[u8]) -> bool {
        self.prefix.allows(text) && self.literals.are_in(text)
    }
}

/// What a text must begin with so that an expression can match it; nothing if that is not plain to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Prefix {
    length: u8,
    bytes: [u8; 7],
}

impl Prefix {
    /// Of an expression such as `^50(..)$`. One with an alternative in it has none, wherever that is.
    fn of(expression: &[u8]) -> Self {
        let mut prefix = Self::default();
        let Some(rest) = expression.strip_prefix(b"^").filter(|rest| !rest.contains(&b'|')) else {
            return prefix;
        };
        // A quantifier behind one of these is about what stands before it.
        let is_nothing = |pair: &[u8]| matches!(pair, b"\\E" | b"\\Q" | b"?#");
        if rest.windows(2).any(is_nothing) {
            return prefix;
        }
        // A group that must be there is no more than its parentheses.
        let is_optional = |pair: &[u8]| pair[0] == b')' && matches!(pair[1], b'?' | b'*' | b'{');
        let groups = !rest.windows(2).any(is_optional);
        let mut at = 0;
        while let Some(slot) = prefix.bytes.get_mut(usize::from(prefix.length)) {
            let (byte, length) = match (rest.get(at), rest.get(at + 1)) {
                (Some(byte), _) if byte.is_ascii_alphanumeric() => (*byte, 1),
                (Some(b'\\'), Some(byte)) if byte.is_ascii_punctuation() => (*byte, 2),
                (Some(b'('), next) if groups => {
                    match next {
                        Some(b'?') if rest[at..].starts_with(b"(?:") => at += 3,
                        Some(b'?' | b'*') | None => break,
                        Some(_) => at += 1,
                    }
                    continue;
                }
                _ => break,
            };
            // How often it comes is another matter.
            if matches!(rest.get(at + length), Some(b'?' | b'*' | b'{' | b'+')) {
                break;
            }
            *slot = byte;
            prefix.length += 1;
            at += length;
        }
        prefix
    }

    /// Whether a text begins so.
    fn allows(&self, text: &[u8]) -> bool {
        text.starts_with(&self.bytes[..usize::from(self.length)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, is_match};

    #[test]
    fn prefixes_are_only_what_is_plain() {
        let prefix = |expression: &str| {
            let prefix = Prefix::of(expression.as_bytes());
            String::from_utf8(prefix.bytes[..usize::from(prefix.length)].to_vec()).unwrap()
        };
        for (expression, expected) in [
            ("^5000$", "5000"),
            ("^50(..)$", "50"),
            ("^\\*98$", "*98"),
            ("^\\+49.*", "+49"),
            ("^12+", "1"),
            ("^12?3", "1"),
            ("^\\*?1", ""),
            ("^1|2", ""),
            ("^1(2|3)", ""),
            ("^9(1[23])", "91"),
            ("^(?:\\*((98)))$", "*98"),
            ("^1(2)?", "1"),
            ("^1(?#c)?2", ""),
            ("^1\\E?2", ""),
            ("^(?=2)1", ""),
            ("^\\d1", ""),
            ("^(?i)a", ""),
            ("5000", ""),
            ("/^5000$/", ""),
            ("^123456789", "1234567"),
            ("^(*UTF)1", ""),
        ] {
            assert_eq!(prefix(expression), expected, "{expression}");
        }
    }

    proptest::proptest! {
        /// What is needed is never missing where there is a match.
        #[test]
        fn needs_never_hide_a_match(
            pattern in "\\^?[ab1*+?{}\\[\\]():,.|\\\\$x2#QEdc-]{0,12}",
            subject in "[ab12*+x#\\]-]{0,8}",
        ) {
            let matches = is_match(&Pattern::compile(pattern.as_bytes()), subject.as_bytes());
            if !Needs::of(pattern.as_bytes()).are_met(subject.as_bytes()) {
                proptest::prop_assert_ne!(matches, Ok(true));
            }
        }

        /// The same of patterns that are more like real ones.
        #[test]
        fn needs_of_groups_never_hide_a_match(
            pattern in "\\^?((\\(|\\(\\?:)(1|2|12|\\d|[1-2])(\\|21|\\|)?\\)(|\\?|\\+|\\*|\\{0,1\\}|\\{2\\})|1|2|\\[12\\]|2\\+|1\\?|2\\{1,2\\}){1,5}\\$?",
            subject in "[12]{0,6}",
        ) {
            let matches = is_match(&Pattern::compile(pattern.as_bytes()), subject.as_bytes());
            if !Needs::of(pattern.as_bytes()).are_met(subject.as_bytes()) {
                proptest::prop_assert_ne!(matches, Ok(true));
            }
        }
    }
}
