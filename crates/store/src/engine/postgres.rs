//! PostgreSQL: one pool for everything.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgConnection, PgPool};

use super::errors::classify;
use crate::error::{Operation, Result};

const CONNECTIONS: u32 = 8;
/// How long anybody waits for a connection, and with it for a server that is away.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn options(host: &str, port: u16, user: &str, pass: &str, name: &str) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .host(host)
        .port(port)
        .username(user)
        .database(name)
        .application_name("custompbx")
        // A node that vanishes in the middle of an edit must not keep the others from editing for hours.
        .options([
            ("idle_in_transaction_session_timeout", "60s"),
            ("lock_timeout", "60s"),
            ("tcp_keepalives_idle", "30"),
            ("tcp_keepalives_interval", "10"),
            ("tcp_keepalives_count", "3"),
        ])
        .disable_statement_logging();
    if pass.is_empty() { options } else { options.password(pass) }
}

pub(super) async fn connect(options: PgConnectOptions, operation: &Operation) -> Result<PgPool> {
    // A pool would go on trying, and then say only that it took too long.
    let first: Result<PgConnection> = match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(connected) => connected.map_err(|source| classify(operation.clone(), source)),
        Err(_) => Err(classify(operation.clone(), sqlx::Error::PoolTimedOut)),
    };
    sqlx::Connection::close(first?).await.map_err(|source| classify(operation.clone(), source))?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options);
    super::check_postgres_version(&pool, operation).await?;
    Ok(pool)
}
