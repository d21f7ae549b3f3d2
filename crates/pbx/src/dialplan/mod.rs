//! How the dialplan of an instance is served, evaluated and looked at.
//!
//! A context is answered whole, for FreeSWITCH to hunt in ([`Mode::Whole`]), or with the actions that the hunt comes to
//! ([`Mode::Evaluated`]). [`compiled`](self) contexts follow the snapshot; a question whose context is not compiled as it
//! is served, or that cannot be decided here, gets the whole context in every mode.

mod answer;
mod check;
mod compiled;
mod debug;
mod expected;
mod listen;
pub mod report;
mod simulate;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use custompbx_store::InstanceId;

pub(crate) use check::Touched;
pub use check::{Checked, Remark, check_stored};
pub(crate) use compiled::Dialplans;
pub use compiled::{Dialplan, set_while_it_runs};
pub(crate) use expected::Expected;
pub use expected::{Agreement, Executed};
pub use simulate::{BadSimulation, Wanted};

use crate::error::{Error, Result};
use crate::{By, Pbx};

/// The setting of an instance; of one context behind a point.
const MODE: &str = "dialplan.mode";
/// The setting as older versions wrote it: whether contexts are served whole.
const NO_PROCEED: &str = "dialplan.no_proceed";
/// How many contexts may have a mode of their own.
const MOST_CONTEXTS: usize = 10_000;

/// How a question for a context is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// With the whole context.
    #[default]
    Whole,
    /// With the actions that apply.
    Evaluated,
    /// With the whole context; what the switch then executes is compared with what it would have been told to.
    Checked,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Whole, Self::Evaluated, Self::Checked];

    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Evaluated => "evaluated",
            Self::Checked => "checked",
        }
    }

    /// The mode of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// The mode of each context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    /// Where nothing else is said.
    pub usual: Mode,
    /// Of some contexts, by their names in lower case.
    pub contexts: BTreeMap<String, Mode>,
}

impl Modes {
    fn read(stored: &BTreeMap<String, String>) -> Self {
        let old = match stored.get(NO_PROCEED).map(String::as_str) {
            Some("false") => Mode::Evaluated,
            _ => Mode::Whole,
        };
        let usual = stored.get(MODE).and_then(|name| Mode::named(name)).unwrap_or(old);
        let contexts = stored.iter().filter_map(|(name, mode)| {
            let context = name.strip_prefix(MODE)?.strip_prefix('.')?;
            Some((context.to_owned(), Mode::named(mode)?))
        });
        Self { usual, contexts: contexts.collect() }
    }

    /// That of a context; names have no case.
    pub fn of(&self, context: &str) -> Mode {
        self.contexts.get(&context.to_lowercase()).copied().unwrap_or(self.usual)
    }

    /// As the documented API has it: whether contexts are served whole where nothing else is said.
    pub fn no_proceed(&self) -> bool {
        self.usual != Mode::Evaluated
    }

    /// Whether any context is served in this mode.
    pub(crate) fn has(&self, mode: Mode) -> bool {
        self.usual == mode || self.contexts.values().any(|one| *one == mode)
    }

    /// Whether any context has to be evaluated.
    fn any(&self) -> bool {
        self.usual != Mode::Whole || self.contexts.values().any(|mode| *mode != Mode::Whole)
    }
}

/// What can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialplanSettings {
    /// How contexts are served.
    pub modes: Modes,
    /// Whether evaluations are told to those who listen; it counts for all instances, until the program ends.
    pub debug: bool,
}

/// What is to be otherwise; `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialplanChange {
    /// Where nothing else is said.
    pub usual: Option<Mode>,
    /// Of contexts; `None` takes the mode of its own away.
    pub contexts: BTreeMap<String, Option<Mode>>,
}

/// What is forgotten with the program.
#[derive(Debug, Default)]
pub(crate) struct Debug(AtomicBool);

impl Pbx {
    /// The settings of an instance.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dialplan_settings(&self, instance: InstanceId) -> Result<DialplanSettings> {
        let stored = self.store()?.instance_settings(instance).await?;
        Ok(DialplanSettings { modes: Modes::read(&stored), debug: self.is_debugging() })
    }

    /// Changes how contexts are served, at once.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a name that no context can have, and those of the database.
    pub async fn set_dialplan(&self, by: &By, instance: InstanceId, change: &DialplanChange) -> Result<()> {
        let store = self.store()?;
        let stored = store.instance_settings(instance).await?;
        let mut settings = BTreeMap::new();
        if let Some(mode) = change.usual {
            settings.insert(MODE.to_owned(), mode.as_str().to_owned());
            if stored.contains_key(NO_PROCEED) {
                settings.insert(NO_PROCEED.to_owned(), String::new());
            }
        }
        if Modes::read(&stored).contexts.len() + change.contexts.len() > MOST_CONTEXTS {
            return Err(Error::BadRequest(format!(
                "more than {MOST_CONTEXTS} contexts would have a mode of their own; change the usual one"
            )));
        }
        for (context, mode) in &change.contexts {
            if context.is_empty() || context.chars().count() > 200 || context.chars().any(char::is_control) {
                return Err(Error::BadRequest(format!("{context:?} is no name of a context")));
            }
            let mode = mode.map(Mode::as_str).unwrap_or_default();
            settings.insert(format!("{MODE}.{}", context.to_lowercase()), mode.to_owned());
        }
        if settings.is_empty() {
            return Ok(());
        }
        let author = by.author(self.now());
        store.set_instance_settings(instance, "dialplan_setting.save", &settings, &author).await?;
        self.read_dialplan_modes().await
    }

    /// [`Pbx::set_dialplan`] as the documented API has it: whole contexts, or evaluated ones.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_no_proceed(&self, by: &By, instance: InstanceId, no_proceed: bool) -> Result<()> {
        let mode = if no_proceed { Mode::Whole } else { Mode::Evaluated };
        let change = DialplanChange { usual: Some(mode), ..DialplanChange::default() };
        self.set_dialplan(by, instance, &change).await
    }

    /// Whether evaluations are told.
    pub fn is_debugging(&self) -> bool {
        self.0.debug.0.load(Ordering::Relaxed)
    }

    /// Whether evaluations are to be told.
    pub fn set_debugging(&self, debug: bool) {
        self.0.debug.0.store(debug, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_were_written() {
        let read = |stored: &[(&str, &str)]| {
            let stored = stored.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Modes::read(&stored.collect())
        };
        assert_eq!(read(&[]).usual, Mode::Whole);
        assert_eq!(read(&[("dialplan.no_proceed", "false")]).usual, Mode::Evaluated);
        assert_eq!(
            read(&[("dialplan.no_proceed", "true"), ("dialplan.mode", "checked")]).usual,
            Mode::Checked
        );
        let some = read(&[("dialplan.mode.public", "evaluated"), ("dialplan.mode.a.b", "x"), ("other", "y")]);
        assert_eq!((some.of("PUBLIC"), some.of("a.b"), some.any()), (Mode::Evaluated, Mode::Whole, true));
        assert!(!read(&[("dialplan.mode.public", "whole")]).any());
    }
}
