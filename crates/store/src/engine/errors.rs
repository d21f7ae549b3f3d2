//! The meaning of the engines' error codes.

use sqlx::error::{DatabaseError, ErrorKind};

use crate::error::{Error, Operation};

const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;

/// SQLite's primary code, which is the low byte; the rest tells more.
fn sqlite_code(error: &dyn DatabaseError) -> Option<i32> {
    error.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Whether others were at SQLite's file.
pub(super) fn is_busy(error: &dyn DatabaseError) -> bool {
    matches!(sqlite_code(error), Some(SQLITE_BUSY | SQLITE_LOCKED))
}

/// What an engine's error means for the caller.
pub(crate) fn classify(operation: Operation, source: sqlx::Error) -> Error {
    use sqlx::Error as Sql;
    match &source {
        Sql::Io(_)
        | Sql::Tls(_)
        | Sql::PoolTimedOut
        | Sql::PoolClosed
        | Sql::WorkerCrashed
        | Sql::Protocol(_) => Error::Unavailable { operation, source },
        Sql::Database(error) => {
            if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                match error.code() {
                    "53100" => Error::Full { operation, source },
                    // Lock not available, serialization failure, deadlock.
                    "55P03" | "40001" | "40P01" => Error::Busy { operation, source },
                    // Too many connections; shutting down, crashed, starting.
                    "53300" | "57P01" | "57P02" | "57P03" => Error::Unavailable { operation, source },
                    code if code.starts_with("08") => Error::Unavailable { operation, source },
                    _ => Error::Failed { operation, source },
                }
            } else {
                match sqlite_code(&**error) {
                    Some(SQLITE_BUSY | SQLITE_LOCKED) => Error::Busy { operation, source },
                    Some(SQLITE_FULL) => Error::Full { operation, source },
                    Some(SQLITE_IOERR | SQLITE_CANTOPEN) => Error::Unavailable { operation, source },
                    _ => Error::Failed { operation, source },
                }
            }
        }
        _ => Error::Failed { operation, source },
    }
}

/// Whether a name that must be unique was there already.
pub(crate) fn is_taken(error: &Error) -> bool {
    match error {
        Error::Failed { source: sqlx::Error::Database(error), .. } => {
            error.kind() == ErrorKind::UniqueViolation
        }
        _ => false,
    }
}
