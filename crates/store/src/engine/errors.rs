//! The meaning of the engines' error codes.

use sqlx::error::ErrorKind;

use crate::error::{Error, Operation};

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
                // The low byte is the primary code, the rest tells more.
                match error.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff) {
                    // SQLITE_BUSY, SQLITE_LOCKED
                    Some(5 | 6) => Error::Busy { operation, source },
                    // SQLITE_FULL
                    Some(13) => Error::Full { operation, source },
                    // SQLITE_IOERR, SQLITE_CANTOPEN
                    Some(10 | 14) => Error::Unavailable { operation, source },
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
