//! History: what a revision changed, taking one back, and going back to a moment. Both ways back are revisions
//! themselves, and both can be looked at before they are made.

mod back;
mod past;

use std::collections::{HashMap, HashSet};

use custompbx_model::edit::Step as PathStep;
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{Change, Instance, Page, Revision, RevisionId, Store};

pub use back::{Conflict, Step};

use crate::Pbx;
use crate::browse::LARGEST_PAGE;
use crate::edit::{By, Plan};
use crate::error::{Error, Result};
use back::{Back, Later, Present};
use past::{Past, Stood};

/// How many steps a preview or a listing shows.
pub const MOST_STEPS: usize = 1_000;

/// A moment of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Right behind this revision.
    Revision(RevisionId),
    /// This time, in milliseconds since 1970.
    At(i64),
}

/// How a way back is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Only looked at.
    pub preview: bool,
    /// Also over what was changed since.
    pub force: bool,
}

/// A revision with its steps.
#[derive(Clone, Debug)]
pub struct Told {
    /// The revision.
    pub revision: Revision,
    /// What it did, at most [`MOST_STEPS`].
    pub steps: Vec<Change>,
    /// How many steps it has.
    pub total: usize,
    /// The ways to the nodes that the steps name, where these still are: root first, the parent last.
    pub paths: HashMap<NodeId, Vec<PathStep>>,
}

/// A way back, looked at or gone.
#[derive(Clone, Debug, Default)]
pub struct WayBack {
    /// Its revision; `None` when it was only looked at, or nothing had to be done.
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

impl Pbx {
    /// A page of an instance's revisions, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revisions(
        &self,
        instance: &str,
        before: Option<RevisionId>,
        limit: u32,
    ) -> Result<Page<Revision, RevisionId>> {
        let instance = self.instance(instance).await?;
        Ok(self.store()?.revisions(instance.id, before, limit.clamp(1, LARGEST_PAGE)).await?)
    }

    /// What a revision did.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a revision of another instance.
    pub async fn revision(&self, instance: &str, id: RevisionId) -> Result<Told> {
        let instance = self.instance(instance).await?;
        let store = self.store()?;
        let revision = revision_of(&store, &instance, id).await?;
        let mut steps = store.changes(id).await?;
        let total = steps.len();
        steps.truncate(MOST_STEPS);
        let mut paths = HashMap::new();
        for step in &steps {
            let parent = step.after.as_ref().or(step.before.as_ref()).and_then(|siblings| siblings.parent);
            let Some(parent) = parent else { continue };
            if let std::collections::hash_map::Entry::Vacant(free) = paths.entry(parent)
                && let Some((_, path)) = store.node(parent).await?
            {
                free.insert(path);
            }
        }
        Ok(Told { revision, steps, total, paths })
    }

    /// Takes one revision back, and leaves what was changed since.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when something that was changed since stands in the way, and it is not
    /// forced. A preview shows the conflicts and is no error.
    pub async fn undo(&self, instance: &str, id: RevisionId, by: &By, how: How) -> Result<WayBack> {
        let instance = self.instance(instance).await?;
        let store = self.store()?;
        let revision = revision_of(&store, &instance, id).await?;
        let mut past = Past::default();
        store.changes(id).await?.iter().for_each(|change| past.add(change));
        let summary = format!("took back revision {id}: {}", revision.summary);
        self.go_back(&instance, &past, Later::Stays, by, how, &summary).await
    }

    /// Brings the whole instance back to how it was at a moment.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::BadRequest`] for a moment before the instance was made.
    pub async fn restore(&self, instance: &str, to: Moment, by: &By, how: How) -> Result<WayBack> {
        let instance = self.instance(instance).await?;
        let store = self.store()?;
        let target = match to {
            Moment::Revision(id) => revision_of(&store, &instance, id).await?,
            Moment::At(at_ms) => {
                let found = store.revision_at(instance.id, at_ms).await?;
                found.ok_or_else(|| {
                    let name = &instance.name;
                    Error::BadRequest(format!("instance {name} has no revision as old as that"))
                })?
            }
        };
        let mut past = Past::default();
        for revision in store.revisions_after(target.id).await? {
            if revision.instance == instance.id {
                store.changes(revision.id).await?.iter().for_each(|change| past.add(change));
            }
        }
        let summary = format!("went back to revision {}", target.id);
        self.go_back(&instance, &past, Later::TakenBack, by, how, &summary).await
    }

