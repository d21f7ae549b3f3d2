//! Commands that would disturb calls or registrations: somebody decides.

use custompbx_store::{Effect, EffectId, EffectState, RevisionId};
use custompbx_switch::command::{Declared, Disturbs};
use custompbx_switch::live::Part;
use serde::Serialize;
use tokio::sync::oneshot;

use super::Driven;
use super::accepted::{self, Accepted};
use crate::Pbx;
use crate::edit::By;
use crate::error::{Error, Result};

/// So many offers are shown of a switch.
pub(super) const MOST_OFFERS: u32 = 200;

/// What a command would interrupt, as things are now; `None` where that is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Interrupts {
    /// Legs of calls that go through it.
    pub channels: Option<usize>,
    /// Registrations that it has.
    pub registrations: Option<usize>,
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

    /// Has something done that is offered; what came of it. It goes on when nobody waits for it any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not offered, [`Error::NoSwitch`] when the switch is away: then it stays offered.
    pub async fn accept_offer(&self, by: &By, switch: &str, id: EffectId) -> Result<Effect> {
        let (driven, effect) = self.offered(switch, id).await?;
        accepted::command(&effect)?;
        if self.instance_of(&driven).is_none() {
            return Err(Error::NoSwitch { reason: "nothing is known of its instance yet".to_owned() });
        }
        if !driven.supervisor.status().is_live() {
            return Err(Error::NoSwitch { reason: "it is not connected".to_owned() });
        }
        let (answer, told) = oneshot::channel();
        let one = Accepted { effect, author: by.author(self.now()), answer };
        let ended = || Error::NoSwitch { reason: "it is driven no longer".to_owned() };
        driven.accepted.send(one).await.map_err(|_| ended())?;
        told.await.map_err(|_| ended())?
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

    async fn offered(&self, switch: &str, id: EffectId) -> Result<(std::sync::Arc<Driven>, Effect)> {
        let driven = self.switch(switch)?;
        let name = driven.name().to_lowercase();
        let effect = self.store()?.effect(id).await?;
        let effect = effect.filter(|effect| effect.switch == name && effect.state == EffectState::Offered);
        Ok((driven, effect.ok_or_else(|| not_offered(id))?))
    }
}

pub(super) fn not_offered(id: EffectId) -> Error {
    Error::NotFound { what: "open offer", name: id.0.to_string() }
}

/// What a command would interrupt. What is not the switch's state now says nothing about it.
fn interrupts(driven: &Driven, name: &str, line: &str) -> Interrupts {
    let status = driven.supervisor.status();
    let live = driven.supervisor.live();
    let tables = live.tables();
    let known = |part: Part, count: usize| {
        let is_read = status.is_live() && status.unread.iter().all(|(unread, _)| *unread != part);
        is_read.then_some(count)
    };
    let no_registrations = |channels| Interrupts { channels, registrations: Some(0) };
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
            Interrupts {
                channels: known(Part::Channels, channels.count()),
                registrations: known(Part::Registrations, registrations.count()),
            }
        }
        ("module.reload" | "module.unload", [.., "mod_sofia"]) => Interrupts {
            channels: known(Part::Channels, tables.channels.len()),
            registrations: known(Part::Registrations, tables.registrations.len()),
        },
        ("callcenter.queue.unload", [.., queue]) => {
            let waiting = tables.members.rows().filter(|member| &*member.queue == *queue);
            no_registrations(known(Part::Callcenter, waiting.count()))
        }
        ("module.reload" | "module.unload", [.., "mod_callcenter"]) => {
            no_registrations(known(Part::Callcenter, tables.members.len()))
        }
        ("module.reload" | "module.unload", [.., "mod_conference"]) => {
            no_registrations(known(Part::Conferences, tables.conference_members.len()))
        }
        _ => match Declared::find(name).map(|declared| declared.disturbs) {
            Some(Disturbs::Nobody) => no_registrations(Some(0)),
            Some(Disturbs::OneCall | Disturbs::Many) | None => Interrupts::default(),
        },
    }
}
