//! Rows as they come: NDJSON or CSV.
//!
//! A row of CSV is the same as an object: a column is a member (`key`, `enabled`, `text`), an attribute (`number-alias`),
//! or with a point a name and value below the element (`params.password`). An empty cell says nothing.
//!
//! Rows stay as they came until they are looked at: as objects they would need ten times the memory.

use std::ops::Range;
use std::sync::Arc;

use custompbx_model::wanted::{Fault, read_json};
use serde_json::{Map, Value};

/// The rows that one request may have.
pub const MOST_ROWS: usize = 1_000_000;
/// The longest line of NDJSON, in bytes.
pub const LONGEST_LINE: usize = 1024 * 1024;

/// A row of what somebody sent.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line it begins on, from 1.
    pub line: u64,
    raw: Raw,
}

#[derive(Clone, Debug)]
enum Raw {
    /// A part of the whole text.
    Json(Arc<Vec<u8>>, Range<usize>),
    Csv(Arc<Vec<Column>>, csv::ByteRecord),
    Wrong(String),
}

impl Row {
    /// The object that says what the element is to be.
    ///
    /// # Errors
    /// What is wrong with the row.
    pub fn value(&self) -> Result<Value, Vec<Fault>> {
        match &self.raw {
            Raw::Json(_, range) if range.len() > LONGEST_LINE => {
                Err(fault(format!("the line has {} bytes; {LONGEST_LINE} are the most", range.len())))
            }
            Raw::Json(text, range) => match read_json(text.get(range.clone()).unwrap_or_default()) {
                Ok(value) if value.is_object() => Ok(value),
                Ok(_) => Err(fault("a row is an object")),
                Err(error) => {
                    let message = format!(
                        "this is no JSON that is taken: {} in column {}",
                        error.message, error.column
                    );
                    Err(fault(message))
                }
            },
            Raw::Csv(columns, record) => object(columns, record),
            Raw::Wrong(message) => Err(fault(message.as_str())),
        }
    }
}

fn fault(message: impl Into<String>) -> Vec<Fault> {
    vec![Fault::new("", message)]
}

fn push(rows: &mut Vec<Row>, row: Row) -> Result<(), Fault> {
    if rows.len() == MOST_ROWS {
        return Err(Fault::new("", format!("there are more than {MOST_ROWS} rows; send them in parts")));
    }
    rows.push(row);
    Ok(())
}

/// Reads lines with an object each; empty lines are none.
///
/// # Errors
/// More than [`MOST_ROWS`].
pub fn from_ndjson(bytes: Vec<u8>) -> Result<Vec<Row>, Fault> {
    let bytes = Arc::new(bytes);
    let mut rows = Vec::new();
    let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    for (line, text) in (1..).zip(bytes[start..].split(|byte| *byte == b'\n')) {
        if !text.trim_ascii().is_empty() {
            let raw = Raw::Json(bytes.clone(), start..start + text.len());
            push(&mut rows, Row { line, raw })?;
        }
        start += text.len() + 1;
    }
    Ok(rows)
}

/// Reads CSV with the names of the columns in its first row.
///
/// # Errors
/// What is wrong with the first row, without which no other can be read; more than [`MOST_ROWS`].
pub fn from_csv(bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let wrong = |message: String| Fault::new("", format!("line 1, which names the columns: {message}"));
    let names = reader.headers().map_err(|error| wrong(error.to_string()))?;
    let names = names.iter().map(|name| name.trim_start_matches('\u{feff}').trim());
    let columns: Vec<Column> = names.map(Column::of).collect::<Result<_, _>>().map_err(wrong)?;
    for (at, column) in columns.iter().enumerate() {
        if columns[..at].contains(column) {
            return Err(wrong(format!("column {} is there twice", at + 1)));
        }
    }
    let names_it = |column: &Column| match column {
        Column::Member(name) => name == "key",
        Column::Attribute(name) => name == "id" || name == "name",
        Column::Pair(..) => false,
    };
    if !columns.iter().any(names_it) {
        return Err(wrong(
            "none is called key, nor id or name as the attribute that names an element".to_owned(),
        ));
    }
    let columns = Arc::new(columns);
    let mut rows = Vec::new();
    let (mut line, mut counted) = (1, 0);
    loop {
        let mut record = csv::ByteRecord::new();
        // The reader ends a row before the second byte of its end, and begins one with the empty lines before it.
        let before = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(bytes.len());
        let ends = bytes[before..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += bytes[counted..before + ends].iter().filter(|byte| **byte == b'\n').count() as u64;
        counted = before + ends;
        let raw = match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(rows),
            Ok(true) => None,
            Err(error) => Some(Raw::Wrong(error.to_string())),
        };
        let raw = raw.unwrap_or_else(|| Raw::Csv(columns.clone(), record));
        push(&mut rows, Row { line, raw })?;
    }
}

