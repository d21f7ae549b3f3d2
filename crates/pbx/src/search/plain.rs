//! What everything but users holds: some thousand texts, by the document or domain that they are in.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use custompbx_model::edit::collapse;
use custompbx_model::variables::SECTION_TAG;
use custompbx_model::{Node, NodeId, Part};
use custompbx_store::{InstanceId, RevisionId, Store};
use tokio::sync::Mutex;

use super::texts;
use crate::error::Result;

/// The indexes of all instances that somebody searched. Whoever brings one up to date makes only those wait who search
/// the same instance.
#[derive(Default)]
pub(crate) struct Plain(std::sync::Mutex<HashMap<InstanceId, Arc<Place>>>);

/// Where one instance's is; none before the first search.
type Place = Mutex<Option<Arc<Index>>>;

/// One instance's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Which store it is of: another may have the same revisions.
    store: String,
    revision: RevisionId,
    /// By the child of a section; the sections under the root's id.
    tops: BTreeMap<NodeId, Top>,
    /// The element with the global variables.
    variables: Option<NodeId>,
}

/// A child of a section with all below it.
#[derive(Clone, Debug)]
struct Top {
    /// The section as addresses begin with it; `None` for the sections themselves.
    section: Option<Arc<str>>,
    entries: Arc<[Entry]>,
}

/// One node.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) node: NodeId,
    pub(crate) tag: Box<str>,
    /// Its name first.
    pub(crate) texts: Vec<Box<str>>,
}

impl Index {
    /// Everything in sections that `may` allows.
    pub(crate) fn entries(&self, may: impl Fn(Option<&str>) -> bool) -> impl Iterator<Item = &Entry> {
        let tops = self.tops.values().filter(move |top| may(top.section.as_deref()));
        tops.flat_map(|top| top.entries.iter())
    }
}

impl Plain {
    /// The index as of the newest revision.
    pub(crate) async fn of(&self, store: &Store, instance: InstanceId) -> Result<Arc<Index>> {
        let place = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(instance).or_default().clone()
        };
        let mut place = place.lock().await;
        let head = store.head_of(instance).await?;
        let known = place.as_ref().filter(|index| index.store == store.identity()).cloned();
        let index = match known {
            Some(index) if index.revision == head => return Ok(index),
            Some(index) if index.revision < head => follow(store, instance, &index, head).await?,
            _ => whole(store, instance, head).await?,
        };
        let index = Arc::new(index);
        *place = Some(index.clone());
        Ok(index)
    }
}

async fn whole(store: &Store, instance: InstanceId, revision: RevisionId) -> Result<Index> {
    let document = store.outline(instance).await?.node;
    let mut index = Index { store: store.identity().to_owned(), revision, ..Index::default() };
    let mut above = vec![entry(&document)];
    for section in &document.children {
        if &*section.tag == SECTION_TAG {
            index.variables = Some(section.id);
            index.tops.insert(section.id, Top { section: Some(SECTION_TAG.into()), entries: below(section) });
            continue;
        }
        above.push(entry(section));
        let name: Arc<str> = section.attribute("name").unwrap_or_default().into();
        for top in &section.children {
            index.tops.insert(top.id, Top { section: Some(name.clone()), entries: below(top) });
        }
    }
    index.tops.insert(document.id, Top { section: None, entries: above.into() });
    Ok(index)
}

async fn follow(store: &Store, instance: InstanceId, index: &Index, head: RevisionId) -> Result<Index> {
    let revisions = store.revisions_after(index.revision).await?;
    let parts = revisions.into_iter().filter(|revision| revision.instance == instance);
    let mut next = index.clone();
    next.revision = head;
    for part in collapse(parts.flat_map(|revision| revision.parts).collect()) {
        let top = match part {
            Part::User { .. } => continue,
            Part::Everything => return whole(store, instance, head).await,
            Part::Variables => match index.variables {
                Some(id) => id,
                None => return whole(store, instance, head).await,
            },
            Part::Document { id } | Part::Domain { id } | Part::DomainHead { domain: id } => id,
        };
        match (store.outline_of(top).await?, next.tops.get_mut(&top)) {
            (Some(outline), Some(known)) => known.entries = below(&outline.node),
            // Which section a new one is in is not said.
            (Some(_), None) => return whole(store, instance, head).await,
            (None, _) => _ = next.tops.remove(&top),
        }
    }
    Ok(next)
}

fn entry(node: &Node) -> Entry {
    Entry { node: node.id, tag: (&*node.tag).into(), texts: texts(node) }
}

/// A node and what is below it, without users: those are found in the snapshot.
fn below(top: &Node) -> Arc<[Entry]> {
    let mut entries = Vec::new();
    collect(top, &*top.tag == "domain", &mut entries);
    entries.into()
}

fn collect(node: &Node, in_domain: bool, entries: &mut Vec<Entry>) {
    if in_domain && &*node.tag == "user" {
        return;
    }
    // What only holds others together has nothing to be found by.
    if !node.attributes.is_empty() || node.text.is_some() {
        entries.push(entry(node));
    }
    for child in &node.children {
        collect(child, in_domain, entries);
    }
}
