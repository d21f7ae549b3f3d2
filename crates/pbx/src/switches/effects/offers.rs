//! Commands that would disturb calls or registrations: somebody decides.

use custompbx_store::{Effect, EffectId, EffectState, RevisionId};
use custompbx_switch::command::Command;
use serde::Serialize;

use super::Driven;
use super::run::{self, Outcome, Undone};
use crate::Pbx;
use crate::edit::By;
use crate::error::{Error, Result};
use crate::feed::Event;

/// So many offers are shown of a switch.
const MOST_OFFERS: u32 = 200;

/// What a command would interrupt, as things are now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Interrupts {
    /// Legs of calls that go through it.
    pub channels: usize,
    /// Registrations that it has.
    pub registrations: usize,
}

/// Something that is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What it is.
    pub effect: Effect,
    /// What it would interrupt.
    pub interrupts: Interrupts,
}

impl Pbx {
    /// What is offered on a switch, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the switch, and those of the database.
    pub async fn offers(&self, switch: &str) -> Result<Vec<Offer>> {
        let driven = self.switch(switch)?;
        let name = driven.name().to_lowercase();
        let open = self.store()?.effects_on(&name, Some(EffectState::Offered), MOST_OFFERS).await?;
        let offer = |effect: Effect| {
            let interrupts = interrupts(&driven, &effect.command, &effect.line);
            Offer { effect, interrupts }
        };
        Ok(open.into_iter().map(offer).collect())
    }

    /// What was done, or is offered, on a switch, the newest first.
    ///
    /// # Errors
    /// Those of [`Pbx::offers`].
    pub async fn effects_on(&self, switch: &str, limit: u32) -> Result<Vec<Effect>> {
        let name = self.switch(switch)?.name().to_lowercase();
        Ok(self.store()?.effects_on(&name, None, limit).await?)
    }

    /// What a revision came to, on all switches.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn effects_of(&self, revision: RevisionId) -> Result<Vec<Effect>> {
        Ok(self.store()?.effects_of(revision).await?)
    }

    /// Has something done that is offered; what came of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not offered, [`Error::NoSwitch`] when the switch is away: then it stays offered.
    pub async fn accept_offer(&self, by: &By, switch: &str, id: EffectId) -> Result<Effect> {
        let (driven, effect) = self.offered(switch, id).await?;
        let Some(instance) = self.instance_of(&driven) else {
            return Err(Error::NoSwitch { reason: "nothing is known of its instance yet".to_owned() });
        };
        // It was made by a declaration, and is sent as it was shown.
        let command = Command::typed(&effect.line).map_err(|error| Error::BadRequest(error.to_string()))?;
        let command = match custompbx_switch::command::Declared::find(&effect.command) {
            Some(declared) => command.within(declared.deadline),
            None => command,
        };
        let author = by.author(self.now());
        // Taken before it is done: two who press the button at once do it once.
        let store = self.store()?;
        if !driven.supervisor.status().is_live() {
            return Err(Error::NoSwitch { reason: "it is not connected".to_owned() });
        }
        if !store.end_effect(id, EffectState::Unknown, "no answer yet", &author).await? {
            return Err(not_offered(id));
        }
        let outcome = run::execute(self, &driven, instance, &command, true).await;
        let Outcome { state, reply } = match outcome {
            Ok(outcome) => outcome,
            Err(Undone::NotSent) => Outcome {
                state: EffectState::Failed,
                reply: "it was not sent: the switch went away".to_owned(),
            },
            // What disturbs calls is not done once more unasked.
            Err(Undone::Lost(reason)) => Outcome::unknown(&reason),
        };
        store.settle_effect(id, state, &reply, self.now()).await?;
        self.decided(&driven, &effect);
        Ok(Effect { state, reply, ..effect })
    }

    /// Decides against something that is offered.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not offered.
    pub async fn dismiss_offer(&self, by: &By, switch: &str, id: EffectId) -> Result<()> {
        let (driven, effect) = self.offered(switch, id).await?;
        let author = by.author(self.now());
        if self.store()?.end_effect(id, EffectState::Dismissed, "", &author).await? {
            self.decided(&driven, &effect);
            return Ok(());
        }
        Err(not_offered(id))
    }

    /// Others may have the offer on their screens.
    fn decided(&self, driven: &Driven, effect: &Effect) {
        self.0.feed.send(Event::Effects { switch: driven.key.clone(), revisions: vec![effect.revision] });
    }

    async fn offered(&self, switch: &str, id: EffectId) -> Result<(std::sync::Arc<Driven>, Effect)> {
        let driven = self.switch(switch)?;
        let name = driven.name().to_lowercase();
        let effect = self.store()?.effect(id).await?;
        let effect = effect.filter(|effect| effect.switch == name && effect.state == EffectState::Offered);
        Ok((driven, effect.ok_or_else(|| not_offered(id))?))
    }
}

fn not_offered(id: EffectId) -> Error {
    Error::NotFound { what: "open offer", name: id.0.to_string() }
}

/// What a command would interrupt.
pub(super) fn interrupts(driven: &Driven, name: &str, line: &str) -> Interrupts {
    let live = driven.supervisor.live();
    let tables = live.tables();
    let all = Interrupts { channels: tables.channels.len(), registrations: tables.registrations.len() };
    let words: Vec<&str> = line.split(' ').collect();
    match (name, &words[..]) {
        ("sofia.stop" | "sofia.restart", ["sofia", "profile", profile, ..]) => {
            let start = format!("sofia/{profile}/");
            let channels = tables
                .channels
                .rows()
                .filter(|row| row.name.as_deref().is_some_and(|name| name.starts_with(&start)));
            let registrations = tables
                .registrations
                .rows()
                .filter(|row| row.profile.as_deref().is_none_or(|of| of == *profile));
            Interrupts { channels: channels.count(), registrations: registrations.count() }
        }
        ("module.reload" | "module.unload", [.., "mod_sofia"]) => all,
        ("callcenter.queue.unload", [.., queue]) => {
            let waiting = tables.members.rows().filter(|member| &*member.queue == *queue);
            Interrupts { channels: waiting.count(), registrations: 0 }
        }
        ("module.reload" | "module.unload", [.., "mod_callcenter"]) => {
            Interrupts { channels: tables.members.len(), registrations: 0 }
        }
        ("module.reload" | "module.unload", [.., "mod_conference"]) => {
            Interrupts { channels: tables.conference_members.len(), registrations: 0 }
        }
        _ => Interrupts::default(),
    }
}
