//! Carrying out what somebody accepted.
//!
//! An offer is marked as accepted before its command is sent, and what came of it is written down after the reply. What
//! is left in between, because this program was ended or the switch did not answer, is gone on with: a command that
//! comes to the same when it is done twice is sent again, and of any other it is told that nobody knows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use custompbx_store::{Author, Effect, EffectId, EffectState};
use custompbx_switch::command::{Command, Declared, is_too_soon};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::offers::{MOST_OFFERS, not_offered};
use super::run::{self, Outcome};
use super::{Driven, MOST_TRIES, RETRY};
use crate::Pbx;
use crate::error::{Error, Result, chain};
use crate::feed::Event;

/// So long another node that is connected to the same switch has for what it accepted: longer than any command takes.
const LEASE: Duration = Duration::from_mins(2);
/// So long a command is sent again that FreeSWITCH refuses because it is too soon: a SIP profile must be up for ten
/// seconds.
const TOO_SOON_FOR: Duration = Duration::from_secs(15);

/// An offer that somebody accepted.
#[derive(Debug)]
pub(in crate::switches) struct Accepted {
    /// The offer.
    pub(super) effect: Effect,
    /// Who, and when.
    pub(super) author: Author,
    /// Who waits for what comes of it.
    pub(super) answer: oneshot::Sender<Result<Effect>>,
}

/// How far it came.
enum Came {
    /// It is told what came of it.
    Over,
    /// It was not sent yet.
    Unsent,
    /// It was sent and not answered, and is sent again.
    Unanswered,
}

