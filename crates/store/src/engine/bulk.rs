//! Many rows at once: an import writes a million.

use std::sync::OnceLock;

use futures_util::future::join;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, AssertSqlSafe};

use super::transaction::On;
use super::value::sqlite_arguments;
use super::{Tx, Value};
use crate::error::Result;

/// The type of a column.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    Int,
    Text,
    Bool,
}

/// A table that many rows go into at once.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Column)],
    /// SQLite's statement for a full batch; kept, because it is long.
    pub(crate) full_batch: OnceLock<String>,
}

/// Rows in one statement. SQLite allows 32,766 placeholders; more rows than these do not make it faster.
pub(crate) const BATCH: usize = 512;

const REWRITE_SQLITE: &str = "UPDATE node SET attributes = new.attributes, text = new.text \
    FROM (SELECT value ->> 0 AS id, value ->> 1 AS attributes, value ->> 2 AS text FROM json_each($1)) AS new \
    WHERE node.id = new.id";
const REWRITE_POSTGRES: &str = "UPDATE node SET attributes = new.attributes, text = new.text \
    FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new (id, attributes, text) WHERE node.id = new.id";

impl Tx {
    /// Writes batches of rows, each as [`Tx::insert`] takes them. While the database takes one, the next is made.
    /// `written` is told how many rows each had.
    pub(crate) async fn insert_each<'v>(
        &mut self,
        table: &'static Table,
        mut batches: impl Iterator<Item = Vec<Value<'v>>>,
        mut written: impl FnMut(usize),
    ) -> Result<()> {
        let mut next = batches.next();
        while let Some(batch) = next {
            // They are polled in this order: the rows are on their way when the next ones are made.
            let (done, made) = join(self.insert(table, &batch), async { batches.next() }).await;
            done?;
            written(batch.len() / table.columns.len());
            next = made;
        }
        Ok(())
    }

    /// Gives nodes other attributes, in the form that they are stored in, and another text.
    pub(crate) async fn rewrite_nodes(&mut self, rows: &[(i64, String, Option<&str>)]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let failed = self.failed();
        match &mut self.on {
            On::Sqlite(transaction) => {
                let json = serde_json::json!(rows).to_string();
                sqlx::query(REWRITE_SQLITE).bind(json).execute(&mut **transaction).await.map(drop)
            }
            On::Postgres(transaction) => {
                let ids: Vec<i64> = rows.iter().map(|(id, _, _)| *id).collect();
                let attributes: Vec<&str> = rows.iter().map(|(_, attributes, _)| &**attributes).collect();
                let texts: Vec<Option<&str>> = rows.iter().map(|(_, _, text)| *text).collect();
                let query = sqlx::query(REWRITE_POSTGRES).bind(ids).bind(attributes).bind(texts);
                query.execute(&mut **transaction).await.map(drop)
            }
        }
        .map_err(failed)
    }

    /// Writes rows, whose values stand one after the other, [`BATCH`] rows at most.
    pub(crate) async fn insert(&mut self, table: &'static Table, values: &[Value<'_>]) -> Result<()> {
        let rows = values.len() / table.columns.len();
        if rows == 0 {
            return Ok(());
        }
        let failed = self.failed();
        match &mut self.on {
            On::Sqlite(transaction) => {
                let arguments = sqlite_arguments(values).map_err(&failed)?;
                // Only the full batch is worth a place among the prepared statements.
                let full = rows == BATCH;
                let sql = if full {
                    table.full_batch.get_or_init(|| sqlite_statement(table, BATCH)).clone()
                } else {
                    sqlite_statement(table, rows)
                };
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(full);
                query.execute(&mut **transaction).await.map(drop)
            }
            On::Postgres(transaction) => {
                let sql = postgres_statement(table);
                let arguments = postgres_arrays(table, values).map_err(&failed)?;
                sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **transaction).await.map(drop)
            }
        }
        .map_err(failed)
    }
}

fn names(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// `INSERT INTO t (a, b) VALUES (?,?),(?,?)`, without numbers: numbered placeholders are names for SQLite, and the
/// driver looks each of them up in a list of all.
fn sqlite_statement(table: &Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(","));
    format!("INSERT INTO {} ({}) VALUES {}", table.name, names(table), vec![row; rows].join(","))
}

/// `INSERT INTO t (a, b) SELECT * FROM unnest($1::bigint[], $2::text[])`
fn postgres_statement(table: &Table) -> String {
    let arrays: Vec<String> = (1..)
        .zip(table.columns)
        .map(|(place, (_, column))| match column {
            Column::Int => format!("${place}::bigint[]"),
            Column::Text => format!("${place}::text[]"),
            Column::Bool => format!("${place}::boolean[]"),
        })
        .collect();
    format!("INSERT INTO {} ({}) SELECT * FROM unnest({})", table.name, names(table), arrays.join(", "))
}

fn postgres_arrays(table: &Table, values: &[Value<'_>]) -> std::result::Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for (place, (_, column)) in table.columns.iter().enumerate() {
        let cells = values.iter().skip(place).step_by(table.columns.len());
        let added = match column {
            Column::Int => arguments.add(
                cells
                    .map(|cell| if let Value::Int(value) = cell { *value } else { None })
                    .collect::<Vec<_>>(),
            ),
            Column::Text => arguments.add(
                cells
                    .map(|cell| if let Value::Text(value) = cell { value.as_deref() } else { None })
                    .collect::<Vec<_>>(),
            ),
            Column::Bool => {
                arguments.add(cells.map(|cell| matches!(cell, Value::Bool(true))).collect::<Vec<_>>())
            }
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
