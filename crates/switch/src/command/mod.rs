//! What a switch can be told to do: one list, [`COMMANDS`], from which the typed builder, the API's routes, their
//! documentation and the tests come.
//!
//! A command is a line of words with slots; what goes into a slot has a [`Shape`], and no shape takes a line break, a
//! `${` or anything else that would make more of a value than a value. So nothing that comes from outside can add a
//! command to a command.

mod declared;
mod reply;
mod shape;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

pub use declared::COMMANDS;
pub use reply::{is_too_soon, verdict};
pub use shape::{BadValue, Shape};

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
    #[error("{slot} of {command}: {reason}")]
    Value {
        /// The command.
        command: &'static str,
        /// The slot.
        slot: &'static str,
        /// What it would have to be.
        reason: BadValue,
    },
    /// A line that cannot be sent as it is.
    #[error("a command is one line of at most {LONGEST_LINE} bytes, without control characters")]
    Line,
}

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

    /// A command of this kind.
    ///
    /// # Errors
    /// What is wrong with the values.
    pub fn with(&'static self, values: &[(&str, &str)]) -> Result<Command, BadCommand> {
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
                    let shaped = slot.shape.take(value);
                    shaped.map(Some).map_err(|reason| BadCommand::Value { command, slot: slot.name, reason })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(name: &str, values: &[(&str, &str)]) -> String {
        Command::of(name, values).unwrap().line().to_owned()
    }

    #[test]
    fn commands_are_declared_well() {
        for (at, declared) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[..at].iter().all(|other| other.name != declared.name), "{}", declared.name);
            let mut rest = declared.line;
            for slot in declared.slots {
                let place = format!("{{{}}}", slot.name);
                let (before, after) =
                    rest.split_once(&place).unwrap_or_else(|| panic!("{}: {place}", declared.name));
                assert_eq!(slot.optional, before.contains('['), "{}: {place}", declared.name);
                assert_eq!(slot.optional, after.starts_with(']'), "{}: {place}", declared.name);
                rest = after;
            }
            assert!(!rest.contains(['{', '[']), "{}", declared.name);
        }
    }

    #[test]
    fn lines_are_as_freeswitch_wants_them() {
        assert_eq!(line("reloadxml", &[]), "reloadxml");
        assert_eq!(line("sofia.rescan", &[("profile", "internal")]), "sofia profile internal rescan");
        assert_eq!(
            line("sofia.killgw", &[("profile", "external"), ("gateway", "gw.example")]),
            "sofia profile external killgw gw.example"
        );
        assert_eq!(
            line("xml_flush_cache", &[("user", "1000"), ("domain", "example.com")]),
            "xml_flush_cache id 1000 example.com"
        );
        let uuid = "7849d4dc-1ea1-4f76-a774-8ba20aa30424";
        assert_eq!(line("call.hangup", &[("uuid", uuid)]), format!("uuid_kill {uuid}"));
        let cause = [("uuid", uuid), ("cause", "USER_BUSY")];
        assert_eq!(line("call.hangup", &cause), format!("uuid_kill {uuid} USER_BUSY"));
        assert_eq!(
            line("global.set", &[("name", "lab_var"), ("value", "a=b c")]),
            "global_setvar lab_var=a=b c"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |name: &str, values: &[(&str, &str)]| Command::of(name, values).unwrap_err().to_string();
        assert_eq!(error("nothing", &[]), "there is no command \"nothing\"");
        assert_eq!(error("sofia.rescan", &[]), "sofia.rescan needs profile");
        assert_eq!(error("reloadxml", &[("x", "y")]), "reloadxml takes no \"x\"");
        assert!(error("sofia.rescan", &[("profile", "a b")]).starts_with("profile of sofia.rescan: "));
        assert_eq!(Command::typed("a\nb"), Err(BadCommand::Line));
        assert_eq!(Command::typed(" "), Err(BadCommand::Line));
    }

    /// The words are those of `switch_loadable_module.c`, `mod_commands.c` and `mod_sofia.c`.
    #[test]
    fn what_is_as_if_it_had_been_done() {
        let is_moot = |name: &str, reply: &str| Declared::find(name).unwrap().is_moot(reply);
        for (name, reply) in [
            ("module.load", "+OK Reloading XML\n-ERR [Module already loaded]\n"),
            ("module.unload", "-ERR [No such module!]\n"),
            (
                "module.reload",
                "+OK Reloading XML\n-ERR unloading module [No such module!]\n+OK module loaded\n",
            ),
            ("sofia.stop", "Invalid Profile [internal]"),
            ("sofia.killgw", "-ERR no such gateway.\n"),
            ("sofia.killgw", "Invalid Profile [internal]"),
        ] {
            assert!(verdict(reply).is_err() && is_moot(name, reply), "{name}: {reply}");
        }
        for (name, reply) in [
            ("module.load", "+OK Reloading XML\n-ERR [module load file routine returned an error]\n"),
            ("module.unload", "-ERR [Module in use.]\n"),
            ("module.reload", "+OK Reloading XML\n-ERR unloading module [Module in use.]\n"),
            (
                "module.reload",
                "-ERR unloading module [No such module!]\n-ERR loading module [module load routine returned an error]\n",
            ),
            ("sofia.restart", "Invalid Profile [internal]"),
            ("sofia.rescan", "Invalid Profile [internal]"),
            ("sofia.startgw", "Reload XML [Success]\n-ERR cannot add gateway g for profile internal\n"),
        ] {
            assert!(verdict(reply).is_err() && !is_moot(name, reply), "{name}: {reply}");
        }
    }

    proptest! {
        /// Whatever somebody puts into whatever slot, it is refused or stays a value.
        #[test]
        fn no_value_adds_a_command(which in 0..COMMANDS.len(), value in "\\PC{0,12}|[a-z ${}|;&\\r\\n\\t\"'`<>\\\\%]{0,20}") {
            let declared = &COMMANDS[which];
            let values: Vec<(&str, &str)> = declared.slots.iter().map(|slot| (slot.name, &*value)).collect();
            if let Ok(command) = declared.with(&values) {
                let line = command.line();
                prop_assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
                prop_assert!(!line.contains("${") && !line.contains('|') && !line.contains("api_on"), "{line:?}");
                let word = line.split_whitespace().next();
                prop_assert_eq!(word, declared.line.split(['{', '[', ' ']).next());
            }
        }
    }
}
