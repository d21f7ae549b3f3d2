//! Rules 36 to 38: an expression as a regular expression (`switch_regex.c`).
//!
//! FreeSWITCH compiles each expression each time, gives PCRE2 no options, and leaves its limits at their defaults:
//! ten million steps, which take seconds. Here an expression is compiled once, by PCRE2's JIT, and may take far fewer
//! steps; one that needs more is not decided.

use std::fmt;
use std::sync::{Arc, OnceLock};

use pcre2::bytes::{Regex, RegexBuilder};

use crate::undecidable::{Known, Why, unknown};

/// What is put in front of an expression, so that it ends. Steps, and KiB of memory.
const LIMITS: &str = "(*LIMIT_MATCH=100000)(*LIMIT_HEAP=8192)";
/// Longer ones cannot be compiled.
const LONGEST: usize = 256 * 1024;
/// The buffer in which the switch makes a regular expression of an Asterisk pattern, with the NUL at its end.
const ASTERISK: usize = 256;

// PCRE2's numbers of errors.
const MATCHLIMIT: i32 = -47;
const DEPTHLIMIT: i32 = -53;
const HEAPLIMIT: i32 = -63;
const JIT_STACKLIMIT: i32 = -46;
const NOMEMORY: i32 = -48;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    /// The same without JIT, for when its small stack is not enough; made when it is needed.
    interpreted: OnceLock<Option<Box<Regex>>>,
    source: Box<str>,
    options: Options,
}

/// What a text must begin with so that an expression can match it; nothing if that is not plain to see.
///
/// Most expressions of a dialplan are those of other numbers. To see that, no regular expression is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefix {
    length: u8,
    bytes: [u8; 7],
}

impl Prefix {
    /// Of an expression such as `^50(..)$`. One with an alternative in it has none, wherever that is.
    pub(crate) fn of(expression: &[u8]) -> Self {
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
    pub(crate) fn allows(&self, text: &[u8]) -> bool {
        text.starts_with(&self.bytes[..usize::from(self.length)])
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options {
    caseless: bool,
    dotall: bool,
}

/// Why an expression matches nothing, or why nobody knows what it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadPattern {
    /// It begins with `/`, and there is no other one.
    NoEnd,
    /// It is no regular expression.
    Compile {
        /// PCRE2's words.
        message: String,
        /// Byte offset in the expression.
        offset: usize,
    },
    /// An Asterisk pattern that is too long for the switch's buffer.
    LongAsterisk,
    /// It is not UTF-8.
    NotText,
    /// What it means depends on the version of PCRE2.
    Version,
    /// Nobody has one as long as that.
    TooLong,
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEnd => f.write_str("the expression begins with \"/\", but there is no \"/\" at its end"),
            Self::Compile { message, offset } => write!(f, "at offset {offset}: {message}"),
            Self::LongAsterisk => f.write_str("the pattern is longer than FreeSWITCH's buffer for it"),
            Self::NotText => f.write_str("the expression is not UTF-8"),
            Self::Version => f.write_str("what the expression means depends on the version of PCRE2"),
            Self::TooLong => f.write_str("the expression is too long"),
        }
    }
}

impl BadPattern {
    /// Rule 38: what does not compile matches nothing. For the others nobody can say.
    fn matches_nothing(&self) -> Known<()> {
        match self {
            Self::NoEnd | Self::Compile { .. } => Ok(()),
            Self::LongAsterisk => {
                unknown(Why::UndefinedInSwitch("an Asterisk pattern longer than the switch's buffer"))
            }
            Self::NotText => unknown(Why::RegexNotText),
            Self::Version => unknown(Why::RegexVersion),
            Self::TooLong => unknown(Why::TooMuch("the length of an expression")),
        }
    }
}

/// A compiled expression, or why there is none.
pub(crate) type Compiled = Result<Arc<Pattern>, Arc<BadPattern>>;

/// Whether an expression matches; and the groups if they are wanted.
pub(crate) fn is_match(compiled: &Compiled, subject: &[u8]) -> Known<bool> {
    match compiled {
        Ok(pattern) => pattern.is_match(subject),
        Err(bad) => bad.matches_nothing().map(|()| false),
    }
}

/// Where the text of a group is; none if the group took no part.
pub(crate) type Span = Option<(usize, usize)>;

