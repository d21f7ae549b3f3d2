//! Registrations.

use serde::{Deserialize, Serialize};

use super::{Shared, Word};
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;
use crate::live::told;

/// A SIP registration, by a line of `show registrations as json` or by `sofia::register`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// Whose it is.
    #[serde(rename(deserialize = "reg_user"), deserialize_with = "told::as_text")]
    pub user: Word,
    /// The domain.
    #[serde(deserialize_with = "told::as_text")]
    pub realm: Shared,
    /// The profile it came in at.
    #[serde(skip_deserializing)]
    pub profile: Option<Shared>,
    /// Where it is reached, as a SIP address.
    #[serde(rename(deserialize = "url"), deserialize_with = "told::as_word")]
    pub contact: Option<Word>,
    /// `Call-ID` of the REGISTER.
    #[serde(deserialize_with = "told::as_word")]
    pub token: Option<Word>,
    /// Where it came from.
    #[serde(deserialize_with = "told::as_word")]
    pub network_ip: Option<Word>,
    /// The port it came from.
    #[serde(deserialize_with = "told::as_number")]
    pub network_port: Option<u16>,
    /// `udp`, `tcp`, `tls`, `ws`, `wss`.
    #[serde(deserialize_with = "told::as_shared")]
    pub network_proto: Option<Shared>,
    /// What the phone calls itself; only events tell.
    #[serde(skip_deserializing)]
    pub user_agent: Option<Shared>,
    /// When it ends, in seconds since 1970.
    #[serde(deserialize_with = "told::as_time")]
    pub expires: Option<u64>,
}

/// What the keys of all registrations of a user start with.
pub(in crate::live) fn keys_of(user: &str, realm: &str) -> String {
    format!("{user}@{realm}/")
}

impl Row for Registration {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        let token = self.token.as_deref().or(self.contact.as_deref()).unwrap_or_default();
        keys_of(&self.user, &self.realm) + token
    }

    fn index(&self) -> Option<&str> {
        Some(&self.realm)
    }

    fn repeated(&mut self) -> impl Iterator<Item = &mut Shared> {
        let maybe = [&mut self.profile, &mut self.network_proto, &mut self.user_agent];
        maybe.into_iter().flatten().chain([&mut self.realm])
    }

    fn keep(&mut self, known: &Self) {
        if self.user_agent.is_none() {
            self.user_agent.clone_from(&known.user_agent);
        }
    }
}

impl Registration {
    /// A line as it was read, whose contact is an address for dialling: `sofia/PROFILE/sip:USER@HOST`.
    pub(in crate::live) fn of_line(mut self) -> Option<Self> {
        if self.user.is_empty() {
            return None;
        }
        let url = self.contact.as_deref().unwrap_or_default();
        if let Some((profile, contact)) = url.strip_prefix("sofia/").and_then(|rest| rest.split_once('/')) {
            (self.profile, self.contact) = (Some(profile.into()), told::word(contact));
        }
        Some(self)
    }
}

/// The address of a contact header: `"Name" <sip:1000@host>;expires=60` is `sip:1000@host`.
pub(in crate::live) fn address(contact: &str) -> &str {
    let start = contact.rfind('<').map_or(0, |at| at + 1);
    let rest = &contact[start..];
    rest.split('>').next().unwrap_or(rest).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_contact() {
        for (contact, expected) in [
            ("\"\" <sip:1000@127.0.0.1:6000>", "sip:1000@127.0.0.1:6000"),
            ("\"a<b\" <sip:x;fs_path=y>;expires=60", "sip:x;fs_path=y"),
            ("sip:1000@h", "sip:1000@h"),
            ("<", ""),
            (">é<", ""),
        ] {
            assert_eq!(address(contact), expected);
        }
    }

    #[test]
    fn a_line_tells_the_profile() {
        let line = Registration {
            user: "1".into(),
            contact: told::word("sofia/a/sips:1@h/x"),
            ..Default::default()
        };
        let row = line.of_line().unwrap();
        assert_eq!((row.profile.as_deref(), row.contact.as_deref()), (Some("a"), Some("sips:1@h/x")));
        assert_eq!(Registration::default().of_line(), None);
    }
}
