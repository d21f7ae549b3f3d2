//! The tables, and how they came about: numbered migrations that only grow.

use crate::edit::Author;
use crate::engine::{Database, Engine, Tx};
use crate::error::{Error, Operation, Result};
use crate::instance;

/// The version of the schema that this program works with.
pub const VERSION: i64 = 3;

/// Brings the database to [`VERSION`] in one transaction: an interrupted migration leaves the old state.
///
/// One that is there already is only read: whoever opens it does not wait for those who write.
pub(crate) async fn migrate(database: &Database, engine: &Engine, now_ms: i64) -> Result<()> {
    let mut tx = database.read(Operation(format!("read the schema version of {engine:?}"))).await?;
    if tx.has_table("meta").await? {
        let found = version(&mut tx).await?;
        if found > VERSION {
            return Err(Error::TooNew { found, known: VERSION });
        }
        if found == VERSION {
            return Ok(());
        }
    }
    drop(tx);
    let mut tx = database.write(Operation(format!("prepare the tables of {engine:?}"))).await?;
    tx.lock_schema().await?;
    tx.execute("CREATE TABLE IF NOT EXISTS meta (key text PRIMARY KEY NOT NULL, value text NOT NULL)", &[])
        .await?;
    let found = version(&mut tx).await?;
    if found > VERSION {
        return Err(Error::TooNew { found, known: VERSION });
    }
    if found == VERSION {
        return Ok(());
    }
    for (number, migration) in (1_i64..).zip(database.migrations()) {
        if number > found {
            tx.script(migration).await?;
        }
    }
    let sql = "INSERT INTO meta (key, value) VALUES ('schema_version', $1) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[VERSION.to_string().into()]).await?;
    if found == 0 {
        let author = Author { actor: "custompbx".into(), origin: "first start".into(), at_ms: now_ms };
        instance::create(&mut tx, "default", "", true, &author).await?;
    }
    tracing::info!(from = found, to = VERSION, "migrated the database");
    tx.commit().await
}

/// The version of the tables that are there; 0 when there are none.
pub(crate) async fn version(tx: &mut Tx) -> Result<i64> {
    let Some(row) = tx.row("SELECT value FROM meta WHERE key = 'schema_version'", &[]).await? else {
        return Ok(0);
    };
    let text = row.text(0)?;
    text.parse().map_err(|error| Error::Corrupt {
        operation: tx.operation(),
        table: "meta",
        column: "value".into(),
        row: "schema_version".into(),
        source: Box::new(error),
    })
}

pub(crate) const IDENTITY: &str = "SELECT value FROM meta WHERE key = 'identity'";

pub(crate) async fn identity(tx: &mut Tx) -> Result<String> {
    match tx.row(IDENTITY, &[]).await? {
        Some(row) => Ok(row.text(0)?.to_owned()),
        None => Err(no_identity(tx.operation())),
    }
}

fn no_identity(operation: Operation) -> Error {
    Error::Corrupt {
        operation,
        table: "meta",
        column: "value".into(),
        row: "identity".into(),
        source: "there is no such row".into(),
    }
}
