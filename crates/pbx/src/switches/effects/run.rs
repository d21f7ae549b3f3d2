//! Having commands done, and what came of it.

use custompbx_model::declare::How;
use custompbx_store::{EffectState, InstanceId, NewEffect};
use custompbx_switch::CommandError;
use custompbx_switch::command::Command;
use metrics::counter;

use super::plan::Planned;
use super::{Driven, verify};
use crate::Pbx;

/// Replies are kept up to this length, in bytes.
const LONGEST_REPLY: usize = 2_000;

/// Why it is not known what came of a command.
pub(super) enum Undone {
    /// It was not sent.
    NotSent,
    /// It was sent, and the connection was lost before the answer: why.
    Lost(String),
}

/// What came of a command.
pub(super) struct Outcome {
    pub(super) state: EffectState,
    pub(super) reply: String,
}

impl Outcome {
    /// It was sent, but not answered.
    pub(super) fn unknown(reason: &str) -> Self {
        Self { state: EffectState::Unknown, reply: short(reason) }
    }
}

/// Runs what disturbs nobody, and writes down what is offered. With `once_more` a command whose answer was lost may have
/// been what the switch went away of: that is written down then.
///
/// # Errors
/// [`Undone`] when the connection was lost before all was done.
pub(super) async fn run(
    pbx: &Pbx,
    driven: &Driven,
    instance: InstanceId,
    planned: Vec<Planned>,
    once_more: bool,
) -> Result<Vec<NewEffect>, Undone> {
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
            (Ok(command), How::Run) => match execute(pbx, driven, instance, command, one.lenient).await {
                Err(Undone::Lost(reason)) if once_more => Outcome::unknown(&reason),
                told => told?,
            },
        };
        counter!("custompbx_switch_effects_total", "state" => outcome.state.as_str()).increment(1);
        match outcome.state {
            EffectState::Failed | EffectState::Unknown => tracing::warn!(
                switch = driven.key,
                revision = one.revision.0,
                command = line,
                reply = outcome.reply,
                "a change is stored, but the switch did not take it over"
            ),
            state => tracing::info!(
                switch = driven.key,
                revision = one.revision.0,
                command = line,
                state = state.as_str(),
                "an effect of a change"
            ),
        }
        effects.push(NewEffect {
            revision: one.revision,
            command: one.name.to_owned(),
            line,
            state: outcome.state,
            reply: outcome.reply,
        });
    }
    Ok(effects)
}

/// Has a command carried out.
///
/// # Errors
/// [`Undone`]
pub(super) async fn execute(
    pbx: &Pbx,
    driven: &Driven,
    instance: InstanceId,
    command: &Command,
    lenient: bool,
) -> Result<Outcome, Undone> {
    match driven.supervisor.commands().run(command).await {
        Ok(reply) => Ok(match verify::verify(pbx, driven, instance, command).await {
            Ok(()) => Outcome { state: EffectState::Done, reply: short(&reply) },
            Err(reason) => Outcome { state: EffectState::Failed, reply: short(&format!("{reply}{reason}")) },
        }),
        Err(CommandError::NotSent { .. }) => Err(Undone::NotSent),
        Err(CommandError::Unknown { reason, lost: true, .. }) => Err(Undone::Lost(reason)),
        Err(CommandError::Refused { reply, .. }) if lenient => {
            Ok(Outcome { state: EffectState::Done, reply: short(&reply) })
        }
        Err(CommandError::Refused { reply, .. }) => {
            Ok(Outcome { state: EffectState::Failed, reply: short(&reply) })
        }
        Err(CommandError::Unknown { reason, .. }) => Ok(Outcome::unknown(&reason)),
    }
}

/// The module that a command is for, where it is known not to be loaded: then the change counts as soon as it is.
fn missing_module(driven: &Driven, name: &str, line: &str) -> Option<String> {
    let module = match name {
        // The last word is the module.
        "module.reload" | "module.unload" => line.split(' ').next_back()?,
        _ => custompbx_switch::command::Declared::find(name)?.module()?,
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
