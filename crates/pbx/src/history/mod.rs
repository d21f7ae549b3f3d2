//! History: what a revision changed, taking one back, and going back to a moment. Both ways back are revisions
//! themselves, and both can be looked at before they are made.
//!
//! [`load`] reads what the steps of revisions are about into a [`canvas`], the steps are taken back on a copy of it, the
//! last one first, and [`compare`] makes edits of the difference: so what came and went in between costs nothing, and
//! nodes have their ids and places again. Nodes that were deleted come back by [`custompbx_model::Edit::Restore`].

mod canvas;
mod compare;
mod load;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use custompbx_model::edit::is_pointer;
use custompbx_model::{Edit, Node, NodeId};
use custompbx_store::{Change, Instance, InstanceId, Op, Page, Revision, RevisionId, Siblings, Store, Which};

pub use compare::Placed;

use crate::Pbx;
use crate::browse::LARGEST_PAGE;
use crate::edit::{By, Plan, TRIES};
use crate::element::{self, Found};
use crate::error::{Error, Result};
use canvas::{Canvas, Obstacle};
use compare::Difference;

/// How many steps a preview or a revision shows.
pub const MOST_STEPS: usize = 200;

/// How many recorded changes are read at a time; each may have some hundred nodes.
const CHANGES: u32 = 100;

/// From so many recorded changes on, a way back takes a place among the large requests: all that it is about is in
/// memory meanwhile.
const MANY_CHANGES: u64 = 200;

/// How many nodes below an address are looked for in the history.
const MOST_BELOW: u32 = 10_000;

/// A moment of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Right behind this revision.
    Revision(RevisionId),
    /// This time, in milliseconds since 1970: behind the last revision that was made until then.
    At(i64),
}

/// How a way back is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Only looked at.
    pub preview: bool,
    /// Also over what was changed since.
    pub force: bool,
    /// Only if this is the instance's newest revision.
    pub seen: Option<RevisionId>,
}

/// Whose revisions are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// By whom and when.
    pub which: Which,
    /// About the element at this address, and what is in it.
    pub address: Option<custompbx_model::address::Address>,
    /// About this node, which may be gone, and what is in it.
    pub node: Option<NodeId>,
}

/// What was, or would be, done to one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is.
    pub op: Op,
    /// The node.
    pub node: NodeId,
    /// Where it is now; of one that is gone, where it was, as far as what it was in is there. A percent-encoded address.
    pub address: Option<String>,
    /// `None` when it came.
    pub before: Option<Placed>,
    /// `None` when it went.
    pub after: Option<Placed>,
}

/// A revision with its steps.
#[derive(Clone, Debug)]
pub struct Told {
    /// The revision.
    pub revision: Revision,
    /// What it did, at most [`MOST_STEPS`].
    pub steps: Vec<Step>,
    /// How many steps it has.
    pub total: usize,
}

/// Something that was changed since and stands in the way of taking a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The node.
    pub node: NodeId,
    /// As in [`Step::address`].
    pub address: Option<String>,
    /// Why, in words that begin behind the name of the node.
    pub why: String,
    /// The newest revision that did it, when it is known.
    pub revision: Option<RevisionId>,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{address} {}", self.why)?,
            None => write!(f, "node {} {}", self.node, self.why)?,
        }
        match self.revision {
            Some(revision) => write!(f, " (revision {revision})"),
            None => Ok(()),
        }
    }
}

/// A way back, looked at or gone.
#[derive(Clone, Debug, Default)]
pub struct WayBack {
    /// The instance's newest revision when it was planned; what a preview shows is true as long as this one is.
    pub seen: RevisionId,
    /// Its own revision; `None` when it was only looked at, or nothing had to be done.
    pub revision: Option<RevisionId>,
    /// What it does to each node, at most [`MOST_STEPS`].
    pub steps: Vec<Step>,
    /// How many there are.
    pub total: usize,
    /// What was changed since and stands in the way.
    pub conflicts: Vec<Conflict>,
    /// Whether FreeSWITCH gets it already.
    pub served: bool,
}

/// What is to be taken back.
#[derive(Clone, Copy)]
enum Target {
    /// This one; what came later stays.
    One(RevisionId),
    /// All that came later than this one.
    Since(RevisionId),
}