    async fn go_back(
        &self,
        instance: &Instance,
        past: &Past,
        later: Later,
        by: &By,
        how: How,
        summary: &str,
    ) -> Result<WayBack> {
        let plan = async |store: &Store| -> Result<Back> {
            let present = present(store, past).await?;
            let mut back = back::back(past, &present, later);
            settle(store, &mut back.edits, &present).await?;
            Ok(back)
        };
        if how.preview {
            let back = plan(&self.store()?).await?;
            return Ok(way_back(back, None, false));
        }
        let edited = self
            .edit(instance.id, by, |store| async move {
                let present = present(&store, past).await?;
                let mut back = back::back(past, &present, later);
                if !how.force && !back.conflicts.is_empty() {
                    return Err(Error::Conflict(back.conflicts.iter().map(told).collect()));
                }
                settle(&store, &mut back.edits, &present).await?;
                let edits = std::mem::take(&mut back.edits);
                Ok(Plan { summary: summary.to_owned(), edits, value: back })
            })
            .await?;
        Ok(way_back(edited.value, edited.revision, edited.served))
    }
}

fn told(conflict: &Conflict) -> String {
    format!("node {} {}", conflict.node, conflict.why)
}

fn way_back(back: Back, revision: Option<RevisionId>, served: bool) -> WayBack {
    let total = back.steps.len();
    let mut steps = back.steps;
    steps.truncate(MOST_STEPS);
    WayBack { revision, steps, total, conflicts: back.conflicts, served }
}

async fn revision_of(store: &Store, instance: &Instance, id: RevisionId) -> Result<Revision> {
    let found = store.revision(id).await?.filter(|revision| revision.instance == instance.id);
    found.ok_or_else(|| Error::NotFound { what: "revision", name: id.to_string() })
}

/// What is there of the touched nodes, and of what lies below them.
async fn present(store: &Store, past: &Past) -> Result<Present> {
    let ids: Vec<NodeId> = past.before.keys().copied().collect();
    let mut present = Present::new();
    for found in store.subtrees(&ids).await? {
        flatten(found.parent, found.behind, found.position, &found.node, &mut present);
    }
    Ok(present)
}

fn flatten(parent: Option<NodeId>, behind: Option<NodeId>, position: i64, node: &Node, present: &mut Present) {
    let mut last = None;
    for (place, child) in (1..).zip(&node.children) {
        flatten(Some(node.id), last, place, child, present);
        last = Some(child.id);
    }
    present.insert(node.id, Stood { parent, behind, position, node: node.head() });
}

/// Looks whether the siblings that nodes are put behind are there, or come back before them; where not, the node goes
/// to the end.
async fn settle(store: &Store, edits: &mut [Edit], present: &Present) -> Result<()> {
    let mut coming: HashSet<(NodeId, NodeId)> = HashSet::new();
    for edit in edits {
        let (parent, at, ids) = match edit {
            Edit::Restore { parent, at, nodes } => {
                (*parent, at, nodes.iter().map(|node| node.id).collect::<Vec<_>>())
            }
            Edit::Move { id, parent, at } => (*parent, at, vec![*id]),
            _ => continue,
        };
        if let At::After(sibling) = *at
            && !coming.contains(&(parent, sibling))
        {
            let stands = match present.get(&sibling) {
                Some(stood) => stood.parent == Some(parent),
                None => store.node(sibling).await?.is_some_and(|(row, _)| row.parent == Some(parent)),
            };
            if !stands {
                *at = At::Last;
            }
        }
        coming.extend(ids.into_iter().map(|id| (parent, id)));
    }
    Ok(())
}
