//! Having a switch do something.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use custompbx_store::Act;
use custompbx_switch::CommandError;
use custompbx_switch::command::{BadCommand, Command, HARMLESS, is_harmless};

pub use custompbx_switch::command::{COMMANDS, Declared, Disturbs};

use crate::Pbx;
use crate::account::{Scope, Section, Session, Verb};
use crate::detached::to_its_end;
use crate::edit::By;
use crate::error::{Error, Result, chain};

/// The most that is shown of what a typed command prints, in bytes.
pub const LONGEST_OUTPUT: usize = 1024 * 1024;
/// So many lines are kept of each person.
const HISTORY: usize = 200;
/// Of so many people.
const MOST_PEOPLE: usize = 1_000;

/// What lines need that may come to run programs on the switch's machine.
const SYSTEM: Scope = Scope::In(Section::System, Verb::Write);

/// What a typed command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The text, cut after [`LONGEST_OUTPUT`].
    pub text: String,
    /// Whether it was cut.
    pub cut: bool,
}

/// What people typed, newest last. It is gone with the process.
#[derive(Default)]
pub(crate) struct History(Mutex<HashMap<String, VecDeque<String>>>);

impl Pbx {
    /// Has a switch carry out a command of the list; what it says. What came of it is written down, also when whoever
    /// asked does not wait for that.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the switch, [`Error::BadRequest`] for a command or values that there are not, and
    /// [`Error::Switch`].
    pub async fn command(
        &self,
        by: &By,
        switch: &str,
        name: &str,
        values: &[(&str, &str)],
    ) -> Result<String> {
        let declared =
            Declared::find(name).ok_or_else(|| Error::NotFound { what: "command", name: name.to_owned() })?;
        let driven = self.switch(switch)?;
        let command = declared.below(&driven.directories(), values).map_err(|error| bad(&error))?;
        let (pbx, by) = (self.clone(), by.clone());
        let reply = to_its_end(async move {
            let reply = driven.supervisor.commands().run(&command).await;
            pbx.note_command(&by, &driven.key, command.line(), reply.as_ref().err()).await;
            reply
        });
        reply.await.map_err(Error::Switch)
    }

    /// What a typed line prints, as in `fs_cli`. `session` is whoever typed it: all but the harmless lines may come to run
    /// programs on the switch's machine, and need a right of their own.
    ///
    /// # Errors
    /// [`Error::OutOfScope`], [`Error::BadRequest`] for what is no line, [`Error::Switch`] where it was not answered. That
    /// FreeSWITCH refuses it is an answer.
    pub async fn fs_cli(&self, by: &By, session: &Session, switch: &str, line: &str) -> Result<Printed> {
        let line = line.trim();
        let line = line.strip_prefix("api ").unwrap_or(line);
        let command = Command::typed(line).map_err(|error| bad(&error))?;
        if !is_harmless(line) && !session.allows(SYSTEM) {
            return Err(Error::OutOfScope { needed: needed(line) });
        }
        let driven = self.switch(switch)?;
        self.0.history.add(&by.actor, line);
        // What stands behind the command may be a password.
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        let (pbx, by, noted) = (self.clone(), by.clone(), format!("fs_cli: {}", words.join(" ")));
        let reply = to_its_end(async move {
            let reply = driven.supervisor.commands().reply(&command).await;
            pbx.note_command(&by, &driven.key, &noted, reply.as_ref().err()).await;
            reply
        });
        let mut text = match reply.await {
            Ok(text) => text,
            Err(CommandError::Refused { reply, .. }) => reply,
            Err(error) => return Err(Error::Switch(error)),
        };
        let cut = text.len() > LONGEST_OUTPUT;
        if cut {
            let end = (0..=LONGEST_OUTPUT).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or_default());
        }
        Ok(Printed { text, cut })
    }

    /// What somebody typed, the newest last.
    pub fn cli_history(&self, login: &str) -> Vec<String> {
        self.0.history.of(login)
    }

    async fn note_command(&self, by: &By, switch: &str, line: &str, error: Option<&CommandError>) {
        let detail = match error {
            None => line.to_owned(),
            Some(error) => format!("{line}: {}", outcome(error)),
        };
        tracing::info!(switch, actor = by.actor, command = line, error = error.map(outcome), "a command");
        let Ok(store) = self.store() else { return };
        let act = Act { action: "switch.command", target: switch, detail: &detail };
        if let Err(error) = store.note(&by.author(self.now()), act).await {
            tracing::warn!(error = chain(&error), "a command was not written down");
        }
    }
}

fn outcome(error: &CommandError) -> &'static str {
    match error {
        CommandError::NotSent { .. } => "not sent",
        CommandError::Refused { .. } => "refused",
        CommandError::Unknown { .. } => "outcome unknown",
    }
}

/// What a line needs that is none of the harmless ones, and which those are.
fn needed(line: &str) -> String {
    let word: String = line.split_whitespace().next().unwrap_or_default().chars().take(40).collect();
    let harmless: Vec<&str> = HARMLESS.iter().map(|harmless| harmless.words).collect();
    format!(
        "{SYSTEM} (for {word:?} as it stands there; without it go, with plain words behind them: {})",
        harmless.join(", ")
    )
}

fn bad(error: &BadCommand) -> Error {
    Error::BadRequest(error.to_string())
}

impl History {
    fn add(&self, login: &str, line: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_PEOPLE && !all.contains_key(login) {
            return;
        }
        let lines = all.entry(login.to_owned()).or_default();
        lines.retain(|known| known != line);
        lines.push_back(line.to_owned());
        if lines.len() > HISTORY {
            lines.pop_front();
        }
    }

    fn of(&self, login: &str) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(login).map(|lines| lines.iter().cloned().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_said_with_what_goes() {
        let needed = needed("expand echo x");
        assert!(needed.starts_with("system:write (for \"expand\""), "{needed}");
        assert!(needed.contains("status, version,") && needed.contains("sofia status"), "{needed}");
    }

    #[test]
    fn history_is_bounded_and_everybody_s_own() {
        let history = History::default();
        for number in 0..HISTORY + 5 {
            history.add("a", &number.to_string());
        }
        history.add("a", "204");
        let lines = history.of("a");
        assert_eq!(
            (lines.len(), lines.last().map(String::as_str), lines[0].as_str()),
            (HISTORY, Some("204"), "5")
        );
        assert!(history.of("b").is_empty());
    }
}
