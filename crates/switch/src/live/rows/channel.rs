//! Channels.

use serde::{Deserialize, Serialize};

use super::Word;
use crate::Event;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;
use crate::live::told;

/// A channel, by a line of `show channels as json` or by the events of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// Its id.
    #[serde(deserialize_with = "told::as_text")]
    pub uuid: Word,
    /// `inbound` or `outbound`, as seen by the switch.
    #[serde(deserialize_with = "told::as_word")]
    pub direction: Option<Word>,
    /// When it began, in seconds since 1970 by the switch's clock.
    #[serde(rename(deserialize = "created_epoch"), deserialize_with = "told::as_time")]
    pub created_s: Option<u64>,
    /// When it was answered; only events tell.
    #[serde(skip_deserializing)]
    pub answered_s: Option<u64>,
    /// Its name, such as `sofia/internal/1000@example.com`.
    #[serde(deserialize_with = "told::as_word")]
    pub name: Option<Word>,
    /// `CS_EXECUTE` and the like.
    #[serde(deserialize_with = "told::as_word")]
    pub state: Option<Word>,
    /// `RINGING`, `ACTIVE`, `HELD` and the like.
    #[serde(deserialize_with = "told::as_word")]
    pub callstate: Option<Word>,
    /// The caller's name.
    #[serde(deserialize_with = "told::as_word")]
    pub cid_name: Option<Word>,
    /// The caller's number.
    #[serde(deserialize_with = "told::as_word")]
    pub cid_num: Option<Word>,
    /// The callee's name.
    #[serde(deserialize_with = "told::as_word")]
    pub callee_name: Option<Word>,
    /// The callee's number.
    #[serde(deserialize_with = "told::as_word")]
    pub callee_num: Option<Word>,
    /// The other side's address.
    #[serde(deserialize_with = "told::as_word")]
    pub ip_addr: Option<Word>,
    /// What was dialled.
    #[serde(deserialize_with = "told::as_word")]
    pub dest: Option<Word>,
    /// What the dialplan does with it.
    #[serde(deserialize_with = "told::as_word")]
    pub application: Option<Word>,
    /// With what.
    #[serde(deserialize_with = "told::as_word")]
    pub application_data: Option<Word>,
    /// `XML`, mostly.
    #[serde(deserialize_with = "told::as_word")]
    pub dialplan: Option<Word>,
    /// The context of the dialplan.
    #[serde(deserialize_with = "told::as_word")]
    pub context: Option<Word>,
    /// The codec of what comes.
    #[serde(deserialize_with = "told::as_word")]
    pub read_codec: Option<Word>,
    /// The codec of what goes.
    #[serde(deserialize_with = "told::as_word")]
    pub write_codec: Option<Word>,
    /// Whose it is: `user@domain`.
    #[serde(deserialize_with = "told::as_word")]
    pub presence_id: Option<Word>,
    /// Who pays.
    #[serde(deserialize_with = "told::as_word")]
    pub accountcode: Option<Word>,
    /// The call it is a leg of.
    #[serde(deserialize_with = "told::as_word")]
    pub call_uuid: Option<Word>,
    /// The channel at the other end; only events tell.
    #[serde(skip_deserializing)]
    pub other_leg: Option<Word>,
}

impl Row for Channel {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        self.uuid.to_string()
    }

    fn index(&self) -> Option<&str> {
        self.presence_id.as_deref()
    }

    fn keep(&mut self, known: &Self) {
        self.answered_s = self.answered_s.or(known.answered_s);
        // Of whom it was the other leg is known only as long as the call is the same.
        if self.other_leg.is_none() && self.call() == known.call() {
            self.other_leg.clone_from(&known.other_leg);
        }
    }
}

/// Where in a row a text is kept.
type Place = fn(&mut Channel) -> &mut Option<Word>;

/// What each event of a channel tells of it.
const TOLD: &[(&str, Place)] = &[
    ("Call-Direction", |row| &mut row.direction),
    ("Channel-Name", |row| &mut row.name),
    ("Channel-State", |row| &mut row.state),
    ("Channel-Call-State", |row| &mut row.callstate),
    ("Caller-Caller-ID-Name", |row| &mut row.cid_name),
    ("Caller-Caller-ID-Number", |row| &mut row.cid_num),
    ("Caller-Callee-ID-Name", |row| &mut row.callee_name),
    ("Caller-Callee-ID-Number", |row| &mut row.callee_num),
    ("Caller-Network-Addr", |row| &mut row.ip_addr),
    ("Caller-Destination-Number", |row| &mut row.dest),
    ("variable_current_application", |row| &mut row.application),
    ("variable_current_application_data", |row| &mut row.application_data),
    ("Caller-Dialplan", |row| &mut row.dialplan),
    ("Caller-Context", |row| &mut row.context),
    ("Channel-Read-Codec-Name", |row| &mut row.read_codec),
    ("Channel-Write-Codec-Name", |row| &mut row.write_codec),
    ("Channel-Presence-ID", |row| &mut row.presence_id),
    ("variable_accountcode", |row| &mut row.accountcode),
];

impl Channel {
    /// The call it is a leg of: a channel that is no leg of another call is one itself.
    pub fn call(&self) -> &str {
        self.call_uuid.as_deref().unwrap_or(&self.uuid)
    }

    /// Takes what an event tells. One that comes late (`newest` is false) only fills what is not known.
    pub(in crate::live) fn take(&mut self, event: &Event, newest: bool) {
        for (field, place) in TOLD {
            let place = place(self);
            if (newest || place.is_none())
                && let Some(value) = event.get(field)
                && place.as_deref() != Some(value)
            {
                *place = Some(value.into());
            }
        }
        // An application without data comes without that variable.
        if newest
            && event.get("variable_current_application").is_some()
            && event.get("variable_current_application_data").is_none()
        {
            self.application_data = None;
        }
        self.created_s =
            self.created_s.or_else(|| told::seconds(event.number("Caller-Channel-Created-Time")));
        self.answered_s =
            self.answered_s.or_else(|| told::seconds(event.number("Caller-Channel-Answered-Time")));
    }
}
