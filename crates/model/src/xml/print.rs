//! Writing a tree as XML.

use std::io::Write as _;

use super::escape::{escape_into, escape_text_into, is_name};
use crate::node::{Node, TEXT_TAG};

/// How a document looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// One line, for FreeSWITCH.
    Compact,
    /// Two blanks a level and a line for each element, for people; mixed content stays on one line, because white
    /// space would change it.
    Indented,
}

/// The node and what is below it, as XML. Disabled nodes are left out.
pub fn print(node: &Node, style: Style) -> String {
    let mut out = Vec::new();
    print_into(&mut out, node, style, 0);
    String::from_utf8(out).unwrap_or_default()
}

/// [`print`] appended to `out`, for a node that stands `depth` levels deep.
pub fn print_into(out: &mut Vec<u8>, node: &Node, style: Style, depth: usize) {
    if !node.enabled {
        return;
    }
    if &*node.tag == TEXT_TAG {
        escape_text_into(out, node.text.as_deref().unwrap_or_default());
        return;
    }
    // Validation refuses such names; a name that came in by another way must not become markup.
    if !is_name(&node.tag) {
        return;
    }
    indent(out, style, depth);
    out.push(b'<');
    push_tag(out, &node.tag);
    for (name, value) in node.attributes.iter().filter(|(name, _)| is_name(name)) {
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        escape_into(out, value);
        out.push(b'"');
    }
    let empty = node.text.is_none() && node.children.iter().all(|child| !child.enabled);
    if empty {
        out.extend_from_slice(b"/>");
    } else {
        out.push(b'>');
        print_content(out, node, style, depth);
        out.extend_from_slice(b"</");
        push_tag(out, &node.tag);
        out.push(b'>');
    }
    if style == Style::Indented {
        out.push(b'\n');
    }
}

fn print_content(out: &mut Vec<u8>, node: &Node, style: Style, depth: usize) {
    if let Some(text) = &node.text {
        escape_text_into(out, text);
    }
    let mixed = node.text.is_some() || node.children.iter().any(|child| &*child.tag == TEXT_TAG);
    let style = if mixed { Style::Compact } else { style };
    if style == Style::Indented {
        out.push(b'\n');
    }
    for child in &node.children {
        print_into(out, child, style, depth + 1);
    }
    indent(out, style, depth);
}

/// `<include>` and `</include>` make FreeSWITCH's preprocessor drop the line they are on; with a blank before the
/// `>` they are an element like any other.
fn push_tag(out: &mut Vec<u8>, tag: &str) {
    out.extend_from_slice(tag.as_bytes());
    if tag == "include" {
        out.push(b' ');
    }
}

fn indent(out: &mut Vec<u8>, style: Style, depth: usize) {
    if style == Style::Indented {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{:1$}", "", depth * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    #[test]
    fn indented_and_compact() {
        let node = Node::new("a").with("x", "1<2").containing([
            Node::new("b"),
            Node { text: Some("t & u".into()), ..Node::new("c") },
            Node { enabled: false, ..Node::new("gone") },
        ]);
        assert_eq!(print(&node, Style::Compact), r#"<a x="1&lt;2"><b/><c>t &amp; u</c></a>"#);
        assert_eq!(print(&node, Style::Indented), "<a x=\"1&lt;2\">\n  <b/>\n  <c>t &amp; u</c>\n</a>\n");
    }

    #[test]
    fn mixed_content_keeps_its_white_space() {
        let source = "<a>one <b/> two<c>three</c></a>";
        let node = parse(source, &Limits::default()).unwrap().roots.remove(0);
        assert_eq!(print(&node, Style::Compact), source);
        assert_eq!(print(&node, Style::Indented), format!("{source}\n"));
    }

    #[test]
    fn an_include_element_does_not_lose_its_line() {
        let node = Node::new("include").containing([Node::new("x")]);
        assert_eq!(print(&node, Style::Compact), "<include ><x/></include >");
    }

    #[test]
    fn names_that_are_no_names_are_not_written() {
        let node = Node::new("a").with("b c", "1").containing([Node::new("x><y")]);
        assert_eq!(print(&node, Style::Compact), "<a></a>");
    }
}
