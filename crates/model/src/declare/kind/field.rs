//! The fields of an object: how they are read from its node, checked, and written to it.

use std::borrow::Cow;

use serde_json::Value;

use crate::node::{Attribute, Node};

/// The longest name, in bytes.
pub const LONGEST_NAME: usize = 255;
/// The longest value, in bytes.
pub const LONGEST_VALUE: usize = 64 * 1024;

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What the API calls it.
    pub name: &'static str,
    /// Where it stands in the node.
    pub source: Source,
    /// How it is written in JSON.
    pub value: Type,
    /// What it is when it is not there.
    pub absent: &'static str,
    /// Whether an empty one is written; if not, it is left out.
    pub keeps_empty: bool,
    /// Whether it is a member of the object; if not, it is only there to be picked.
    pub shown: bool,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In this attribute.
    Attribute(&'static str),
    /// In this attribute, or where that is missing in the element's text, and then it stays there.
    AttributeOrText(&'static str),
    /// In this attribute, or as the text of the child of the same name, and then it stays there.
    AttributeOrChild(&'static str),
}

impl Source {
    /// The attribute.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Attribute(name) | Self::AttributeOrText(name) | Self::AttributeOrChild(name) => name,
        }
    }
}

/// How a field is written in JSON, and what it may be.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A text that is not empty, with at most [`LONGEST_NAME`] bytes and no control character.
    Name,
    /// A text with at most [`LONGEST_VALUE`] bytes.
    Text,
    /// A whole number that is not negative; as a text it is taken too.
    Number,
    /// `true` or `false`; in the node `true`, or nothing.
    Bool,
    /// The text `true` or an empty one; in the node `true`, or nothing.
    TrueOrEmpty,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Networks or addresses with commas between, or nothing; what has variables in it is not judged.
    Networks,
}

/// Why a value is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is none, or an empty one.
    #[error("is empty")]
    Empty,
    /// It has another type.
    #[error("must be {0}")]
    Type(&'static str),
    /// It is too long.
    #[error("has more than {0} bytes")]
    TooLong(usize),
    /// It has a control character.
    #[error("has a control character")]
    Control,
    /// It is not among those that there are.
    #[error("must be one of {}", .0.join(", "))]
    Unknown(&'static [&'static str]),
}

impl Field {
    const PLAIN: Self = Self {
        name: "",
        source: Source::Attribute(""),
        value: Type::Text,
        absent: "",
        keeps_empty: false,
        shown: true,
    };

    /// A name in the attribute of the same name.
    pub const fn name(name: &'static str) -> Self {
        Self { name, source: Source::Attribute(name), value: Type::Name, ..Self::PLAIN }
    }

    /// A text in the attribute of the same name, which is left out when it is empty.
    pub const fn text(name: &'static str) -> Self {
        Self { name, source: Source::Attribute(name), ..Self::PLAIN }
    }

    /// The same, written in another way.
    #[must_use]
    pub const fn of(self, value: Type) -> Self {
        Self { value, ..self }
    }

    /// The same from another place.
    #[must_use]
    pub const fn from(self, source: Source) -> Self {
        Self { source, ..self }
    }

    /// The same from another attribute.
    #[must_use]
    pub const fn from_attribute(self, name: &'static str) -> Self {
        self.from(Source::Attribute(name))
    }

    /// The same, written also when it is empty.
    #[must_use]
    pub const fn kept(self) -> Self {
        Self { keeps_empty: true, ..self }
    }

    /// The same that is this when it is not there.
    #[must_use]
    pub const fn or(self, absent: &'static str) -> Self {
        Self { absent, ..self }
    }

    /// The same that is no member of the object.
    #[must_use]
    pub const fn hidden(self) -> Self {
        Self { shown: false, ..self }
    }

