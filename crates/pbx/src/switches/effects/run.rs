//! Having commands done, and what came of it.

use custompbx_model::declare::How;
use custompbx_store::{EffectState, InstanceId, NewEffect};
use custompbx_switch::CommandError;
use custompbx_switch::command::{Command, Declared};
use metrics::counter;

use super::plan::Planned;
use super::{Driven, verify};
use crate::Pbx;

/// Replies are kept up to this length, in bytes.
const LONGEST_REPLY: usize = 2_000;

/// What came of a command.
pub(super) struct Outcome {
    pub(super) state: EffectState,
    pub(super) reply: String,
}

/// Runs what disturbs nobody, and writes down what is offered. `None` when the connection was lost before all was done.
pub(super) async fn run(
    pbx: &Pbx,
    driven: &Driven,
    instance: InstanceId,
    planned: Vec<Planned>,
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
            (Ok(command), How::Run) => execute(pbx, driven, instance, one.name, command).await?,
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
    Some(effects)
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
        Ok(reply) => Some(match verify::verify(pbx, driven, instance, command).await {
            Ok(()) => Outcome { state: EffectState::Done, reply: short(&reply) },
            Err(reason) => Outcome { state: EffectState::Failed, reply: short(&format!("{reply}{reason}")) },
        }),
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
