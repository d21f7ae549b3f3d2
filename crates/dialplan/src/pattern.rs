//! Rules 36 to 38: an expression as a regular expression (`switch_regex.c`).
//!
//! FreeSWITCH compiles each expression each time, gives PCRE2 no options, and leaves its limits at their defaults:
//! ten million steps, which take seconds. Here an expression is compiled once, by PCRE2's JIT, and may take far fewer
//! steps; one that needs more is not decided.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, OnceLock};

use pcre2::bytes::{CaptureLocations, Regex, RegexBuilder};

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
    /// How many groups it has, with the whole match.
    groups: usize,
}

/// How an expression is meant, beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options {
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
    match compiled {
        Ok(pattern) => pattern.spans(subject),
        Err(bad) => bad.matches_nothing().map(|()| None),
    }
}

/// What a thread has room for; an expression with more groups brings its own.
const MOST_GROUPS: usize = 64;

thread_local! {
    /// Where PCRE2 writes what it finds. One for all expressions of a thread: with one for each, a call that tries
    /// thousands of them waits for all that memory, and the first one of a thread makes it.
    static LOCATIONS: RefCell<Option<CaptureLocations>> = RefCell::new(locations());
}

fn locations() -> Option<CaptureLocations> {
    let regex = Regex::new(&"()".repeat(MOST_GROUPS - 1)).ok()?;
    Some(regex.capture_locations())
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
        let groups = regex.captures_len();
        Ok(Self { regex, interpreted: OnceLock::new(), source: source.into(), options, groups })
    }

    /// What makes it the same as another one.
    pub(crate) fn key(&self) -> (&str, Options) {
        (&self.source, self.options)
    }

    /// Whether it matches.
    pub(crate) fn is_match(&self, subject: &[u8]) -> Known<bool> {
        self.run(subject, |_| ()).map(|found| found.is_some())
    }

    /// Where the groups of a match are, up to the last one that took part; none if it does not match.
    pub(crate) fn spans(&self, subject: &[u8]) -> Known<Option<Vec<Span>>> {
        self.run(subject, |locations| {
            // `\K` in a look-ahead can put the start behind the end; PCRE2 gives no text then.
            let span = |group| locations.get(group).filter(|(start, end)| start <= end);
            let last = (0..self.groups).rev().find(|group| span(*group).is_some());
            (0..=last.unwrap_or(0)).map(span).collect()
        })
    }

    /// Matches, and reads what was found.
    fn run<T>(&self, subject: &[u8], read: impl Fn(&CaptureLocations) -> T) -> Known<Option<T>> {
        let matching = |regex: &Regex, locations: &mut CaptureLocations| {
            Ok::<_, pcre2::Error>(regex.captures_read(locations, subject)?.map(|_| read(locations)))
        };
        let mut result = LOCATIONS.with_borrow_mut(|locations| match locations {
            Some(locations) if self.groups <= MOST_GROUPS => matching(&self.regex, locations),
            _ => matching(&self.regex, &mut self.regex.capture_locations()),
        });
        if result.as_ref().is_err_and(|error| error.code() == JIT_STACKLIMIT) {
            let interpreted =
                self.interpreted.get_or_init(|| build(&self.source, self.options, false).ok().map(Box::new));
            if let Some(regex) = interpreted {
                result = matching(regex, &mut regex.capture_locations());
            }
        }
        match result {
            Ok(result) => Ok(result),
            Err(error) => match error.code() {
                MATCHLIMIT | DEPTHLIMIT | HEAPLIMIT | JIT_STACKLIMIT | NOMEMORY => unknown(Why::RegexLimit),
                // Every other error is no match to the switch.
                _ => Ok(None),
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
