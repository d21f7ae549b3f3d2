//! Conferences and who is in them.

use serde::{Deserialize, Serialize};

use super::Word;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;
use crate::live::told;

/// A conference, by `conference json_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conference {
    /// Its name.
    #[serde(rename(deserialize = "conference_name"), deserialize_with = "told::as_text")]
    pub name: Word,
    /// Its id, another one each time it begins.
    #[serde(rename(deserialize = "conference_uuid"), deserialize_with = "told::as_word")]
    pub uuid: Option<Word>,
    /// The profile it was made by; only events tell.
    #[serde(skip_deserializing)]
    pub profile: Option<Word>,
    /// How many are in it.
    #[serde(deserialize_with = "told::as_number")]
    pub member_count: Option<u64>,
    /// How many are in it that nobody sees.
    #[serde(deserialize_with = "told::as_number")]
    pub ghost_count: Option<u64>,
    /// Samples per second.
    #[serde(deserialize_with = "told::as_number")]
    pub rate: Option<u64>,
    /// Nobody else comes in.
    #[serde(deserialize_with = "told::as_flag")]
    pub locked: Option<bool>,
    /// It is recorded.
    #[serde(deserialize_with = "told::as_flag")]
    pub recording: Option<bool>,
}

impl Row for Conference {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        self.name.to_string()
    }

    fn keep(&mut self, known: &Self) {
        if self.uuid == known.uuid {
            self.profile.clone_from(&known.profile);
        }
    }
}

/// Somebody in a conference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConferenceMember {
    /// The conference's name.
    #[serde(skip_deserializing)]
    pub conference: Word,
    /// The number in it; numbers go on rising from one conference to the next.
    #[serde(deserialize_with = "told::as_number")]
    pub id: Option<u64>,
    /// The channel.
    #[serde(deserialize_with = "told::as_word")]
    pub uuid: Option<Word>,
    /// The caller's name.
    #[serde(rename(deserialize = "caller_id_name"), deserialize_with = "told::as_word")]
    pub cid_name: Option<Word>,
    /// The caller's number.
    #[serde(rename(deserialize = "caller_id_number"), deserialize_with = "told::as_word")]
    pub cid_num: Option<Word>,
    /// What it may, and what it does.
    pub flags: Flags,
    /// How loud it has to be to be heard.
    #[serde(deserialize_with = "told::as_number")]
    pub energy: Option<i64>,
}

/// What a member of a conference may, and what it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// It hears the others; if not, it is deaf.
    #[serde(deserialize_with = "told::as_flag")]
    pub can_hear: Option<bool>,
    /// It sees the others.
    #[serde(deserialize_with = "told::as_flag")]
    pub can_see: Option<bool>,
    /// The others hear it; if not, it is muted.
    #[serde(deserialize_with = "told::as_flag")]
    pub can_speak: Option<bool>,
    /// It is on hold.
    #[serde(deserialize_with = "told::as_flag")]
    pub hold: Option<bool>,
    /// It is told when it talks while it is muted.
    #[serde(deserialize_with = "told::as_flag")]
    pub mute_detect: Option<bool>,
    /// It talks.
    #[serde(deserialize_with = "told::as_flag")]
    pub talking: Option<bool>,
    /// It has the floor.
    #[serde(deserialize_with = "told::as_flag")]
    pub has_floor: Option<bool>,
    /// It leads the conference.
    #[serde(deserialize_with = "told::as_flag")]
    pub is_moderator: Option<bool>,
    /// It sends video; events do not tell.
    #[serde(deserialize_with = "told::as_flag")]
    pub has_video: Option<bool>,
}

/// The key of a member.
pub(in crate::live) fn member_key(conference: &str, id: u64) -> String {
    format!("{conference}/{id}")
}

impl Row for ConferenceMember {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        member_key(&self.conference, self.id.unwrap_or_default())
    }

    fn index(&self) -> Option<&str> {
        Some(&self.conference)
    }
}
