//! Rules 30 to 34: `${name}` in a text (`switch_channel_expand_variables_check`).

use std::cell::Cell;

use crate::undecidable::{Known, Why, unknown};
use crate::value::Value;
use crate::words::atoi;

/// How deep values are expanded in values.
const DEEPEST: usize = 100;
/// The longest text that comes out of an expansion, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Where the values come from.
pub(crate) trait Lookup {
    /// A variable, or with an index that is not negative an element of one.
    fn variable(&self, name: &[u8], index: i32) -> Known<Option<&[u8]>>;
    /// What an API call gives; none if there is no such call.
    fn api(&self, name: &[u8], argument: &[u8]) -> Known<Option<&[u8]>>;
    /// What is left to spend.
    fn room(&self) -> &Room;
}

/// What one evaluation may spend, so that variables that double themselves come to an end.
#[derive(Debug)]
pub(crate) struct Room {
    texts: Cell<u32>,
    bytes: Cell<usize>,
}

impl Default for Room {
    fn default() -> Self {
        Self { texts: Cell::new(200_000), bytes: Cell::new(32 * 1024 * 1024) }
    }
}

impl Room {
    /// Takes one text and so many bytes.
    pub(crate) fn spend(&self, bytes: usize) -> Known<()> {
        if self.has_spent(1, bytes) { Ok(()) } else { unknown(Why::TooMuch("the variables in its texts")) }
    }

    /// Takes so many texts that have so many bytes together, if there is room for all of them.
    pub(crate) fn has_spent(&self, texts: u32, bytes: usize) -> bool {
        let (Some(texts), Some(bytes)) =
            (self.texts.get().checked_sub(texts), self.bytes.get().checked_sub(bytes))
        else {
            return false;
        };
        self.texts.set(texts);
        self.bytes.set(bytes);
        true
    }
}

/// Rule 30: whether there is something to expand.
pub(crate) fn expands(text: &[u8]) -> bool {
    has_variable(text) || has_escape(text)
}

/// `$` followed by `{`, with nothing but backslashes between them.
pub(crate) fn has_variable(text: &[u8]) -> bool {
    let mut dollar = false;
    for byte in text {
        match byte {
            b'$' => dollar = true,
            b'{' if dollar => return true,
            b'\\' => {}
            _ => dollar = false,
        }
    }
    false
}

fn has_escape(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        rest = &rest[at + 1..];
        if matches!(rest.first(), Some(b'\\' | b'n' | b's' | b't' | b'\'')) {
            return true;
        }
    }
    false
}

/// The text with its variables replaced; none if there was nothing to expand.
pub(crate) fn expand(text: &[u8], lookup: &impl Lookup) -> Known<Option<Vec<u8>>> {
    expand_at(text, lookup, 0)
}

/// [`expand`] of a text in which there is no variable; none if there is one, or nothing to expand.
pub(crate) fn expand_constant(text: &[u8]) -> Option<Value> {
    if has_variable(text) {
        return None;
    }
    expand(text, &Nothing::default()).ok()?.map(Value::from)
}

/// No variables and no commands.
#[derive(Default)]
struct Nothing(Room);

impl Lookup for Nothing {
    fn variable(&self, _: &[u8], _: i32) -> Known<Option<&[u8]>> {
        Ok(None)
    }

    fn api(&self, _: &[u8], _: &[u8]) -> Known<Option<&[u8]>> {
        Ok(None)
    }

    fn room(&self) -> &Room {
        &self.0
    }
}

