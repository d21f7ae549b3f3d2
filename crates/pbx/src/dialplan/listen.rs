//! `eavesdrop::UUID` as a dialled number: how a telephone of the users panel listens in.
//!
//! It is special for those only who could have the switch do the same by a command: the call comes from a SIP user who
//! signed in with a password, who is the directory user of a web user that is an admin. The id must be that of a live
//! call in the switch. Everybody else, and everything else behind `eavesdrop::`, gets what the dialplan says.

use std::time::Duration;

use custompbx_model::Node;
use custompbx_model::xml::{Style, print};
use custompbx_store::{Act, Role, WebUser};
use custompbx_xmlcurl::{Question, Selected, Snapshot};
use memchr::memmem;
use tokio::time::timeout;

use crate::Pbx;
use crate::edit::By;
use crate::error::{Result, chain};

const DIALLED: &str = "eavesdrop::";
/// How long the switch waits for the database. Then the dialplan says what happens.
const PATIENCE: Duration = Duration::from_secs(2);

impl Pbx {
    /// The answer to a call by which somebody listens in who may. `None`: it is a call like any other.
    pub(crate) async fn listening(&self, form: &[u8]) -> Option<Vec<u8>> {
        memmem::find(form, b"=eavesdrop")?;
        let question = Question::parse(form).ok()?;
        if !question.section().eq_ignore_ascii_case("dialplan") {
            return None;
        }
        let dialled = question.text("Hunt-Destination-Number")?;
        let uuid = dialled.strip_prefix(DIALLED).filter(|uuid| is_uuid(uuid))?;
        let snapshot = self.snapshot()?;
        let selected = Selected::of(&question, &snapshot)?;
        if !self.is_live_call(uuid, selected.instance.id) {
            return None;
        }
        let listener = match timeout(PATIENCE, self.listener(&question, &snapshot)).await {
            Ok(Ok(listener)) => listener?,
            Ok(Err(error)) => {
                tracing::warn!(
                    error = chain(&error),
                    "whether somebody may listen in is not known; nobody may"
                );
                return None;
            }
            Err(_) => {
                tracing::warn!("whether somebody may listen in was not known in time; nobody may");
                return None;
            }
        };
        let by = By { actor: listener.login, origin: "sip".to_owned() };
        // What nobody can be held to does not happen.
        if let Err(error) = self.note_listening(&by, &question.hostname(), uuid).await {
            tracing::warn!(
                error = chain(&error),
                "that somebody listens in was not written down; it was refused"
            );
            return None;
        }
        tracing::info!(actor = by.actor, uuid, "somebody listens in");
        let name = selected.document.node.attribute("name").unwrap_or_default();
        selected.instead(&print(&context(name, uuid), Style::Compact))
    }

    fn is_live_call(&self, uuid: &str, instance: i64) -> bool {
        self.switches().iter().any(|driven| {
            driven.supervisor.status().is_live()
                && self.instance_of(driven).is_some_and(|of| of.0 == instance)
                && driven.supervisor.live().tables().channels.contains(uuid)
        })
    }

    async fn note_listening(&self, by: &By, switch: &str, uuid: &str) -> Result<()> {
        let act = Act { action: "switch.listen", target: switch, detail: uuid };
        Ok(self.store()?.note(&by.author(self.now()), act).await?)
    }

    /// The web user that calls, if it may listen in.
    async fn listener(&self, question: &Question<'_>, snapshot: &Snapshot) -> Result<Option<WebUser>> {
        let text = |name: &str| question.text(&format!("variable_{name}"));
        // By its address alone nobody is known well enough: then there is no name that it signed in with.
        let signed_in =
            text("sip_authorized").is_some_and(|is| is == "true") && text("sip_auth_username").is_some();
        let (Some(user), Some(domain), true) = (text("user_name"), text("domain_name"), signed_in) else {
            return Ok(None);
        };
        let Some((instance, _)) = snapshot.instance(&question.hostname()) else { return Ok(None) };
        let Some(domain) = instance.directory.find(&domain, || question.switch_variables()) else {
            return Ok(None);
        };
        let store = self.store()?;
        let users = store.users_named(domain.id, &[&user]).await?;
        let [user] = &users[..] else { return Ok(None) };
        let may = |one: &WebUser| one.enabled && one.role == Role::Admin && one.sip_id == Some(user.node.id);
        Ok(store.web_users().await?.into_iter().find(may))
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn context(name: &str, uuid: &str) -> Node {
    let action = |application: &str| Node::new("action").with("application", application);
    let condition =
        Node::new("condition").containing([action("answer"), action("eavesdrop").with("data", uuid)]);
    let extension = Node::new("extension").with("name", "eavesdrop").containing([condition]);
    Node::new("context").with("name", name).containing([extension])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_calls() {
        assert!(is_uuid("bee93a37-b889-499c-bf40-7c6f73c068db"));
        for other in
            ["all", "", "bee93a37-b889-499c-bf40-7c6f73c068d", "bee93a37-b889-499c-bf40-7c6f73c068dg"]
        {
            assert!(!is_uuid(other), "{other}");
        }
        assert!(!is_uuid("bee93a37+b889-499c-bf40-7c6f73c068db"));
    }
}
