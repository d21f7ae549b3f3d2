//! What a switch can be told to do: one list, [`COMMANDS`], from which the typed builder, the API's routes, their
//! documentation and the tests come.
//!
//! A command is a line of words with slots; what goes into a slot has a [`Shape`], and no shape takes a line break, a
//! `${` or anything else that would make more of a value than a value: an application in the place of a sound, variables
//! before an endpoint, the name of a variable that FreeSWITCH carries out. So nothing that comes from outside can add a
//! command to a command, and who may give these commands may not run programs by them.
//!
//! A line that somebody typed is none of these; [`is_harmless`] says which of them need no right of their own.

mod carriers;
mod declared;
mod places;
#[cfg(any(test, fuzzing))]
pub mod read_back;
mod reply;
mod shape;
#[cfg(test)]
mod tests;
mod typed;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

pub use declared::COMMANDS;
pub use places::Directories;
pub use reply::{is_too_soon, verdict};
pub use shape::{BadValue, Shape};
pub use typed::{HARMLESS, Harmless, is_harmless};

/// A kind of command.
#[derive(Debug)]
pub struct Declared {
    /// What it is called here, such as `sofia.rescan`.
    pub name: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Its words; `{name}` is a slot. Those after `[` are left out when the slot in them has no value.
    pub line: &'static str,
    /// Its slots, in the order of the line.
    pub slots: &'static [Slot],
    /// How long its reply is waited for.
    pub deadline: Duration,
    /// What it does to calls and registrations.
    pub disturbs: Disturbs,
    /// Whether doing it twice comes to the same as once; what is not is never sent again.
    pub repeatable: bool,
    /// What FreeSWITCH says instead of success where all is as if it had been done: what is to go is gone already.
    pub moot: &'static [&'static str],
    /// The commands that nobody wants any more, with the same values, once this is wanted.
    pub ends: &'static [&'static str],
}

/// A place for a value in a command.
#[derive(Debug)]
pub struct Slot {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub shape: Shape,
    /// Whether it may be left out.
    pub optional: bool,
}

/// What a command does to calls and registrations that it is not about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbs {
    /// Nothing.
    Nobody,
    /// The call, member or registration that it names.
    OneCall,
    /// Whatever goes through what it names.
    Many,
}

/// A command, ready to be sent: one line that means what it was made for.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    line: String,
    deadline: Duration,
    repeatable: bool,
}

/// Why there is no such command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCommand {
    /// No command is called so.
    #[error("there is no command {0:?}")]
    Unknown(String),
    /// A value is missing.
    #[error("{command} needs {slot}")]
    Missing {
        /// The command.
        command: &'static str,
        /// The slot.
        slot: &'static str,
    },
    /// A value that has no slot.
    #[error("{command} takes no {slot:?}")]
    Superfluous {
        /// The command.
        command: &'static str,
        /// What was given.
        slot: String,
    },
    /// A value that cannot stand there.
    #[error("{slot} of {command}{shown} {reason}")]
    Value {
        /// The command.
        command: &'static str,
        /// The slot.
        slot: &'static str,
        /// The value, as it is shown: texts are not, they may be passwords.
        shown: String,
        /// What it would have to be.
        reason: BadValue,
    },
    /// A line that cannot be sent as it is.
    #[error("a command is one line of at most {LONGEST_LINE} bytes, without control characters")]
    Line,
}

/// So many characters of a value are shown in an error.
const SHOWN: usize = 60;
/// The longest line that somebody may type, in bytes.
const LONGEST_LINE: usize = 8 * 1024;
/// How long the reply to a typed line is waited for.
const TYPED_DEADLINE: Duration = Duration::from_secs(30);
/// How long the reply to a question is waited for: 100,000 registrations take FreeSWITCH some seconds.
const QUERY_DEADLINE: Duration = Duration::from_secs(20);

