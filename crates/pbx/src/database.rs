//! The way to the database, which may be gone for a while.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use custompbx_store::{Engine, Store};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::error::{Error, Result};

/// How long the database may take for a sign of life.
const PING_PATIENCE: Duration = Duration::from_millis(300);

/// A database that is connected, or is to be.
pub struct Database {
    engine: Engine,
    clock: Clock,
    store: ArcSwapOption<Store>,
}

/// Where a configuration says that the database is; a SQLite file is relative to the data directory.
pub fn engine(config: &Config, data_dir: &Path) -> Engine {
    let database = &config.database;
    match database.engine {
        config::Engine::Sqlite => Engine::Sqlite { path: data_dir.join(&database.path) },
        config::Engine::Postgres => Engine::Postgres {
            host: database.host.clone(),
            port: database.port,
            user: database.user.clone(),
            pass: database.pass.reveal().to_owned(),
            name: database.name.clone(),
        },
    }
}

impl Database {
    pub(crate) fn new(engine: Engine, clock: Clock) -> Self {
        Self { engine, clock, store: ArcSwapOption::empty() }
    }

    /// The open database.
    pub(crate) fn store(&self) -> Result<Store> {
        match &*self.store.load() {
            Some(store) => Ok((**store).clone()),
            None => Err(Error::DatabaseDown(None)),
        }
    }

    /// Opens it, if it is not open.
    pub(crate) async fn connect(&self) -> Result<Store> {
        if let Ok(store) = self.store() {
            return Ok(store);
        }
        let store = Store::open(&self.engine, self.clock.now()).await?;
        self.store.store(Some(Arc::new(store.clone())));
        Ok(store)
    }

    /// Lets go of a database that is not the right one any more; the next [`Database::connect`] opens it again. What is
    /// running on it comes to its end.
    pub(crate) async fn drop_store(&self) {
        self.close().await;
    }

    pub(crate) async fn close(&self) {
        if let Some(store) = self.store.swap(None) {
            store.close().await;
        }
    }
}

impl crate::Pbx {
    /// Whether the database answers, at once: whoever asks does not wait for it.
    pub async fn is_connected(&self) -> bool {
        match self.store() {
            Ok(store) => matches!(timeout(PING_PATIENCE, store.ping()).await, Ok(Ok(()))),
            Err(_) => false,
        }
    }
}
