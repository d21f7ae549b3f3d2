//! Hearing that a revision was written, by whomever.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{Connection as _, PgPool, Row as _, SqliteConnection};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Database;
use crate::revision::RevisionId;

/// The channel of PostgreSQL's NOTIFY.
pub(super) const CHANNEL: &str = "custompbx_revision";

/// How soon a write of another process is seen in SQLite, which cannot tell.
const POLL: Duration = Duration::from_millis(250);
/// How long PostgreSQL may be silent before it is asked whether it is still there, and what was missed.
const SILENCE: Duration = Duration::from_secs(5);
const SHORTEST_BACKOFF: Duration = Duration::from_millis(250);
/// What others write has to be served within two seconds of the database's return.
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

const HEAD: &str = "SELECT coalesce(max(id), 0) FROM revision";

/// The newest revision that this process knows of.
pub(crate) struct Signal {
    head: watch::Sender<RevisionId>,
    listener: tokio::task::JoinHandle<()>,
}

impl Signal {
    /// Begins to listen; ends when it is dropped.
    pub(crate) fn start(database: &Database, head: RevisionId) -> Self {
        let (sender, _) = watch::channel(head);
        let listener = match database {
            Database::Sqlite(pools) => tokio::spawn(poll_sqlite(pools.options.clone(), sender.clone())),
            Database::Postgres(pool) => tokio::spawn(listen_postgres(pool.clone(), sender.clone())),
        };
        Self { head: sender, listener }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<RevisionId> {
        self.head.subscribe()
    }

    /// A revision of this process is not heard of by detour.
    pub(crate) fn committed(&self, revision: RevisionId) {
        advance(&self.head, revision);
    }

    pub(crate) fn stop(&self) {
        self.listener.abort();
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        self.stop();
    }
}

fn advance(head: &watch::Sender<RevisionId>, revision: RevisionId) {
    head.send_if_modified(|known| {
        let newer = revision > *known;
        if newer {
            *known = revision;
        }
        newer
    });
}

async fn poll_sqlite(options: sqlx::sqlite::SqliteConnectOptions, head: watch::Sender<RevisionId>) {
    let mut backoff = SHORTEST_BACKOFF;
    loop {
        let lost = match SqliteConnection::connect_with(&options).await {
            Ok(mut connection) => {
                backoff = SHORTEST_BACKOFF;
                poll_connection(&mut connection, &head).await
            }
            Err(error) => error,
        };
        tracing::warn!(error = %lost, "cannot look for revisions of other programs in SQLite; trying again");
        sleep(backoff).await;
        backoff = (backoff * 2).min(LONGEST_BACKOFF);
    }
}

/// Ends with an error only.
async fn poll_connection(connection: &mut SqliteConnection, head: &watch::Sender<RevisionId>) -> sqlx::Error {
    let mut seen = None;
    loop {
        // Differs from the last one of the same connection when another connection has committed.
        let version = match sqlx::query("PRAGMA data_version").fetch_one(&mut *connection).await {
            Ok(row) => row.try_get::<i64, _>(0).ok(),
            Err(error) => return error,
        };
        if version != seen {
            match sqlx::query(HEAD).fetch_one(&mut *connection).await.and_then(|row| row.try_get(0)) {
                Ok(revision) => advance(head, RevisionId(revision)),
                Err(error) => return error,
            }
            seen = version;
        }
        sleep(POLL).await;
    }
}

async fn listen_postgres(pool: PgPool, head: watch::Sender<RevisionId>) {
    let mut backoff = SHORTEST_BACKOFF;
    loop {
        let lost = match listen_connection(&pool, &head, &mut backoff).await {
            Ok(()) | Err(sqlx::Error::PoolClosed) => return,
            Err(error) => error,
        };
        tracing::warn!(error = %lost, "PostgreSQL does not tell about revisions any more; connecting again");
        sleep(backoff).await;
        backoff = (backoff * 2).min(LONGEST_BACKOFF);
    }
}

/// Ends well only when the pool is closed.
async fn listen_connection(
    pool: &PgPool,
    head: &watch::Sender<RevisionId>,
    backoff: &mut Duration,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A connection is made again here, so that what was missed is asked for afterwards.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    *backoff = SHORTEST_BACKOFF;
    ask_head(&mut listener, head).await?;
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => {
                if let Ok(revision) = notification.payload().parse() {
                    advance(head, RevisionId(revision));
                }
            }
            Ok(Ok(None)) => return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())),
            Ok(Err(error)) => return Err(error),
            // A connection can die without a word.
            Err(_) => match timeout(SILENCE, ask_head(&mut listener, head)).await {
                Ok(answered) => answered?,
                Err(_) => return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
            },
        }
    }
}

async fn ask_head(listener: &mut PgListener, head: &watch::Sender<RevisionId>) -> Result<(), sqlx::Error> {
    let row = sqlx::query(HEAD).fetch_one(&mut *listener).await?;
    advance(head, RevisionId(row.try_get(0)?));
    Ok(())
}
