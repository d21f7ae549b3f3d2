//! What JSON says.

use serde_json::{Map, Value};

use super::patch::{Patch, ShortPatch};
use super::{Attributes, Fault, Short, Wanted};
use crate::node::NodeId;

/// Members that an answer has and that mean nothing when they come back.
const SHOWN_ONLY: &[&str] = &["href", "position", "child_count", "revision", "warnings", "served"];
/// Members that are no short form.
pub(super) const MEMBERS: &[&str] = &["tag", "key", "id", "attributes", "text", "enabled", "children"];

impl Wanted {
    /// Reads the object that says all of an element. `pointer` is where it stands in what was sent.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(value: &Value, pointer: &str) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::default();
        let wanted = reader.wanted(value, pointer);
        if reader.faults.is_empty() { Ok(wanted) } else { Err(reader.faults) }
    }
}

impl Patch {
    /// Reads the object that says what is to be otherwise (RFC 7396, JSON Merge Patch).
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(value: &Value) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::default();
        let patch = reader.patch(value);
        if reader.faults.is_empty() { Ok(patch) } else { Err(reader.faults) }
    }
}

#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, pointer: String, message: impl Into<String>) {
        // Nobody reads more, and somebody may send a million.
        if self.faults.len() < 100 {
            self.faults.push(Fault::new(pointer, message));
        }
    }

    fn object<'v>(&mut self, value: &'v Value, pointer: &str) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.fault(pointer.to_owned(), format!("an object is expected, and this is {}", kind(value)));
        }
        object
    }

    fn wanted(&mut self, value: &Value, pointer: &str) -> Wanted {
        let mut wanted = Wanted::default();
        let Some(members) = self.object(value, pointer) else { return wanted };
        for (name, value) in members {
            let at = child(pointer, name);
            match name.as_str() {
                "tag" => wanted.tag = self.text(value, at),
                "key" => wanted.key = self.text(value, at),
                "id" => match value.as_i64().filter(|id| *id > 0) {
                    Some(id) => wanted.id = Some(NodeId(id)),
                    None => self.fault(at, "an id is a positive whole number"),
                },
                "enabled" => wanted.enabled = self.flag(value, at),
                "text" => wanted.text = self.optional_text(value, at),
                "attributes" => {
                    let pairs = self.object(value, &at).into_iter().flatten();
                    let pairs: Vec<_> = pairs
                        .filter_map(|(name, value)| {
                            Some((name.clone(), self.scalar(value, child(&at, name))?))
                        })
                        .collect();
                    wanted.attributes = Some(Attributes::All(pairs));
                }
                "children" => match value.as_array() {
                    Some(children) => {
                        let children = (0_usize..).zip(children);
                        let read =
                            children.map(|(index, it)| self.wanted(it, &child(&at, &index.to_string())));
                        wanted.children = Some(read.collect());
                    }
                    None => self.fault(at, format!("an array is expected, and this is {}", kind(value))),
                },
                name if SHOWN_ONLY.contains(&name) => {}
                _ => {
                    let Some(pairs) = value.as_object() else {
                        self.fault(at, unknown(name));
                        continue;
                    };
                    let mut values = Vec::new();
                    for (name, value) in pairs {
                        values.extend(self.values(value, child(&at, name)).map(|all| (name.clone(), all)));
                    }
                    wanted.short.push(Short { member: name.clone(), values });
                }
            }
        }
        wanted
    }

    fn patch(&mut self, value: &Value) -> Patch {
        let mut patch = Patch::default();
        let Some(members) = self.object(value, "") else { return patch };
        for (name, value) in members {
            let at = child("", name);
            match name.as_str() {
                "tag" => patch.tag = self.text(value, at),
                "key" => patch.key = self.text(value, at),
                "enabled" => patch.enabled = self.flag(value, at),
                "text" => patch.text = self.optional_text(value, at),
                "attributes" => {
                    for (name, value) in self.object(value, &at).into_iter().flatten() {
                        let new = if value.is_null() { None } else { self.scalar(value, child(&at, name)) };
                        patch.attributes.push((name.clone(), new));
                    }
                }
                "children" => {
                    self.fault(at, "children are changed by their own addresses, or all of them by PUT");
                }
                name if SHOWN_ONLY.contains(&name) || name == "id" => {}
                _ => match value {
                    Value::Null => patch.short.push((name.clone(), ShortPatch::Away)),
                    Value::Object(pairs) => {
                        let mut values = Vec::new();
                        for (name, value) in pairs {
                            let new = match value {
                                Value::Null => Some(Vec::new()),
                                value => self.values(value, child(&at, name)),
                            };
                            values.extend(new.map(|new| (name.clone(), new)));
                        }
                        patch.short.push((name.clone(), ShortPatch::Values(values)));
                    }
                    _ => self.fault(at, unknown(name)),
                },
            }
        }
        patch
    }

    fn text(&mut self, value: &Value, at: String) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(at, format!("a text is expected, and this is {}", kind(value)));
        }
        text
    }

    fn optional_text(&mut self, value: &Value, at: String) -> Option<Option<String>> {
        if value.is_null() { Some(None) } else { self.text(value, at).map(Some) }
    }

    fn flag(&mut self, value: &Value, at: String) -> Option<bool> {
        let flag = value.as_bool();
        if flag.is_none() {
            self.fault(at, format!("true or false is expected, and this is {}", kind(value)));
        }
        flag
    }

    /// The value of an attribute or a parameter, which is always text.
    fn scalar(&mut self, value: &Value, at: String) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            _ => {
                let expected = "a text, a number, true or false is expected, and this is";
                self.fault(at, format!("{expected} {}", kind(value)));
                None
            }
        }
    }

    /// One value, or several of the same name.
    fn values(&mut self, value: &Value, at: String) -> Option<Vec<String>> {
        let Value::Array(values) = value else { return self.scalar(value, at).map(|value| vec![value]) };
        let values = (0_usize..).zip(values);
        values.map(|(index, value)| self.scalar(value, child(&at, &index.to_string()))).collect()
    }
}

