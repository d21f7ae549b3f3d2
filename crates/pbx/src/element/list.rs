//! Lists: the items of a collection, or the children of an element, page by page.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use custompbx_model::Node;
use custompbx_model::address::{Address, Label, Ranks};
use custompbx_model::declare::Element as Declared;
use custompbx_store::{InstanceId, NodeRow, Store, UserCursor};

use super::cursor::{Cursor, Key};
use super::find::Element;
use super::names::{Filter, Test, names, sort_key};
use super::version::{Version, short};
use super::view::{View, items};
use super::{Outcome, Refused};
use crate::Pbx;
use crate::browse::LARGEST_PAGE;
use crate::error::Result;

/// Which page of which items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Stands somewhere in an item's tag, attributes or text, in whatever case.
    pub text: Option<String>,
    /// `name=value`, also with `!=`, `*=` (holds) and `^=` (begins with); all of them must be so.
    pub filters: Vec<String>,
    /// Names with commas between, each with a `-` before it for the opposite order.
    pub sort: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many items, from 1.
    pub limit: u32,
    /// How many levels below each item.
    pub depth: usize,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The items.
    pub items: Vec<View>,
    /// How many there are on all pages.
    pub total: i64,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<String>,
    /// The address of the list.
    pub address: Address,
    /// Which state of it.
    pub version: Version,
}

/// A query that makes sense for a list.
struct Asked {
    filters: Vec<Filter>,
    sort: Vec<(String, bool)>,
    cursor: Option<Cursor>,
    /// Says which list a cursor belongs to.
    list: String,
    limit: u32,
}

impl Pbx {
    /// A page of the collection of this name, or of all children.
    ///
    /// # Errors
    /// Those of the database; refused are names that the list does not know and cursors that were never given out.
    pub async fn list(
        &self,
        instance: InstanceId,
        of: &Element,
        collection: Option<&'static str>,
        query: &Query,
    ) -> Result<Outcome<Listing>> {
        let store = self.store()?;
        let version = Version::of_instance(&store, instance).await?;
        let page = match collection {
            Some(name) if of.gathers(name) => users(&store, of, name, query).await?,
            _ => children(&store, of, collection, query).await?,
        };
        let (rows, total, next) = match page {
            Ok(page) => page,
            Err(refused) => return Ok(Err(refused)),
        };
        let address = of.address.join(collection.map(custompbx_model::address::Segment::new));
        let items = items(&store, of, rows, query.depth).await?;
        Ok(items.map(|items| Listing { items, total, next, address, version }))
    }
}

/// An item with what it is called.
type Named = (NodeRow, Label);
/// Where an item stands in the order: its values, and what tells it from others that have the same.
type Place = (Vec<Key>, i64);
type PageOf = (Vec<Named>, i64, Option<String>);

async fn children(
    store: &Store,
    of: &Element,
    collection: Option<&'static str>,
    query: &Query,
) -> Result<Outcome<PageOf>> {
    let rows = store.child_rows(of.id()).await?;
    let ranks = match &of.gatherer {
        Some(gatherer) if rows.iter().any(|row| of.inside.gathers(&row.node)) => {
            store.repeated_users(gatherer.id).await?
        }
        _ => Default::default(),
    };
    let labels = of.inside.labels(rows.iter().map(|row| &row.node), &ranks);
    let all: Vec<Named> = rows
        .into_iter()
        .zip(labels)
        .filter(|(_, label)| collection.is_none_or(|name| label.collection == Some(name)))
        .collect();
    let declared = declared(of, collection);
    let nodes: Vec<&Node> = all.iter().map(|(row, _)| &row.node).collect();
    let asked = match ask(of, collection, query, &names(&of.inside, &declared, &nodes)) {
        Ok(asked) => asked,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(Ok(select(all, query.text.as_deref(), &asked, |row| row.position)))
}

/// The users of a domain. By id they come from the database page by page; for any other order or condition all of them
/// are looked at.
async fn users(store: &Store, of: &Element, name: &'static str, query: &Query) -> Result<Outcome<PageOf>> {
    let mut names = names(&of.inside, &declared(of, Some(name)), &[]);
    // They come from several places.
    names.remove("position");
    let asked = match ask(of, Some(name), query, &names) {
        Ok(asked) => asked,
        Err(refused) => return Ok(Err(refused)),
    };
    let text = query.text.as_deref().filter(|text| !text.is_empty());
    if asked.filters.is_empty() && asked.sort.is_empty() {
        let after = match asked.cursor.as_ref().map(|cursor| (cursor.keys.as_slice(), cursor.last)) {
            None => None,
            Some(([Key::Text(user)], id)) => {
                Some(UserCursor { user: user.clone(), id: custompbx_model::NodeId(id) })
            }
            Some(_) => return Ok(Err(bad_cursor())),
        };
        let page = store.user_rows(of.id(), text, after.as_ref(), asked.limit).await?;
        let next = page
            .next
            .map(|next| Cursor { keys: vec![Key::Text(next.user)], last: next.id.0 }.write(&asked.list));
        let ranks = ranks_of_page(store, of, &page.items).await?;
        return Ok(Ok((labelled(of, page.items, &ranks), page.total, next)));
    }
    // What an attribute is, is somewhere in the attributes.
    let is = |filter: &&Filter| {
        filter.test == Test::Is && !["enabled", "position", "tag", "text"].contains(&filter.name.as_str())
    };
    let held =
        asked.filters.iter().find(is).map(|filter| filter.value.as_str()).filter(|text| text.len() < 200);
    let rows = store.user_rows(of.id(), text.or(held), None, u32::MAX).await?.items;
    let ranks = store.repeated_users(of.id()).await?;
    let rows = labelled(of, rows, &ranks);
    Ok(Ok(select(rows, text, &asked, |row| row.node.id.0)))
}

/// Which of the users of a page, which is in the order of ids, are not the first of their id.
async fn ranks_of_page(store: &Store, of: &Element, page: &[NodeRow]) -> Result<Ranks> {
    let id = |row: &NodeRow| row.node.attribute("id").unwrap_or_default().to_owned();
    let mut ranks = Ranks::new();
    let Some(first) = page.first() else { return Ok(ranks) };
    // Those before it may be on the page before.
    let same = store.users_of_id(of.id(), &id(first)).await?;
    let mut rank = same.iter().take_while(|row| row.node.id != first.node.id).count() + 1;
    for (at, row) in page.iter().enumerate() {
        rank = match at.checked_sub(1).map(|before| id(&page[before]) == id(row)) {
            None => rank,
            Some(true) => rank + 1,
            Some(false) => 1,
        };
        ranks.insert(row.node.id, u32::try_from(rank).unwrap_or(u32::MAX));
    }
    Ok(ranks)
}

/// The users with what they are called in their domain.
fn labelled(of: &Element, rows: Vec<NodeRow>, ranks: &Ranks) -> Vec<Named> {
    let label = |row: NodeRow| {
        let rank = ranks.get(&row.node.id).copied().unwrap_or(1);
        let label = of.inside.gathered_label(&row.node, rank)?;
        Some((row, label))
    };
    rows.into_iter().filter_map(label).collect()
}

/// What the items are by the declaration.
fn declared(of: &Element, collection: Option<&str>) -> Vec<&'static Declared> {
    match collection {
        Some(name) => of.inside.collections().filter(|(known, _)| *known == name).map(|(_, it)| it).collect(),
        None => of.inside.elements().to_vec(),
    }
}

