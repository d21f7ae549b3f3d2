//! The types of answers, as the documentation writes them: `map<id,directory.user>`, `[dialplan.action]`.

use serde_json::Value;

/// A type.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// A kind of objects, or `int`, `bool`, `string`.
    Named(String),
    /// An object whose keys are ids.
    Map(Box<Self>),
    /// An array.
    List(Box<Self>),
    /// An object with these members.
    Members(Vec<(String, Self)>),
}

impl Type {
    /// Of the members of an answer.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::parse(text).0,
            Value::Object(members) => {
                Self::Members(members.iter().map(|(name, of)| (name.clone(), Self::of(of))).collect())
            }
            other => panic!("{other} is no type"),
        }
    }

    /// The type at the beginning of a text, and what is behind it; words that explain it end it.
    fn parse(text: &str) -> (Self, &str) {
        let text = text.trim_start().trim_start_matches('"');
        if let Some(rest) = text.strip_prefix("map<") {
            let (_, rest) = rest.split_once(',').unwrap();
            let (inner, rest) = Self::parse(rest);
            return (Self::Map(Box::new(inner)), rest.strip_prefix('>').unwrap());
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (inner, rest) = Self::parse(rest);
            return (Self::List(Box::new(inner)), rest.strip_prefix(']').unwrap());
        }
        if let Some(mut rest) = text.strip_prefix('{') {
            let mut members = Vec::new();
            loop {
                let (name, after) = rest.split_once(':').unwrap();
                let (inner, after) = Self::parse(after);
                members.push((name.trim_start_matches([',', ' ']).to_owned(), inner));
                match after.strip_prefix('}') {
                    Some(after) => return (Self::Members(members), after),
                    None => rest = after,
                }
            }
        }
        let end = text
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '.'))
            .unwrap_or(text.len());
        (Self::Named(text[..end].to_owned()), &text[end..])
    }

    /// Calls `visit` with every object of a kind in a value of this type.
    pub(super) fn objects<'v>(&self, value: &'v Value, visit: &mut impl FnMut(&str, &'v Value)) {
        match self {
            Self::Named(name) if name == "modules" => {
                let known = value.as_object().into_iter().flatten();
                known
                    .filter(|(_, value)| value.is_object())
                    .for_each(|(_, value)| visit("configuration", value));
            }
            Self::Named(name) if value.is_object() => visit(name, value),
            Self::Named(_) => {}
            Self::Map(inner) => {
                value.as_object().into_iter().flatten().for_each(|(_, value)| inner.objects(value, visit));
            }
            Self::List(inner) => {
                value.as_array().into_iter().flatten().for_each(|value| inner.objects(value, visit));
            }
            Self::Members(members) => {
                for (name, inner) in members {
                    value.get(name).into_iter().for_each(|value| inner.objects(value, visit));
                }
            }
        }
    }
}

#[test]
fn types_are_read() {
    let text = |text: &str| format!("{:?}", Type::of(&Value::from(text)));
    assert_eq!(text("map<id,directory.user> with the created users"), "Map(Named(\"directory.user\"))");
    assert_eq!(
        text("map<condition id,{actions:[dialplan.action],x:int}>"),
        "Map(Members([(\"actions\", List(Named(\"dialplan.action\"))), (\"x\", Named(\"int\"))]))"
    );
    assert_eq!(text("directory.user (the deleted row)"), "Named(\"directory.user\")");
}
