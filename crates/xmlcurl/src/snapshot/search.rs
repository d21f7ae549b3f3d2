//! Looking for users by what they hold: names, numbers and values, wherever in a user they stand.
//!
//! A search reads the texts of a shard's users as one ([`super::searchable`]). Texts that many users share are compared
//! once for the whole domain.

use std::borrow::Cow;

use custompbx_model::NodeId;
use custompbx_model::xml::escape::unescape;
use memchr::memmem::Finder;

use super::Instance;
use super::domain::Domain;
use super::symbols::Symbols;

/// What is looked for: words that must all be there, each anywhere. Case does not matter.
#[derive(Clone, Debug)]
pub struct Words(Vec<String>);

/// The words of a search that are looked at; more only make it slower.
const MOST_WORDS: usize = 8;

impl Words {
    /// The words of a text; `None` when there are none.
    pub fn of(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().take(MOST_WORDS).map(str::to_lowercase).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// How well some texts of one thing, of which the first is its name, hold all words; `None`: not all of them.
    pub fn rank<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Option<Rank> {
        let mut found = Found::new();
        for (at, text) in texts.into_iter().enumerate() {
            found.look(self, text, at == 0);
        }
        found.rank(self)
    }

    /// The first word, in lower case.
    pub fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// How good a hit is; a better one is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The name, or the second name, is what was looked for.
    Name,
    /// The name begins with it.
    NameBegins,
    /// A value is what was looked for.
    Value,
    /// It is somewhere in a name or a value.
    Somewhere,
}

/// A user that holds what was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// How well.
    pub rank: Rank,
    /// The user's node.
    pub user: NodeId,
}

/// Which words were found, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// A bit for each word.
    words: u8,
    best: Rank,
}

impl Found {
    pub(crate) fn new() -> Self {
        Self { words: 0, best: Rank::Somewhere }
    }

    /// A word was found.
    pub(crate) fn add(&mut self, word: usize, rank: Rank) {
        self.words |= 1 << word;
        self.best = self.best.min(rank);
    }

    /// What was found in another text of the same thing.
    pub(crate) fn merge(&mut self, other: Self) {
        if other.words != 0 {
            self.words |= other.words;
            self.best = self.best.min(other.best);
        }
    }

    pub(crate) fn is_nothing(self) -> bool {
        self.words == 0
    }

    fn look(&mut self, words: &Words, text: &str, is_name: bool) {
        for (at, word) in words.0.iter().enumerate() {
            // Letters outside of ASCII are rare in what is searched; only then is it worth a copy.
            let lower = if word.is_ascii() || text.is_ascii() {
                Cow::Borrowed(text)
            } else {
                text.to_lowercase().into()
            };
            if !contains(&lower, word) {
                continue;
            }
            let rank = match (is_name, lower.len() == word.len()) {
                (true, true) => Rank::Name,
                (true, false) if starts_with(&lower, word) => Rank::NameBegins,
                (false, true) => Rank::Value,
                _ => Rank::Somewhere,
            };
            self.add(at, rank);
        }
    }

    fn rank(&self, words: &Words) -> Option<Rank> {
        (usize::try_from(self.words.count_ones()).ok()? == words.len()).then_some(self.best)
    }
}

/// `word` is in lower case. Every user's every value comes by here: several bytes at a time are compared with the first
/// ones of the word, without the bit that tells capitals from small letters, and the rest only where these are the same.
fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    match word {
        [] => true,
        [_] => holds(text, word, |[byte]: [u8; 1]| byte | 0x20),
        [_, _] | [_, _, _] => holds(text, word, |bytes: [u8; 2]| u16::from_ne_bytes(bytes) | 0x2020),
        _ => holds(text, word, |bytes: [u8; 4]| u32::from_ne_bytes(bytes) | 0x2020_2020),
    }
}

fn holds<const N: usize, K: PartialEq>(text: &[u8], word: &[u8], folded: impl Fn([u8; N]) -> K) -> bool {
    let Some(head) = word.first_chunk().copied().map(&folded) else { return false };
    let Some(last) = text.len().checked_sub(word.len()) else { return false };
    let mut starts = text.windows(N).take(last + 1).enumerate();
    starts.any(|(at, window)| {
        window.first_chunk().copied().map(&folded).is_some_and(|start| start == head)
            && text[at..at + word.len()].eq_ignore_ascii_case(word)
    })
}

fn starts_with(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

impl Instance {
    /// The users that hold all words, best first, at most `most`; and how many there are.
    pub fn search(&self, words: &Words, most: usize) -> (Vec<Hit>, usize) {
        let mut hits = Vec::new();
        for domain in &self.directory.domains {
            domain.search(words, &mut hits);
        }
        let total = hits.len();
        if total > most {
            hits.select_nth_unstable(most);
            hits.truncate(most);
        }
        hits.sort_unstable();
        (hits, total)
    }
}

impl Domain {
    fn search(&self, words: &Words, hits: &mut Vec<Hit>) {
        let finders: Vec<Finder<'_>> = words.0.iter().map(Finder::new).collect();
        let shared = Shared::of(words, &self.symbols);
        for shard in &*self.shards {
            shard.searchable(&self.symbols).search(&finders, &shared.0, |user, found| {
                if let Some(rank) = found.rank(words) {
                    hits.push(Hit { rank, user });
                }
            });
        }
    }
}

/// What is known of the texts that users share, by symbol: which words are in them, and how well.
struct Shared(Vec<Found>);

impl Shared {
    fn of(words: &Words, symbols: &Symbols) -> Self {
        let look = |text: &str| {
            let mut found = Found::new();
            found.look(words, &unescape(text), false);
            found
        };
        Self(symbols.all().map(look).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_without_regard_to_case() {
        assert!(contains("Extension 1000", "extension") && contains("abc", "c") && contains("x", ""));
        assert!(!contains("ab", "abc") && !contains("", "a") && !contains("grüße", "gruss"));
        assert!(contains("xAbCd", "abcd") && contains("aBc", "bc") && contains("aabc", "abc"));
        assert!(!contains("[bcd", "{bcd") && !contains("A", "!") && !contains("abcx", "abcd"));
        assert!(contains("GRÜßE", "gr") && starts_with("1000", "10") && !starts_with("1", "10"));
    }

    #[test]
    fn a_better_rank_is_less() {
        let rank = |text: &str, texts: &[&str]| Words::of(text).unwrap().rank(texts.iter().copied());
        assert_eq!(rank("1000", &["1000", "x"]), Some(Rank::Name));
        assert_eq!(rank("10", &["1000", "x"]), Some(Rank::NameBegins));
        assert_eq!(rank("X", &["1000", "x"]), Some(Rank::Value));
        assert_eq!(rank("00", &["1000", "x"]), Some(Rank::Somewhere));
        assert_eq!(rank("00 x", &["1000", "x"]), Some(Rank::Value));
        assert_eq!(rank("00 y", &["1000", "x"]), None);
        assert_eq!(rank("ÄRZTE", &["die ärzte", "x"]), Some(Rank::Somewhere));
        assert_eq!(rank("łukasz", &["ŁUKASZ"]), Some(Rank::Name));
        assert_eq!(rank("ö", &["o"]), None);
        assert!(Words::of(" \n").is_none());
    }
}
