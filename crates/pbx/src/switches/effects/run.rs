//! Having commands done, and what came of it.

use std::collections::HashMap;

use custompbx_model::declare::How;
use custompbx_store::{EffectState, InstanceId, NewEffect, RevisionId};
use custompbx_switch::CommandError;
use custompbx_switch::command::{Command, Declared};
use metrics::counter;

use super::plan::Planned;
use super::verify::{self, Seen};
use super::{Driven, MOST_TRIES};
use crate::Pbx;

/// Replies are kept up to this length, in bytes.
const LONGEST_REPLY: usize = 2_000;

/// What came of a command.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) state: EffectState,
    pub(super) reply: String,
}

/// What is remembered of commands while not all of them are done.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// What came of those that are done, by their lines, with the revisions that they were for.
    outcomes: HashMap<String, (RevisionId, Outcome)>,
    /// How often one was not answered.
    unanswered: HashMap<String, u32>,
}

impl Tried {
    /// What came of it, unless a later revision wants it once more.
    fn outcome(&self, one: &Planned) -> Option<Outcome> {
        let (revision, outcome) = self.outcomes.get(one.line())?;
        (*revision == one.revision).then(|| outcome.clone())
    }

    /// Whether one that was not answered is sent again.
    fn is_sent_again(&mut self, command: &Command) -> bool {
        if !command.is_repeatable() {
            return false;
        }
        let tries = self.unanswered.entry(command.line().to_owned()).or_default();
        *tries += 1;
        *tries < MOST_TRIES
    }
}

/// Runs what disturbs nobody, and writes down what is offered. `None` when the connection was lost before all was done:
/// then `tried` knows what is.
pub(super) async fn run(
    pbx: &Pbx,
    driven: &Driven,
    instance: InstanceId,
    planned: Vec<Planned>,
    tried: &mut Tried,
) -> Option<Vec<NewEffect>> {
    let mut effects = Vec::new();
    for one in planned {
        let line = one.line().to_owned();
        let outcome = match (&one.command, one.how) {
            (_, How::Restart) => Outcome {
                state: EffectState::Restart,
                reply: "FreeSWITCH reads this only when it starts".to_owned(),
            },
            (Err(reason), _) => Outcome { state: EffectState::Failed, reply: reason.clone() },
            (Ok(_), _) if missing_module(driven, one.name, &line).is_some() => {
                let module = missing_module(driven, one.name, &line).unwrap_or_default();
                Outcome { state: EffectState::Dismissed, reply: format!("{module} is not loaded") }
            }
            (Ok(_), How::Ask) => Outcome { state: EffectState::Offered, reply: String::new() },
            (Ok(command), How::Run) => match tried.outcome(&one) {
                Some(outcome) => outcome,
                None => {
                    let outcome = execute(pbx, driven, instance, one.name, command).await?;
                    if outcome.state == EffectState::Unknown && tried.is_sent_again(command) {
                        return None;
                    }
                    tried.outcomes.insert(line.clone(), (one.revision, outcome.clone()));
                    outcome
                }
            },
        };
        effects.push(NewEffect {
            revision: one.revision,
            command: one.name.to_owned(),
            line,
            state: outcome.state,
            reply: outcome.reply,
            ends: one.ends,
        });
    }
    Some(effects)
}

/// Writes what came of commands to the log, once it is told.
pub(super) fn log_all(driven: &Driven, effects: &[NewEffect]) {
    for NewEffect { revision, line, state, reply, .. } in effects {
        log(driven, *revision, line, &Outcome { state: *state, reply: reply.clone() });
    }
}

/// Writes what came of a command to the log.
pub(super) fn log(driven: &Driven, revision: RevisionId, line: &str, outcome: &Outcome) {
    let Outcome { state, reply } = outcome;
    counter!("custompbx_switch_effects_total", "state" => state.as_str()).increment(1);
    match state {
        EffectState::Failed | EffectState::Unknown => tracing::warn!(
            switch = driven.key,
            revision = revision.0,
            command = line,
            reply,
            "a change is stored, but the switch did not take it over"
        ),
        state => tracing::info!(
            switch = driven.key,
            revision = revision.0,
            command = line,
            state = state.as_str(),
            "an effect of a change"
        ),
    }
}

/// `None` when it was not sent.
pub(super) async fn execute(
    pbx: &Pbx,
    driven: &Driven,
    instance: InstanceId,
    name: &str,
    command: &Command,
) -> Option<Outcome> {
    match driven.supervisor.commands().run(command).await {
        Ok(reply) => {
            let (state, more) = match verify::verify(pbx, driven, instance, command).await {
                Seen::Done => (EffectState::Done, String::new()),
                Seen::NotVerified(why) => (EffectState::Done, format!("\nnot verified: {why}")),
                Seen::Unanswered(why) => {
                    (EffectState::Unknown, format!("\nbut it cannot be seen whether: {why}"))
                }
                Seen::Wrong(how) => (EffectState::Failed, format!("\nbut {how}")),
            };
            Some(Outcome { state, reply: short(&format!("{}{more}", reply.trim_end())) })
        }
        Err(CommandError::NotSent { .. }) => None,
        Err(CommandError::Refused { reply, .. }) if is_moot(name, &reply) => {
            Some(Outcome { state: EffectState::Done, reply: short(&reply) })
        }
        Err(CommandError::Refused { reply, .. }) => {
            Some(Outcome { state: EffectState::Failed, reply: short(&reply) })
        }
        Err(CommandError::Unknown { reason, .. }) => {
            Some(Outcome { state: EffectState::Unknown, reply: short(&reason) })
        }
    }
}

fn is_moot(name: &str, reply: &str) -> bool {
    Declared::find(name).is_some_and(|declared| declared.is_moot(reply))
}

/// The module that a command is for, where it is known not to be loaded: then the change counts as soon as it is.
fn missing_module(driven: &Driven, name: &str, line: &str) -> Option<String> {
    let module = match name {
        // The last word is the module.
        "module.reload" | "module.unload" => line.split(' ').next_back()?,
        _ => Declared::find(name)?.module()?,
    };
    let live = driven.supervisor.live();
    let modules = &live.tables().modules;
    (!modules.is_empty() && !modules.contains(module)).then(|| module.to_owned())
}

fn short(text: &str) -> String {
    let text = text.trim();
    let end = (0..=LONGEST_REPLY.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_cut_between_letters() {
        assert_eq!(short(" +OK\n"), "+OK");
        let long = "ü".repeat(LONGEST_REPLY);
        assert_eq!(short(&long).len(), LONGEST_REPLY);
        assert!(short(&format!("a{long}")).len() < LONGEST_REPLY);
    }
}
