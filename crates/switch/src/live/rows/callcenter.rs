//! Queues, agents, tiers and members of mod_callcenter.

use serde::{Deserialize, Serialize};

use super::Word;
use crate::live::kind::{Kind, Of};
use crate::live::table::Row;
use crate::live::told;

/// A queue, by a line of `callcenter_config queue list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// Its name.
    #[serde(deserialize_with = "told::as_text")]
    pub name: Word,
    /// How agents are chosen.
    #[serde(deserialize_with = "told::as_word")]
    pub strategy: Option<Word>,
    /// What callers hear.
    #[serde(deserialize_with = "told::as_word")]
    pub moh_sound: Option<Word>,
    /// How long a caller may wait, in seconds; 0 is for ever.
    #[serde(deserialize_with = "told::as_number")]
    pub max_wait_time: Option<u64>,
    /// How long those who hung up are kept, in seconds.
    #[serde(deserialize_with = "told::as_number")]
    pub discard_abandoned_after: Option<u64>,
    /// Calls that an agent took.
    #[serde(deserialize_with = "told::as_number")]
    pub calls_answered: Option<u64>,
    /// Calls whose callers hung up.
    #[serde(deserialize_with = "told::as_number")]
    pub calls_abandoned: Option<u64>,
    /// Callers that wait.
    #[serde(skip_deserializing)]
    pub count: Option<u64>,
}

impl Row for Queue {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        self.name.to_string()
    }

    fn keep(&mut self, known: &Self) {
        self.count = self.count.or(known.count);
    }
}

/// An agent, by a line of `callcenter_config agent list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Its name.
    #[serde(deserialize_with = "told::as_text")]
    pub name: Word,
    /// The instance of mod_callcenter.
    #[serde(deserialize_with = "told::as_word")]
    pub instance_id: Option<Word>,
    /// Its channel, while it has one.
    #[serde(deserialize_with = "told::as_word")]
    pub uuid: Option<Word>,
    /// `callback` or `uuid-standby`.
    #[serde(rename = "type", deserialize_with = "told::as_word")]
    pub kind: Option<Word>,
    /// How it is called.
    #[serde(deserialize_with = "told::as_word")]
    pub contact: Option<Word>,
    /// `Available`, `On Break`, `Logged Out` and the like.
    #[serde(deserialize_with = "told::as_word")]
    pub status: Option<Word>,
    /// `Waiting`, `Receiving`, `In a queue call` and the like.
    #[serde(deserialize_with = "told::as_word")]
    pub state: Option<Word>,
    /// After how many calls without an answer it is put on break.
    #[serde(deserialize_with = "told::as_number")]
    pub max_no_answer: Option<u64>,
    /// Rest after a call, in seconds.
    #[serde(deserialize_with = "told::as_number")]
    pub wrap_up_time: Option<u64>,
    /// Rest after it refused, in seconds.
    #[serde(deserialize_with = "told::as_number")]
    pub reject_delay_time: Option<u64>,
    /// Rest after it was busy, in seconds.
    #[serde(deserialize_with = "told::as_number")]
    pub busy_delay_time: Option<u64>,
    /// Rest after it did not answer, in seconds.
    #[serde(deserialize_with = "told::as_number")]
    pub no_answer_delay_time: Option<u64>,
    /// When it last began to talk.
    #[serde(deserialize_with = "told::as_time")]
    pub last_bridge_start: Option<u64>,
    /// When it last ended to talk.
    #[serde(deserialize_with = "told::as_time")]
    pub last_bridge_end: Option<u64>,
    /// When it was last called.
    #[serde(deserialize_with = "told::as_time")]
    pub last_offered_call: Option<u64>,
    /// When its status last changed.
    #[serde(deserialize_with = "told::as_time")]
    pub last_status_change: Option<u64>,
    /// Calls in a row that it did not answer.
    #[serde(deserialize_with = "told::as_number")]
    pub no_answer_count: Option<u64>,
    /// Calls that it took.
    #[serde(deserialize_with = "told::as_number")]
    pub calls_answered: Option<u64>,
    /// How long it talked, in seconds.
    #[serde(deserialize_with = "told::as_number")]
    pub talk_time: Option<u64>,
    /// When it is ready again.
    #[serde(deserialize_with = "told::as_time")]
    pub ready_time: Option<u64>,
    /// Calls that it has beside the queues.
    #[serde(deserialize_with = "told::as_number")]
    pub external_calls_count: Option<u64>,
}

