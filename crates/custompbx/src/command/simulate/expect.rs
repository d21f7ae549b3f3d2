//! What a line of a batch expects to come of its call.

use serde_json::{Map, Value, json};

use super::line::must_be;
use crate::failure::Failure;

/// Keys that stand in a line itself, or in its `expect`.
const KEYS: [&str; 3] = ["trace", "actions", "next_state"];
/// One that stands in `expect` only.
const APPLICATION: &str = "application";

/// The expectations of a line.
#[derive(Debug)]
pub(super) struct Expect {
    /// By key.
    wanted: Vec<(&'static str, Value)>,
    applications: Vec<String>,
}

impl Expect {
    /// Those of a line; none if it has none.
    pub(super) fn of(line: &Map<String, Value>) -> Result<Option<Self>, Failure> {
        let empty = Map::new();
        let inner = match line.get("expect") {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(inner)) => inner,
            Some(_) => return Err(must_be("expect", "an object")),
        };
        // An expectation that nobody compares would always be met.
        let known = |key: &String| KEYS.contains(&key.as_str()) || key == APPLICATION;
        if let Some(unknown) = inner.keys().find(|key| !known(key)) {
            return Err(Failure::because(format!(
                "\"expect\" has no {unknown:?}; there are {}, {APPLICATION}",
                KEYS.join(", ")
            )));
        }
        let mut wanted = Vec::new();
        for key in KEYS {
            let Some(value) = inner.get(key).or_else(|| line.get(key)) else { continue };
            match (key, value) {
                ("next_state", Value::Null | Value::String(_)) | ("trace" | "actions", Value::Array(_)) => {}
                ("next_state", _) => return Err(must_be(key, "a string or null")),
                _ => return Err(must_be(key, "a list")),
            }
            wanted.push((key, value.clone()));
        }
        let applications = match inner.get(APPLICATION) {
            None => Vec::new(),
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
                all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
            }
            Some(_) => return Err(must_be(APPLICATION, "such as \"bridge(user/1000)\", or a list of such")),
        };
        Ok((!wanted.is_empty() || !applications.is_empty()).then_some(Self { wanted, applications }))
    }

    /// What came otherwise, of the report of the call.
    pub(super) fn differences(&self, found: &Map<String, Value>) -> Vec<Value> {
        let mut differences = Vec::new();
        let nothing = Value::Null;
        // What was found is not all then, be it as expected so far.
        if let Some(undecidable) = found.get("undecidable").filter(|value| !value.is_null()) {
            differences.push(json!({"in": "undecidable", "expected": null, "found": undecidable}));
        }
        for (key, wanted) in &self.wanted {
            let here = found.get(*key).unwrap_or(&nothing);
            match (wanted, here) {
                (Value::Array(wanted), Value::Array(here)) => {
                    let first = (0..wanted.len().max(here.len()))
                        .find(|&at| !wanted.get(at).zip(here.get(at)).is_some_and(|(a, b)| is_same(a, b)));
                    if let Some(at) = first {
                        differences.push(json!({
                            "in": key, "line": at + 1, "expected": wanted.get(at), "found": here.get(at),
                        }));
                    }
                }
                _ if wanted == here => {}
                _ => differences.push(json!({"in": key, "expected": wanted, "found": here})),
            }
        }
        let actions = found.get("actions").and_then(Value::as_array);
        let actions = actions.into_iter().flatten().filter(|action| action["inline"] == false);
        let actions: Vec<_> = actions.map(call_of).collect();
        for wanted in self.applications.iter().filter(|wanted| !actions.contains(wanted)) {
            differences.push(json!({"in": APPLICATION, "expected": wanted, "found": actions}));
        }
        differences
    }
}

/// An action that is expected may be written as `application(data)`, or say only what matters of it.
fn is_same(wanted: &Value, here: &Value) -> bool {
    match (wanted, here) {
        (Value::String(wanted), Value::Object(_)) => *wanted == call_of(here),
        (Value::Object(wanted), Value::Object(here)) => {
            wanted.iter().all(|(key, value)| here.get(key) == Some(value))
        }
        _ => wanted == here,
    }
}

fn call_of(action: &Value) -> String {
    let text = |key: &str| action[key].as_str().unwrap_or_default();
    format!("{}({})", text("application"), text("data"))
}
