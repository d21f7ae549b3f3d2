//! All that differs between SQLite and PostgreSQL: how to connect, how values go in and rows come out, writing many
//! rows at once, the meaning of error codes, and hearing of others' commits. Everything outside of this module is
//! the same SQL for both.

mod bulk;
mod errors;
mod postgres;
mod sqlite;
mod transaction;
mod value;
mod watch;

use std::fmt;
use std::path::PathBuf;

use sqlx::{PgPool, Row as _};

pub(crate) use bulk::{BATCH, Column, Table};
pub(crate) use errors::is_taken;
pub(crate) use transaction::{Tx, composed};
pub(crate) use value::{Row, Value};
pub(crate) use watch::Signal;

use crate::error::{Error, Operation, Result};

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Engine {
    /// A file, which is made when it is not there. Its directory must exist.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A server, version 15 or newer, with an existing database. TLS is used where the server has it; libpq's
    /// `PGSSLMODE` and `PGSSLROOTCERT` in the environment ask for more.
    Postgres {
        /// A name, an address, or the directory of a Unix socket.
        host: String,
        /// The TCP port, also part of a Unix socket's name.
        port: u16,
        /// Who logs in.
        user: String,
        /// The password; may be empty.
        pass: String,
        /// The database.
        name: String,
    },
}

impl fmt::Debug for Engine {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "Sqlite({})", path.display()),
            Self::Postgres { host, port, user, name, .. } => {
                write!(f, "Postgres({user}@{host}:{port}/{name})")
            }
        }
    }
}

/// Open pools of connections.
pub(crate) enum Database {
    Sqlite(Box<sqlite::Pools>),
    Postgres(PgPool),
}

impl Database {
    pub(crate) async fn connect(engine: &Engine) -> Result<Self> {
        let operation = Operation(format!("open the database {engine:?}"));
        match engine {
            Engine::Sqlite { path } => {
                sqlite::connect(path, &operation).await.map(|pools| Self::Sqlite(Box::new(pools)))
            }
            Engine::Postgres { host, port, user, pass, name } => {
                let options = postgres::options(host, *port, user, pass, name);
                postgres::connect(options, &operation).await.map(Self::Postgres)
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => pools.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The migrations for this engine, oldest first; the place in the list is the version.
    pub(crate) fn migrations(&self) -> &'static [&'static str] {
        match self {
            Self::Sqlite(_) => &[
                include_str!("../../migrations/sqlite/0001_first.sql"),
                include_str!("../../migrations/sqlite/0002_switches.sql"),
                include_str!("../../migrations/sqlite/0003_switch_runs.sql"),
            ],
            Self::Postgres(_) => &[
                include_str!("../../migrations/postgres/0001_first.sql"),
                include_str!("../../migrations/postgres/0002_switches.sql"),
                include_str!("../../migrations/postgres/0003_switch_runs.sql"),
            ],
        }
    }

    /// Begins a transaction that sees one state of the database, however many queries it makes.
    pub(crate) async fn read(&self, operation: Operation) -> Result<Tx> {
        match self {
            Self::Sqlite(pools) => Tx::sqlite(&pools.readers, "BEGIN", operation).await,
            Self::Postgres(pool) => {
                Tx::postgres(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", operation).await
            }
        }
    }

    /// Begins a transaction that writes. On SQLite it is the only one.
    pub(crate) async fn write(&self, operation: Operation) -> Result<Tx> {
        match self {
            Self::Sqlite(pools) => Tx::sqlite(&pools.writer, "BEGIN IMMEDIATE", operation).await,
            Self::Postgres(pool) => Tx::postgres(pool, "BEGIN", operation).await,
        }
    }

    /// The identity that a new connection reads: those that are open keep SQLite's file, wherever it went.
    pub(crate) async fn identity_now(&self, operation: Operation) -> Result<String> {
        let found = match self {
            Self::Sqlite(pools) => pools.read_once(crate::schema::IDENTITY).await,
            Self::Postgres(pool) => sqlx::query_scalar(crate::schema::IDENTITY).fetch_one(pool).await,
        };
        found.map_err(|source| errors::classify(operation, source))
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<()> {
        let operation = || Operation("ask the database for a sign of life".into());
        let answer = match self {
            Self::Sqlite(pools) => sqlx::query("SELECT 1").execute(&pools.readers).await.map(drop),
            Self::Postgres(pool) => sqlx::query("SELECT 1").execute(pool).await.map(drop),
        };
        answer.map_err(|source| errors::classify(operation(), source))
    }
}

/// The major version that the SQL here is written for.
const OLDEST_POSTGRES: u32 = 15;

async fn check_postgres_version(pool: &PgPool, operation: &Operation) -> Result<()> {
    let failed = |source| errors::classify(operation.clone(), source);
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::bigint, current_setting('server_version')",
    )
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    let number: i64 = row.try_get(0).map_err(failed)?;
    if number < i64::from(OLDEST_POSTGRES) * 10_000 {
        let found = row.try_get(1).map_err(failed)?;
        return Err(Error::ServerTooOld { found, needed: OLDEST_POSTGRES });
    }
    Ok(())
}