fn expand_at(text: &[u8], lookup: &impl Lookup, depth: usize) -> Known<Option<Vec<u8>>> {
    if depth > DEEPEST || !expands(text) {
        return Ok(None);
    }
    lookup.room().spend(text.len())?;
    let at = |place: usize| text.get(place).copied().unwrap_or(0);
    let mut out = Vec::with_capacity(text.len());
    let mut place = 0;
    while place < text.len() {
        // Rule 31.
        let mut literal = false;
        if at(place) == b'\\' {
            match at(place + 1) {
                b'$' => {
                    literal = true;
                    place += if at(place + 2) == b'$' { 2 } else { 1 };
                }
                b'\'' => {
                    place += 2;
                    continue;
                }
                b'\\' => {
                    out.push(b'\\');
                    place += 2;
                    continue;
                }
                _ => {}
            }
        }
        let mut variable = false;
        if at(place) == b'$' && !literal {
            if at(place + 1) == b'$' {
                place += 1;
            }
            variable = at(place + 1) == b'{';
            literal = !variable;
        }
        if literal {
            out.push(at(place));
            place += 1;
            continue;
        }
        if variable {
            let (inner, open, behind) = braced(text, place + 2);
            replace(inner, open, lookup, depth, &mut out)?;
            if out.len() > LONGEST {
                return unknown(Why::TooMuch("the length of a text with its variables"));
            }
            place = behind;
            // What follows a variable is taken as it is, backslashes too, unless it is a `$`.
            if at(place) == b'$' {
                continue;
            }
        }
        if place < text.len() {
            out.push(at(place));
        }
        place += 1;
    }
    Ok(Some(out))
}

/// What stands between the braces that opened before `start`, how many of them stay open, and what is behind them.
pub(crate) fn braced(text: &[u8], start: usize) -> (&[u8], usize, usize) {
    let mut open = 1;
    for (place, byte) in text.iter().enumerate().skip(start) {
        match byte {
            b'}' if open == 1 => return (&text[start..place], 0, place + 1),
            b'}' => open -= 1,
            // A brace at the very beginning does not count.
            b'{' if place > start => open += 1,
            _ => {}
        }
    }
    (&text[start.min(text.len())..], open, text.len())
}

fn replace(inner: &[u8], open: usize, lookup: &impl Lookup, depth: usize, out: &mut Vec<u8>) -> Known<()> {
    // Rule 34.
    if let Some(at) = split_call(inner) {
        let argument = argument_of(inner, at, open);
        let name = expand_at(&inner[..at], lookup, depth + 1)?;
        let argument_expanded = expand_at(argument, lookup, depth + 1)?;
        let name = name.as_deref().unwrap_or(&inner[..at]);
        if let Some(result) = lookup.api(name, argument_expanded.as_deref().unwrap_or(argument))? {
            lookup.room().spend(result.len())?;
            out.extend_from_slice(result);
        }
        return Ok(());
    }
    // Rule 32.
    let expanded = expand_at(inner, lookup, depth + 1)?;
    let mut name = expanded.as_deref().unwrap_or(inner);
    let (mut offset, mut length) = (0, 0);
    if let Some(colon) = name.iter().position(|&byte| byte == b':') {
        let numbers = &name[colon + 1..];
        name = &name[..colon];
        offset = atoi(numbers);
        if let Some(colon) = numbers.iter().position(|&byte| byte == b':') {
            length = atoi(&numbers[colon + 1..]);
        }
    }
    let mut index = -1;
    if let Some(open) =
        name.iter().position(|&byte| byte == b'[').filter(|&open| name[open..].contains(&b']'))
    {
        index = atoi(&name[open + 1..]);
        name = &name[..open];
    }
    if name.is_empty() {
        return Ok(());
    }
    // Rule 33.
    let Some(value) = lookup.variable(name, index)? else { return Ok(()) };
    let expanded = expand_at(value, lookup, depth + 1)?;
    let value = part(expanded.as_deref().unwrap_or(value), offset, length);
    lookup.room().spend(value.len())?;
    out.extend_from_slice(value);
    Ok(())
}

/// Where the name of an API call ends; none for a variable.
pub(crate) fn split_call(inner: &[u8]) -> Option<usize> {
    inner.iter().position(|byte| matches!(byte, b' ' | b'('))
}

/// The argument of an API call, up to the parenthesis that closes it. Behind a blank there is none to
/// close, unless braces around it stay open: the switch counts both with one number.
pub(crate) fn argument_of(inner: &[u8], at: usize, open_braces: usize) -> &[u8] {
    let mut open = if inner[at] == b'(' { 1 } else { open_braces };
    let text = &inner[at + 1..];
    for (place, byte) in text.iter().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' if open > 1 => open -= 1,
            b')' if open == 1 => return &text[..place],
            _ => {}
        }
    }
    text
}

