//! One transaction on either engine. Dropped without [`Tx::commit`], it leaves nothing.

use futures_util::TryStreamExt as _;
use sqlx::sqlite::SqliteTransaction;
use sqlx::{AssertSqlSafe, PgPool, PgTransaction, SqlSafeStr, SqlitePool};

use super::errors::classify;
use super::value::{postgres_arguments, sqlite_arguments};
use super::{Row, Value};
use crate::error::{Error, Operation, Result};

pub(crate) struct Tx {
    pub(super) on: On,
    operation: Operation,
}

pub(super) enum On {
    Sqlite(SqliteTransaction<'static>),
    Postgres(PgTransaction<'static>),
}

impl Tx {
    pub(super) async fn sqlite(pool: &SqlitePool, begin: &'static str, operation: Operation) -> Result<Self> {
        match pool.begin_with(begin).await {
            Ok(transaction) => Ok(Self { on: On::Sqlite(transaction), operation }),
            // The connections are in this process: they are not away, they work.
            Err(source @ sqlx::Error::PoolTimedOut) => Err(Error::Busy { operation, source }),
            Err(source) => Err(classify(operation, source)),
        }
    }

    pub(super) async fn postgres(pool: &PgPool, begin: &'static str, operation: Operation) -> Result<Self> {
        match pool.begin_with(begin).await {
            Ok(transaction) => Ok(Self { on: On::Postgres(transaction), operation }),
            Err(source) => Err(classify(operation, source)),
        }
    }

    /// What this transaction is for, to name it in an error.
    pub(crate) fn operation(&self) -> Operation {
        self.operation.clone()
    }

    pub(super) fn failed(&self) -> impl Fn(sqlx::Error) -> Error + use<> {
        let operation = self.operation.clone();
        move |source| classify(operation.clone(), source)
    }

    /// Appended to a SELECT, locks its rows. SQLite has one writer, and needs no locks.
    pub(crate) fn for_update(&self) -> &'static str {
        match self.on {
            On::Sqlite(_) => "",
            On::Postgres(_) => " FOR UPDATE",
        }
    }

    /// The condition that a column is one of a placeholder's [`Value::Ids`] or [`Value::Texts`].
    pub(crate) fn among(&self, column: &str, placeholder: &str) -> String {
        match self.on {
            On::Sqlite(_) => format!("{column} IN (SELECT value FROM json_each({placeholder}))"),
            On::Postgres(_) => format!("{column} = ANY ({placeholder})"),
        }
    }

    /// Runs statements without placeholders, as a migration has them.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<()> {
        let failed = self.failed();
        match &mut self.on {
            On::Sqlite(transaction) => sqlx::raw_sql(sql).execute(&mut **transaction).await.map(drop),
            On::Postgres(transaction) => sqlx::raw_sql(sql).execute(&mut **transaction).await.map(drop),
        }
        .map_err(failed)
    }