impl Pbx {
    /// Carries out what is accepted on a switch; does not end.
    pub(in crate::switches) async fn follow_offers(
        &self,
        driven: &Arc<Driven>,
        mut accepted: mpsc::Receiver<Accepted>,
    ) {
        let mut status = driven.supervisor.status_changes();
        // They end with this.
        let mut tasks = JoinSet::new();
        let mut busy = HashSet::new();
        // How often those of this process were not answered that are not over.
        let mut tries: HashMap<EffectId, u32> = HashMap::new();
        // What the last run of this program left is done by nobody.
        let mut all = true;
        loop {
            status.mark_unchanged();
            let mut look_at = Instant::now() + LEASE;
            if driven.supervisor.status().is_live() {
                match self.left_over(driven).await {
                    Ok(left) => {
                        let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
                        let old_ms = self.now().saturating_sub(lease_ms);
                        let ours = |one: &Effect| all || tries.contains_key(&one.id) || one.at_ms < old_ms;
                        for effect in left.into_iter().filter(ours) {
                            if busy.insert(effect.id) {
                                let tried = tries.get(&effect.id).copied().unwrap_or_default();
                                let (pbx, driven) = (self.clone(), driven.clone());
                                tasks.spawn(
                                    async move { (effect.id, pbx.go_on(&driven, &effect, tried).await) },
                                );
                            }
                        }
                        all = false;
                    }
                    Err(error) => {
                        if !error.is_unavailable() {
                            tracing::warn!(
                                switch = driven.key,
                                error = chain(&error),
                                "it cannot be seen what is accepted; trying again"
                            );
                        }
                        look_at = Instant::now() + RETRY;
                    }
                }
            }
            loop {
                tokio::select! {
                    Some(one) = accepted.recv() => {
                        busy.insert(one.effect.id);
                        let (pbx, driven) = (self.clone(), driven.clone());
                        tasks.spawn(async move { (one.effect.id, pbx.take(&driven, one).await) });
                    }
                    Some(Ok((id, came))) = tasks.join_next() => {
                        busy.remove(&id);
                        match came {
                            Came::Over => {
                                tries.remove(&id);
                            }
                            Came::Unsent | Came::Unanswered => {
                                *tries.entry(id).or_default() += u32::from(matches!(came, Came::Unanswered));
                                look_at = look_at.min(Instant::now() + RETRY);
                            }
                        }
                    }
                    changed = status.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return,
                    },
                    () = sleep_until(look_at) => break,
                }
            }
        }
    }

    /// What is accepted and not over, the oldest first.
    async fn left_over(&self, driven: &Driven) -> Result<Vec<Effect>> {
        let name = driven.name().to_lowercase();
        let mut left = self.store()?.effects_on(&name, Some(EffectState::Accepted), MOST_OFFERS).await?;
        left.reverse();
        Ok(left)
    }

    /// Carries out what was accepted just now.
    async fn take(&self, driven: &Driven, accepted: Accepted) -> Came {
        let Accepted { effect, author, answer } = accepted;
        // Taken before it is done: two who press the button at once do it once.
        let taken = match self.store() {
            Ok(store) => {
                store.end_effect(effect.id, EffectState::Accepted, "", &author).await.map_err(Error::from)
            }
            Err(error) => Err(error),
        };
        match taken {
            Ok(true) => self.decided(driven, &effect),
            Ok(false) => {
                let _ = answer.send(Err(not_offered(effect.id)));
                return Came::Over;
            }
            Err(error) => {
                let _ = answer.send(Err(error));
                // It may be written down all the same.
                return Came::Unsent;
            }
        }
        match self.send(driven, &effect).await {
            None => {
                let outcome = Outcome { state: EffectState::Offered, reply: String::new() };
                self.conclude(driven, &effect, outcome, None).await;
                let _ = answer.send(Err(Error::NoSwitch { reason: "it went away".to_owned() }));
                Came::Over
            }
            Some(outcome) => self.came(driven, &effect, outcome, 0, Some(answer)).await,
        }
    }

    /// Goes on with what was accepted before.
    async fn go_on(&self, driven: &Driven, effect: &Effect, tried: u32) -> Came {
        if !is_repeatable(effect) {
            let outcome = Outcome {
                state: EffectState::Unknown,
                reply: "it was accepted, and nobody knows whether it was done: CustomPBX was ended before it had the \
                        answer, and it is not sent twice"
                    .to_owned(),
            };
            self.conclude(driven, effect, outcome, None).await;
            return Came::Over;
        }
        match self.send(driven, effect).await {
            None => Came::Unsent,
            Some(outcome) => self.came(driven, effect, outcome, tried, None).await,
        }
    }

    /// `None` when it was not sent.
    async fn send(&self, driven: &Driven, effect: &Effect) -> Option<Outcome> {
        let instance = self.instance_of(driven)?;
        let command = match command(effect) {
            Ok(command) => command,
            Err(error) => return Some(Outcome { state: EffectState::Failed, reply: error.to_string() }),
        };
        let latest = Instant::now() + TOO_SOON_FOR;
        loop {
            let outcome = run::execute(self, driven, instance, &effect.command, &command).await?;
            let is_over = outcome.state != EffectState::Failed || !is_too_soon(&outcome.reply);
            if is_over || Instant::now() >= latest {
                return Some(outcome);
            }
            sleep(RETRY).await;
        }
    }

    async fn came(
        &self,
        driven: &Driven,
        effect: &Effect,
        outcome: Outcome,
        tried: u32,
        answer: Option<oneshot::Sender<Result<Effect>>>,
    ) -> Came {
        let again = outcome.state == EffectState::Unknown && is_repeatable(effect) && tried + 1 < MOST_TRIES;
        let (outcome, came) = if again {
            let reply = format!("{}; it is sent again", outcome.reply);
            (Outcome { state: EffectState::Accepted, reply }, Came::Unanswered)
        } else {
            (outcome, Came::Over)
        };
        self.conclude(driven, effect, outcome, answer).await;
        came
    }

    /// Writes down what came of it, and tells everybody.
    async fn conclude(
        &self,
        driven: &Driven,
        effect: &Effect,
        outcome: Outcome,
        mut answer: Option<oneshot::Sender<Result<Effect>>>,
    ) {
        run::log(driven, effect.revision, &effect.line, &outcome);
        let Outcome { state, reply } = outcome;
        let mut told = Ok(());
        loop {
            let settled = match self.store() {
                Ok(store) => {
                    store.settle_effect(effect.id, state, &reply, self.now()).await.map_err(Error::from)
                }
                Err(error) => Err(error),
            };
            match settled {
                Err(error) if error.is_unavailable() => {
                    // It was done, and is written down as soon as that is possible.
                    if let Some(answer) = answer.take() {
                        let _ = answer.send(Err(error));
                    }
                    sleep(RETRY).await;
                }
                Err(error) => {
                    tracing::error!(
                        switch = driven.key,
                        command = effect.line,
                        error = chain(&error),
                        "what came of an accepted offer cannot be written down"
                    );
                    told = Err(error);
                    break;
                }
                Ok(()) => break,
            }
        }
        self.decided(driven, effect);
        if let Some(answer) = answer {
            let _ = answer.send(told.map(|()| Effect { state, reply, ..effect.clone() }));
        }
    }

    /// Others may have the offer on their screens.
    pub(super) fn decided(&self, driven: &Driven, effect: &Effect) {
        self.0.feed.send(Event::Effects { switch: driven.key.clone(), revisions: vec![effect.revision] });
    }
}

/// It was made by a declaration, and is sent as it was shown.
pub(super) fn command(effect: &Effect) -> Result<Command> {
    let command = Command::typed(&effect.line).map_err(|error| Error::BadRequest(error.to_string()))?;
    Ok(match Declared::find(&effect.command) {
        Some(declared) => command.within(declared.deadline),
        None => command,
    })
}

fn is_repeatable(effect: &Effect) -> bool {
    Declared::find(&effect.command).is_some_and(|declared| declared.repeatable)
}