/// A way back that was planned.
struct Back {
    edits: Vec<Edit>,
    way: WayBack,
}

impl Pbx {
    /// A page of an instance's revisions, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for an address that leads to nothing.
    pub async fn revisions(
        &self,
        instance: &str,
        about: About,
        before: Option<RevisionId>,
        limit: u32,
    ) -> Result<Page<Revision, RevisionId>> {
        let instance = self.instance(instance).await?;
        let store = self.store()?;
        let About { mut which, address, node } = about;
        let mut top = node;
        if let Some(address) = &address {
            let found = element::find(&store, instance.id, address).await?;
            let Found::Element(element) = found else {
                return Err(Error::NotFound { what: "element", name: address.to_string() });
            };
            top = Some(element.id());
        }
        if let Some(top) = top {
            which.nodes = Some(below(&store, top).await?);
        }
        Ok(store.revisions_of(instance.id, &which, before, limit.clamp(1, LARGEST_PAGE)).await?)
    }

    /// What a revision did.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a revision of another instance.
    pub async fn revision(&self, instance: &str, id: RevisionId) -> Result<Told> {
        let instance = self.instance(instance).await?;
        let store = self.store()?;
        let revision = revision_of(&store, &instance, id).await?;
        let (mut shown, mut total, mut last) = (Vec::new(), 0, 0);
        loop {
            // An import has a million nodes: they are counted, and not kept.
            let changes = store.changes_behind(id, last, CHANGES).await?;
            let Some(seq) = changes.last().map(|change| change.seq) else { break };
            last = seq;
            for step in changes.into_iter().flat_map(steps_of) {
                total += 1;
                if shown.len() < MOST_STEPS {
                    shown.push(step);
                }
            }
        }
        let steps = addressed(&store, instance.id, shown).await?;
        Ok(Told { revision, steps, total })
    }

    /// Takes one revision back, and leaves what was changed since.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when something that was changed since stands in the way, and it is not
    /// forced; [`Error::Changed`] when another revision was seen. A preview shows the conflicts and is no error.
    pub async fn undo(&self, instance: &str, id: RevisionId, by: &By, how: How) -> Result<WayBack> {
        let instance = self.instance(instance).await?;
        let revision = revision_of(&self.store()?, &instance, id).await?;
        // Without the words of those that took others back, so that they do not grow.
        let summary = match revision.summary.starts_with(TOOK_BACK) {
            true => format!("{TOOK_BACK}{id}"),
            false => format!("{TOOK_BACK}{id}: {}", revision.summary),
        };
        self.go_back(&instance, Target::One(id), by, how, &summary).await
    }

    /// Brings the whole instance back to how it was at a moment.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::BadRequest`] for a moment before the instance was made; [`Error::Changed`] when
    /// another revision was seen.
    pub async fn restore(&self, instance: &str, to: Moment, by: &By, how: How) -> Result<WayBack> {
        let instance = self.instance(instance).await?;
        let store = self.store()?;
        let target = match to {
            Moment::Revision(id) => revision_of(&store, &instance, id).await?,
            Moment::At(at_ms) => store.revision_at(instance.id, at_ms).await?.ok_or_else(|| {
                let name = &instance.name;
                Error::BadRequest(format!(
                    "instance {name} has no revision as old as that; see its revisions"
                ))
            })?,
        };
        let summary = format!("went back to revision {}", target.id);
        self.go_back(&instance, Target::Since(target.id), by, how, &summary).await
    }

    async fn go_back(
        &self,
        instance: &Instance,
        target: Target,
        by: &By,
        how: How,
        summary: &str,
    ) -> Result<WayBack> {
        let store = self.store()?;
        let _place = match count(&store, instance.id, target).await? {
            MANY_CHANGES.. => Some(self.place_for_bulk()?),
            _ => None,
        };
        if how.preview {
            for _ in 0..TRIES {
                let back = plan(&store, instance.id, target, how).await?;
                // What was read in several transactions is true when nothing came in between.
                if store.head_of(instance.id).await? == back.way.seen {
                    return Ok(back.way);
                }
            }
            return Err(Error::Overtaken { instance: instance.id.to_string() });
        }
        let edited = self
            .edit_many(
                instance.id,
                by,
                &mut |_| {},
                |_| Vec::new(),
                |store| async move {
                    let Back { edits, way } = plan(&store, instance.id, target, how).await?;
                    if !how.force && !way.conflicts.is_empty() {
                        return Err(Error::Conflict(way.conflicts));
                    }
                    Ok(Plan { summary: summary.to_owned(), edits, value: way })
                },
            )
            .await?;
        Ok(WayBack { revision: edited.revision, served: edited.served, ..edited.value })
    }
}

