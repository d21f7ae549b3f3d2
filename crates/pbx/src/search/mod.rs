//! Looking for anything by its name, its number or a value.
//!
//! Users are looked for in the served snapshot, where they lie close together; everything else in a small index beside
//! it, which follows the revisions. The values of secrets are in neither.

mod plain;

use std::collections::HashMap;

use custompbx_model::address::Address;
use custompbx_model::modules::is_secret;
use custompbx_model::{Node, NodeId};
use custompbx_store::NodeRow;
use custompbx_xmlcurl::snapshot::{Rank, Words};

use crate::Pbx;
use crate::element::{self, Element};
use crate::error::{Error, Result};

pub(crate) use plain::Plain;

/// How many hits an answer has at most.
pub const MOST_HITS: usize = 100;
/// How many characters of a value are shown.
const SHOWN: usize = 200;
/// How many of these stand before what was found, in a longer value.
const BEFORE: usize = 60;
/// The section that users are in.
const DIRECTORY: &str = "directory";

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// Words; all of them must be there.
    pub text: String,
    /// The tag of what is looked for, such as `user` or `extension`; `None`: anything.
    pub kind: Option<String>,
    /// How many hits are shown, at most [`MOST_HITS`].
    pub limit: usize,
}

/// Something that holds what was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// How well it fits.
    pub rank: Rank,
    /// The element, without its children.
    pub node: Node,
    /// Its address.
    pub address: Address,
    /// Where in it the first of the words was found.
    pub found: Option<Place>,
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Such as `number-alias` or `variables/user_context`.
    pub within: String,
    /// The value there, or up to 200 characters of it.
    pub value: String,
    /// Where in `value` it begins, in characters from 0.
    pub start: usize,
    /// How many characters it has there.
    pub length: usize,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Best first.
    pub items: Vec<Hit>,
    /// How many there are.
    pub total: usize,
}

