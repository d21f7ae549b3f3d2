//! Finding elements in a text again. The parser keeps no places, because only few elements ever need one.

use std::collections::{HashMap, HashSet};

/// A tag and which one of its kind in the text, from 0.
pub(super) type Nth = (String, usize);

/// The piece of markup at a place.
enum Tag<'t> {
    Start { name: &'t str, empty: bool },
    End,
}

/// All start and end tags with their offsets. The text may be broken; then they end early.
fn tags(text: &str) -> impl Iterator<Item = (usize, Tag<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find('<')?;
            let rest = &text[start..];
            let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")]
                .iter()
                .find(|(open, _)| rest.starts_with(open));
            if let Some((open, close)) = skipped {
                at = start + open.len() + rest[open.len()..].find(close)? + close.len();
                continue;
            }
            let length = end_of_tag(rest)?;
            at = start + length;
            let inner = &rest[1..length - 1];
            if inner.starts_with('/') {
                return Some((start, Tag::End));
            }
            let name = inner.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
            return Some((start, Tag::Start { name, empty: inner.ends_with('/') }));
        }
    })
}

/// The length of a tag; a `>` in quotes does not end it.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

/// Where the wanted elements begin.
pub(super) fn offsets(text: &str, wanted: &HashSet<Nth>) -> HashMap<Nth, usize> {
    let mut counts: HashMap<&str, usize> = wanted.iter().map(|(tag, _)| (tag.as_str(), 0)).collect();
    let mut found = HashMap::new();
    for (offset, tag) in tags(text) {
        let Tag::Start { name, .. } = tag else { continue };
        let Some(count) = counts.get_mut(name) else { continue };
        let nth = (name.to_owned(), *count);
        *count += 1;
        if wanted.contains(&nth) {
            found.insert(nth, offset);
            if found.len() == wanted.len() {
                break;
            }
        }
    }
    found
}

/// The innermost element that is open at `offset`, with the place where it begins.
pub(super) fn open_at(text: &str, offset: usize) -> Option<(&str, usize)> {
    let mut open = Vec::new();
    for (start, tag) in tags(text).take_while(|(start, _)| *start < offset) {
        match tag {
            Tag::Start { name, empty: false } => open.push((name, start)),
            Tag::Start { .. } => {}
            Tag::End => {
                open.pop();
            }
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<!-- <u/> --><a x='<u>>'><u/><![CDATA[<u/>]]><u\n id=\"/\"><b/></u><?u <u/>?></a>";

    #[test]
    fn elements_are_counted_as_the_parser_counts_them() {
        let wanted = HashSet::from([("u".to_owned(), 0), ("u".to_owned(), 1), ("u".to_owned(), 2)]);
        let found = offsets(TEXT, &wanted);
        assert_eq!(found.len(), 2);
        assert_eq!(&TEXT[found[&("u".to_owned(), 0)]..][..4], "<u/>");
        assert_eq!(&TEXT[found[&("u".to_owned(), 1)]..][..3], "<u\n");
    }

    #[test]
    fn the_open_element_is_the_one_whose_end_is_missing() {
        assert_eq!(open_at(TEXT, TEXT.find("<b/>").unwrap()).unwrap().0, "u");
        assert_eq!(open_at(TEXT, TEXT.len()), None);
        assert_eq!(open_at("<a><b></c>", 6), Some(("b", 3)));
        assert_eq!(open_at("<a <b", 5), None);
    }
}
