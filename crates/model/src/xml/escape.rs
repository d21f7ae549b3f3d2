//! Escaping for text that goes to FreeSWITCH.
//!
//! FreeSWITCH runs every document, answers to mod_xml_curl too, through a preprocessor that knows nothing of XML: it
//! works line by line (`preprocess` in `switch_xml.c`) and drops or obeys a line for a mere substring. So beside
//! XML's own characters, the substring `X-PRE-PROCESS` (in any case) must not appear in data, and no line break may.

use std::borrow::Cow;

/// The substring, lower case, that makes FreeSWITCH's preprocessor take a line for a command or drop it.
const PREPROCESSOR_MARK: &[u8] = b"x-pre-process";

/// Appends `value` to `out` so that it can stand in a double-quoted attribute or as character data.
///
/// Characters that XML cannot carry (control characters other than tab, line feed and carriage return) are left out.
pub fn escape_into(out: &mut Vec<u8>, value: &str) {
    let bytes = value.as_bytes();
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let replacement: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\n' => b"&#10;",
            b'\r' => b"&#13;",
            b'\t' => b"&#9;",
            0..0x20 | 0x7f => b"",
            b'-' if is_mark(bytes, at) => b"&#45;",
            _ => continue,
        };
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(replacement);
        done = at + 1;
    }
    out.extend_from_slice(&bytes[done..]);
}

/// [`escape_into`] for character data: text of nothing but blanks is written as references, because blanks between
/// elements are not taken for text.
pub fn escape_text_into(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        for byte in text.bytes() {
            out.extend_from_slice(format!("&#{byte};").as_bytes());
        }
    } else {
        escape_into(out, text);
    }
}

/// [`escape_into`] as a string.
pub fn escape(value: &str) -> String {
    let mut out = Vec::with_capacity(value.len() + 8);
    escape_into(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

/// The opposite of [`escape`]; what is no reference stays as it is.
pub fn unescape(escaped: &str) -> Cow<'_, str> {
    quick_xml::escape::unescape(escaped).unwrap_or(Cow::Borrowed(escaped))
}

/// Whether the `-` at `at` is the first one of the preprocessor's mark.
fn is_mark(bytes: &[u8], at: usize) -> bool {
    at > 0
        && bytes
            .get(at - 1..at - 1 + PREPROCESSOR_MARK.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(PREPROCESSOR_MARK))
}

/// Whether FreeSWITCH's preprocessor would take text with this in it for a command.
pub fn has_preprocessor_mark(value: &str) -> bool {
    value
        .as_bytes()
        .windows(PREPROCESSOR_MARK.len())
        .any(|found| found.eq_ignore_ascii_case(PREPROCESSOR_MARK))
}

/// Whether `name` can be the name of an element or an attribute: XML's letters, digits, `_`, `-`, `.` and `:`, not
/// beginning with a digit, `-` or `.`.
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|first| first.is_alphabetic() || first == '_' || first == ':');
    starts && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_line_breaks_become_references() {
        assert_eq!(escape("a<b>&\"c\"\r\n\t'"), "a&lt;b&gt;&amp;&quot;c&quot;&#13;&#10;&#9;'");
    }

    /// FreeSWITCH drops a line that holds the mark, whatever stands before it, and obeys it after a `<`.
    #[test]
    fn the_preprocessor_mark_never_appears() {
        for text in ["X-PRE-PROCESS", "<x-Pre-process cmd=\"exec\"/>", "XX-PRE-PROCESSX-PRE-PROCESS"] {
            let escaped = escape(text);
            assert!(!has_preprocessor_mark(&escaped), "{escaped}");
        }
        assert_eq!(escape("x-prefix"), "x-prefix");
    }

    #[test]
    fn what_was_escaped_comes_back() {
        for text in ["a<b>&\"c\"\r\n\t'", "X-PRE-PROCESS", "größe 😀", "&amp;"] {
            assert_eq!(unescape(&escape(text)), text);
        }
        assert_eq!(unescape("a & b &x;"), "a & b &x;");
    }

    #[test]
    fn control_characters_are_left_out() {
        assert_eq!(escape("a\u{0}b\u{1b}c\u{7f}d😀"), "abcd😀");
    }

    #[test]
    fn names() {
        for good in ["param", "anti-action", "X-NO-PRE-PROCESS", "_a", "ns:tag", "größe"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "1a", "-a", "a b", "a<", "a/b", "#text", "a=\"b\""] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