/// A node, and what is below it; of one that is gone, what was there when it went. Only itself, where that is more than
/// [`MOST_BELOW`]: then what is deeper than its children is not found.
async fn below(store: &Store, top: NodeId) -> Result<Vec<NodeId>> {
    let cut = store.cut(&[top], usize::MAX, MOST_BELOW).await?;
    let Some(mut nodes) = cut.map(|cut| cut.nodes) else { return Ok(vec![top]) };
    if nodes.is_empty()
        && let Some(gone) = store.gone_in(top).await?
    {
        let went = store.changes(gone).await?.into_iter().filter(|change| change.op == Op::Delete);
        nodes = went.filter_map(|change| change.before).flat_map(|siblings| siblings.nodes).collect();
    }
    let mut ids = vec![top];
    for node in &nodes {
        node.walk(&mut |node| {
            if node.id == top {
                node.walk(&mut |node| ids.push(node.id));
            }
        });
    }
    Ok(ids)
}

const TOOK_BACK: &str = "took back revision ";

async fn plan(store: &Store, instance: InstanceId, target: Target, how: How) -> Result<Back> {
    let seen = store.head_of(instance).await?;
    if how.seen.is_some_and(|expected| expected != seen) {
        return Err(Error::Changed { revision: seen });
    }
    let changes = changes(store, instance, target).await?;
    let present = load::load(store, &changes).await?;
    let mut wanted = present.clone();
    let mut obstacles = Vec::new();
    changes.iter().for_each(|change| wanted.undo(change, &mut obstacles));
    let Difference { edits, steps, total } = compare::difference(&present, &wanted);
    let mut conflicts = Vec::new();
    if let Target::One(id) = target {
        for Obstacle { node, parent, why } in obstacles {
            let revision = store.touched_since(node.id, id).await?;
            let address = address(store, instance, &node, parent).await?;
            conflicts.push(Conflict { node: node.id, address, why, revision });
        }
        conflicts.extend(taken_names(store, instance, id, &present, &wanted).await?);
    }
    let steps = addressed(store, instance, steps).await?;
    Ok(Back { edits, way: WayBack { seen, steps, total, conflicts, ..WayBack::default() } })
}

/// How many recorded changes are to be taken back.
async fn count(store: &Store, instance: InstanceId, target: Target) -> Result<u64> {
    let mut count = 0;
    for revision in revisions(store, instance, target).await? {
        count += store.change_count(revision).await?;
    }
    Ok(count)
}

/// The revisions to be taken back, oldest first.
async fn revisions(store: &Store, instance: InstanceId, target: Target) -> Result<Vec<RevisionId>> {
    Ok(match target {
        Target::One(id) => vec![id],
        Target::Since(id) => {
            let later = store.revisions_after(id).await?.into_iter();
            later.filter(|revision| revision.instance == instance).map(|revision| revision.id).collect()
        }
    })
}

/// The steps to be taken back, in the order in which that is done: the last one first.
async fn changes(store: &Store, instance: InstanceId, target: Target) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for revision in revisions(store, instance, target).await? {
        changes.extend(store.changes(revision).await?);
    }
    changes.reverse();
    Ok(changes)
}