    /// What the node has, as a text. Children are looked at, where it has them.
    pub fn read<'n>(&self, node: &'n Node) -> Cow<'n, str> {
        let attribute = node.attribute(self.source.attribute());
        let found = match self.source {
            Source::Attribute(_) => attribute,
            Source::AttributeOrText(_) => attribute.or(node.text.as_deref()),
            // FreeSWITCH prefers the element (mod_dialplan_xml.c).
            Source::AttributeOrChild(name) => {
                node.child(name).and_then(|child| child.text.as_deref()).or(attribute)
            }
        };
        let text = found.unwrap_or(self.absent);
        match self.value {
            Type::Bool | Type::TrueOrEmpty if is_true(text) => "true".into(),
            Type::Bool | Type::TrueOrEmpty => "".into(),
            Type::Number => text.trim().parse::<u64>().unwrap_or_default().to_string().into(),
            _ => text.into(),
        }
    }

    /// What the node has, as JSON.
    pub fn json(&self, node: &Node) -> Value {
        let text = self.read(node);
        match self.value {
            Type::Bool => Value::Bool(&*text == "true"),
            Type::Number => text.parse::<u64>().unwrap_or_default().into(),
            _ => Value::String(text.into_owned()),
        }
    }

    /// What this is where there is nothing.
    pub fn nothing(&self) -> Value {
        match self.value {
            Type::Bool => Value::Bool(false),
            Type::Number => 0.into(),
            _ => "".into(),
        }
    }

    /// Takes a value from JSON; as a text it is what [`Field::read`] gives. Blanks around texts do not count.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, value: &Value) -> Result<String, Wrong> {
        match (self.value, value) {
            (Type::Bool, Value::Bool(true)) => Ok("true".to_owned()),
            (Type::Bool, Value::Bool(false)) => Ok(String::new()),
            (Type::Bool, _) => Err(Wrong::Type("true or false")),
            (Type::Number, Value::Number(number)) => match number.as_u64() {
                Some(number) if number <= u64::from(u32::MAX) => Ok(number.to_string()),
                _ => Err(Wrong::Type("a whole number")),
            },
            (Type::Number, Value::String(text)) => match text.trim().parse::<u32>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) if text.trim().is_empty() => Err(Wrong::Empty),
                Err(_) => Err(Wrong::Type("a whole number")),
            },
            (Type::Number, _) => Err(Wrong::Type("a whole number")),
            (_, Value::String(text)) => self.check(text.trim()).map(|()| text.trim().to_owned()),
            _ => Err(Wrong::Type("a text")),
        }
    }

    /// Whether a text may be written.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, text: &str) -> Result<(), Wrong> {
        match self.value {
            Type::Name if text.is_empty() => Err(Wrong::Empty),
            Type::Name if text.len() > LONGEST_NAME => Err(Wrong::TooLong(LONGEST_NAME)),
            Type::Name if text.chars().any(char::is_control) => Err(Wrong::Control),
            _ if text.len() > LONGEST_VALUE => Err(Wrong::TooLong(LONGEST_VALUE)),
            Type::TrueOrEmpty if !matches!(text, "true" | "") => Err(Wrong::Unknown(&["true", ""])),
            Type::Networks if !are_networks(text) => Err(Wrong::Type("networks such as 192.0.2.0/24")),
            Type::OneOf(known) if !known.contains(&text) => Err(Wrong::Unknown(known)),
            // What XML cannot say.
            _ if text
                .chars()
                .any(|character| character.is_control() && !matches!(character, '\t' | '\n' | '\r')) =>
            {
                Err(Wrong::Control)
            }
            _ => Ok(()),
        }
    }

    /// Writes a text into a node. What the node has in other words already stays as it is: `inline="yes"` is not made
    /// `true`. A child that has the value is not looked at.
    pub fn write(&self, node: &mut Node, text: &str) {
        let attribute = self.source.attribute();
        if self.read(node) == text && (!self.keeps_empty || node.attribute(attribute).is_some()) {
            return;
        }
        let is_in_text = matches!(self.source, Source::AttributeOrText(_))
            && node.attribute(attribute).is_none()
            && node.text.is_some();
        let is_nothing = match self.value {
            Type::Number => text == "0",
            _ => text.is_empty(),
        };
        if is_in_text {
            node.text = Some(text.into()).filter(|_| !is_nothing);
        } else if is_nothing && !self.keeps_empty {
            remove(&mut node.attributes, attribute);
        } else {
            node.set_attribute(attribute, text);
        }
    }
}

fn are_networks(text: &str) -> bool {
    let is_one =
        |part: &str| part.parse::<ipnet::IpNet>().is_ok() || part.parse::<std::net::IpAddr>().is_ok();
    text.is_empty() || text.contains("${") || text.split(',').all(|part| is_one(part.trim()))
}