/// Where the groups of a match are, up to the last one that took part; none if it does not match.
pub(crate) fn groups(compiled: &Compiled, subject: &[u8]) -> Known<Option<Vec<Span>>> {
    let Ok(pattern) = compiled else { return is_match(compiled, subject).map(|_| None) };
    pattern.run(|regex| {
        let mut locations = regex.capture_locations();
        if regex.captures_read(&mut locations, subject)?.is_none() {
            return Ok(None);
        }
        let mut groups: Vec<_> = (0..locations.len())
            // `\K` in a look-ahead can put the start behind the end; PCRE2 gives no text then.
            .map(|group| locations.get(group).filter(|(start, end)| start <= end))
            .collect();
        let last = groups.iter().rposition(Option::is_some).map_or(1, |last| last + 1);
        groups.truncate(last);
        Ok(Some(groups))
    })
}

impl Pattern {
    /// Compiles an expression as it is after expansion.
    pub(crate) fn compile(expression: &[u8]) -> Compiled {
        Self::new(expression).map(Arc::new).map_err(Arc::new)
    }

    fn new(expression: &[u8]) -> Result<Self, BadPattern> {
        if expression.len() > LONGEST {
            return Err(BadPattern::TooLong);
        }
        let expression = std::str::from_utf8(expression).map_err(|_| BadPattern::NotText)?;
        let (source, options, before) = translate(expression)?;
        if depends_on_version(&source) {
            return Err(BadPattern::Version);
        }
        let regex = build(&source, options, true).map_err(|error| BadPattern::Compile {
            message: message(&error),
            offset: error.offset().unwrap_or(0).saturating_sub(LIMITS.len()) + before,
        })?;
        Ok(Self { regex, interpreted: OnceLock::new(), source: source.into(), options })
    }

    /// The regular expression alone; its errors are to be decided by [`is_match`].
    pub(crate) fn regex(&self) -> &Regex {
        &self.regex
    }

    fn is_match(&self, subject: &[u8]) -> Known<bool> {
        self.run(|regex| regex.is_match(subject))
    }

    fn run<T: Default>(&self, matching: impl Fn(&Regex) -> Result<T, pcre2::Error>) -> Known<T> {
        let mut result = matching(&self.regex);
        if result.as_ref().is_err_and(|error| error.code() == JIT_STACKLIMIT) {
            let interpreted =
                self.interpreted.get_or_init(|| build(&self.source, self.options, false).ok().map(Box::new));
            if let Some(regex) = interpreted {
                result = matching(regex);
            }
        }
        match result {
            Ok(result) => Ok(result),
            Err(error) => match error.code() {
                MATCHLIMIT | DEPTHLIMIT | HEAPLIMIT | JIT_STACKLIMIT | NOMEMORY => unknown(Why::RegexLimit),
                // Every other error is no match to the switch.
                _ => Ok(T::default()),
            },
        }
    }
}

fn build(source: &str, options: Options, jit: bool) -> Result<Regex, pcre2::Error> {
    RegexBuilder::new()
        .caseless(options.caseless)
        .dotall(options.dotall)
        .jit_if_available(jit)
        .build(&format!("{LIMITS}{source}"))
}

/// PCRE2's own words, without those that the crate puts in front of them.
fn message(error: &pcre2::Error) -> String {
    let text = error.to_string();
    let offset = error.offset().map(|offset| format!("at offset {offset}: "));
    match offset.and_then(|offset| text.split_once(&offset).map(|(_, words)| words.to_owned())) {
        Some(words) => words,
        None => text,
    }
}

/// The regular expression, its options, and how many bytes of the expression stand before it.
fn translate(expression: &str) -> Result<(String, Options, usize), BadPattern> {
    // Rule 36.
    if let Some(pattern) = expression.strip_prefix('_') {
        return Ok((asterisk(pattern)?, Options::default(), 0));
    }
    // Rule 37.
    let Some(rest) = expression.strip_prefix('/') else {
        return Ok((expression.to_owned(), Options::default(), 0));
    };
    let (source, letters) = rest.rsplit_once('/').ok_or(BadPattern::NoEnd)?;
    let options = Options { caseless: letters.contains('i'), dotall: letters.contains('s') };
    Ok((source.to_owned(), options, 1))
}

fn asterisk(pattern: &str) -> Result<String, BadPattern> {
    let mut regex = String::from("^");
    for character in pattern.chars() {
        match character {
            'N' => regex.push_str("[2-9]"),
            'X' => regex.push_str("[0-9]"),
            'Z' => regex.push_str("[1-9]"),
            '.' => regex.push_str(".*"),
            other => regex.push(other),
        }
    }
    regex.push('$');
    if regex.len() < ASTERISK { Ok(regex) } else { Err(BadPattern::LongAsterisk) }
}

