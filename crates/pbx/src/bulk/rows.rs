//! Rows as they come: NDJSON or CSV.
//!
//! A row of CSV is the same as an object: a column is a member (`key`, `enabled`, `text`), an attribute (`number-alias`),
//! or with a point a name and value below the element (`params.password`). An empty cell says nothing.

use custompbx_model::wanted::{Fault, read_json};
use serde_json::{Map, Value};

/// The rows that one request may have.
pub const MOST_ROWS: usize = 1_000_000;

/// A row of what somebody sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line it begins on, from 1.
    pub line: u64,
    /// The object that says what the element is to be, or what is wrong with it.
    pub value: Result<Value, Vec<Fault>>,
}

fn fault(message: impl Into<String>) -> Vec<Fault> {
    vec![Fault::new("", message)]
}

/// Reads lines with an object each; empty lines are none.
pub fn from_ndjson(bytes: &[u8]) -> Vec<Row> {
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let lines = lines.map(|(line, text)| (line, text.trim_ascii())).filter(|(_, text)| !text.is_empty());
    lines
        .map(|(line, text)| {
            let value = match read_json(text) {
                Ok(value) if value.is_object() => Ok(value),
                Ok(_) => Err(fault("a row is an object")),
                Err(error) => Err(fault(error.to_string())),
            };
            Row { line, value }
        })
        .collect()
}

/// Reads CSV with the names of the columns in its first row.
///
/// # Errors
/// What is wrong with the first row, without which no other can be read.
pub fn from_csv(bytes: &[u8]) -> Result<Vec<Row>, Vec<Fault>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = match reader.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => return Err(fault(format!("the first row cannot be read: {error}"))),
    };
    let columns: Vec<Column> = columns.iter().map(|name| Column::of(name.trim_start_matches('\u{feff}').trim())).collect();
    for (at, column) in columns.iter().enumerate() {
        if matches!(column, Column::Unnamed) {
            return Err(fault(format!("column {} of the first row has no name", at + 1)));
        }
        if columns[..at].contains(column) {
            return Err(fault(format!("column {} of the first row is there twice", at + 1)));
        }
    }
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let line = reader.position().line();
        let value = match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => object(&columns, &record),
            Err(error) => Err(fault(error.to_string())),
        };
        let line = record.position().map_or(line, csv::Position::line);
        rows.push(Row { line, value });
    }
    Ok(rows)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Unnamed,
    /// A member of the object itself.
    Member(String),
    Attribute(String),
    /// A name and value: the member that holds it, and its name.
    Pair(String, String),
}

impl Column {
    fn of(name: &str) -> Self {
        match (name, name.split_once('.')) {
            ("", _) => Self::Unnamed,
            ("key" | "enabled" | "text", _) => Self::Member(name.to_owned()),
            (_, Some((member @ ("params" | "variables" | "profile-variables" | "settings"), pair)))
                if !pair.is_empty() =>
            {
                Self::Pair(member.to_owned(), pair.to_owned())
            }
            _ => Self::Attribute(name.to_owned()),
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
            Column::Unnamed => continue,
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

    #[test]
    fn lines_of_json_are_rows_with_their_numbers() {
        let rows = from_ndjson(b"{\"key\":\"1\"}\n\n[1]\r\n{\"key\":\"2\"\n\xff\n{\"a\":1,\"a\":2}");
        let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 3, 4, 5, 6]);
        assert_eq!(rows[0].value, Ok(json!({"key": "1"})));
        assert!(rows[1..].iter().all(|row| row.value.is_err()), "{rows:?}");
    }

    #[test]
    fn a_row_of_csv_is_an_object() {
        let text = "key,number-alias,params.password,variables.a.b,enabled\r\n1000,77,\"a,\"\"b\",x,false\n1001,,,,\n";
        let rows = from_csv(text.as_bytes()).unwrap();
        let first = json!({
            "key": "1000", "attributes": {"number-alias": "77"}, "params": {"password": "a,\"b"},
            "variables": {"a.b": "x"}, "enabled": false,
        });
        assert_eq!(rows[0], Row { line: 2, value: Ok(first) });
        assert_eq!(rows[1].value, Ok(json!({"key": "1001"})), "an empty cell says nothing");
    }

    #[test]
    fn what_is_wrong_with_csv_is_said_with_its_line() {
        let text = b"\xef\xbb\xbfkey,enabled\n1,maybe\n2\n\"3\n3\",true\n\xff,true\n";
        let rows = from_csv(text).unwrap();
        let lines: Vec<(u64, bool)> = rows.iter().map(|row| (row.line, row.value.is_ok())).collect();
        assert_eq!(lines, [(2, false), (3, false), (4, true), (6, false)]);
        for wrong in ["key,key\n", "key,,a\n", ""] {
            assert!(from_csv(wrong.as_bytes()).is_err() || wrong.is_empty(), "{wrong}");
        }
    }
}
