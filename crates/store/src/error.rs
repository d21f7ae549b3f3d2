//! What can go wrong in the database, told apart by what the caller can still do.
//!
//! Reads that find nothing answer `None`; [`Error::NotFound`] is for writes that name something that is not there.
//! `Display` says which operation on which object failed, the cause is in `source()`.

use std::borrow::Cow;
use std::fmt;

/// What was being done, to what: `read node 17`. Every error of a transaction carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation(pub(crate) String);

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A failure of the store. After any of them, nothing of the failed write is stored, with one exception: when the
/// connection is lost during the commit itself, [`Error::Unavailable`] leaves open whether it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, or the connection broke. Worth another try.
    #[error("cannot {operation}: the database is not available")]
    Unavailable {
        /// What was being done.
        operation: Operation,
        /// The engine's error.
        source: sqlx::Error,
    },
    /// The disk, or what the database may use of it, is full.
    #[error("cannot {operation}: the database has no space left")]
    Full {
        /// What was being done.
        operation: Operation,
        /// The engine's error.
        source: sqlx::Error,
    },
    /// Others were writing for too long. Worth another try.
    #[error("cannot {operation}: the database is busy")]
    Busy {
        /// What was being done.
        operation: Operation,
        /// The engine's error.
        source: sqlx::Error,
    },
    /// Any other error of the engine.
    #[error("cannot {operation}")]
    Failed {
        /// What was being done.
        operation: Operation,
        /// The engine's error.
        source: sqlx::Error,
    },
    /// The database was written by a newer program.
    #[error("the database has schema version {found}, this program knows versions up to {known}")]
    TooNew {
        /// The version of the database.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// The database server is older than what the queries need.
    #[error("the server is PostgreSQL {found}, version {needed} or newer is needed")]
    ServerTooOld {
        /// What the server says of itself.
        found: String,
        /// The oldest major version that does.
        needed: u32,
    },
    /// A name that must be the only one of its kind is taken.
    #[error("cannot {operation}: {what} is taken")]
    Conflict {
        /// What was being done.
        operation: Operation,
        /// The kind of name.
        what: &'static str,
    },
    /// Nobody would be left who may change web users. Nothing was written.
    #[error("cannot {operation}: there is no other admin")]
    LastAdmin {
        /// What was being done.
        operation: Operation,
    },
    /// Somebody else changed the instance since the revision that the write was made for. Nothing was written.
    #[error("cannot {operation}: it was changed meanwhile")]
    Changed {
        /// What was being done.
        operation: Operation,
    },
    /// A row holds what no version of this program writes.
    #[error("cannot {operation}: column {column} of {table} is damaged in row {row}")]
    Corrupt {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: &'static str,
        /// The column.
        column: Cow<'static, str>,
        /// The row's key, as far as it is known.
        row: String,
        /// What is wrong with the value.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A write names an object that does not exist, or not in this instance.
    #[error("cannot {operation}: there is no {what} {id}")]
    NotFound {
        /// What was being done.
        operation: Operation,
        /// The kind of object.
        what: &'static str,
        /// Its id or name.
        id: String,
    },
    /// A write that would break a rule of the tree.
    #[error("cannot {operation}: {why}")]
    Invalid {
        /// What was being done.
        operation: Operation,
        /// The rule.
        why: String,
    },
}

/// A value, or the store's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
