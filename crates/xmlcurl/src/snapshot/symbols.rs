//! Texts that many users of a domain share, kept once.

use std::collections::HashMap;

use custompbx_model::xml::escape::{escape, escape_text_into};

use super::bytes::{Reader, put_bytes, put_number};

/// A table of texts, already escaped for XML.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    texts: String,
    /// Where each text ends.
    ends: Vec<u32>,
    numbers: HashMap<Box<str>, u32>,
}

/// Fills a [`Symbols`] while users are encoded.
#[derive(Debug, Default)]
pub(crate) struct SymbolsBuilder {
    symbols: Symbols,
    /// How often a value was seen that has no symbol yet.
    seen: HashMap<u64, u8>,
}

/// A value gets a symbol when it is seen for this time: what is unique to each user should not fill the table.
const OFTEN: u8 = 4;
/// Values that are counted at a time.
const COUNTED: usize = 65_536;
/// Longer values are rarely shared.
const LONGEST: usize = 256;

impl Symbols {
    /// The escaped text of a symbol.
    pub(crate) fn text(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        self.texts.get(start as usize..end as usize).unwrap_or_default()
    }

    /// All texts, by symbol.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.text(u32::try_from(number).unwrap_or_default()))
    }

    /// The symbol of an escaped text.
    fn find(&self, escaped: &str) -> Option<u32> {
        self.numbers.get(escaped).copied()
    }

    fn add(&mut self, escaped: &str) -> Option<u32> {
        let number = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.texts.len() + escaped.len()).ok()?;
        self.texts.push_str(escaped);
        self.ends.push(end);
        self.numbers.insert(escaped.into(), number);
        Some(number)
    }

    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        put_number(out, self.ends.len() as u64);
        for number in 0..self.ends.len() {
            put_bytes(out, self.text(u32::try_from(number).unwrap_or_default()).as_bytes());
        }
    }

    pub(crate) fn load(reader: &mut Reader<'_>) -> Option<Self> {
        let mut symbols = Self::default();
        for _ in 0..reader.length()? {
            symbols.add(reader.text()?)?;
        }
        Some(symbols)
    }
}

/// Gives symbols to texts.
pub(crate) trait Intern {
    /// The symbol for an escaped text; `often` when it is surely shared, such as the name of an element.
    fn symbol(&mut self, escaped: &str, often: bool) -> Option<u32>;

    /// Appends a name or a value: its symbol, or the escaped text itself.
    fn put(&mut self, out: &mut Vec<u8>, value: &str, often: bool) {
        self.put_escaped(out, &escape(value), often);
    }

    /// Appends character data.
    fn put_text(&mut self, out: &mut Vec<u8>, text: &str) {
        let mut escaped = Vec::new();
        escape_text_into(&mut escaped, text);
        self.put_escaped(out, &String::from_utf8_lossy(&escaped), false);
    }

    fn put_escaped(&mut self, out: &mut Vec<u8>, escaped: &str, often: bool) {
        match self.symbol(escaped, often) {
            Some(number) => put_number(out, u64::from(number) << 1 | 1),
            None => {
                put_number(out, (escaped.len() as u64) << 1);
                out.extend_from_slice(escaped.as_bytes());
            }
        }
    }
}

impl Intern for SymbolsBuilder {
    fn symbol(&mut self, escaped: &str, often: bool) -> Option<u32> {
        if let Some(number) = self.symbols.find(escaped) {
            return Some(number);
        }
        if escaped.len() > LONGEST {
            return None;
        }
        if !often {
            if self.seen.len() >= COUNTED {
                self.seen.clear();
            }
            let count = self.seen.entry(super::shard::hash(escaped)).or_default();
            *count = count.saturating_add(1);
            if *count < OFTEN {
                return None;
            }
        }
        self.symbols.add(escaped)
    }
}

/// A finished table gives only the symbols that it has.
impl Intern for &Symbols {
    fn symbol(&mut self, escaped: &str, _: bool) -> Option<u32> {
        self.find(escaped)
    }
}

impl SymbolsBuilder {
    pub(crate) fn finish(mut self) -> Symbols {
        self.symbols.texts.shrink_to_fit();
        self.symbols.ends.shrink_to_fit();
        self.symbols
    }
}

/// A text as it was put.
pub(crate) enum Put<'a> {
    /// A symbol.
    Symbol(u32),
    /// The escaped text itself.
    Plain(&'a str),
}

/// Reads a text as it was put.
pub(crate) fn read_put<'a>(reader: &mut Reader<'a>) -> Option<Put<'a>> {
    let head = reader.number()?;
    if head & 1 == 1 {
        return Some(Put::Symbol(u32::try_from(head >> 1).ok()?));
    }
    std::str::from_utf8(reader.take(usize::try_from(head >> 1).ok()?)?).ok().map(Put::Plain)
}

/// Reads a text that was put: escaped.
pub(crate) fn read_text<'a>(reader: &mut Reader<'a>, symbols: &'a Symbols) -> Option<&'a str> {
    Some(match read_put(reader)? {
        Put::Symbol(number) => symbols.text(number),
        Put::Plain(text) => text,
    })
}
