//! Reading XML as FreeSWITCH reads it.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::node::{Node, TEXT_TAG, Text};

/// What a document may hold before it is refused. The defaults are far above any real configuration.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Levels of elements.
    pub depth: usize,
    /// Elements in one text.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 200, nodes: 50_000_000 }
    }
}

/// What came out of a text.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The elements at the top; a file that others include may have several.
    pub roots: Vec<Node>,
    /// What was understood otherwise than it was perhaps meant, or left out.
    pub notes: Vec<Note>,
}

/// A remark about a place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Byte offset in the text.
    pub offset: usize,
    /// A sentence without its full stop.
    pub message: String,
}

/// Why a text is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct XmlError {
    /// Byte offset in the text; [`line_and_column`] makes people's numbers of it.
    pub offset: usize,
    /// What is wrong there.
    pub kind: XmlErrorKind,
}

/// The kinds of wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlErrorKind {
    /// Not well formed, in the parser's words.
    #[error("{0}")]
    Malformed(String),
    /// More levels than [`Limits::depth`].
    #[error("elements are nested more than {0} levels deep")]
    TooDeep(usize),
    /// More elements than [`Limits::nodes`].
    #[error("more than {0} elements")]
    TooMany(usize),
    /// More attributes than any element has.
    #[error("an element has more than {0} attributes")]
    TooManyAttributes(usize),
    /// A document type that declares entities. They are how small files become huge ones, and none of FreeSWITCH's
    /// own files has any.
    #[error("the document type declares entities, which are not taken; write the text out")]
    Entities,
}

/// The line and the column, both from 1 and the column in characters, of a byte offset.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    (line, column)
}

/// Reads all elements of `text`.
///
/// Comments and processing instructions are left out; white space between elements too. Line ends become `\n`.
///
/// # Errors
/// The first thing that is wrong, with its place. Nothing of a text with an error is given.
pub fn parse(text: &str, limits: &Limits) -> Result<Parsed, XmlError> {
    read(text, limits, false)
}

/// [`parse`] with the white space between elements: the switch looks at it where it looks at text at all.
///
/// # Errors
/// As there.
pub fn parse_with_blanks(text: &str, limits: &Limits) -> Result<Parsed, XmlError> {
    read(text, limits, true)
}

