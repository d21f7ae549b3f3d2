//! SQLite: one connection that writes, a few that read.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqlitePool};

use super::errors::{self, classify};
use crate::error::{self, Operation};

pub(crate) struct Pools {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) options: SqliteConnectOptions,
}

/// Readers work beside each other and beside the writer; each is a thread with a page cache of its own.
const READERS: u32 = 4;
/// How long a write waits for a long one of this process, an import.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn connect(path: &Path, operation: &Operation) -> error::Result<Pools> {
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
        // Rows come from SQLite's own thread; few at a time, waking each other costs more than reading.
        .row_buffer_size(1_024)
        // The statements are written here and say nothing that the error does not.
        .disable_statement_logging();
    make_wal(&options).await.map_err(|source| classify(operation.clone(), source))?;
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        // SQLite ends a transaction by itself after some errors (a full disk, input and output); the driver does
        // not notice, and could not begin another on the same connection.
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

/// Opens the file once, which makes it one with a write-ahead log. SQLite does not wait for others who do the same to a
/// new file, it gives up at once.
async fn make_wal(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let mut tries = 0;
    loop {
        match options.connect().await {
            Ok(connection) => return connection.close().await,
            Err(sqlx::Error::Database(error)) if tries < 100 && errors::is_busy(&*error) => tries += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
    /// The only text of a query, read on a connection of its own.
    pub(super) async fn read_once(&self, sql: &'static str) -> Result<String, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        let found = sqlx::query_scalar(sql).fetch_one(&mut connection).await;
        connection.close().await?;
        found
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use custompbx_model::{At, Edit, Node};

    use crate::engine::Database;
    use crate::{Author, Engine, Error, Store};

    /// Lets the file grow by a few pages only, or without end.
    async fn limit(store: &Store, pages: Option<i64>) {
        let Database::Sqlite(pools) = &store.0.database else { return };
        let mut connection = pools.writer.acquire().await.unwrap();
        let used: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await.unwrap();
        let most = pages.map_or(4_294_967_294, |pages| used + pages);
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {most}"));
        sqlx::query(sql).execute(&mut *connection).await.unwrap();
    }

    /// The next edit works again on the same store.
    #[tokio::test]
    async fn a_full_disk_leaves_nothing_and_breaks_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Engine::Sqlite { path: dir.path().join("db") }, 0).await.unwrap();
        let instance = store.instances().await.unwrap()[0].id;
        let before = store.tree(instance).await.unwrap();
        let author = Author { actor: "a".into(), origin: "test".into(), at_ms: 0 };
        let edits = || {
            let nodes = (0..50_000).map(|name| Node::new("p").with("name", name.to_string())).collect();
            vec![Edit::Insert { parent: before.id, at: At::Last, nodes }]
        };
        for _ in 0..3 {
            limit(&store, Some(20)).await;
            let error = store.apply(instance, &author, "too much", edits()).await.unwrap_err();
            assert!(matches!(error, Error::Full { .. }), "{error:?}");
            assert_eq!(store.tree(instance).await.unwrap(), before);
        }
        limit(&store, None).await;
        let applied = store.apply(instance, &author, "enough room", edits()).await.unwrap();
        assert_eq!(applied.inserted.len(), 50_000);
        assert_eq!(store.tree(instance).await.unwrap().children.len(), 50_000);
        store.close().await;
    }
}
