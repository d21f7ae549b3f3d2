//! The order of elements, and moving them elsewhere.

use custompbx_model::address::{Address, Segment};
use custompbx_model::declare::Inside;
use custompbx_model::wanted::Fault;
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{InstanceId, Store};

use super::change::{Made, plan};
use super::container::Container;
use super::find::{Element, Found, find};
use super::version::Condition;
use super::{Outcome, Refused, Written, named};
use crate::Pbx;
use crate::edit::By;
use crate::error::Result;

/// A place among siblings of the same collection; where a collection is not needed, among all siblings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Where {
    /// Behind all others.
    #[default]
    Last,
    /// This place, from 1; behind the last one is the last place.
    Place(u32),
    /// Before the one of this name.
    Before(Segment),
    /// Behind the one of this name.
    Behind(Segment),
}

/// Where an element is moved to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The element or collection that gets it; `None`: where it is.
    pub to: Option<Address>,
    /// The place there.
    pub place: Where,
}

impl Pbx {
    /// Moves an element: to another place among its siblings, or elsewhere.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`]; refused is what is not there, and a name that is taken at the destination.
    pub async fn relocate(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        destination: &Destination,
        condition: &Condition,
    ) -> Result<Outcome<Written>> {
        let summary = format!("move {}", named(address));
        self.write(instance, by, &summary, |store| async move {
            let found = find(&store, instance, address).await?;
            let element = match plan::present(&store, instance, found, condition).await? {
                Ok(element) => element,
                Err(refused) => return Ok(Err(refused)),
            };
            let edit = match step(&store, instance, &element, destination).await? {
                Ok(edit) => edit,
                Err(refused) => return Ok(Err(refused)),
            };
            Ok(Ok((vec![edit], Made::Same(element.id()))))
        })
        .await
    }
}

async fn step(
    store: &Store,
    instance: InstanceId,
    element: &Element,
    destination: &Destination,
) -> Result<Outcome<Edit>> {
    let node = &element.row.node;
    let Some(parent) = element.row.parent else {
        return Ok(Err(Refused::IsCollection("the document".to_owned())));
    };
    let (target, inside, collection) = match &destination.to {
        None => {
            let Some(parent) = super::find::at(store, instance, parent).await? else {
                return Ok(Err(Refused::Missing("its parent is gone".to_owned())));
            };
            let inside = parent.inside;
            let label = inside.own_labels([node]).into_iter().next();
            (parent, inside, label.and_then(|label| label.collection))
        }
        Some(to) => match elsewhere(store, instance, element, to).await? {
            Ok(target) => target,
            Err(refused) => return Ok(Err(refused)),
        },
    };
    Ok(match at(store, &target, &inside, collection, node, &destination.place).await? {
        Ok(at) => Ok(Edit::Move { id: node.id, parent: target.id(), at }),
        Err(refused) => Err(refused),
    })
}

type Target = (Element, Inside, Option<&'static str>);

async fn elsewhere(
    store: &Store,
    instance: InstanceId,
    element: &Element,
    to: &Address,
) -> Result<Outcome<Target>> {
    let node = &element.row.node;
    let fault = |message: String| Refused::Faults(vec![Fault::new("/to", message)]);
    let found = find(store, instance, to).await?;
    let mut container = match found {
        Found::Missing(_) => return Ok(Err(fault(format!("there is nothing at {}", named(to))))),
        Found::Element(target) => Container::of(*target, None),
        Found::Collection(collection) => Container::of_collection(store, *collection).await?,
    };
    if !container.around.is_empty() {
        // A user can stand in the domain itself as well.
        container.around.clear();
        container.inside = container.parent.inside;
    }
    let inside = container.inside;
    if !inside.elements().is_empty() && inside.element(node).is_none() {
        return Ok(Err(fault(format!("<{}> has no place {}", node.tag, container.describe()))));
    }
    let label = inside.own_labels([node]).into_iter().next();
    let own = label.and_then(|label| label.collection);
    if container.collection.is_some_and(|wanted| own != Some(wanted) && container.gatherer.is_none()) {
        return Ok(Err(fault(format!("<{}> is not one {}", node.tag, container.describe()))));
    }
    if let Some(twin) = container.twin(store, node, node.id).await? {
        return Ok(Err(Refused::Taken(format!("{twin:?} {}", container.describe()))));
    }
    Ok(Ok((container.parent, inside, own)))
}

/// The place among the children of `parent` that `place` means for `node`, which may be one of them already.
pub(super) async fn at(
    store: &Store,
    parent: &Element,
    inside: &Inside,
    collection: Option<&str>,
    node: &Node,
    place: &Where,
) -> Result<Outcome<At>> {
    if *place == Where::Last {
        return Ok(Ok(At::Last));
    }
    let rows = store.child_rows(parent.id()).await?;
    let labels = inside.own_labels(rows.iter().map(|row| &row.node));
    let is_gathered = inside.gathers(node);
    let members: Vec<usize> = (0..rows.len())
        .filter(|at| rows[*at].node.id != node.id)
        .filter(|at| is_gathered || collection.is_none() || labels[*at].collection == collection)
        .collect();
    let find = |segment: &Segment, pointer: &'static str| {
        let same = |at: &&usize| {
            let label = &labels[**at];
            label.segment.name == segment.name
                && label.number == segment.number()
                && (is_gathered || label.collection == collection)
        };
        let found = members.iter().find(same).copied();
        found.ok_or_else(|| {
            let message = format!("there is no {segment} among its siblings");
            Refused::Faults(vec![Fault::new(pointer, message)])
        })
    };
    // Behind whom: a member, or what stands before a member.
    let behind: std::result::Result<Option<usize>, Refused> = match place {
        Where::Last => return Ok(Ok(At::Last)),
        Where::Place(place) => {
            let index = usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
            match index.checked_sub(1) {
                None => match members.first() {
                    Some(first) => Ok(before(*first, &rows, node.id)),
                    None => return Ok(Ok(At::Last)),
                },
                Some(previous) => match members.get(previous).or(members.last()) {
                    Some(previous) => Ok(Some(*previous)),
                    None => return Ok(Ok(At::Last)),
                },
            }
        }
        Where::Before(segment) => find(segment, "/before").map(|at| before(at, &rows, node.id)),
        Where::Behind(segment) => find(segment, "/after").map(Some),
    };
    Ok(behind.map(|behind| behind.map_or(At::First, |behind| At::After(rows[behind].node.id))))
}

/// The sibling before this one, the moved node aside.
fn before(at: usize, rows: &[custompbx_store::NodeRow], moved: NodeId) -> Option<usize> {
    (0..at).rev().find(|at| rows[*at].node.id != moved)
}
