//! What is known of each module: one file, one declaration, one line in [`ALL`].

mod acl;
mod callcenter;
mod dialplan;
mod directory;
mod event_socket;
mod languages;
mod load_modules;
mod sofia;
mod switch;
mod xml_curl;

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

/// The declaration of a document or a section, if there is one.
pub fn find(place: Place<'_>) -> Option<&'static Module> {
    ALL.iter().copied().find(|module| module.place == place)
}