impl Pbx {
    /// Looks for what holds all words of a text, best first. `may` says of a section, as addresses begin with it,
    /// whether it is looked at; `None` is what is in no section. Users that are not served, because they or their
    /// domain are disabled, are not found.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the instance, [`Error::Field`] when there is no word.
    pub async fn search(
        &self,
        instance: &str,
        question: &Question,
        may: impl Fn(Option<&str>) -> bool + Send,
    ) -> Result<Hits> {
        let words = Words::of(&question.text).ok_or_else(|| Error::Field {
            key: "q".to_owned(),
            reason: "there is nothing to look for; write a part of a name, a number or a value".to_owned(),
        })?;
        let limit = question.limit.clamp(1, MOST_HITS);
        let kind = question.kind.as_deref();
        let store = self.store()?;
        let instance = self.instance(instance).await?.id;
        let (mut found, mut total) = (Vec::new(), 0);
        if kind.is_none_or(|kind| kind == "user")
            && may(Some(DIRECTORY))
            && let Some(served) = self.snapshot().and_then(|all| all.instances.get(&instance.0).cloned())
        {
            let wanted = words.clone();
            let users = tokio::task::spawn_blocking(move || served.search(&wanted, limit)).await;
            let (users, count) = users.unwrap_or_default();
            found.extend(users.into_iter().map(|hit| (hit.rank, hit.user, true)));
            total += count;
        }
        let index = self.0.plain.of(&store, instance).await?;
        for entry in index.entries(may).filter(|entry| kind.is_none_or(|kind| *entry.tag == *kind)) {
            if let Some(rank) = words.rank(entry.texts.iter().map(|text| &**text)) {
                total += 1;
                found.push((rank, entry.node, false));
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        let users: Vec<NodeId> =
            found.iter().filter(|(_, _, is_user)| *is_user).map(|(_, user, _)| *user).collect();
        let wholes = store.subtrees(&users).await?;
        let mut users = element::users(&store, instance, &wholes).await?;
        let wholes: HashMap<NodeId, Node> =
            wholes.into_iter().map(|whole| (whole.node.id, whole.node)).collect();
        let mut known = HashMap::new();
        let mut items = Vec::with_capacity(found.len());
        for (rank, id, is_user) in found {
            let element = match is_user {
                true => users.remove(&id),
                false => element::at_known(&store, instance, id, &mut known).await?,
            };
            // It may be gone by now.
            let Some(Element { address, row: NodeRow { node, .. }, .. }) = element else { continue };
            let found = place(wholes.get(&id).unwrap_or(&node), words.first());
            items.push(Hit { rank, address, node, found });
        }
        Ok(Hits { items, total })
    }
}

/// Whether what an element says is a secret: `<param name="password" value=...>`, `<secret-access-key>...`.
fn holds_a_secret(node: &Node) -> bool {
    is_secret(&node.tag) || node.attribute("name").is_some_and(is_secret)
}

/// Where a word is, which is in lower case.
fn place(node: &Node, word: &str) -> Option<Place> {
    let mut found = None;
    look(node, &mut Vec::new(), word, &mut found);
    found
}

fn look(node: &Node, way: &mut Vec<String>, word: &str, found: &mut Option<Place>) {
    let secret = holds_a_secret(node);
    let values = node.attributes.iter().map(|(name, value)| (&**name, &**value));
    let texts = values.chain(node.text.as_deref().map(|text| ("text", text)));
    for (name, value) in texts {
        if found.is_some() {
            return;
        }
        let hidden = (secret && name != "name") || is_secret(name);
        if let Some((start, length)) = mark(value, word).filter(|_| !hidden) {
            let own = (way.is_empty() || name != "value").then_some(name);
            let parts: Vec<&str> = way.iter().map(String::as_str).chain(own).collect();
            *found = Some(shown(parts.join("/"), value, start, length));
        }
    }
    for child in &node.children {
        way.push(child.natural_name().unwrap_or(&child.tag).to_owned());
        look(child, way, word, found);
        way.pop();
    }
}

/// Where a word, which is in lower case, stands in a text: the first character, and how many there are.
fn mark(text: &str, word: &str) -> Option<(usize, usize)> {
    text.char_indices().enumerate().find_map(|(start, (at, _))| {
        let mut rest = word;
        for (length, letter) in text[at..].chars().enumerate() {
            if rest.is_empty() {
                return Some((start, length));
            }
            for lower in letter.to_lowercase() {
                rest = rest.strip_prefix(lower)?;
            }
        }
        rest.is_empty().then(|| (start, text[at..].chars().count()))
    })
}

fn shown(within: String, value: &str, start: usize, length: usize) -> Place {
    let skipped = if value.chars().nth(SHOWN).is_some() { start.saturating_sub(BEFORE) } else { 0 };
    let value = value.chars().skip(skipped).take(SHOWN).collect();
    Place { within, value, start: start - skipped, length: length.min(SHOWN) }
}

/// What of an element can be found: its name first, then its other values. None of a secret.
fn texts(node: &Node) -> Vec<Box<str>> {
    let name = node.natural_name().unwrap_or_default();
    let secret = holds_a_secret(node);
    let mut texts: Vec<Box<str>> = vec![name.into()];
    if !secret {
        let values = node.attributes.iter().filter(|(name, _)| !is_secret(name)).map(|(_, value)| &**value);
        let values = values.filter(|value| *value != name);
        texts.extend(values.chain(node.text.as_deref()).map(Box::from));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use custompbx_model::xml::{Limits, parse};

    fn node(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    #[test]
    fn the_place_of_a_hit_is_said() {
        let user = node(
            "<user id='1000' number-alias='77'><params><param name='password' value='77'/></params>\
             <variables><variable name='caller' value='Alice'/></variables></user>",
        );
        let found = |word: &str| place(&user, word).map(|it| (it.within, it.value, it.start, it.length));
        let expected = |within: &str, value: &str, start, length| {
            Some((within.to_owned(), value.to_owned(), start, length))
        };
        assert_eq!(found("00"), expected("id", "1000", 1, 2));
        assert_eq!(found("77"), expected("number-alias", "77", 0, 2));
        assert_eq!(found("lice"), expected("variables/caller", "Alice", 1, 4));
        assert_eq!(found("caller"), expected("variables/caller/name", "caller", 0, 6));
        assert_eq!(found("nobody"), None);
    }

    #[test]
    fn a_word_is_marked_in_characters() {
        assert_eq!(mark("die ÄRZTE", "ärzte"), Some((4, 5)));
        assert_eq!(mark("aab", "ab"), Some((1, 2)));
        assert_eq!(mark("ab", "abc"), None);
        let long = format!("{}x{}", "-".repeat(500), "-".repeat(500));
        let place = shown("text".to_owned(), &long, 500, 1);
        assert_eq!((place.value.chars().count(), place.value.chars().nth(place.start)), (SHOWN, Some('x')));
    }

    #[test]
    fn secrets_are_no_texts() {
        let shown = |text: &str| texts(&node(text)).join("|");
        assert_eq!(shown("<param name='password' value='x'/>"), "password");
        assert_eq!(shown("<gateway name='a' password='x'/>"), "a");
        assert_eq!(shown("<param value='x' name='password'/>"), "password");
        assert_eq!(shown("<secret-access-key>x</secret-access-key>"), "");
        assert_eq!(shown("<param name='sip-port' value='5060'/>"), "sip-port|5060");
        assert_eq!(shown("<action application='bridge' data='a'>t</action>"), "bridge|a|t");
    }
}
