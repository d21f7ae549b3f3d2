//! Hearing that a revision was written, or that somebody lost a right, by whomever.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{Connection as _, PgPool, Row as _, SqliteConnection};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Database;
use crate::revision::RevisionId;

/// The channel of PostgreSQL's NOTIFY for revisions.
pub(super) const CHANNEL: &str = "custompbx_revision";
/// The one for changes of accounts.
pub(super) const ACCOUNTS: &str = "custompbx_account";

/// How soon a write of another process is seen in SQLite, which cannot tell.
const POLL: Duration = Duration::from_millis(250);
/// How long PostgreSQL may be silent before it is asked whether it is still there, and what was missed.
const SILENCE: Duration = Duration::from_secs(5);
const SHORTEST_BACKOFF: Duration = Duration::from_millis(250);
/// What others write has to be served within two seconds of the database's return.
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// The newest revision, and the newest change of an account.
const NEWEST: &str = "SELECT (SELECT coalesce(max(id), 0) FROM revision), \
                      (SELECT coalesce(max(last), 0) FROM counter WHERE name = 'account')";

/// The newest revision and the newest change of an account that this process knows of.
pub(crate) struct Signal {
    known: Known,
    listener: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Known {
    head: watch::Sender<RevisionId>,
    accounts: watch::Sender<i64>,
}

impl Known {
    fn advance(&self, (head, accounts): (i64, i64)) {
        advance(&self.head, RevisionId(head));
        advance(&self.accounts, accounts);
    }
}

impl Signal {
    /// Begins to listen; ends when it is dropped.
    pub(crate) fn start(database: &Database, head: RevisionId) -> Self {
        let known = Known { head: watch::channel(head).0, accounts: watch::channel(0).0 };
        let listener = match database {
            Database::Sqlite(pools) => tokio::spawn(poll_sqlite(pools.options.clone(), known.clone())),
            Database::Postgres(pool) => tokio::spawn(listen_postgres(pool.clone(), known.clone())),
        };
        Self { known, listener }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<RevisionId> {
        self.known.head.subscribe()
    }

    pub(crate) fn subscribe_accounts(&self) -> watch::Receiver<i64> {
        self.known.accounts.subscribe()
    }

    /// A revision of this process is not heard of by detour.
    pub(crate) fn committed(&self, revision: RevisionId) {
        advance(&self.known.head, revision);
    }

    /// Nor is a change of an account.
    pub(crate) fn accounts_changed(&self, change: i64) {
        advance(&self.known.accounts, change);
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

fn advance<T: PartialOrd>(newest: &watch::Sender<T>, value: T) {
    newest.send_if_modified(|known| {
        let newer = value > *known;
        if newer {
            *known = value;
        }
        newer
    });
}

async fn poll_sqlite(options: sqlx::sqlite::SqliteConnectOptions, known: Known) {
    let mut backoff = SHORTEST_BACKOFF;
    loop {
        let lost = match SqliteConnection::connect_with(&options).await {
            Ok(mut connection) => {
                backoff = SHORTEST_BACKOFF;
                poll_connection(&mut connection, &known).await
            }
            Err(error) => error,
        };
        tracing::warn!(error = %lost, "cannot look for revisions of other programs in SQLite; trying again");
        sleep(backoff).await;
        backoff = (backoff * 2).min(LONGEST_BACKOFF);
    }
}

/// Ends with an error only.
async fn poll_connection(connection: &mut SqliteConnection, known: &Known) -> sqlx::Error {
    let mut seen = None;
    loop {
        // Differs from the last one of the same connection when another connection has committed.
        let version = match sqlx::query("PRAGMA data_version").fetch_one(&mut *connection).await {
            Ok(row) => row.try_get::<i64, _>(0).ok(),
            Err(error) => return error,
        };
        if version != seen {
            match sqlx::query_as(NEWEST).fetch_one(&mut *connection).await {
                Ok(newest) => known.advance(newest),
                Err(error) => return error,
            }
            seen = version;
        }
        sleep(POLL).await;
    }
}

async fn listen_postgres(pool: PgPool, known: Known) {
    let mut backoff = SHORTEST_BACKOFF;
    loop {
        let lost = match listen_connection(&pool, &known, &mut backoff).await {
            Ok(()) | Err(sqlx::Error::PoolClosed) => return,
            Err(error) => error,
        };
        tracing::warn!(error = %lost, "PostgreSQL does not tell about revisions any more; connecting again");
        sleep(backoff).await;
        backoff = (backoff * 2).min(LONGEST_BACKOFF);
    }
}

/// Ends well only when the pool is closed.
async fn listen_connection(pool: &PgPool, known: &Known, backoff: &mut Duration) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A connection is made again here, so that what was missed is asked for afterwards.
    listener.eager_reconnect(false);
    listener.listen_all([CHANNEL, ACCOUNTS]).await?;
    *backoff = SHORTEST_BACKOFF;
    ask_newest(&mut listener, known).await?;
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => match (notification.channel(), notification.payload().parse()) {
                (ACCOUNTS, Ok(change)) => advance(&known.accounts, change),
                (_, Ok(revision)) => advance(&known.head, RevisionId(revision)),
                (_, Err(_)) => {}
            },
            Ok(Ok(None)) => return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())),
            Ok(Err(error)) => return Err(error),
            // A connection can die without a word.
            Err(_) => match timeout(SILENCE, ask_newest(&mut listener, known)).await {
                Ok(answered) => answered?,
                Err(_) => return Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
            },
        }
    }
}

async fn ask_newest(listener: &mut PgListener, known: &Known) -> Result<(), sqlx::Error> {
    known.advance(sqlx::query_as(NEWEST).fetch_one(&mut *listener).await?);
    Ok(())
}
