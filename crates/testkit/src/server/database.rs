//! The database of a server under test, which can be taken away.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::relay::{Pass, Relay};
use crate::outsider::Outsider;
use crate::postgres;
use tempfile::TempDir;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database of the tests' own server.
    Postgres,
}

pub(super) enum Home {
    Sqlite { dir: TempDir },
    Postgres { database: postgres::Database, relay: Relay },
}

impl Home {
    pub(super) async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite { dir: super::directory() },
            Engine::Postgres => {
                // The first call starts a server, which takes a second; other tests go on meanwhile.
                let made = tokio::task::spawn_blocking(postgres::database);
                let database = made.await.expect("a database");
                let relay =
                    Relay::start(SocketAddr::new(database.host.parse().expect("an address"), database.port));
                Self::Postgres { relay: relay.await, database }
            }
        }
    }

    pub(super) fn engine(&self) -> custompbx_store::Engine {
        match self {
            Self::Sqlite { dir } => custompbx_store::Engine::Sqlite { path: file(dir) },
            Self::Postgres { database, relay } => custompbx_store::Engine::Postgres {
                host: database.host.clone(),
                port: relay.address.port(),
                user: database.user.clone(),
                pass: database.pass.clone(),
                name: database.name.clone(),
            },
        }
    }

    pub(super) async fn take_away(&self) {
        match self {
            Self::Sqlite { dir } => {
                let file = file(dir);
                std::fs::rename(&file, away(dir)).expect("the database is a file");
                // A new one must not be made in its place.
                std::fs::create_dir(&file).expect("nothing is there any more");
            }
            Self::Postgres { relay, .. } => relay.cut().await,
        }
    }

    /// Nothing gets through to the database or back any more, and nobody is told.
    ///
    /// # Panics
    /// There is nothing between a server and its SQLite file.
    pub(super) fn stall(&self) {
        self.relay().let_pass(Pass::Nothing);
    }

    /// Everything gets through again, also what came meanwhile.
    pub(super) fn go_on(&self) {
        self.relay().let_pass(Pass::All);
    }

    /// Takes it away right behind the next commit: the server still hears that it was made.
    pub(super) fn take_away_behind_a_commit(&self) {
        self.relay().let_pass(Pass::UntilCommit);
    }

    fn relay(&self) -> &Relay {
        match self {
            Self::Sqlite { .. } => panic!("there is nothing between a server and its SQLite file"),
            Self::Postgres { relay, .. } => relay,
        }
    }

    /// Another program at the database, whatever becomes of the server's own way to it.
    pub(super) async fn outsider(&self) -> Outsider {
        match self {
            Self::Sqlite { dir } => Outsider::at_file(&file(dir)).await,
            Self::Postgres { database, .. } => Outsider::at_postgres(database).await,
        }
    }

    pub(super) async fn give_back(&self) {
        match self {
            Self::Sqlite { dir } => {
                let file = file(dir);
                std::fs::remove_dir(&file).expect("an empty directory");
                std::fs::rename(away(dir), &file).expect("the database is a file");
            }
            Self::Postgres { relay, .. } => relay.mend().await,
        }
    }
}

fn file(dir: &TempDir) -> PathBuf {
    dir.path().join("custompbx.db")
}

fn away(dir: &TempDir) -> PathBuf {
    dir.path().join("away.db")
}
