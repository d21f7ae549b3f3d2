//! Use cases: everything that can be done here, whoever asks and by whatever way.
//!
//! [`Pbx`] is the house. FreeSWITCH's questions are answered from the snapshot in it ([`Pbx::snapshot`]), without the
//! database; a change goes through [`Pbx::change`]: it is checked, written as one revision, put into the snapshot, and
//! only then answered.
//!
//! - [`config`] is `config.json`; [`settings`] is what it says to a running server;
//! - [`account`]: web users, sign-in, sessions;
//! - [`served`]: the snapshot, from the database, from disk, and after changes;
//! - [`dashboard`]: the machine;
//! - [`import`], [`export`]: FreeSWITCH's own files; [`paste`]: XML that somebody pasted;
//! - [`questions`]: what FreeSWITCH asks, and what is noticed about it;
//! - [`browse`]: reading the tree by ids;
//! - [`element`]: reading and changing it by natural keys;
//! - [`history`]: what revisions did, and the ways back;
//! - [`objects`]: the tree as the API knows it, read and changed;
//! - [`switches`]: the switches that are driven;
//! - [`feed`]: what happens, for those who show it;
//! - [`Pbx::edit`]: changing what was read, so that nobody's change is lost.

pub mod account;
mod blocking;
pub mod browse;
pub mod bulk;
mod change;
mod clock;
pub mod config;
pub mod dashboard;
mod database;
mod detached;
pub mod dialplan;
mod edit;
pub mod element;
mod error;
pub mod export;
pub mod feed;
pub mod history;
pub mod import;
pub mod instances;
pub mod objects;
pub mod paste;
pub mod questions;
pub mod search;
pub mod served;
pub mod settings;
pub mod switches;
pub mod templates;
mod web_settings;
pub mod websockets;

use std::path::PathBuf;
use std::sync::Arc;

pub use change::{Change, Changed};
pub use clock::Clock;
pub use database::{Database, engine};
pub use edit::{By, Edited, Plan};
pub use error::{Error, Result};

use account::Throttle;
use dashboard::Watched;
use feed::Feed;
use questions::Questions;
use served::Served;
use settings::Settings;

/// The use cases with what they need. Cheap to clone.
#[derive(Clone)]
pub struct Pbx(Arc<Inner>);

struct Inner {
    clock: Clock,
    database: Database,
    served: Served,
    questions: Questions,
    settings: Settings,
    watched: Watched,
    throttle: Throttle,
    debug: dialplan::Debug,
    dialplans: dialplan::Dialplans,
    expected: dialplan::Expected,
    feed: Feed,
    plain: search::Plain,
    jobs: bulk::Jobs,
    switches: switches::Switches,
    history: switches::command::History,
    /// Held by whoever reads the tree to change it.
    editing: tokio::sync::Mutex<()>,
}

/// What a [`Pbx`] is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the tree is kept.
    pub engine: custompbx_store::Engine,
    /// Where the snapshot is saved; the directory exists.
    pub data_dir: PathBuf,
    /// The configuration, and the file that it is saved in.
    pub configuration: config::Loaded,
    /// What sets the level of the log; without it a new one counts after a restart.
    pub log_level: Option<settings::LogLevel>,
    /// The time.
    pub clock: Clock,
}

impl Pbx {
    /// Opens the database and the snapshot. A database that is only out of reach is no error: the saved snapshot is
    /// served, and [`Pbx::keep_up`] goes on trying.
    ///
    /// # Errors
    /// A database that cannot be used at all: written by a newer program, damaged, a directory that is missing.
    pub async fn open(options: Options) -> Result<Self> {
        Self::open_after(options, None, Vec::new()).await
    }

    /// [`Pbx::open`] after this program has stored something: its revision, and the users that it brought.
    ///
    /// # Errors
    /// Those of [`Pbx::open`].
    pub async fn open_after(
        options: Options,
        revision: Option<custompbx_store::RevisionId>,
        users: Vec<custompbx_store::Subtree>,
    ) -> Result<Self> {
        let Options { engine, data_dir, configuration, log_level, clock } = options;
        let pbx = Self(Arc::new(Inner {
            database: Database::new(engine, clock.clone()),
            served: Served::new(&data_dir),
            questions: Questions::new(configuration.config.answers(), clock.clone()),
            settings: Settings::new(configuration, log_level),
            watched: Watched::new(&data_dir),
            throttle: Throttle::default(),
            debug: dialplan::Debug::default(),
            dialplans: dialplan::Dialplans::default(),
            expected: dialplan::Expected::default(),
            feed: Feed::default(),
            editing: tokio::sync::Mutex::default(),
            plain: search::Plain::default(),
            jobs: bulk::Jobs::default(),
            switches: switches::Switches::default(),
            history: switches::command::History::default(),
            clock,
        }));
        pbx.0.served.load_saved().await;
        match pbx.0.database.connect().await {
            Ok(store) => {
                pbx.refresh_from(&store, revision, users).await?;
                pbx.read_dialplan_modes().await?;
            }
            Err(error) if error.is_unavailable() => {
                tracing::warn!(
                    error = error.chain(),
                    "the database is not available; serving what was saved"
                );
            }
            Err(error) => return Err(error),
        }
        Ok(pbx)
    }

    /// The time, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// The database, for what needs no more than it.
    ///
    /// # Errors
    /// [`Error::DatabaseDown`].
    pub fn store(&self) -> Result<custompbx_store::Store> {
        self.0.database.store()
    }

    /// Saves the snapshot and closes the database.
    pub async fn close(&self) {
        self.0.served.save().await;
        self.0.database.close().await;
    }
}
