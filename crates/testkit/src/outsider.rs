//! Another program at a database: for what a test does to it that no store does.

use std::path::Path;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::postgres::Database;

/// A connection of one's own.
pub struct Outsider(Connection);

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Outsider {
    /// Opens a file that is there.
    pub async fn at_file(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path);
        let connection = SqliteConnection::connect_with(&options).await;
        Self(Connection::Sqlite(connection.expect("the file is there")))
    }

    /// Connects to a database of the tests' own server.
    pub async fn at_postgres(database: &Database) -> Self {
        let options = PgConnectOptions::new_without_pgpass()
            .host(&database.host)
            .port(database.port)
            .username(&database.user)
            .password(&database.pass)
            .database(&database.name);
        let connection = PgConnection::connect_with(&options).await;
        Self(Connection::Postgres(connection.expect("the database is there")))
    }

    /// Runs statements.
    pub async fn run(&mut self, sql: &'static str) {
        let done = match &mut self.0 {
            Connection::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
            Connection::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Ends the connection; what it began and did not commit is undone.
    pub async fn close(self) {
        let closed = match self.0 {
            Connection::Sqlite(connection) => connection.close().await,
            Connection::Postgres(connection) => connection.close().await,
        };
        closed.expect("a connection that works");
    }
}
