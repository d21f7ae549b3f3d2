//! The variables of a channel, as an event's headers keep them (`switch_event.c`).

use crate::value::Value;
use crate::words::{atoi, same_word};

/// The highest index that a variable can be set at.
const HIGHEST_INDEX: i32 = 4000;
/// `ARRAY::`, with which the text of an array begins.
const ARRAY: &[u8] = b"ARRAY::";
/// What stands between the parts of an array in its text.
const BETWEEN: &[u8] = b"|:";
/// How often an array can be the first part of an array; deeper ones are kept as text.
const DEEPEST: usize = 16;

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    /// Takes the place of the old one.
    Set,
    /// Behind the others of an array.
    Push,
    /// Before them.
    Unshift,
}

/// Variables by name, without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    headers: Vec<Header>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Header {
    name: Value,
    hash: u32,
    /// The text; of an array all of it.
    text: Value,
    /// The elements, if it is an array.
    array: Vec<Value>,
}

/// A number that is the same for names that are the same.
pub(crate) fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}

impl Variables {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of a variable.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.find(name.as_bytes(), hash(name.as_bytes())).map(|header| &header.text)
    }

    /// The elements of a variable that is an array.
    pub fn elements(&self, name: &str) -> &[Value] {
        self.find(name.as_bytes(), hash(name.as_bytes())).map_or(&[], |header| &header.array)
    }

    /// Names and texts, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.headers.iter().map(|header| (&header.name, &header.text))
    }

    /// Sets a variable as a channel's is set: nothing deletes it, `ARRAY::a|:b` makes an array.
    pub fn set(&mut self, name: impl Into<Value>, value: impl Into<Value>) {
        let (name, value): (Value, Value) = (name.into(), value.into());
        let is_plain = !name.is_empty()
            && !value.is_empty()
            && !name.as_bytes().contains(&b'[')
            && !value.as_bytes().starts_with(ARRAY);
        if !is_plain {
            return self.add(Stack::Set, name.as_bytes(), value.as_bytes());
        }
        // What all but a few of a call's variables come to, without copies.
        let hash = hash(name.as_bytes());
        self.delete_hashed(name.as_bytes(), hash);
        self.headers.push(Header { name, hash, text: value, array: Vec::new() });
    }

    /// Rule 32: a variable, or an element of one; a negative index stands for the whole.
    pub(crate) fn value(&self, name: &[u8], hash: u32, index: i32) -> Option<&Value> {
        let header = self.find(name, hash)?;
        match usize::try_from(index) {
            Ok(index) => header.array.get(index),
            Err(_) => Some(&header.text),
        }
    }

    /// Deletes a variable, and says whether there was one.
    pub(crate) fn delete(&mut self, name: &[u8]) -> bool {
        self.delete_hashed(name, hash(name))
    }

    fn delete_hashed(&mut self, name: &[u8], hash: u32) -> bool {
        let before = self.headers.len();
        self.headers.retain(|header| header.hash != hash || !same_word(header.name.as_bytes(), name));
        self.headers.len() < before
    }

    /// The names of the variables that begin so.
    pub(crate) fn beginning(&self, prefix: &[u8]) -> Vec<Value> {
        let begins = |name: &[u8]| name.get(..prefix.len()).is_some_and(|start| same_word(start, prefix));
        self.headers
            .iter()
            .map(|header| &header.name)
            .filter(|name| begins(name.as_bytes()))
            .cloned()
            .collect()
    }

    /// `switch_channel_add_variable_var_check`.
    pub(crate) fn add(&mut self, stack: Stack, name: &[u8], value: &[u8]) {
        if name.is_empty() {
            return;
        }
        if value.is_empty() {
            self.delete(name);
        } else {
            self.header(stack, name, value, 0);
        }
    }

    /// [`Variables::add`] of several elements behind each other. The text is written once: there may be many.
    pub(crate) fn push_all(&mut self, name: &[u8], values: &[&[u8]]) {
        let hash = hash(name);
        for value in values {
            match self.position(name, hash).filter(|at| !self.headers[*at].array.is_empty()) {
                Some(at) => self.headers[at].array.push((*value).into()),
                None => self.add(Stack::Push, name, value),
            }
        }
        if let Some(at) = self.position(name, hash).filter(|_| values.len() > 1) {
            self.headers[at].draw();
        }
    }

    /// Rule 32, `switch_event_base_add_header`. The name of an element (`name[i]`) makes an array of the variable.
    fn header(&mut self, stack: Stack, name: &[u8], value: &[u8], depth: usize) {
        if let Some(at) = name.iter().position(|&byte| byte == b'[') {
            return self.element(&name[..at], atoi(&name[at + 1..]), value);
        }
        let hash = hash(name);
        let old = match stack {
            Stack::Set => None,
            Stack::Push | Stack::Unshift => self.position(name, hash),
        };
        let Some(old) = old else {
            self.delete(name);
            if value.is_empty() {
                return;
            }
            if let Some(parts) = value.strip_prefix(ARRAY).filter(|_| depth < DEEPEST) {
                if !parts.is_empty() {
                    self.array(name, parts, depth + 1);
                }
                return;
            }
            let mut header = Header { name: name.into(), hash, text: value.into(), array: Vec::new() };
            if stack != Stack::Set {
                header.array.push(value.into());
            }
            self.headers.push(header);
            return;
        };
        let header = &mut self.headers[old];
        if header.array.is_empty() {
            header.array.push(std::mem::take(&mut header.text));
        }
        let at = if stack == Stack::Push { header.array.len() } else { 0 };
        header.array.insert(at, value.into());
        header.draw();
    }

    /// The parts of an array's text, one behind the other.
    fn array(&mut self, name: &[u8], parts: &[u8], depth: usize) {
        let hash = hash(name);
        let mut rest = parts;
        loop {
            let end = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN);
            let part = &rest[..end.unwrap_or(rest.len())];
            match self.position(name, hash) {
                // Drawn once in the end: a text may have many parts.
                Some(at) => self.headers[at].array.push(part.into()),
                None => self.header(Stack::Push, name, part, depth),
            }
            match end {
                Some(end) => rest = &rest[end + BETWEEN.len()..],
                None => break,
            }
        }
        if let Some(at) = self.position(name, hash) {
            self.headers[at].draw();
        }
    }

    /// The text of the whole array stays as it was when an element is replaced.
    fn element(&mut self, name: &[u8], index: i32, value: &[u8]) {
        let Some(index) = usize::try_from(index).ok().filter(|_| index <= HIGHEST_INDEX) else { return };
        let hash = hash(name);
        let at = self.position(name, hash).unwrap_or_else(|| {
            self.headers.push(Header { name: name.into(), hash, text: Value::default(), array: Vec::new() });
            self.headers.len() - 1
        });
        let header = &mut self.headers[at];
        if let Some(old) = header.array.get_mut(index) {
            *old = value.into();
        } else {
            header.array.resize(index, Value::default());
            header.array.push(value.into());
            header.draw();
        }
    }

    fn position(&self, name: &[u8], hash: u32) -> Option<usize> {
        self.headers.iter().position(|header| header.hash == hash && same_word(header.name.as_bytes(), name))
    }

    fn find(&self, name: &[u8], hash: u32) -> Option<&Header> {
        self.position(name, hash).map(|at| &self.headers[at])
    }
}

