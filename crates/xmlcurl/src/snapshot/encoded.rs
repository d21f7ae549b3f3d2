//! A user's element as a few dozen bytes.
//!
//! Written: tag, number of attributes with a flag for text, name and value of each, the text, number of children, the
//! children. Texts are symbols or stand there themselves, escaped in both cases, so printing only copies.

use custompbx_model::Node;
use custompbx_model::node::TEXT_TAG;

use super::bytes::{Reader, put_number};
use super::symbols::{Intern, Symbols, read_text};

/// Appends `node` without its disabled children.
pub(crate) fn encode(out: &mut Vec<u8>, node: &Node, symbols: &mut impl Intern) {
    symbols.put(out, &node.tag, true);
    put_number(out, (node.attributes.len() as u64) << 1 | u64::from(node.text.is_some()));
    for (name, value) in &node.attributes {
        symbols.put(out, name, true);
        // The value of `name` is one of a few hundred words of FreeSWITCH's.
        symbols.put(out, value, &**name == "name");
    }
    if let Some(text) = &node.text {
        symbols.put_text(out, text);
    }
    let children = || node.children.iter().filter(|child| child.enabled);
    put_number(out, children().count() as u64);
    for child in children() {
        encode(out, child, symbols);
    }
}

/// What of an element is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// All of it.
    All,
    /// Its attributes, and of its children those with this tag.
    Only(&'a str),
    /// Its attributes.
    Head,
}

/// Prints an encoded element; `extra` is put among the attributes as it is. `None` when the bytes are damaged.
pub(crate) fn print<'a>(
    out: &mut Vec<u8>,
    reader: &mut Reader<'a>,
    symbols: &'a Symbols,
    shown: Shown<'_>,
    extra: &[u8],
) -> Option<()> {
    let tag = read_text(reader, symbols)?;
    let head = reader.number()?;
    let is_text = tag == TEXT_TAG;
    if !is_text {
        out.push(b'<');
        out.extend_from_slice(tag.as_bytes());
    }
    for _ in 0..head >> 1 {
        let name = read_text(reader, symbols)?;
        let value = read_text(reader, symbols)?;
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        out.extend_from_slice(value.as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(extra);
    let text = if head & 1 == 1 { Some(read_text(reader, symbols)?) } else { None };
    let children = reader.number()?;
    if is_text {
        out.extend_from_slice(text.unwrap_or_default().as_bytes());
        return Some(());
    }
    if (children == 0 && text.is_none()) || shown == Shown::Head {
        out.extend_from_slice(b"/>");
        return Some(());
    }
    out.push(b'>');
    if shown == Shown::All {
        out.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    for _ in 0..children {
        let before = out.len();
        let tag = read_text(&mut reader.clone(), symbols)?;
        let wanted = match shown {
            Shown::Only(only) => tag == only,
            Shown::All | Shown::Head => true,
        };
        print(out, reader, symbols, Shown::All, b"")?;
        if !wanted {
            out.truncate(before);
        }
    }
    out.extend_from_slice(b"</");
    out.extend_from_slice(tag.as_bytes());
    out.push(b'>');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::symbols::SymbolsBuilder;
    use custompbx_model::xml::{self, Limits, Style};

    const USER: &str = "<user id=\"1000\" x=\"a&amp;b\"><params><param name=\"password\" value=\"1234\"/></params>\
                        <gateways><gateway name=\"g\"/></gateways><vcard>text &lt;</vcard><m>a<b/>c</m></user>";

    fn print_as(shown: Shown<'_>, extra: &str) -> String {
        let mut node = xml::parse(USER, &Limits::default()).unwrap().roots.remove(0);
        node.children.push(Node { enabled: false, ..Node::new("disabled") });
        let mut symbols = SymbolsBuilder::default();
        let mut bytes = Vec::new();
        encode(&mut bytes, &node, &mut symbols);
        let mut out = Vec::new();
        let symbols = symbols.finish();
        let mut reader = Reader(&bytes);
        print(&mut out, &mut reader, &symbols, shown, extra.as_bytes()).unwrap();
        assert!(reader.0.is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_encoded_prints_as_the_node_does() {
        let node = xml::parse(USER, &Limits::default()).unwrap().roots.remove(0);
        assert_eq!(print_as(Shown::All, ""), xml::print(&node, Style::Compact));
    }

    #[test]
    fn parts_of_a_user() {
        let mut bytes = Vec::new();
        let node = xml::parse(USER, &Limits::default()).unwrap().roots.remove(0);
        encode(&mut bytes, &node, &mut &Symbols::default());
        let mut out = Vec::new();
        print(&mut out, &mut Reader(&bytes), &Symbols::default(), Shown::Head, b"").unwrap();
        assert_eq!(out, b"<user id=\"1000\" x=\"a&amp;b\"/>");
        out.clear();
        print(&mut out, &mut Reader(&bytes), &Symbols::default(), Shown::Only("gateways"), b"").unwrap();
        assert_eq!(out, b"<user id=\"1000\" x=\"a&amp;b\"><gateways><gateway name=\"g\"/></gateways></user>");
        assert!(
            print_as(Shown::All, " cacheable=\"5000\"")
                .starts_with("<user id=\"1000\" x=\"a&amp;b\" cacheable=\"5000\">")
        );
    }

    #[test]
    fn damaged_bytes_are_noticed() {
        let mut bytes = Vec::new();
        let node = xml::parse(USER, &Limits::default()).unwrap().roots.remove(0);
        encode(&mut bytes, &node, &mut SymbolsBuilder::default());
        for end in 0..bytes.len() {
            let _ = print(&mut Vec::new(), &mut Reader(&bytes[..end]), &Symbols::default(), Shown::All, b"");
        }
    }
}
