//! One line as FreeSWITCH's preprocessor sees it (`preprocess` in `switch_xml.c`).
//!
//! It knows nothing of XML: it looks for substrings, so the order in which it looks decides. Everything here keeps
//! to that order.

use custompbx_model::variables::next_variable;

/// Longer lines lose a character when FreeSWITCH reads them (`DLINE_MAX_SIZE`).
pub(crate) const LONGEST_LINE: usize = 1_048_573;

/// A command for the preprocessor, in either form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command<'a> {
    /// `set`, `include`, ... as it is written.
    pub(crate) name: &'a str,
    /// Its argument, as it is written.
    pub(crate) data: &'a str,
}

/// What the preprocessor makes of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Goes on to the parser.
    Text,
    /// Holds the mark `X-PRE-PROCESS`, and so is dropped but for the command in it.
    Marked {
        /// None: FreeSWITCH can make nothing of it, and says nothing.
        command: Option<Command<'a>>,
        /// What stood before it.
        before: &'a str,
        /// What stood behind it.
        behind: &'a str,
    },
    /// `<!--#name argument-->`.
    Comment {
        /// The bytes before it, which go to the parser.
        before: usize,
        /// The bytes up to its end, if it ends on this line; the rest goes to the parser.
        end: Option<usize>,
        /// A comment that is no command has no argument or an unknown name.
        command: Option<Command<'a>>,
    },
}

/// What FreeSWITCH still sees of a line when it looks for `<include>` and `-->`: it looks in a buffer in which it
/// has just put a string end at the closing brace of the first variable.
pub(super) fn before_first_variable(line: &str) -> &str {
    match next_variable(line) {
        Some((_, _, behind)) => &line[..line.len() - behind.len() - 1],
        None => line,
    }
}

/// Whether the preprocessor drops the line, whatever else is on it.
pub(super) fn is_dropped(line: &str) -> bool {
    let seen = before_first_variable(line);
    seen.contains("<include>") || seen.contains("</include>") || seen.contains("<?")
}

/// What the preprocessor makes of a line, or of the rest of a line behind a comment that ended there.
pub(crate) fn classify(line: &str) -> Line<'_> {
    if let Some(at) = find_ignoring_case(line, "x-pre-process") {
        return marked(line, at);
    }
    let Some(before) = line.find("<!--#") else { return Line::Text };
    let end = line[before..].find("-->").map(|at| before + at + 3);
    let inner = &line[before + 5..end.map_or(line.len(), |end| end - 3)];
    let inner = inner.split(['\r', '\n']).next().unwrap_or_default();
    let command = inner.split_once(' ').map(|(name, argument)| {
        let quoted = argument.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
        Command { name, data: quoted.map_or(argument, |(inside, _)| inside) }
    });
    Line::Comment { before, end, command }
}

fn marked(line: &str, at: usize) -> Line<'_> {
    if at == 0 || line.as_bytes()[at - 1] != b'<' {
        return Line::Marked { command: None, before: &line[..at], behind: &line[at..] };
    }
    let tag = &line[at..];
    let end = tag.find("/>").map_or(tag.len(), |end| end + 2);
    Line::Marked { command: attributes(&tag[..end]), before: &line[..at - 1], behind: &tag[end..] }
}

/// `cmd` and `data`: the first of each word, then the next `=`, then what is between the next two double quotes.
fn attributes(tag: &str) -> Option<Command<'_>> {
    let (name, rest) = quoted_after(tag, "cmd")?;
    let (data, _) = quoted_after(rest?, "data")?;
    Some(Command { name, data })
}

/// The quoted text after `word`, and what is behind its closing quote, if there is one.
fn quoted_after<'a>(text: &'a str, word: &str) -> Option<(&'a str, Option<&'a str>)> {
    let text = &text[find_ignoring_case(text, word)?..];
    let text = &text[text.find('=')?..];
    let text = &text[text.find('"')? + 1..];
    Some(match text.split_once('"') {
        Some((inside, rest)) => (inside, Some(rest)),
        None => (text.trim_end_matches(['\r', '\n']), None),
    })
}

/// Name and value of `set`, `stun-set` and `exec-set`: blanks are taken away around the `=`, nowhere else.
pub(crate) fn assignment(data: &str) -> Option<(&str, &str)> {
    let (name, value) = data.split_once('=')?;
    Some((name.trim_end_matches(' '), value.trim_start_matches(' ')))
}

pub(super) fn find_ignoring_case(text: &str, lower: &str) -> Option<usize> {
    let (text, lower) = (text.as_bytes(), lower.as_bytes());
    let first = lower[0];
    (0..(text.len() + 1).saturating_sub(lower.len())).find(|&at| {
        text[at].eq_ignore_ascii_case(&first) && text[at..at + lower.len()].eq_ignore_ascii_case(lower)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Option<(&str, &str)> {
        match classify(line) {
            Line::Marked { command, .. } | Line::Comment { command, .. } => {
                command.map(|command| (command.name, command.data))
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn commands_as_they_are_found() {
        assert_eq!(command("  <X-PRE-PROCESS cmd=\"set\" data=\"a=b\"/> behind\n"), Some(("set", "a=b")));
        assert_eq!(command("<x-pre-Process CMD = \"Set\"\tDATA= \"a\"></x>\n"), Some(("Set", "a")));
        assert_eq!(command("<!--#set \"a=b\"-->"), Some(("set", "a=b")));
        assert_eq!(command("<!--#include a b\r\n"), Some(("include", "a b")));
        assert_eq!(command("<!--#comment\n"), None);
        assert_eq!(command("YOU CAN NOT COMMENT OUT AN X-PRE-PROCESS line\n"), None);
        assert_eq!(command("<X-PRE-PROCESS cmd='set' data='a=b'/>\n"), None);
        assert_eq!(command("<X-PRE-PROCESS data=\"a=b\" cmd=\"set\"/>\n"), None, "data must come second");
        assert_eq!(command("<X-PRE-PROCESS cmd=\"set\" data=\"a=b/>\n"), Some(("set", "a=b/>")));
        assert_eq!(command("<X-PRE-PROCESS cmd=\"set\" data=\"a=b/>c\"/>\n"), Some(("set", "a=b/>")));
    }

    #[test]
    fn other_lines_are_text() {
        for line in ["<X-NO-PRE-PROCESS cmd=\"include\" data=\"a\"/>\n", "<!-- # -->", "", "\n"] {
            assert_eq!(classify(line), Line::Text, "{line}");
        }
    }

    #[test]
    fn lines_are_dropped_for_a_mere_substring_before_the_first_variable() {
        assert!(is_dropped("<a/><include><b/>\n") && is_dropped("</include>") && is_dropped("<?xml?><a/>"));
        assert!(!is_dropped("<include >") && !is_dropped("<INCLUDE>"));
        assert!(!is_dropped("<a v=\"$${x}\"/></include>\n"), "the buffer ends at the brace");
        assert!(is_dropped("<a v=\"$${x\"/></include>\n"), "nothing is replaced without a closing brace");
    }

    #[test]
    fn blanks_around_the_equal_sign_are_taken_away() {
        assert_eq!(assignment(" a  =  b c "), Some((" a", "b c ")));
        assert_eq!(assignment("a=b=c"), Some(("a", "b=c")));
        assert_eq!(assignment("ab"), None);
    }
}
