//! The texts of a shard's users, as a search wants them: one after the other, in lower case, without what nobody is found
//! by. They are made of the records when a shard is searched for the first time.

use std::borrow::Cow;

use custompbx_model::NodeId;
use custompbx_model::modules::is_secret;
use custompbx_model::xml::escape::unescape;
use memchr::memmem::Finder;

use super::bytes::Reader;
use super::search::{Found, Rank};
use super::shard::User;
use super::symbols::{Put, Symbols, read_put};

/// Stands before each name of a user, its id and its second number. These three are in no UTF-8, so no word can reach
/// from one text into the next.
const NAME: u8 = 0xf8;
/// Stands before each other text.
const VALUE: u8 = 0xf9;
/// Stands behind the last text.
const END: u8 = 0xfa;

/// What a search reads of a shard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Searchable {
    /// Each text behind its mark.
    texts: Vec<u8>,
    /// The texts that users share, user by user.
    symbols: Vec<u32>,
    users: Vec<Ends>,
}

/// A user, and where its texts end.
#[derive(Clone, Copy, Debug)]
struct Ends {
    node: NodeId,
    texts: usize,
    symbols: usize,
}

impl Searchable {
    pub(crate) fn of<'a>(users: impl Iterator<Item = User<'a>>, symbols: &Symbols) -> Self {
        let mut all = Self::default();
        // A record of an alias tells nothing that the user's own does not.
        for user in users.filter(User::counts) {
            let mut collect = Collect { symbols, into: &mut all };
            // Damaged bytes cannot be: records are checked when a snapshot is loaded.
            let _ = collect.element(&mut user.element.clone(), true);
            let (texts, symbols) = (all.texts.len(), all.symbols.len());
            all.users.push(Ends { node: user.node, texts, symbols });
        }
        all.texts.push(END);
        all.texts.shrink_to_fit();
        all.symbols.shrink_to_fit();
        all.users.shrink_to_fit();
        all
    }

    fn put(&mut self, mark: u8, escaped: &str) {
        self.texts.push(mark);
        let text = unescape(escaped);
        let lower = if text.is_ascii() { Cow::Borrowed(&*text) } else { text.to_lowercase().into() };
        let start = self.texts.len();
        self.texts.extend_from_slice(lower.as_bytes());
        self.texts[start..].make_ascii_lowercase();
    }

    /// Calls `each` for every user that holds one of the words. `shared` says the same of the texts that users share, by
    /// symbol.
    pub(crate) fn search(&self, words: &[Finder<'_>], shared: &[Found], mut each: impl FnMut(NodeId, Found)) {
        let mut found = vec![Found::new(); self.users.len()];
        for (number, word) in words.iter().enumerate() {
            let length = word.needle().len();
            let mut user = 0;
            for at in word.find_iter(&self.texts) {
                while self.users.get(user).is_some_and(|ends| ends.texts <= at) {
                    user += 1;
                }
                let Some(found) = found.get_mut(user) else { break };
                // There is a mark before each text, and one behind the last.
                let (before, behind) = (self.texts[at - 1], self.texts[at + length]);
                found.add(
                    number,
                    match (before, behind) {
                        (NAME, NAME..) => Rank::Name,
                        (NAME, _) => Rank::NameBegins,
                        (VALUE, NAME..) => Rank::Value,
                        _ => Rank::Somewhere,
                    },
                );
            }
        }
        let mut start = 0;
        for (ends, mut found) in self.users.iter().zip(found) {
            for symbol in &self.symbols[start..ends.symbols] {
                if let Some(known) = shared.get(*symbol as usize) {
                    found.merge(*known);
                }
            }
            start = ends.symbols;
            if !found.is_nothing() {
                each(ends.node, found);
            }
        }
    }
}

/// A walk through the encoded element of a user.
struct Collect<'a> {
    symbols: &'a Symbols,
    into: &'a mut Searchable,
}

impl<'a> Collect<'a> {
    fn shown<'r>(&self, text: &Put<'r>) -> &'r str
    where
        'a: 'r,
    {
        match text {
            Put::Symbol(number) => self.symbols.text(*number),
            Put::Plain(text) => text,
        }
    }

    /// `is_user`: its id and its second number are names of the whole.
    fn element(&mut self, reader: &mut Reader<'_>, is_user: bool) -> Option<()> {
        let tag = read_put(reader)?;
        let is_setting = matches!(self.shown(&tag), "param" | "variable");
        let head = reader.number()?;
        let mut secret = is_secret(self.shown(&tag));
        // Attributes stand in any order: what comes before the name is taken when that is known.
        let mut early = Vec::new();
        let mut is_named = !is_setting;
        for _ in 0..head >> 1 {
            let named = read_put(reader)?;
            let value = read_put(reader)?;
            let name = self.shown(&named);
            if is_setting && name == "name" {
                // Half of all users have the same parameters; nobody is found by these.
                secret |= is_secret(self.shown(&value));
                is_named = true;
            } else if secret || is_secret(name) {
            } else if is_named {
                self.take(&value, is_user && matches!(name, "id" | "number-alias"));
            } else {
                early.push(value);
            }
        }
        if !secret {
            early.iter().for_each(|value| self.take(value, false));
        }
        if head & 1 == 1 {
            let text = read_put(reader)?;
            if !secret {
                self.take(&text, false);
            }
        }
        for _ in 0..reader.number()? {
            self.element(reader, false)?;
        }
        Some(())
    }

    fn take(&mut self, text: &Put<'_>, is_name: bool) {
        match text {
            Put::Symbol(number) if !is_name => self.into.symbols.push(*number),
            text => self.into.put(if is_name { NAME } else { VALUE }, self.shown(text)),
        }
    }
}
