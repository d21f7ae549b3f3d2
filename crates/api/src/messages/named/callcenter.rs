//! The call centre of the running switch: its agents, its tiers and those who wait.

use custompbx_model::modules::configuration::CONFIGURATION;
use custompbx_pbx::objects::Owner;
use custompbx_pbx::switches::Driven;
use custompbx_pbx::switches::live::Kind;
use serde_json::{Map, Value, json};

use crate::messages::dispatch::Asked;
use crate::messages::paging::Paging;
use crate::messages::reply::{Outcome, Reply};

/// A kind of rows, and the object that the API makes of each. What the switch does not say is an empty text or 0.
pub(crate) struct Shape {
    /// The kind.
    pub(crate) kind: Kind,
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
    /// Whether it has an `id` besides the name that it has in the switch.
    has_id: bool,
}

/// `callcenter.agent`.
pub(crate) const AGENT: Shape = Shape {
    kind: Kind::Agents,
    texts: &["name", "type", "system", "instance_id", "uuid", "contact", "status", "state"],
    numbers: &[
        "max_no_answer",
        "wrap_up_time",
        "reject_delay_time",
        "busy_delay_time",
        "no_answer_delay_time",
        "last_bridge_start",
        "last_bridge_end",
        "last_offered_call",
        "last_status_change",
        "no_answer_count",
        "calls_answered",
        "talk_time",
        "ready_time",
        "external_calls_count",
    ],
    has_id: true,
};

/// `callcenter.tier`.
pub(crate) const TIER: Shape = Shape {
    kind: Kind::Tiers,
    texts: &["agent", "queue", "state"],
    numbers: &["level", "position"],
    has_id: true,
};

/// `callcenter.member`.
pub(crate) const MEMBER: Shape = Shape {
    kind: Kind::Members,
    texts: &[
        "uuid",
        "queue",
        "instance_id",
        "session_uuid",
        "cid_number",
        "cid_name",
        "serving_agent",
        "serving_system",
        "state",
    ],
    numbers: &[
        "system_epoch",
        "joined_epoch",
        "rejoined_epoch",
        "bridge_epoch",
        "abandoned_epoch",
        "base_score",
        "skill_score",
    ],
    has_id: false,
};

impl Shape {
    /// The object of a row, by what it is found under: its id, or its name in the switch.
    pub(crate) fn object(&self, key: &str, row: &Value) -> (String, Value) {
        let given = |name: &str| row.get(name).filter(|value| !value.is_null()).cloned();
        let texts = self.texts.iter().map(|name| (*name, given(name).unwrap_or_else(|| json!(""))));
        let numbers = self.numbers.iter().map(|name| (*name, given(name).unwrap_or_else(|| json!(0))));
        let members = texts.chain(numbers).map(|(name, value)| (name.to_owned(), value));
        let mut members: Map<String, Value> = members.collect();
        if !self.has_id {
            return (key.to_owned(), members.into());
        }
        let id = id(key);
        members.insert("id".to_owned(), json!(id));
        (id.to_string(), members.into())
    }

    /// All there are, in the order of their names.
    fn objects(&self, driven: &Driven) -> Vec<(String, Value)> {
        let (_, mut rows) = driven.supervisor.live().everything(&[self.kind]);
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        rows.iter().map(|row| self.object(&row.key, &row.row())).collect()
    }
}

/// What lives in the switch only has no id of its own, so that it is made of the name; a client can hold it as a number.
fn id(key: &str) -> u64 {
    crate::etag::hash(&[key.as_bytes()]) & ((1 << 53) - 1)
}

/// The agents.
pub(crate) async fn agents(asked: Asked<'_>) -> Outcome {
    list(&asked, &AGENT).await
}

/// Which agents serve which queues.
pub(crate) async fn tiers(asked: Asked<'_>) -> Outcome {
    list(&asked, &TIER).await
}

/// Those who wait in queues, or are served.
pub(crate) async fn members(asked: Asked<'_>) -> Outcome {
    list(&asked, &MEMBER).await
}

async fn list(asked: &Asked<'_>, shape: &Shape) -> Outcome {
    let pbx = asked.app.pbx();
    let objects = shape.objects(&*pbx.current_switch()?);
    let data = match Paging::of(asked.data) {
        Some(paging) => paging.page(objects.into_iter().map(|(_, object)| object).collect()),
        None => Value::Object(objects.into_iter().collect()),
    };
    let reply = Reply::empty().with("data", data);
    let instance = pbx.default_instance().await?.id;
    let stored = pbx.objects(instance, &CONFIGURATION, &Owner::instance()).await?;
    let exists = stored.iter().any(|object| object.name().eq_ignore_ascii_case("callcenter.conf"));
    Ok(if exists { reply } else { reply.with("exists", false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_the_documented_object() {
        let row = json!({"queue": "a@d", "agent": "1@d", "state": null, "level": 2, "position": null});
        let (id, object) = TIER.object("a@d/1@d", &row);
        let expected = json!({
            "id": id.parse::<u64>().unwrap(), "queue": "a@d", "agent": "1@d", "state": "", "level": 2, "position": 0,
        });
        assert_eq!(object, expected);
        assert_eq!(TIER.object("a@d/1@d", &json!({})).0, id, "the id is made of the name");
        assert_ne!(TIER.object("a@d/2@d", &row).0, id);
        let (key, member) = MEMBER.object("u", &json!({"uuid": "u", "cid_name": "A"}));
        assert_eq!((key.as_str(), &member["cid_name"], member.get("id")), ("u", &json!("A"), None));
    }
}
