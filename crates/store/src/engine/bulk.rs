//! Many rows at once: an import writes a million.

use std::sync::OnceLock;

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

impl Tx {
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
