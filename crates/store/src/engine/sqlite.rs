//! SQLite: one connection that writes, a few that read.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqlitePool};

use super::errors::classify;
use crate::error::{Operation, Result};

pub(crate) struct Pools {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) options: SqliteConnectOptions,
}

/// Readers work beside each other and beside the writer; each is a thread with a page cache of its own.
const READERS: u32 = 4;
/// How long a write waits for a long one of this process, an import.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn connect(path: &Path, operation: &Operation) -> Result<Pools> {
    create(path).map_err(|error| classify(operation.clone(), sqlx::Error::Io(error)))?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL would do for a killed process, whose log is in the system's memory already. FULL also keeps every
        // answered write when the power fails, for one flush per edit, and edits are rare.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // The log of a large import is cut again at the next checkpoint.
        .pragma("journal_size_limit", "67108864")
        .pragma("temp_store", "memory")
        // The statements are written here and say nothing that the error does not.
        .disable_statement_logging();
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        // SQLite ends a transaction by itself when the disk is full; the driver does not notice, and could not
        // begin another on the same connection.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(options.clone().pragma("cache_size", "-16000"))
        .await
        .map_err(|source| classify(operation.clone(), source))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .connect_lazy_with(options.clone().pragma("query_only", "on"));
    Ok(Pools { writer, readers, options })
}

/// The file holds passwords: only the owner may read it. SQLite gives its companions the same rights.
fn create(path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path).map(drop)
}

impl Pools {
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