fn read(text: &str, limits: &Limits, blanks: bool) -> Result<Parsed, XmlError> {
    let mut parser = Parser {
        limits,
        blanks,
        names: HashSet::new(),
        parsed: Parsed::default(),
        open: Vec::new(),
        nodes: 0,
    };
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.check_comments = false;
    loop {
        let start = offset(reader.buffer_position());
        let event = reader.read_event().map_err(|error| XmlError {
            offset: offset(reader.error_position()),
            kind: XmlErrorKind::Malformed(error.to_string()),
        })?;
        match event {
            Event::Start(tag) => parser.start(&tag, start)?,
            Event::Empty(tag) => {
                parser.start(&tag, start)?;
                parser.end();
            }
            Event::End(_) => parser.end(),
            Event::Text(run) => parser.text(&decode(&run), start),
            Event::CData(run) => parser.cdata(&run),
            Event::GeneralRef(name) => parser.reference(&decode(&format!("&{};", &*name)), start),
            Event::DocType(declared) => parser.doctype(&declared, start)?,
            Event::PI(_) => parser.note(start, "a processing instruction was left out"),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    if let Some(open) = parser.open.last() {
        return Err(XmlError {
            offset: text.len(),
            kind: XmlErrorKind::Malformed(format!("the element <{}> is never closed", open.node.tag)),
        });
    }
    Ok(parser.parsed)
}

/// An element whose end has not come yet.
struct Open {
    node: Node,
    /// Character data since the last child element or the start tag.
    run: String,
    /// The run holds a CDATA section or a reference, so its white space is meant.
    kept: bool,
}

struct Parser<'a> {
    limits: &'a Limits,
    /// White space is kept.
    blanks: bool,
    /// Texts seen before, so that equal ones are kept once.
    names: HashSet<Text>,
    parsed: Parsed,
    open: Vec<Open>,
    nodes: usize,
}

/// Elements of FreeSWITCH have at most some twenty.
const MOST_ATTRIBUTES: usize = 256;
/// Longer texts are seldom repeated.
const LONGEST_SHARED: usize = 48;
/// Enough for every name and common value, without keeping each number of a large directory.
const MOST_SHARED: usize = 65_536;

impl Parser<'_> {
    fn share(&mut self, text: &str) -> Text {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let new: Text = text.into();
        if text.len() <= LONGEST_SHARED && self.names.len() < MOST_SHARED {
            self.names.insert(new.clone());
        }
        new
    }

    fn note(&mut self, offset: usize, message: impl Into<String>) {
        self.parsed.notes.push(Note { offset, message: message.into() });
    }

    fn start(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<(), XmlError> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(XmlError { offset: start, kind: XmlErrorKind::TooMany(self.limits.nodes) });
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlError { offset: start, kind: XmlErrorKind::TooDeep(self.limits.depth) });
        }
        self.close_run();
        let name = self.share(tag.name().as_ref());
        let mut node = Node::new(name);
        for attribute in tag.attributes().with_checks(false) {
            if node.attributes.len() >= MOST_ATTRIBUTES {
                return Err(XmlError {
                    offset: start,
                    kind: XmlErrorKind::TooManyAttributes(MOST_ATTRIBUTES),
                });
            }
            let attribute = attribute.map_err(|error| XmlError {
                offset: start,
                kind: XmlErrorKind::Malformed(format!("in <{}>: {error}", node.tag)),
            })?;
            let key = self.share(attribute.key.as_ref());
            if node.attribute(&key).is_some() {
                // FreeSWITCH finds the first one.
                self.note(start, format!("<{}> has the attribute {key} twice; the first counts", node.tag));
                continue;
            }
            let value = decode(&attribute.value.replace(['\n', '\t', '\r'], " "));
            let value = self.share(&value);
            node.attributes.push((key, value));
        }
        self.open.push(Open { node, run: String::new(), kept: self.blanks });
        Ok(())
    }

    fn end(&mut self) {
        let Some(mut open) = self.open.pop() else { return };
        if open.node.children.is_empty() {
            if (open.kept && !open.run.is_empty()) || !is_blank(&open.run) {
                open.node.text = Some(self.share(&open.run));
            }
        } else {
            flush(&mut open);
        }
        open.node.attributes.shrink_to_fit();
        open.node.children.shrink_to_fit();
        match self.open.last_mut() {
            Some(parent) => parent.node.children.push(open.node),
            None => self.parsed.roots.push(open.node),
        }
    }

    /// A child element begins: what was text before it becomes a child of its own.
    fn close_run(&mut self) {
        if let Some(parent) = self.open.last_mut() {
            flush(parent);
            parent.kept = self.blanks;
        }
    }

    fn text(&mut self, run: &str, start: usize) {
        match self.open.last_mut() {
            Some(open) => open.run.push_str(run),
            None if is_blank(run) => {}
            None => self.note(start, format!("text outside of every element was left out: {}", run.trim())),
        }
    }

    /// Like text; but white space that is written as a reference is meant.
    fn reference(&mut self, run: &str, start: usize) {
        self.text(run, start);
        if let Some(open) = self.open.last_mut() {
            open.kept = true;
        }
    }

    fn cdata(&mut self, run: &str) {
        if let Some(open) = self.open.last_mut() {
            open.run.push_str(&unix_line_ends(run));
            open.kept = true;
        }
    }

    fn doctype(&mut self, declared: &str, start: usize) -> Result<(), XmlError> {
        if declared.to_ascii_uppercase().contains("<!ENTITY") {
            return Err(XmlError { offset: start, kind: XmlErrorKind::Entities });
        }
        self.note(start, "the document type was left out");
        Ok(())
    }
}

fn flush(open: &mut Open) {
    let run = std::mem::take(&mut open.run);
    if (open.kept && !run.is_empty()) || !is_blank(&run) {
        open.node.children.push(Node { text: Some(run.into()), ..Node::new(TEXT_TAG) });
    }
    open.kept = false;
}

fn is_blank(run: &str) -> bool {
    run.bytes().all(|byte| byte.is_ascii_whitespace())
}

fn unix_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// `&#x10FFFF;` with some zeros before it. Without a limit, many `&` without a `;` would be looked at again and again.
const LONGEST_REFERENCE: usize = 16;