impl Header {
    /// Writes the text of the array anew.
    fn draw(&mut self) {
        let mut text = if self.array.len() > 1 { ARRAY.to_vec() } else { Vec::new() };
        for (number, element) in self.array.iter().enumerate() {
            if number > 0 {
                text.extend_from_slice(BETWEEN);
            }
            text.extend_from_slice(element.as_bytes());
        }
        self.text = text.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(variables: &Variables, name: &str, index: i32) -> Option<String> {
        variables.value(name.as_bytes(), hash(name.as_bytes()), index).map(ToString::to_string)
    }

    #[test]
    fn rule_32_arrays() {
        let mut variables = Variables::new();
        variables.set("a", "ARRAY::x|:y|:");
        assert_eq!(at(&variables, "A", -1).as_deref(), Some("ARRAY::x|:y|:"));
        assert_eq!(at(&variables, "a", 1).as_deref(), Some("y"));
        assert_eq!((at(&variables, "a", 2).as_deref(), at(&variables, "a", 3)), (Some(""), None));
        variables.add(Stack::Push, b"b", b"one");
        assert_eq!(
            (at(&variables, "b", -1), at(&variables, "b", 0)),
            (Some("one".into()), Some("one".into()))
        );
        variables.add(Stack::Unshift, b"B", b"zero");
        assert_eq!(at(&variables, "b", -1).as_deref(), Some("ARRAY::zero|:one"));
        variables.add(Stack::Set, b"b[0]", b"z");
        assert_eq!(at(&variables, "b", -1).as_deref(), Some("ARRAY::zero|:one"));
        assert_eq!(at(&variables, "b", 0).as_deref(), Some("z"));
        variables.set("p", "plain");
        assert_eq!(at(&variables, "p", 0), None);
        variables.add(Stack::Set, b"p[2]", b"x");
        assert_eq!(at(&variables, "p", -1).as_deref(), Some("ARRAY::|:|:x"));
        variables.set("p", "");
        assert_eq!(at(&variables, "p", -1), None);
        variables.set("n", "ARRAY::");
        assert_eq!(at(&variables, "n", -1), None);
        variables.add(Stack::Set, b"q[9999]", b"x");
        assert_eq!(at(&variables, "q", -1), None);
        variables.set("deep", "ARRAY::".repeat(10_000) + "x");
        assert_eq!(at(&variables, "deep", 1), None);
    }
}
