//! What is known of each module: one file, one declaration, one line in [`ALL`]; where the API has names for what is
//! in it, its kinds of objects beside it, and a line for each in [`KINDS`].

mod acl;
mod callcenter;
pub mod configuration;
pub mod dialplan;
pub mod directory;
mod event_socket;
pub mod global_variables;
mod languages;
pub mod load_modules;
mod sofia;
mod switch;
mod xml_curl;

use crate::declare::kind::Kind;
use crate::declare::{Module, Place};

/// Every declaration.
pub static ALL: &[&Module] = &[
    &acl::ACL,
    &callcenter::CALLCENTER,
    &dialplan::CHATPLAN,
    &dialplan::DIALPLAN,
    &directory::DIRECTORY,
    &event_socket::EVENT_SOCKET,
    &languages::LANGUAGES,
    &load_modules::MODULES,
    &load_modules::POST_LOAD_MODULES,
    &sofia::SOFIA,
    &switch::POST_LOAD_SWITCH,
    &switch::SWITCH,
    &xml_curl::XML_CURL,
];

/// Every kind of objects.
pub static KINDS: &[&Kind] = &[
    &configuration::CONFIGURATION,
    &dialplan::kinds::ACTION,
    &dialplan::kinds::ANTIACTION,
    &dialplan::kinds::CONDITION,
    &dialplan::kinds::CONTEXT,
    &dialplan::kinds::EXTENSION,
    &dialplan::kinds::REGEX,
    &directory::kinds::DOMAIN,
    &directory::kinds::DOMAIN_PARAM,
    &directory::kinds::DOMAIN_VAR,
    &directory::kinds::GATEWAY,
    &directory::kinds::GATEWAY_PARAM,
    &directory::kinds::GATEWAY_VAR,
    &directory::kinds::GROUP,
    &directory::kinds::GROUP_USER,
    &directory::kinds::USER,
    &directory::kinds::USER_PARAM,
    &directory::kinds::USER_VAR,
    &global_variables::VARIABLE,
    &load_modules::kinds::POST_LOAD_MODULE,
];

/// The declaration of a document or a section, if there is one.
pub fn find(place: Place<'_>) -> Option<&'static Module> {
    ALL.iter().copied().find(|module| module.place == place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names_of_their_own_and_what_they_are_known_by() {
        let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            assert!(kind.key().is_some() && !kind.word.is_empty() && !kind.above.is_empty(), "{kind:?}");
            assert!(!kind.ways.is_empty() && !kind.tag.is_empty(), "{kind:?}");
        }
    }
}
