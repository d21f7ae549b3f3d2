//! By what a list can be filtered and sorted.

use std::collections::BTreeSet;

use custompbx_model::Node;
use custompbx_model::address::Label;
use custompbx_model::declare::{Element as Declared, Inside};

use super::cursor::Key;

/// What every element has.
const ALWAYS: &[&str] = &["enabled", "key", "position", "tag", "text"];

/// The names that a list of these declared elements knows; of elements that are not declared, the attributes that the
/// `found` ones have.
pub(super) fn names(inside: &Inside, declared: &[&'static Declared], found: &[&Node]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
    for element in declared {
        let own = element.required.iter().copied().chain(element.key).chain(element.name_attribute());
        names.extend(own.map(str::to_owned));
        let parameters = inside.module().map_or(&[][..], |module| module.parameters());
        let of_it = parameters.iter().filter(|known| element.attributes == Some(known.scope.as_str()));
        names.extend(of_it.map(|known| known.name.clone()));
    }
    if declared.iter().all(|element| element.attributes.is_none()) {
        let attributes = found.iter().flat_map(|node| &node.attributes);
        names.extend(attributes.map(|(name, _)| name.to_string()));
    }
    names
}

/// A condition on an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) test: Test,
    pub(super) value: String,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `*=`, in whatever case.
    Holds,
    /// `^=`, in whatever case.
    Begins,
}

impl Filter {
    /// Reads `name=value`, `name!=value`, `name*=value` or `name^=value`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        let (name, test) = match name.as_bytes().last()? {
            b'!' => (&name[..name.len() - 1], Test::IsNot),
            b'*' => (&name[..name.len() - 1], Test::Holds),
            b'^' => (&name[..name.len() - 1], Test::Begins),
            _ => (name, Test::Is),
        };
        Some(Self { name: name.to_owned(), test, value: value.to_owned() })
    }

    pub(super) fn passes(&self, node: &Node, label: &Label) -> bool {
        let found = value(&self.name, node, label);
        match (self.test, found) {
            (Test::IsNot, found) => found.as_deref() != Some(self.value.as_str()),
            (_, None) => false,
            (Test::Is, Some(found)) => found == self.value,
            (Test::Holds, Some(found)) => found.to_lowercase().contains(&self.value.to_lowercase()),
            (Test::Begins, Some(found)) => found.to_lowercase().starts_with(&self.value.to_lowercase()),
        }
    }
}

/// What an item has under a name.
fn value(name: &str, node: &Node, label: &Label) -> Option<String> {
    match name {
        "enabled" => Some(node.enabled.to_string()),
        "key" => Some(label.segment.name.clone()),
        "position" => label.place.map(|place| place.to_string()),
        "tag" => Some(node.tag.to_string()),
        "text" => node.text.as_deref().map(str::to_owned),
        name => node.attribute(name).map(str::to_owned),
    }
}

/// The same to be sorted by: numbers by their value, before texts.
pub(super) fn sort_key(name: &str, node: &Node, label: &Label) -> Key {
    match value(name, node, label) {
        None => Key::Missing(()),
        Some(text) => match text.parse() {
            // 007 and 7 are two.
            Ok(number) if i64::to_string(&number) == text => Key::Number(number),
            _ => Key::Text(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read() {
        let filter =
            |name: &str, test, value: &str| Some(Filter { name: name.into(), test, value: value.into() });
        assert_eq!(Filter::parse("a=b=c"), filter("a", Test::Is, "b=c"));
        assert_eq!(Filter::parse("a!="), filter("a", Test::IsNot, ""));
        assert_eq!(Filter::parse("a*=b"), filter("a", Test::Holds, "b"));
        assert_eq!(Filter::parse("a^=b"), filter("a", Test::Begins, "b"));
        assert_eq!(Filter::parse("a"), None);
        assert_eq!(Filter::parse("=b"), None);
    }
}