    /// How many rows the statement wrote.
    pub(crate) async fn execute(&mut self, sql: impl SqlSafeStr, values: &[Value<'_>]) -> Result<u64> {
        let failed = self.failed();
        match &mut self.on {
            On::Sqlite(transaction) => {
                let arguments = sqlite_arguments(values).map_err(&failed)?;
                let done = sqlx::query_with(sql, arguments).execute(&mut **transaction).await;
                done.map(|done| done.rows_affected())
            }
            On::Postgres(transaction) => {
                let arguments = postgres_arguments(values).map_err(&failed)?;
                let done = sqlx::query_with(sql, arguments).execute(&mut **transaction).await;
                done.map(|done| done.rows_affected())
            }
        }
        .map_err(failed)
    }

    /// Calls `each` for every row, as they come.
    pub(crate) async fn each(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
        mut each: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let failed = self.failed();
        let operation = self.operation();
        let named = |error| error_during(&operation, error);
        match &mut self.on {
            On::Sqlite(transaction) => {
                let arguments = sqlite_arguments(values).map_err(&failed)?;
                let mut rows = sqlx::query_with(sql, arguments).fetch(&mut **transaction);
                while let Some(row) = rows.try_next().await.map_err(&failed)? {
                    each(Row::Sqlite(row)).map_err(&named)?;
                }
            }
            On::Postgres(transaction) => {
                let arguments = postgres_arguments(values).map_err(&failed)?;
                let mut rows = sqlx::query_with(sql, arguments).fetch(&mut **transaction);
                while let Some(row) = rows.try_next().await.map_err(&failed)? {
                    each(Row::Postgres(row)).map_err(&named)?;
                }
            }
        }
        Ok(())
    }

    /// All rows, each made into something.
    pub(crate) async fn rows<T>(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.each(sql, values, |row| {
            all.push(read(&row)?);
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// The first row, if there is one.
    pub(crate) async fn row(&mut self, sql: impl SqlSafeStr, values: &[Value<'_>]) -> Result<Option<Row>> {
        let mut first = None;
        self.each(sql, values, |row| {
            first.get_or_insert(row);
            Ok(())
        })
        .await?;
        Ok(first)
    }

    /// The first column of the only row of a query that always has one.
    pub(crate) async fn number(&mut self, sql: impl SqlSafeStr, values: &[Value<'_>]) -> Result<i64> {
        match self.row(sql, values).await? {
            Some(row) => row.int(0),
            None => Err(classify(self.operation(), sqlx::Error::RowNotFound)),
        }
    }

    /// Takes the next `count` ids of a kind; the first of them. Others who want ids wait until this transaction
    /// ends, so that ids become visible in their order.
    pub(crate) async fn next_ids(&mut self, counter: &'static str, count: usize) -> Result<i64> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let sql = "UPDATE counter SET last = last + $2 WHERE name = $1 RETURNING last";
        let last = self.number(sql, &[counter.into(), count.into()]).await?;
        Ok(last - count + 1)
    }

    /// Whether there is a table of this name.
    pub(crate) async fn has_table(&mut self, name: &str) -> Result<bool> {
        let sql = match self.on {
            On::Sqlite(_) => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
            On::Postgres(_) => "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
        };
        Ok(self.row(sql, &[name.into()]).await?.is_some())
    }

    /// Lets two programs that open the same empty database wait for each other. SQLite's writers do that anyway.
    pub(crate) async fn lock_schema(&mut self) -> Result<()> {
        if let On::Postgres(_) = self.on {
            // Any number will do; this one spells "custompb".
            self.execute("SELECT pg_advisory_xact_lock(7166761325952856162)", &[]).await?;
        }
        Ok(())
    }

    /// Lets PostgreSQL look at the nodes again after many were written. Until it does so by itself a minute later, it
    /// plans for the table as it was, and reads all of it for a few rows.
    pub(crate) async fn look_at_nodes(&mut self) -> Result<()> {
        if let On::Postgres(_) = self.on {
            self.execute("ANALYZE node", &[]).await?;
        }
        Ok(())
    }

    /// Makes it last, and tells other nodes that there is a revision more.
    pub(crate) async fn commit_revision(mut self, revision: i64) -> Result<()> {
        if let On::Postgres(_) = self.on {
            let payload = Value::from(revision.to_string());
            self.execute("SELECT pg_notify($1, $2)", &[super::watch::CHANNEL.into(), payload]).await?;
        }
        self.commit().await
    }

    /// Makes it last, and tells other nodes that somebody may have lost a right.
    pub(crate) async fn commit_account(mut self, change: i64) -> Result<()> {
        if let On::Postgres(_) = self.on {
            let payload = Value::from(change.to_string());
            self.execute("SELECT pg_notify($1, $2)", &[super::watch::ACCOUNTS.into(), payload]).await?;
        }
        self.commit().await
    }

    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<()> {
        let failed = self.failed();
        match self.on {
            On::Sqlite(transaction) => transaction.commit().await,
            On::Postgres(transaction) => transaction.commit().await,
        }
        .map_err(failed)
    }
}

/// Whoever reads a row does not know what it is read for.
fn error_during(during: &Operation, mut error: Error) -> Error {
    if let Error::Corrupt { operation, .. } = &mut error {
        operation.clone_from(during);
    }
    error
}

/// A query that was put together here, from nothing that came from outside.
pub(crate) fn composed(sql: String) -> impl SqlSafeStr {
    AssertSqlSafe(sql)
}