/// Decodes character references and XML's five entities; everything else stays as it is written, as in
/// `switch_xml_decode`.
fn decode(raw: &str) -> String {
    let raw = if raw.contains('\r') { Cow::Owned(unix_line_ends(raw)) } else { Cow::Borrowed(raw) };
    if !raw.contains('&') {
        return raw.into_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest: &str = &raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest
            .bytes()
            .take(LONGEST_REFERENCE)
            .position(|byte| byte == b';')
            .and_then(|end| Some((reference(&rest[1..end])?, end)))
        {
            Some((character, end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            // NUL ends FreeSWITCH's strings; it is not taken there either.
            char::from_u32(code.ok()?).filter(|&character| character != '\0')?
        }
    })
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Style, print};

    fn one(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    fn error(text: &str) -> (XmlErrorKind, (usize, usize)) {
        let error = parse(text, &Limits::default()).unwrap_err();
        (error.kind, line_and_column(text, error.offset))
    }

    /// FreeSWITCH takes a lone ampersand and an unknown entity for what they are (recorded in
    /// `05-directory-variants`, `unescaped-ampersand`).
    #[test]
    fn lone_ampersands_are_text() {
        let node = one("<a v=\"x & y &nbsp; &lt;&#65;&#x42;\">AT&T &foo; R&amp;D</a>");
        assert_eq!(node.attribute("v"), Some("x & y &nbsp; <AB"));
        assert_eq!(node.text.as_deref(), Some("AT&T &foo; R&D"));
    }

    #[test]
    fn a_less_than_sign_in_a_value_is_text() {
        assert_eq!(one("<a e=\"^(?<n>1)$\"/>").attribute("e"), Some("^(?<n>1)$"));
    }

    #[test]
    fn text_cdata_and_mixed_content() {
        assert_eq!(one("<a>\n  </a>").text, None);
        assert_eq!(one("<a> x </a>").text.as_deref(), Some(" x "));
        assert_eq!(one("<a><![CDATA[ <b> & ]]></a>").text.as_deref(), Some(" <b> & "));
        assert_eq!(one("<a><![CDATA[  ]]></a>").text.as_deref(), Some("  "));
        assert_eq!(one("<a><![CDATA[]]></a>").text, None);
        assert_eq!(one("<a>&#32;\n</a>").text.as_deref(), Some(" \n"));
        let mixed = one("<a>one<b/>\n<c/>two</a>");
        let tags: Vec<_> = mixed.children.iter().map(|child| &*child.tag).collect();
        assert_eq!(tags, [TEXT_TAG, "b", "c", TEXT_TAG]);
    }

    #[test]
    fn line_ends_and_white_space_in_values() {
        assert_eq!(one("<a>x\r\ny\rz</a>").text.as_deref(), Some("x\ny\nz"));
        assert_eq!(one("<a v=\"x\ny\tz&#10;\"/>").attribute("v"), Some("x y z\n"));
    }

    #[test]
    fn several_roots_and_notes() {
        let parsed =
            parse("<?xml version=\"1.0\"?><a/>stray<?php?><b x='1' x='2'/>", &Limits::default()).unwrap();
        assert_eq!(parsed.roots.len(), 2);
        assert_eq!(parsed.roots[1].attribute("x"), Some("1"));
        assert_eq!(parsed.notes.len(), 3);
    }

    #[test]
    fn errors_have_their_place() {
        let (kind, place) = error("<a>\n  <b>\n  </c>\n</a>");
        assert!(matches!(kind, XmlErrorKind::Malformed(_)), "{kind}");
        assert_eq!(place, (3, 3));
        let (kind, _) = error("<a><b></b>");
        assert_eq!(kind.to_string(), "the element <a> is never closed");
        assert!(matches!(error("<a b=c/>").0, XmlErrorKind::Malformed(_)));
        assert!(matches!(error("<a <b/>").0, XmlErrorKind::Malformed(_)));
    }

    #[test]
    fn bombs_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;&x;\">]><a>&z;</a>";
        assert_eq!(error(bomb).0, XmlErrorKind::Entities);
        let external = "<!DOCTYPE a [<!entity x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assert!(parse(external, &Limits::default()).is_err());
        assert_eq!(error(&"<a>".repeat(10_000)).0, XmlErrorKind::TooDeep(200));
        let many: String = (0..300).map(|number| format!(" a{number}=''")).collect();
        assert_eq!(error(&format!("<a{many}/>")).0, XmlErrorKind::TooManyAttributes(256));
        assert_eq!(
            one(&format!("<a v=\"{}\"/>", "&".repeat(100_000))).attribute("v").unwrap().len(),
            100_000
        );
        let limits = Limits { nodes: 10, ..Limits::default() };
        assert_eq!(parse(&"<a/>".repeat(11), &limits).unwrap_err().kind, XmlErrorKind::TooMany(10));
    }

    proptest::proptest! {
        /// Whatever stands in a value or a text comes out again, except what XML cannot carry.
        #[test]
        fn any_text_survives(value in "[\\PC\t\n\r]*", text in "[\\PC \t\n\r]+") {
            let node = Node { text: Some(text.as_str().into()), ..Node::new("a").with("v", value.as_str()) };
            let again = one(&print(&node, Style::Compact));
            let (value, text): (String, String) = (value, text);
            proptest::prop_assert_eq!(again.attribute("v").unwrap(), value);
            proptest::prop_assert_eq!(again.text.as_deref(), Some(text.as_str()));
        }

        /// No input makes the parser panic.
        #[test]
        fn any_input_is_answered(text in "[<>/&;=\"'a-c \\[\\]!?#-]{0,60}") {
            let _ = parse(&text, &Limits::default());
        }
    }
}