/// `${name:offset:length}`.
fn part(value: &[u8], offset: i32, length: i32) -> &[u8] {
    let from = match usize::try_from(offset) {
        Ok(offset) if offset > value.len() => return &[],
        Ok(offset) => offset,
        // More negative than it is long: all of it.
        Err(_) => usize::try_from(offset.unsigned_abs())
            .ok()
            .and_then(|back| value.len().checked_sub(back))
            .unwrap_or(0),
    };
    let rest = &value[from..];
    match usize::try_from(length) {
        Ok(length) if length > 0 && length < rest.len() => &rest[..length],
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Some2(Room);

    impl Lookup for Some2 {
        fn variable(&self, name: &[u8], index: i32) -> Known<Option<&[u8]>> {
            let value: &[u8] = match (name, index) {
                (b"v", -1) => b"value",
                (b"v", 1) => b"one",
                (b"n", _) => b"v",
                (b"nested", _) => b"<${v}>",
                (b"self", _) => b"${self}x",
                (b"bomb", _) => b"${bomb}${bomb}",
                _ => return Ok(None),
            };
            Ok(Some(value))
        }

        fn api(&self, name: &[u8], argument: &[u8]) -> Known<Option<&[u8]>> {
            match (name, argument) {
                (b"cond", b"1 == 1 ? a : b") => Ok(Some(b"${v}")),
                (b"f", b"x(y)z") => Ok(Some(b"f")),
                (b"f", b"value) tail") => Ok(Some(b"blank")),
                _ => Ok(None),
            }
        }

        fn room(&self) -> &Room {
            &self.0
        }
    }

    fn expanded(text: &str) -> String {
        let out = expand(text.as_bytes(), &Some2::default()).unwrap();
        String::from_utf8(out.unwrap_or_else(|| text.into())).unwrap()
    }

    #[test]
    fn rules_30_and_31_what_is_expanded() {
        for (text, result) in [
            ("plain $1 \\d $$", "plain $1 \\d $$"),
            ("a\\nb$$", "a\\nb$"),
            ("\\\\${v}", "\\value"),
            ("\\$$x${v}", "$xvalue"),
            ("\\${v}${v}", "${v}value"),
            ("it\\'s", "its"),
            ("$${v}$$", "value$"),
            ("$$$x${v}", "$$xvalue"),
            ("${v", "value"),
            ("${v}\\${v}", "value\\value"),
            ("$\\{v}", "$\\{v}"),
            ("${}${v}", "value"),
            ("${v}$", "value$"),
            ("$", "$"),
        ] {
            assert_eq!(expanded(text), result, "{text}");
        }
    }

    #[test]
    fn rules_32_to_34_names_and_calls() {
        for (text, result) in [
            ("${v:1}", "alue"),
            ("${v:-2}", "ue"),
            ("${v:-9}", "value"),
            ("${v:9}", ""),
            ("${v:5}", ""),
            ("${v:1:2}", "al"),
            ("${v:1:0}", "alue"),
            ("${v:1:-2}", "alue"),
            ("${v:-3:1}", "l"),
            ("${v[1]}", "one"),
            ("${v[7]}", ""),
            ("${v[1}", ""),
            ("${${n}}", "value"),
            ("${nested}", "<value>"),
            ("${nosuch}", ""),
            ("${cond(1 == 1 ? a : b)}", "${v}"),
            ("${f(x(y)z)}", "f"),
            ("${f ${v}) tail}", "blank"),
            ("${v }", ""),
        ] {
            assert_eq!(expanded(text), result, "{text}");
        }
    }

    #[test]
    fn without_a_variable_it_is_the_same_for_every_call() {
        assert_eq!(expand_constant(b"^\\s\\\\d$"), Some("^\\s\\d$".into()));
        assert_eq!(expand_constant(b"^\\d$"), None);
        assert_eq!(expand_constant(b"\\s${v}"), None);
    }

    #[test]
    fn circles_end_and_bombs_are_refused() {
        assert_eq!(expanded("${self}").matches('x').count(), 101);
        assert!(matches!(expand(b"${bomb}", &Some2::default()), Err(why) if matches!(*why, Why::TooMuch(_))));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_expanded(text in "[$\\\\{}\\[\\]():' vn1-]{0,60}") {
            let _ = expand(text.as_bytes(), &Some2::default());
        }
    }
}
