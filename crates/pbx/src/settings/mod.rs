//! The configuration of the running server: to be seen, changed and saved, and put into effect where that is possible
//! without a restart.
//!
//! - [`keys`](self): which keys take effect at once;
//! - `merge`: what somebody sent, put over what is saved;
//! - `limits`: what a running server takes beyond what the file may hold.

mod keys;
mod limits;
mod merge;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use custompbx_store::Act;
use serde_json::{Map, Value};

use crate::Pbx;
use crate::config::{self, Config, ConfigError, Loaded};
use crate::edit::By;
use crate::error::{Error, Result, chain};

pub use keys::{MASK, Shown, takes_effect_at_once};

/// Sets the level of the log of the running program, as `log.level` has it, or says why it is none.
#[derive(Clone)]
pub struct LogLevel(Arc<SetLevel>);

type SetLevel = dyn Fn(&str) -> std::result::Result<(), String> + Send + Sync;

impl LogLevel {
    /// What sets it.
    pub fn new(set: impl Fn(&str) -> std::result::Result<(), String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(set))
    }
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogLevel")
    }
}

/// The configuration of a running server.
pub(crate) struct Settings {
    path: PathBuf,
    from_environment: Vec<String>,
    log_level: Option<LogLevel>,
    /// What counts now.
    in_use: ArcSwap<Config>,
    /// What is saved, with the values of the environment over it: what counts after a restart.
    saved: ArcSwap<Config>,
    changing: tokio::sync::Mutex<()>,
}

/// The settings as they are saved, and how that differs from what counts now.
#[derive(Clone, Debug)]
pub struct Current {
    /// What counts after a restart.
    pub saved: Arc<Config>,
    /// Keys whose value comes from the environment, and cannot be changed here.
    pub from_environment: Vec<String>,
    /// Keys whose saved value counts only after a restart.
    pub pending: Vec<String>,
}

/// Settings that were saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The new state.
    pub current: Current,
    /// The changed keys that count already.
    pub effective_now: Vec<String>,
    /// The changed keys that count after a restart.
    pub needs_restart: Vec<String>,
    /// What was sent and is no key.
    pub ignored: Vec<String>,
}

impl Settings {
    pub(crate) fn new(loaded: Loaded, log_level: Option<LogLevel>) -> Self {
        let config = Arc::new(loaded.config);
        Self {
            path: loaded.path,
            from_environment: loaded.from_environment,
            log_level,
            in_use: ArcSwap::new(config.clone()),
            saved: ArcSwap::new(config),
            changing: tokio::sync::Mutex::default(),
        }
    }

    fn current(&self) -> Current {
        let saved = self.saved.load_full();
        let pending = keys::differences(&saved, &self.in_use.load());
        Current { saved, from_environment: self.from_environment.clone(), pending }
    }

    /// What the file holds. One that somebody took away is made again from what counts.
    async fn stored(&self) -> Result<Config> {
        let path = self.path.clone();
        let read = blocking(move || config::stored(&path)).await?;
        match read {
            Ok(Some(stored)) => Ok(stored),
            Ok(None) => Ok(keys::without(&self.saved.load(), &self.from_environment)),
            // Somebody broke it by hand; what is in it must not be lost.
            Err(error) => Err(Error::NotSaved(Box::new(error))),
        }
    }

    /// Puts the values that can count at once into effect.
    fn take_effect(&self, saved: &Arc<Config>) {
        let mut in_use = (**self.in_use.load()).clone();
        keys::take_over(&mut in_use, saved, self.log_level.is_some());
        self.in_use.store(Arc::new(in_use));
        self.saved.store(saved.clone());
    }

    fn set_log_level(&self, level: &str) -> Result<()> {
        let Some(LogLevel(set)) = &self.log_level else { return Ok(()) };
        set(level).map_err(|reason| Error::Field { key: "log.level".to_owned(), reason })
    }
}

impl Pbx {
    /// The configuration that counts now.
    pub fn config(&self) -> Arc<Config> {
        self.0.settings.in_use.load_full()
    }

    /// The settings as they are saved.
    pub fn settings(&self) -> Current {
        self.0.settings.current()
    }

    /// Saves settings: members of `payload` over what is in the file, whole or not at all. What it does not name stays;
    /// so does a secret whose value is [`MASK`].
    ///
    /// # Errors
    /// [`Error::Field`] with the key that is wrong, or that the environment sets; [`Error::NotSaved`].
    pub async fn change_settings(&self, by: &By, payload: &Map<String, Value>) -> Result<Saved> {
        let settings = &self.0.settings;
        let _changing = settings.changing.lock().await;
        let before = settings.saved.load_full();
        let stored = settings.stored().await?;
        let merged = merge::merge(&stored, &before, payload, &settings.from_environment)?;
        let effective = keys::with_environment(&merged.stored, &before, &settings.from_environment);
        limits::check(&effective, &merged.named)?;
        let changed = keys::differences(&effective, &before);
        let log_level = changed.iter().any(|key| key == "log.level");
        if log_level {
            settings.set_log_level(&effective.log.level)?;
        }
        let path = settings.path.clone();
        let saved = blocking(move || config::save(&path, &merged.stored)).await?;
        if let Err(error) = saved {
            if log_level {
                // It was the level until now.
                settings.set_log_level(&before.log.level)?;
            }
            return Err(Error::NotSaved(Box::new(error)));
        }
        settings.take_effect(&Arc::new(effective));
        self.0.questions.set(self.config().answers());
        let at_once =
            |key: &String| takes_effect_at_once(key) && (key != "log.level" || settings.log_level.is_some());
        let (effective_now, needs_restart) = changed.into_iter().partition(at_once);
        let saved =
            Saved { current: settings.current(), effective_now, needs_restart, ignored: merged.ignored };
        self.note_settings(by, &saved).await;
        tracing::info!(
            actor = by.actor,
            effective_now = saved.effective_now.join(" "),
            needs_restart = saved.needs_restart.join(" "),
            "settings were saved"
        );
        Ok(saved)
    }
}

impl Pbx {
    /// What is saved is saved, whether it can be written down or not.
    async fn note_settings(&self, by: &By, saved: &Saved) {
        let changed = [&*saved.effective_now, &*saved.needs_restart].concat().join(" ");
        if changed.is_empty() {
            return;
        }
        let Ok(store) = self.store() else { return };
        let act = Act { action: "settings.save", target: "config.json", detail: &changed };
        if let Err(error) = store.note(&by.author(self.now()), act).await {
            tracing::warn!(error = chain(&error), "a change of the settings was not written down");
        }
    }
}

/// Reading and writing a small file, away from what must not wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, ConfigError> + Send + 'static,
) -> Result<std::result::Result<T, ConfigError>> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::File {
        operation: "work on the configuration".to_owned(),
        source: std::io::Error::other(chain(&error)),
    })
}