/// What would get a name, by coming back, by its old name or by its old place, that something else got since.
async fn taken_names(
    store: &Store,
    instance: InstanceId,
    since: RevisionId,
    present: &Canvas,
    wanted: &Canvas,
) -> Result<Vec<Conflict>> {
    let mut conflicts = Vec::new();
    let mut children: HashMap<NodeId, Vec<Node>> = HashMap::new();
    let mut ids: Vec<NodeId> = wanted.nodes.keys().copied().collect();
    ids.sort_unstable();
    for id in ids {
        let (Some(cell), was) = (wanted.nodes.get(&id), present.nodes.get(&id)) else { continue };
        let (Some(parent), Some(name)) = (cell.parent, own_name(&cell.head)) else { continue };
        if was.is_some_and(|was| was.parent == cell.parent && own_name(&was.head) == Some(name)) {
            continue;
        }
        let is_same = |other: &Node| {
            let is_pointer = is_pointer(&other.attributes) == is_pointer(&cell.head.attributes);
            other.tag == cell.head.tag && own_name(other) == Some(name) && is_pointer
        };
        // Users are found wherever they stand in their domain, and not among its 100,000 others.
        let is_domain = |id: &NodeId| wanted.nodes.get(id).is_some_and(|cell| &*cell.head.tag == "domain");
        let domain = std::iter::once(parent).chain(wanted.above(parent)).find(is_domain);
        let mut same: Vec<Node> = match (domain, &*cell.head.tag) {
            (Some(domain), "user") if !is_pointer(&cell.head.attributes) => {
                store.users_of_id(domain, name).await?.into_iter().map(|row| row.node).collect()
            }
            // In what comes back as a whole there is nothing else.
            _ if !present.nodes.contains_key(&parent) => Vec::new(),
            _ => {
                if let Entry::Vacant(place) = children.entry(parent) {
                    place.insert(store.child_rows(parent).await?.into_iter().map(|row| row.node).collect());
                }
                children[&parent].iter().filter(|other| is_same(other)).cloned().collect()
            }
        };
        let goes = |id: &NodeId| present.nodes.contains_key(id) && !wanted.nodes.contains_key(id);
        same.retain(|other| other.id != id && !goes(&other.id));
        for other in same {
            let made = store.made_in(other.id).await?.filter(|made| *made > since);
            let got = match made {
                Some(made) => Some(made),
                None => store.touched_since(other.id, since).await?,
            };
            if let Some(revision) = got {
                let address = address(store, instance, &other, Some(parent)).await?;
                let how = if made.is_some() { "was made" } else { "was changed" };
                let why = format!("{how} since, and has the name of node {id}, which would have it again");
                conflicts.push(Conflict { node: other.id, address, why, revision: Some(revision) });
            }
        }
    }
    Ok(conflicts)
}

/// What tells an element from others of its tag, where that has to be something else for each.
fn own_name(node: &Node) -> Option<&str> {
    node.attribute("name").or_else(|| node.attribute("id"))
}

async fn revision_of(store: &Store, instance: &Instance, id: RevisionId) -> Result<Revision> {
    let found = store.revision(id).await?.filter(|revision| revision.instance == instance.id);
    found.ok_or_else(|| Error::NotFound { what: "revision", name: id.to_string() })
}

/// A step as it is recorded, which may be of several neighbours, node by node.
fn steps_of(change: Change) -> Vec<compare::Step> {
    let Change { op, before, after, .. } = change;
    let placed = |siblings: Option<Siblings>| -> Vec<Placed> {
        let Some(Siblings { parent, position, nodes, .. }) = siblings else { return Vec::new() };
        (position..).zip(nodes).map(|(at, node)| Placed { parent, position: Some(at), node }).collect()
    };
    let (mut before, mut after) = (placed(before).into_iter(), placed(after).into_iter());
    std::iter::from_fn(|| {
        let (before, after) = (before.next(), after.next());
        (before.is_some() || after.is_some()).then_some(compare::Step { op, before, after })
    })
    .collect()
}

async fn addressed(store: &Store, instance: InstanceId, steps: Vec<compare::Step>) -> Result<Vec<Step>> {
    let mut shown = Vec::new();
    for compare::Step { op, before, after } in steps.into_iter().take(MOST_STEPS) {
        let Some(placed) = after.as_ref().or(before.as_ref()) else { continue };
        let node = placed.node.id;
        let address = address(store, instance, &placed.node, placed.parent).await?;
        shown.push(Step { op, node, address, before, after });
    }
    Ok(shown)
}

/// Where a node is; when it is gone, where it was, unless what it was in is gone, too.
async fn address(
    store: &Store,
    instance: InstanceId,
    node: &Node,
    parent: Option<NodeId>,
) -> Result<Option<String>> {
    if let Some(element) = element::at(store, instance, node.id).await? {
        return Ok(Some(element.address.to_string()));
    }
    let Some(parent) = parent else { return Ok(None) };
    let holder = element::at(store, instance, parent).await?;
    Ok(holder.and_then(|holder| holder.would_hold(node)).map(|address| address.to_string()))
}