impl Row for Agent {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        self.name.to_string()
    }
}

/// That an agent serves a queue, by a line of `callcenter_config tier list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tier {
    /// The queue.
    #[serde(deserialize_with = "told::as_text")]
    pub queue: Word,
    /// The agent.
    #[serde(deserialize_with = "told::as_text")]
    pub agent: Word,
    /// `Ready`, `Offering`, `Active Inbound`, `Standby`, `No Answer`.
    #[serde(deserialize_with = "told::as_word")]
    pub state: Option<Word>,
    /// Lower ones are called first.
    #[serde(deserialize_with = "told::as_number")]
    pub level: Option<u64>,
    /// The place in the level.
    #[serde(deserialize_with = "told::as_number")]
    pub position: Option<u64>,
}

/// The key of a tier.
pub(in crate::live) fn tier_key(queue: &str, agent: &str) -> String {
    format!("{queue}/{agent}")
}

impl Row for Tier {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        tier_key(&self.queue, &self.agent)
    }

    fn index(&self) -> Option<&str> {
        Some(&self.agent)
    }
}

/// A caller in a queue, by a line of `callcenter_config queue list members`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Its id in the queue.
    #[serde(deserialize_with = "told::as_text")]
    pub uuid: Word,
    /// The queue.
    #[serde(deserialize_with = "told::as_text")]
    pub queue: Word,
    /// The instance of mod_callcenter.
    #[serde(deserialize_with = "told::as_word")]
    pub instance_id: Option<Word>,
    /// Its channel.
    #[serde(deserialize_with = "told::as_word")]
    pub session_uuid: Option<Word>,
    /// The caller's number.
    #[serde(deserialize_with = "told::as_word")]
    pub cid_number: Option<Word>,
    /// The caller's name.
    #[serde(deserialize_with = "told::as_word")]
    pub cid_name: Option<Word>,
    /// When its channel began.
    #[serde(deserialize_with = "told::as_time")]
    pub system_epoch: Option<u64>,
    /// When it came.
    #[serde(deserialize_with = "told::as_time")]
    pub joined_epoch: Option<u64>,
    /// When it came again.
    #[serde(deserialize_with = "told::as_time")]
    pub rejoined_epoch: Option<u64>,
    /// When an agent took it.
    #[serde(deserialize_with = "told::as_time")]
    pub bridge_epoch: Option<u64>,
    /// When it hung up.
    #[serde(deserialize_with = "told::as_time")]
    pub abandoned_epoch: Option<u64>,
    /// How much sooner it is served, by `cc_base_score`.
    #[serde(deserialize_with = "told::as_number")]
    pub base_score: Option<i64>,
    /// The same by skill.
    #[serde(deserialize_with = "told::as_number")]
    pub skill_score: Option<i64>,
    /// The agent that talks with it or is called for it.
    #[serde(deserialize_with = "told::as_word")]
    pub serving_agent: Option<Word>,
    /// The instance of mod_callcenter that calls the agent.
    #[serde(deserialize_with = "told::as_word")]
    pub serving_system: Option<Word>,
    /// `Waiting`, `Trying`, `Answered`, `Abandoned`.
    #[serde(deserialize_with = "told::as_word")]
    pub state: Option<Word>,
}

impl Row for Member {
    const KIND: Kind = Self::OF;

    fn key(&self) -> String {
        self.uuid.to_string()
    }

    fn index(&self) -> Option<&str> {
        Some(&self.queue)
    }
}

impl Member {
    /// Whether it waits for an agent; that is how mod_callcenter counts.
    pub fn waits(&self) -> bool {
        matches!(self.state.as_deref(), Some("Waiting" | "Trying"))
    }
}
