//! What is known of each module: one file, one declaration, one line in [`ALL`]; where the API has names for what is
//! in it, its kinds of objects and the messages about them beside it, with a line in [`KINDS`] and in [`messages`].

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

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::declare::kind::Kind;
use crate::declare::message::Message;
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

/// Every message about objects that is data only.
pub fn messages() -> impl Iterator<Item = &'static Message> {
    let lists = directory::MESSAGES.iter().chain(dialplan::MESSAGES).chain([&global_variables::MESSAGES]);
    lists.flat_map(|list| list.iter())
}

/// The message of this name that is data only.
pub fn message(name: &str) -> Option<&'static Message> {
    static BY_NAME: LazyLock<HashMap<&str, &Message>> = LazyLock::new(|| {
        messages().flat_map(|message| message.names.iter().map(move |name| (*name, message))).collect()
    });
    BY_NAME.get(name).copied()
}

/// The declaration of a document or a section, if there is one.
pub fn find(place: Place<'_>) -> Option<&'static Module> {
    ALL.iter().copied().find(|module| module.place == place)
}

/// Whether what is called so, a parameter, an attribute or an element, holds a secret in any module. Nobody may find
/// anything by its value: a search would tell it letter by letter. What is not in a catalogue counts by its words.
pub fn is_secret(name: &str) -> bool {
    static SECRETS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let all = ALL.iter().flat_map(|module| module.parameters());
        all.filter(|parameter| parameter.secret).map(|parameter| bare(&parameter.name)).collect()
    });
    let name = name.to_ascii_lowercase();
    SECRETS.contains(name.as_str())
        || ["passw", "secret", "credential"].iter().any(|word| name.contains(word))
}

/// The catalogue also names what is no parameter: `aws-s3.access-key-id (element text)` is `access-key-id`.
fn bare(name: &str) -> String {
    let name = name.split(' ').next().unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_however_they_are_written() {
        for name in ["password", "Password", "secret-access-key", "auth-password", "odbc-credentials"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["proxy", "username", "param", "user"] {
            assert!(!is_secret(name), "{name}");
        }
        assert_eq!(bare("aws-s3.Access-Key-Id (element text)"), "access-key-id");
        assert_eq!(bare("password"), "password");
    }
    use crate::declare::message::Operation;

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

    #[test]
    fn messages_have_names_of_their_own_and_take_fields_that_there_are() {
        let mut names: Vec<&str> = messages().flat_map(|message| message.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for message in messages() {
            if let Operation::Add(takes) | Operation::Update(takes) = message.operation {
                assert!(
                    takes.iter().all(|take| message.kind.field(take.to).is_some()),
                    "{:?}",
                    message.names
                );
            }
            assert!(!message.answer.is_empty(), "{:?}", message.names);
            assert_eq!(message.documented.is_empty(), message.names.len() == 1, "{:?}", message.names);
        }
    }
}
