//! How the dialplan of an instance is served.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use custompbx_store::InstanceId;

use crate::error::Result;
use crate::{By, Pbx};

/// The name of the setting: whether contexts are served as they are, for FreeSWITCH to evaluate.
const NO_PROCEED: &str = "dialplan.no_proceed";

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialplanSettings {
    /// Whether a question is answered with the whole context. That is always done so far; the wish for something else
    /// is kept.
    pub no_proceed: bool,
    /// Whether evaluations are told to those who listen; it counts for all instances, until the program ends.
    pub debug: bool,
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
        Ok(DialplanSettings {
            no_proceed: stored.get(NO_PROCEED).is_none_or(|value| value == "true"),
            debug: self.is_debugging(),
        })
    }

    /// Whether contexts are to be served as they are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_no_proceed(&self, by: &By, instance: InstanceId, no_proceed: bool) -> Result<()> {
        let settings = BTreeMap::from([(NO_PROCEED.to_owned(), no_proceed.to_string())]);
        let author = by.author(self.now());
        Ok(self.store()?.set_instance_settings(instance, "dialplan_setting.save", &settings, &author).await?)
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