impl Declared {
    /// The kind of command that is called so.
    pub fn find(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|declared| declared.name == name)
    }

    /// Whether a refusal only says that all is as if it had been done.
    pub fn is_moot(&self, reply: &str) -> bool {
        self.moot.iter().any(|words| reply.contains(words))
    }

    /// The loadable module that takes it; `None` for the core and for commands that any of several may take.
    pub fn module(&self) -> Option<&'static str> {
        const MODULES: [(&str, &str); 10] = [
            ("sofia.", "mod_sofia"),
            ("callcenter.", "mod_callcenter"),
            ("conference.", "mod_conference"),
            ("voicemail.", "mod_voicemail"),
            ("rtmp.", "mod_rtmp"),
            ("local_stream.", "mod_local_stream"),
            ("fifo.", "mod_fifo"),
            ("avmd.", "mod_avmd"),
            ("enum.", "mod_enum"),
            ("distributor.", "mod_distributor"),
        ];
        MODULES.iter().find(|(start, _)| self.name.starts_with(start)).map(|(_, module)| *module)
    }

    /// A command of this kind, where nothing is known of the switch's directories: no absolute path, no recording.
    ///
    /// # Errors
    /// What is wrong with the values.
    pub fn with(&'static self, values: &[(&str, &str)]) -> Result<Command, BadCommand> {
        self.below(&Directories::default(), values)
    }

    /// A command of this kind, with files below these directories.
    ///
    /// # Errors
    /// What is wrong with the values.
    pub fn below(
        &'static self,
        directories: &Directories,
        values: &[(&str, &str)],
    ) -> Result<Command, BadCommand> {
        let command = self.name;
        if let Some((slot, _)) =
            values.iter().find(|(name, _)| self.slots.iter().all(|slot| slot.name != *name))
        {
            return Err(BadCommand::Superfluous { command, slot: (*slot).to_owned() });
        }
        let value = |slot: &'static Slot| -> Result<Option<Cow<'_, str>>, BadCommand> {
            let given = values.iter().find(|(name, _)| *name == slot.name).map(|(_, value)| *value);
            match given.filter(|value| !(slot.optional && value.is_empty())) {
                Some(value) => {
                    let shaped = slot.shape.take(value, directories);
                    shaped.map(Some).map_err(|reason| {
                        let shown = if slot.shape.is_shown() { shown(value) } else { String::new() };
                        BadCommand::Value { command, slot: slot.name, shown, reason }
                    })
                }
                None if slot.optional => Ok(None),
                None => Err(BadCommand::Missing { command, slot: slot.name }),
            }
        };
        let mut line = String::new();
        let mut rest = self.line;
        for slot in self.slots {
            let place = format!("{{{}}}", slot.name);
            let at = rest.find(&place).unwrap_or(rest.len());
            let (before, after) = rest.split_at(at);
            // What is before an optional slot, up to its bracket, stands there in any case.
            let (always, with) = before.split_once('[').unwrap_or((before, ""));
            line.push_str(always);
            if let Some(value) = value(slot)? {
                line.push_str(with);
                line.push_str(&value);
            }
            rest = after.get(place.len()..).unwrap_or_default();
            rest = if slot.optional { rest.strip_prefix(']').unwrap_or(rest) } else { rest };
        }
        line.push_str(rest);
        Ok(Command { line, deadline: self.deadline, repeatable: self.repeatable })
    }
}

impl Command {
    /// The command that is called so, with these values.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(name: &str, values: &[(&str, &str)]) -> Result<Self, BadCommand> {
        Declared::find(name).ok_or_else(|| BadCommand::Unknown(name.to_owned()))?.with(values)
    }

    /// A line that somebody typed who may send anything, as in `fs_cli`.
    ///
    /// # Errors
    /// [`BadCommand::Line`].
    pub fn typed(line: &str) -> Result<Self, BadCommand> {
        let line = line.trim();
        if line.is_empty()
            || line.len() > LONGEST_LINE
            || line.contains(|c: char| c.is_control() && c != '\t')
        {
            return Err(BadCommand::Line);
        }
        Ok(Self { line: line.to_owned(), deadline: TYPED_DEADLINE, repeatable: false })
    }

    /// A question that is known here. It changes nothing, so that it can be asked again.
    pub(crate) fn query(line: &str) -> Result<Self, BadCommand> {
        Ok(Self { repeatable: true, deadline: QUERY_DEADLINE, ..Self::typed(line)? })
    }

    /// The line, as it is sent.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// How long its reply is waited for.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The same with another deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whether doing it twice comes to the same as once.
    pub fn is_repeatable(&self) -> bool {
        self.repeatable
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.line)
    }
}

/// A value in an error, shortened.
fn shown(value: &str) -> String {
    let start: String = value.chars().take(SHOWN).collect();
    let rest = if start.len() < value.len() { "..." } else { "" };
    format!(" is {:?}, but", format!("{start}{rest}"))
}
