//! Clients of mod_verto.

use serde::Serialize;

use super::Word;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;

/// A client that is logged in, by `verto xmlstatus` or by `verto::login`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VertoClient {
    /// The profile it is connected to.
    pub profile: Word,
    /// Where it came from, address and port.
    pub address: Word,
    /// Who it is.
    pub user: Word,
    /// In which domain; an event tells only what the client wrote.
    pub domain: Option<Word>,
    /// `WS` or `WSS`; only `verto xmlstatus` tells.
    pub transport: Option<Word>,
}

/// The key of a client.
pub(in crate::live) fn client_key(profile: &str, address: &str) -> String {
    format!("{profile}/{address}")
}

impl Row for VertoClient {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        client_key(&self.profile, &self.address)
    }

    fn index(&self) -> Option<&str> {
        Some(&self.user)
    }
}
