//! What is known of FreeSWITCH beside the declarations: parameters of modules that have none, and lists of its
//! applications, commands, fields and events. All of it is files below `catalogue/`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Parameter;

/// The parameters of a document or section that has no declaration.
#[derive(Clone, Debug, Deserialize)]
pub struct Undeclared {
    /// The document or section.
    #[serde(skip)]
    pub name: &'static str,
    /// The loadable module that reads it; `core` where that is FreeSWITCH itself.
    pub module: String,
    /// They.
    pub parameters: Vec<Parameter>,
}

static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/undeclared.rs"));

/// Lists with what is known of each item, as JSON: `api-commands`, `applications`, `condition-fields`, `events`.
pub static LISTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/lists.rs"));

/// A test parses each, so a broken one never gets this far.
static PARSED: LazyLock<Vec<Undeclared>> = LazyLock::new(|| {
    let parse = |(name, json): &(&'static str, &str)| {
        serde_json::from_str(json).ok().map(|known| Undeclared { name, ..known })
    };
    FILES.iter().filter_map(parse).collect()
});

/// All documents that have parameters and no declaration.
pub fn undeclared() -> &'static [Undeclared] {
    &PARSED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::Place;
    use crate::modules;

    /// When a module gets a declaration, its file moves.
    #[test]
    fn every_file_parses_and_nothing_is_there_twice() {
        assert_eq!(undeclared().len(), FILES.len());
        for known in undeclared() {
            assert!(!known.parameters.is_empty(), "{}", known.name);
            assert!(modules::find(Place::Document(known.name)).is_none(), "{} is declared", known.name);
        }
        for (name, json) in LISTS {
            assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{name}");
        }
        assert_eq!(
            LISTS.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ["api-commands", "applications", "condition-fields", "events"]
        );
    }
}