fn remove(attributes: &mut Vec<Attribute>, name: &str) {
    attributes.retain(|(key, _)| &**key != name);
}

/// As `switch_true` does.
fn is_true(text: &str) -> bool {
    const WORDS: &[&str] = &["yes", "on", "true", "t", "enabled", "active", "allow"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        || text.parse::<i64>().is_ok_and(|number| number != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INLINE: Field = Field::text("inline").of(Type::Bool);
    const CACHE: Field = Field::text("cache").from_attribute("cacheable").of(Type::Number);
    const DATA: Field = Field::text("data").from(Source::AttributeOrText("data"));

    #[test]
    fn what_is_said_in_other_words_stays() {
        let mut action = Node::new("action").with("inline", "Yes");
        INLINE.write(&mut action, "true");
        assert_eq!(action.attribute("inline"), Some("Yes"));
        INLINE.write(&mut action, "");
        assert_eq!(action.attributes, []);
        INLINE.write(&mut action, "");
        assert_eq!(action.attributes, []);
        let mut user = Node::new("user").with("cacheable", "true");
        assert_eq!(CACHE.json(&user), 0);
        CACHE.write(&mut user, "0");
        assert_eq!(user.attribute("cacheable"), Some("true"));
        CACHE.write(&mut user, "5000");
        assert_eq!(CACHE.json(&user), 5000);
        CACHE.write(&mut user, "0");
        assert_eq!(user.attributes, []);
    }

    #[test]
    fn an_empty_value_is_written_where_it_is_kept() {
        let mut param = Node::new("param");
        Field::text("value").kept().write(&mut param, "");
        Field::text("other").write(&mut param, "");
        Field::text("type").kept().or("set").write(&mut param, "set");
        assert_eq!(
            (param.attribute("value"), param.attribute("type"), param.attributes.len()),
            (Some(""), Some("set"), 2)
        );
    }

    #[test]
    fn a_text_stays_a_text() {
        let mut action = Node { text: Some("a=b".into()), ..Node::new("action") };
        assert_eq!(DATA.json(&action), "a=b");
        DATA.write(&mut action, "c=d");
        assert_eq!((action.text.as_deref(), action.attributes.len()), (Some("c=d"), 0));
        let mut action = Node::new("action");
        DATA.write(&mut action, "x");
        assert_eq!(action.attribute("data"), Some("x"));
        DATA.write(&mut action, "");
        assert_eq!(action.attributes, []);
    }

    #[test]
    fn what_is_not_taken() {
        let name = Field::name("name");
        let text = |field: Field, text: &str| field.parse(&Value::from(text));
        assert_eq!(text(name, "  "), Err(Wrong::Empty));
        assert_eq!(text(name, &"x".repeat(256)), Err(Wrong::TooLong(255)));
        assert_eq!(text(name, "a\tb"), Err(Wrong::Control));
        assert_eq!(text(name, "a\u{85}b"), Err(Wrong::Control));
        assert_eq!(text(name, " a/../%2F<&\"'> ").unwrap(), "a/../%2F<&\"'>");
        assert_eq!(text(DATA, "a\tb\nc").unwrap(), "a\tb\nc");
        assert_eq!(text(DATA, "a\u{1}"), Err(Wrong::Control));
        assert_eq!(text(DATA, &"x".repeat(65_537)), Err(Wrong::TooLong(65_536)));
        assert_eq!(DATA.parse(&Value::from(1)), Err(Wrong::Type("a text")));
        assert_eq!(text(INLINE, "true"), Err(Wrong::Type("true or false")));
        assert_eq!(text(CACHE, "5000").unwrap(), "5000");
        assert_eq!(CACHE.parse(&Value::from(7)).unwrap(), "7");
        for wrong in [Value::from(-1), Value::from(1.5), Value::from("x"), Value::from("-1"), Value::Null] {
            assert_eq!(CACHE.parse(&wrong), Err(Wrong::Type("a whole number")), "{wrong}");
        }
        let flag = Field::text("continue").of(Type::TrueOrEmpty);
        assert_eq!(text(flag, "false"), Err(Wrong::Unknown(&["true", ""])));
    }
}