/// Members of an element that hold names and values.
const PAIRS: &[&str] = &["params", "variables", "settings", "profile-variables"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    /// A member of the object itself.
    Member(String),
    Attribute(String),
    /// A name and value: the member that holds it, and its name.
    Pair(String, String),
}

impl Column {
    fn of(name: &str) -> Result<Self, String> {
        match (name, name.split_once('.')) {
            ("", _) => Err("one has no name".to_owned()),
            ("key" | "enabled" | "text", _) => Ok(Self::Member(name.to_owned())),
            (_, Some((member, pair))) if PAIRS.contains(&member) && !pair.is_empty() => {
                Ok(Self::Pair(member.to_owned(), pair.to_owned()))
            }
            (_, Some(_)) => {
                Err(format!("{name:?} is none; before a point stands one of {}", PAIRS.join(", ")))
            }
            (_, None) => Ok(Self::Attribute(name.to_owned())),
        }
    }
}

fn object(columns: &[Column], record: &csv::ByteRecord) -> Result<Value, Vec<Fault>> {
    if record.len() != columns.len() {
        let message = format!("there are {} columns, and the first row has {}", record.len(), columns.len());
        return Err(fault(message));
    }
    let mut object = Map::new();
    for (column, cell) in columns.iter().zip(record) {
        let cell = std::str::from_utf8(cell).map_err(|_| fault("this is no UTF-8"))?;
        if cell.is_empty() {
            continue;
        }
        let (member, name) = match column {
            Column::Member(name) => {
                let value = match (name.as_str(), cell) {
                    ("enabled", "true") => Value::Bool(true),
                    ("enabled", "false") => Value::Bool(false),
                    ("enabled", _) => return Err(vec![Fault::new("/enabled", "true or false")]),
                    _ => cell.into(),
                };
                object.insert(name.clone(), value);
                continue;
            }
            Column::Attribute(name) => ("attributes", name),
            Column::Pair(member, name) => (member.as_str(), name),
        };
        let inner = object.entry(member).or_insert_with(|| Value::Object(Map::new()));
        if let Some(inner) = inner.as_object_mut() {
            inner.insert(name.clone(), cell.into());
        }
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(rows: &[Row]) -> Vec<(u64, bool)> {
        rows.iter().map(|row| (row.line, row.value().is_ok())).collect()
    }

    #[test]
    fn lines_of_json_are_rows_with_their_numbers() {
        let text = b"\xef\xbb\xbf{\"key\":\"1\"}\n\n[1]\r\n{\"key\":\"2\"\n\xff\n{\"a\":1,\"a\":2}\r\n{}\r\n";
        let rows = from_ndjson(text.to_vec()).unwrap();
        assert_eq!(lines(&rows), [(1, true), (3, false), (4, false), (5, false), (6, false), (7, true)]);
        assert_eq!(rows[0].value(), Ok(json!({"key": "1"})));
        assert!(rows[2].value().unwrap_err()[0].message.contains("column"));
        let long = format!("{{\"key\":\"{}\"}}", "x".repeat(LONGEST_LINE));
        assert_eq!(lines(&from_ndjson(long.into_bytes()).unwrap()), [(1, false)]);
        assert!(from_ndjson(b"1\n".repeat(MOST_ROWS + 1)).is_err());
        assert_eq!(from_ndjson(b"1\n".repeat(MOST_ROWS)).unwrap().len(), MOST_ROWS);
    }

    #[test]
    fn a_row_of_csv_is_an_object() {
        let text = "key,number-alias,params.password,variables.a.b,enabled\r\n1000,77,\"a,\"\"b\",x,false\n1001,,,,\n";
        let rows = from_csv(text.as_bytes()).unwrap();
        let first = json!({
            "key": "1000", "attributes": {"number-alias": "77"}, "params": {"password": "a,\"b"},
            "variables": {"a.b": "x"}, "enabled": false,
        });
        assert_eq!((rows[0].line, rows[0].value()), (2, Ok(first)));
        assert_eq!(rows[1].value(), Ok(json!({"key": "1001"})), "an empty cell says nothing");
    }

    #[test]
    fn what_is_wrong_with_csv_is_said_with_its_line() {
        let text = b"\xef\xbb\xbfkey,enabled\n1,maybe\n2\n\"3\n3\",true\n\xff,true\n";
        let rows = from_csv(text).unwrap();
        assert_eq!(lines(&rows), [(2, false), (3, false), (4, true), (6, false)]);
        let rows = from_csv(b"key,text\r\n\r\n1,\"a\r\nb\"\r\n2\r\n").unwrap();
        assert_eq!(lines(&rows), [(3, true), (5, false)], "as an editor counts them");
        for wrong in
            ["key,key\n", "key,,a\n", "", "key,parms.password\n", "params.password\n1\n", "key,params.\n"]
        {
            assert!(from_csv(wrong.as_bytes()).unwrap_err().message.starts_with("line 1"), "{wrong}");
        }
        assert!(from_csv(b"key,\xff\n1,2\n").is_err());
    }
}
