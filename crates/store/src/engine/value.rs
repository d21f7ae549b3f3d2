//! Values on their way in, rows on their way out.

use std::borrow::Cow;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Column as _, Row as _};

use crate::error::{Error, Operation, Result};

/// The value of a placeholder. PostgreSQL wants the type of a NULL too.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Int(Option<i64>),
    Text(Option<Cow<'a, str>>),
    Bool(bool),
    Bytes(Option<Cow<'a, [u8]>>),
    /// For [`super::Tx::among`].
    Ids(Cow<'a, [i64]>),
    /// The same for texts.
    Texts(Cow<'a, [String]>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(Cow::Borrowed(value)))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(Some(Cow::Owned(value)))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value.map(Cow::Borrowed))
    }
}

impl<'a> From<Option<&'a [u8]>> for Value<'a> {
    fn from(value: Option<&'a [u8]>) -> Self {
        Self::Bytes(value.map(Cow::Borrowed))
    }
}

type Encoded<A> = std::result::Result<A, sqlx::Error>;

pub(super) fn sqlite_arguments(values: &[Value<'_>]) -> Encoded<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        let added = match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value.as_deref()),
            Value::Bool(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value.as_deref()),
            Value::Ids(ids) => arguments.add(serde_json::Value::from(ids.as_ref()).to_string()),
            Value::Texts(texts) => arguments.add(serde_json::Value::from(texts.as_ref()).to_string()),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

pub(super) fn postgres_arguments(values: &[Value<'_>]) -> Encoded<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value.as_deref()),
            Value::Bool(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value.as_deref()),
            Value::Ids(ids) => arguments.add(ids.as_ref()),
            Value::Texts(texts) => arguments.add(texts.as_ref()),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// One row of an answer; columns go by their place.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Reads one column, whichever the engine.
macro_rules! get {
    ($row:expr, $column:expr) => {
        match $row {
            Row::Sqlite(row) => row.try_get($column).map_err(|error| $row.damaged($column, error)),
            Row::Postgres(row) => row.try_get($column).map_err(|error| $row.damaged($column, error)),
        }
    };
}

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        get!(self, column)
    }

    pub(crate) fn optional_int(&self, column: usize) -> Result<Option<i64>> {
        get!(self, column)
    }

    pub(crate) fn bool(&self, column: usize) -> Result<bool> {
        get!(self, column)
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str> {
        get!(self, column)
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<&str>> {
        get!(self, column)
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8]> {
        get!(self, column)
    }

    /// SQLite keeps whatever somebody wrote into a column with other tools.
    fn damaged(&self, column: usize, source: sqlx::Error) -> Error {
        let name = match self {
            Self::Sqlite(row) => row.columns().get(column).map(|column| column.name()),
            Self::Postgres(row) => row.columns().get(column).map(|column| column.name()),
        };
        let key = match self {
            Self::Sqlite(row) => row.try_get::<i64, _>(0).ok(),
            Self::Postgres(row) => row.try_get::<i64, _>(0).ok(),
        };
        Error::Corrupt {
            operation: Operation("read a row".into()),
            table: "a query's answer",
            column: name.map_or_else(|| column.to_string(), str::to_owned).into(),
            row: key.map_or_else(|| "without id".into(), |key| key.to_string()),
            source: source.into(),
        }
    }
}