fn ask(
    of: &Element,
    collection: Option<&str>,
    query: &Query,
    names: &BTreeSet<String>,
) -> std::result::Result<Asked, Refused> {
    let known = |name: &str, parameter| match names.contains(name) {
        true => Ok(()),
        false => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let message = format!("there is no {name:?} here; there are {}", names.join(", "));
            Err(Refused::Query { name: parameter, message })
        }
    };
    let mut filters = Vec::new();
    for text in &query.filters {
        let Some(filter) = Filter::parse(text) else {
            let message = format!("{text:?} is not NAME=VALUE, NAME!=VALUE, NAME*=VALUE or NAME^=VALUE");
            return Err(Refused::Query { name: "filter", message });
        };
        known(&filter.name, "filter")?;
        filters.push(filter);
    }
    let mut sort = Vec::new();
    for name in query.sort.iter().flat_map(|sort| sort.split(',')) {
        let (name, is_down) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        known(name, "sort")?;
        sort.push((name.to_owned(), is_down));
    }
    let mut hash = sha2::Sha256::default();
    let list = format!("{:?}", (&of.address, collection, &query.text, &query.filters, &query.sort));
    sha2::Digest::update(&mut hash, list);
    let list = short(hash);
    let cursor = match &query.cursor {
        Some(text) => Some(Cursor::read(text, &list).ok_or_else(bad_cursor)?),
        None => None,
    };
    if cursor.as_ref().is_some_and(|cursor| cursor.keys.len() != sort.len() && !sort.is_empty()) {
        return Err(bad_cursor());
    }
    Ok(Asked { filters, sort, cursor, list, limit: query.limit.clamp(1, LARGEST_PAGE) })
}

fn bad_cursor() -> Refused {
    let message = "the cursor is none that was given out for this list; begin with the first page".to_owned();
    Refused::Query { name: "cursor", message }
}

/// The page of rows that are all at hand. `id` is what tells them apart when nothing else does.
fn select(mut all: Vec<Named>, text: Option<&str>, asked: &Asked, id: impl Fn(&NodeRow) -> i64) -> PageOf {
    let text = text.map(str::to_lowercase);
    all.retain(|(row, label)| {
        text.as_deref().is_none_or(|text| holds(&row.node, text))
            && asked.filters.iter().all(|filter| filter.passes(&row.node, label))
    });
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let keys = |(row, label): &Named| -> Vec<Key> {
        asked.sort.iter().map(|(name, _)| sort_key(name, &row.node, label)).collect()
    };
    let compare = |a: &Place, b: &Place| {
        let keys = a.0.iter().zip(&b.0).zip(&asked.sort).map(
            |((a, b), (_, is_down))| {
                if *is_down { b.cmp(a) } else { a.cmp(b) }
            },
        );
        keys.fold(Ordering::Equal, Ordering::then).then(a.1.cmp(&b.1))
    };
    let mut sorted: Vec<(Place, Named)> =
        all.into_iter().map(|item| ((keys(&item), id(&item.0)), item)).collect();
    sorted.sort_by(|(a, _), (b, _)| compare(a, b));
    if let Some(cursor) = &asked.cursor {
        let last = (cursor.keys.clone(), cursor.last);
        sorted.retain(|(place, _)| compare(place, &last) == Ordering::Greater);
    }
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let is_more = sorted.len() > limit;
    sorted.truncate(limit);
    let next = sorted
        .last()
        .filter(|_| is_more)
        .map(|((keys, last), _)| Cursor { keys: keys.clone(), last: *last }.write(&asked.list));
    (sorted.into_iter().map(|(_, item)| item).collect(), total, next)
}

/// Whether a text, in lower case, stands in an element.
fn holds(node: &Node, text: &str) -> bool {
    let attributes = node.attributes.iter().flat_map(|(name, value)| [name, value]);
    let mut texts = attributes.chain([&node.tag]).chain(&node.text);
    texts.any(|found| found.to_lowercase().contains(text))
}