fn unknown(name: &str) -> String {
    let members = MEMBERS.join(", ");
    format!(
        "there is no member {name}; there are {members}, and objects of names and values by what the element holds"
    )
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A JSON pointer one level deeper (RFC 6901).
pub(super) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_have_their_types() {
        let faults = Wanted::from_json(
            &json!({
                "tag": 1, "key": null, "id": 1.5, "enabled": "yes", "text": [], "attributes": {"a/b": null, "c": 1},
                "children": [1, {"children": {}}], "params": {"x": {}, "y": [1, null]}, "other": 5, "href": 7
            }),
            "",
        )
        .unwrap_err();
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            places,
            [
                "/tag",
                "/key",
                "/id",
                "/enabled",
                "/text",
                "/attributes/a~1b",
                "/children/0",
                "/children/1/children",
                "/params/x",
                "/params/y/1",
                "/other",
            ]
        );
        for value in [json!(null), json!([]), json!("x"), json!(1)] {
            assert_eq!(Wanted::from_json(&value, "").unwrap_err().len(), 1);
            assert_eq!(Patch::from_json(&value).unwrap_err().len(), 1);
        }
        for id in [json!(-1), json!(0), json!("7"), json!(9_223_372_036_854_775_808_u64)] {
            assert!(Wanted::from_json(&json!({ "id": id }), "").is_err(), "{id}");
        }
    }

    #[test]
    fn short_forms_take_what_integrators_have() {
        let wanted =
            Wanted::from_json(&json!({"params": {"a": "x", "b": 5060, "c": true, "d": ["1", 2]}}), "")
                .unwrap();
        let values: Vec<(&str, Vec<&str>)> = wanted.short[0]
            .values
            .iter()
            .map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            values,
            [("a", vec!["x"]), ("b", vec!["5060"]), ("c", vec!["true"]), ("d", vec!["1", "2"])]
        );
    }
}
