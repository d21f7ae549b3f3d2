//! Looking for anything by its name, its number or a value.
//!
//! Users are looked for in the served snapshot, where they lie close together; everything else in a small index beside
//! it, which follows the revisions. The values of secrets are in neither.

mod plain;

use custompbx_model::address::Address;
use custompbx_model::modules::is_secret;
use custompbx_model::{Node, NodeId};
use custompbx_store::{InstanceId, Store};
use custompbx_xmlcurl::snapshot::{Rank, Words};

use crate::Pbx;
use crate::element::at;
use crate::error::{Error, Result};

pub(crate) use plain::Plain;

/// How many hits an answer has at most.
pub const MOST_HITS: usize = 100;

/// Something that holds what was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// How well it fits.
    pub rank: Rank,
    /// The element, without its children.
    pub node: Node,
    /// Its address.
    pub address: Address,
    /// Where in it the words were found, such as `number-alias` or `variables/user_context`, and the value there.
    pub found: Option<(String, String)>,
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
    /// Looks for what holds all words of `text`, best first, at most `limit` or [`MOST_HITS`]. Users of domains that are
    /// disabled are not found: they are not served.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the instance, [`Error::BadRequest`] when there is no word.
    pub async fn search(&self, instance: &str, text: &str, limit: usize) -> Result<Hits> {
        let words = Words::of(text);
        let words = words.ok_or_else(|| Error::BadRequest("there is nothing to look for".to_owned()))?;
        let limit = limit.clamp(1, MOST_HITS);
        let store = self.store()?;
        let instance = self.instance(instance).await?.id;
        let (mut found, mut total) = (Vec::new(), 0);
        if let Some(served) = self.snapshot().and_then(|snapshot| snapshot.instances.get(&instance.0).cloned()) {
            let wanted = words.clone();
            let users = tokio::task::spawn_blocking(move || served.search(&wanted, limit)).await;
            let (users, count) = users.unwrap_or_default();
            found.extend(users.into_iter().map(|hit| (hit.rank, hit.user)));
            total += count;
        }
        let index = self.0.plain.of(&store, instance).await?;
        for entry in index.entries() {
            let texts = entry.texts.iter().map(|text| &**text);
            if let Some(rank) = words.rank(texts) {
                total += 1;
                found.push((rank, entry.node));
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        let mut items = Vec::with_capacity(found.len());
        for (rank, id) in found {
            items.extend(hit(&store, instance, id, rank, &words).await?);
        }
        Ok(Hits { items, total })
    }
}

/// `None`: it is gone by now.
async fn hit(
    store: &Store,
    instance: InstanceId,
    id: NodeId,
    rank: Rank,
    words: &Words,
) -> Result<Option<Hit>> {
    let Some(element) = at(store, instance, id).await? else { return Ok(None) };
    let node = element.row.node.clone();
    let whole = if &*node.tag == "user" { store.subtree(id).await?.map(|found| found.node) } else { None };
    let found = place(whole.as_ref().unwrap_or(&node), words);
    Ok(Some(Hit { rank, node, address: element.address, found }))
}

/// Where the first word is.
fn place(node: &Node, words: &Words) -> Option<(String, String)> {
    let first = words.first();
    let mut found = None;
    look(node, &mut Vec::new(), &first, &mut found);
    found
}

fn look(node: &Node, way: &mut Vec<String>, word: &Words, found: &mut Option<(String, String)>) {
    let secret = node.attribute("name").is_some_and(is_secret);
    let values = node.attributes.iter().map(|(name, value)| (&**name, &**value));
    let texts = values.chain(node.text.as_deref().map(|text| ("text", text)));
    for (name, value) in texts {
        if found.is_none() && !(secret && name != "name") && word.rank([value]).is_some() {
            let own = if way.is_empty() || name == "value" { None } else { Some(name) };
            let own = if way.is_empty() { Some(name) } else { own };
            let parts: Vec<&str> = way.iter().map(String::as_str).chain(own).collect();
            *found = Some((parts.join("/"), value.to_owned()));
        }
    }
    for child in &node.children {
        way.push(child.natural_name().unwrap_or(&child.tag).to_owned());
        look(child, way, word, found);
        way.pop();
    }
}

/// What of an element can be found: its name first, then its other values. None of a secret.
fn texts(node: &Node) -> Vec<Box<str>> {
    let name = node.natural_name().unwrap_or_default();
    let secret = node.attribute("name").is_some_and(is_secret);
    let mut texts: Vec<Box<str>> = vec![name.into()];
    if !secret {
        let values = node.attributes.iter().map(|(_, value)| &**value).filter(|value| *value != name);
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
        let place = |text: &str| place(&user, &Words::of(text).unwrap());
        assert_eq!(place("100").unwrap(), ("id".to_owned(), "1000".to_owned()));
        assert_eq!(place("77").unwrap().0, "number-alias");
        assert_eq!(place("alice x").unwrap(), ("variables/caller".to_owned(), "Alice".to_owned()));
        assert_eq!(place("nobody"), None);
    }

    #[test]
    fn secrets_are_no_texts() {
        let shown = |text: &str| texts(&node(text)).join("|");
        assert_eq!(shown("<param name='password' value='x'/>"), "password");
        assert_eq!(shown("<param name='sip-port' value='5060'/>"), "sip-port|5060");
        assert_eq!(shown("<action application='bridge' data='a'>t</action>"), "bridge|a|t");
    }
}
