//! Profiles and gateways of mod_sofia, and the profiles of mod_verto.

use serde::{Deserialize, Serialize};

use super::Word;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;
use crate::live::told;

/// A profile, by `sofia xmlstatus` or `verto xmlstatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// The module: `sofia` or `verto`.
    pub kind: Word,
    /// Its name.
    pub name: Word,
    /// `RUNNING` and the like.
    pub state: Option<Word>,
    /// How many calls are in it.
    pub calls: Option<u64>,
    /// Its address, such as `sip:mod_sofia@192.0.2.1:5060`.
    pub uri: Option<Word>,
    /// All its addresses, with those of TLS and WebSocket.
    pub addresses: Vec<Word>,
    /// The domains that are names of it.
    pub aliases: Vec<Word>,
}

impl Profile {
    /// The word for mod_sofia.
    pub const SOFIA: &'static str = "sofia";
    /// The word for mod_verto.
    pub const VERTO: &'static str = "verto";
}

/// The key of a profile of mod_sofia or mod_verto: both may have one of the same name.
pub(in crate::live) fn profile_key(kind: &str, name: &str) -> String {
    format!("{kind}::{name}")
}

impl Row for Profile {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        profile_key(&self.kind, &self.name)
    }
}

/// A gateway, by `sofia xmlstatus gateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gateway {
    /// The profile it belongs to.
    #[serde(deserialize_with = "told::as_text")]
    pub profile: Word,
    /// Its name, which another profile may have too.
    #[serde(deserialize_with = "told::as_text")]
    pub name: Word,
    /// Its address: the `to` of its REGISTER.
    #[serde(rename(deserialize = "to"), deserialize_with = "told::as_word")]
    pub uri: Option<Word>,
    /// Where it is reached.
    #[serde(deserialize_with = "told::as_word")]
    pub proxy: Option<Word>,
    /// How it stands with the registration: `REGED`, `FAIL_WAIT`, `NOREG` and the like.
    #[serde(deserialize_with = "told::as_word")]
    pub state: Option<Word>,
    /// `UP` or `DOWN`.
    #[serde(deserialize_with = "told::as_word")]
    pub status: Option<Word>,
    /// When it is asked whether it is there, in seconds since 1970.
    #[serde(deserialize_with = "told::as_time")]
    pub ping: Option<u64>,
    /// Whether it is being asked now.
    #[serde(deserialize_with = "told::as_flag")]
    pub pinging: Option<bool>,
    /// How long it is up, in microseconds.
    #[serde(rename(deserialize = "uptime-usec"), deserialize_with = "told::as_number")]
    pub uptime_us: Option<u64>,
    /// Calls that came in.
    #[serde(rename(deserialize = "calls-in"), deserialize_with = "told::as_number")]
    pub calls_in: Option<u64>,
    /// Calls that went out.
    #[serde(rename(deserialize = "calls-out"), deserialize_with = "told::as_number")]
    pub calls_out: Option<u64>,
    /// Calls in that failed.
    #[serde(rename(deserialize = "failed-calls-in"), deserialize_with = "told::as_number")]
    pub failed_calls_in: Option<u64>,
    /// Calls out that failed.
    #[serde(rename(deserialize = "failed-calls-out"), deserialize_with = "told::as_number")]
    pub failed_calls_out: Option<u64>,
}

/// The key of a gateway.
pub(in crate::live) fn gateway_key(profile: &str, name: &str) -> String {
    format!("{profile}::{name}")
}

impl Row for Gateway {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        gateway_key(&self.profile, &self.name)
    }

    fn index(&self) -> Option<&str> {
        Some(&self.name)
    }
}
