//! Questions about everything but the directory: one child of a section, or the whole section.

use std::sync::Arc;

use custompbx_model::declare::{Narrowing, Place};
use custompbx_model::{Node, modules, xml};

use super::{Answer, Asked, MAX_ANSWER, document};
use crate::snapshot::{Document, Section};

pub(super) fn answer(asked: &Asked<'_>, name: &str) -> Answer {
    let Some(section) = asked.instance.sections.get(&name.to_ascii_lowercase()) else {
        return Answer::NotFound;
    };
    if let Some((tag, key, value)) = asked.element() {
        return match section.find(&tag, &key, &value) {
            Some(found) => narrowed(asked, section, found),
            None => Answer::NotFound,
        };
    }
    if let Some(found) = selected(asked, section, name) {
        return found.map_or(Answer::NotFound, |found| whole(section, &[found]));
    }
    // A question that names nothing wants everything (`xml_locate dialplan`).
    let all: Vec<_> = section.documents.iter().map(|document| &**document).collect();
    if all.is_empty() { Answer::NotFound } else { whole(section, &all) }
}

/// The document that a field of the question selects, by the declaration of the section; `None` where none of the fields
/// is there.
pub(super) fn selected<'s>(
    asked: &Asked<'_>,
    section: &'s Section,
    name: &str,
) -> Option<Option<&'s Arc<Document>>> {
    let selector = modules::find(Place::Section(name))?.selected_by?;
    let value = selector.fields.iter().find_map(|field| asked.question.text(field))?;
    let find = |value: &str| section.find(selector.tag, selector.key, value);
    Some(find(&value).or_else(|| find(selector.instead?)))
}

fn whole(section: &Section, documents: &[&Document]) -> Answer {
    let room = documents.iter().map(|document| document.xml.len()).sum();
    if room > MAX_ANSWER {
        // Not even put together; the caller says that it is too large.
        return Answer::Found(vec![0; room]);
    }
    Answer::Found(document(&section.open, room, |out| {
        for document in documents {
            out.extend_from_slice(&document.xml);
        }
    }))
}

/// A document, or what of it the question is about, by its module's declaration.
fn narrowed(asked: &Asked<'_>, section: &Section, found: &Document) -> Answer {
    let name = found.node.attribute("name").unwrap_or_default();
    let narrowings = modules::find(Place::Document(name)).map_or(&[][..], |module| module.narrowed_by);
    for narrowing in narrowings {
        if let Some(value) = asked.question.text(narrowing.field) {
            return Answer::Found(document(&section.open, found.xml.len(), |out| {
                print_narrowed(asked, out, found, narrowing, &value);
            }));
        }
    }
    whole(section, &[found])
}

/// The document with all items of a list but one left out.
fn print_narrowed(
    asked: &Asked<'_>,
    out: &mut Vec<u8>,
    found: &Document,
    narrowing: &Narrowing,
    value: &str,
) {
    // The switch asks for what its variables made of the name.
    let switch = asked.question.switch_variables();
    let is_asked = |name: &str| {
        let (name, _) = asked.instance.variables.expand(name);
        switch.expand(&name).0.eq_ignore_ascii_case(value)
    };
    let wanted =
        |item: &Node| &*item.tag != narrowing.item || item.attribute(narrowing.key).is_some_and(is_asked);
    let mut shown = found.node.head();
    for child in &found.node.children {
        if &*child.tag == narrowing.list {
            let items = child.children.iter().filter(|item| wanted(item)).cloned();
            shown.children.push(child.head().containing(items));
        } else {
            shown.children.push(child.clone());
        }
    }
    xml::print_into(out, &shown, xml::Style::Compact, 0);
}