/// `{,3}` and blanks between braces are text up to PCRE2 10.42, and quantifiers from 10.43 on.
fn depends_on_version(source: &str) -> bool {
    let bytes = source.as_bytes();
    bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'{').any(|(at, _)| {
        let inside = bytes[at + 1..].split(|&byte| byte == b'}').next().unwrap_or_default();
        let closed = at + 1 + inside.len() < bytes.len();
        let new = inside.first() == Some(&b',') || inside.contains(&b' ');
        closed
            && new
            && inside.iter().any(u8::is_ascii_digit)
            && inside.iter().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn matches(expression: &str, subject: &str) -> bool {
        is_match(&Pattern::compile(expression.as_bytes()), subject.as_bytes()).unwrap()
    }

    #[test]
    fn rule_36_asterisk_patterns() {
        assert!(matches("_NXXZ.", "20011"));
        assert!(!matches("_NXXZ.", "2000"));
        assert!(!matches("_NXX", "1000"));
        let long = format!("_{}", "X".repeat(50));
        assert!(matches(&long, &"1".repeat(50)));
        let longer = Pattern::compile(format!("_{}", "X".repeat(52)).as_bytes());
        assert!(is_match(&longer, b"1").is_err());
    }

    #[test]
    fn rule_37_delimiters() {
        assert!(matches("/^ABC$/i", "abc"));
        assert!(matches("/a.c/xsg", "a\nc"));
        assert!(!matches("/a.c/g", "a\nc"));
        assert!(matches("/a/b/i", "xA/By"));
        assert_eq!(Pattern::new(b"/abc").err(), Some(BadPattern::NoEnd));
        assert!(!matches("/abc", "abc"));
    }

    #[test]
    fn rule_38_bytes_and_errors() {
        assert!(matches("^.{2}$", "é"));
        assert!(matches("5$", "5\n"));
        assert!(!matches("[z-a]", "b"));
        let error = |expression: &str| match Pattern::new(expression.as_bytes()) {
            Err(BadPattern::Compile { message, offset }) => (message, offset),
            _ => panic!("{expression} compiles"),
        };
        assert_eq!(error("[z-a]"), ("range out of order in character class".to_owned(), 3));
        assert_eq!(error("/[z-a]/i").1, 4);
        assert_eq!(Pattern::new(b"a{,3}").err(), Some(BadPattern::Version));
        assert!(Pattern::compile(b"a{1,3}b{x,}{").is_ok());
    }

    #[test]
    fn groups_end_with_the_last_that_took_part() {
        let of = |expression: &str, subject: &str| {
            groups(&Pattern::compile(expression.as_bytes()), subject.as_bytes()).unwrap()
        };
        assert_eq!(of("(a)|(b)|(c)", "b"), Some(vec![Some((0, 1)), None, Some((0, 1))]));
        assert_eq!(of("(?:a)", "ba"), Some(vec![Some((1, 2))]));
        assert_eq!(of("(a)", "b"), None);
    }

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

    #[test]
    fn catastrophes_end_undecided() {
        let start = std::time::Instant::now();
        let subject = format!("{}b", "a".repeat(4_000));
        for expression in ["(a+)+$", "^(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(*NO_JIT)(a+)+$"] {
            let result = is_match(&Pattern::compile(expression.as_bytes()), subject.as_bytes());
            assert_eq!(result, Err(Box::new(Why::RegexLimit)), "{expression}");
        }
        // Far more than it needs; without a limit it is years.
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    proptest::proptest! {
        /// What a prefix does not allow never matches.
        #[test]
        fn a_prefix_never_hides_a_match(pattern in "\\^?[ab1*+?{}():,.|\\\\$x2#QE-]{0,12}", subject in "[ab12*+x#-]{0,8}") {
            let matches = is_match(&Pattern::compile(pattern.as_bytes()), subject.as_bytes());
            if !Prefix::of(pattern.as_bytes()).allows(subject.as_bytes()) {
                proptest::prop_assert_ne!(matches, Ok(true));
            }
        }

        #[test]
        fn any_pattern_is_answered(pattern in "[_/(){}\\[\\]*+?|^$\\\\.a-c0-9NXZ,:<>=!#-]{0,30}", subject in "[a-c0-9]{0,20}") {
            let compiled = Pattern::compile(pattern.as_bytes());
            let _ = is_match(&compiled, subject.as_bytes());
            let _ = groups(&compiled, subject.as_bytes());
        }

        #[test]
        fn any_bytes_are_answered(pattern in proptest::collection::vec(1_u8..=255, 0..20), subject in proptest::collection::vec(1_u8..=255, 0..20)) {
            let compiled = Pattern::compile(&pattern);
            let _ = is_match(&compiled, &subject);
        }
    }
}
