//! The snapshot from the database, whole or in parts.

use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::edit::{Part, collapse};
use custompbx_model::variables::{SECTION_TAG, Variables};
use custompbx_model::{Node, NodeId};
use custompbx_store::{InstanceId, Outline, Revision, RevisionId, Store, Subtree};
use custompbx_xmlcurl::Snapshot;
use custompbx_xmlcurl::snapshot::{BuildError, Domain, Instance, UserRow, UsersBuilder};

use crate::error::Result;

/// How many users are read at a time: enough to be quick, few enough to need little memory.
const CHUNK: usize = 2_000;

/// Users as a revision left them, known to whoever made it. They are not read from the database again.
#[derive(Debug, Default)]
pub(super) struct Fresh(HashMap<NodeId, Subtree>);

impl Fresh {
    /// The users that a revision brought, unless a `later` one may have changed them.
    pub(super) fn as_of<'r>(
        told: Option<RevisionId>,
        users: Vec<Subtree>,
        later: impl IntoIterator<Item = &'r Revision>,
    ) -> Self {
        let as_they_were = told.is_some() && later.into_iter().all(|revision| revision.parts.is_empty());
        let users = if as_they_were { users } else { Vec::new() };
        Self(users.into_iter().map(|user| (user.node.id, user)).collect())
    }

    /// Reads the users that parts are about, all at once.
    async fn read_users(&mut self, store: &Store, parts: &[Part]) -> Result<()> {
        let ids = parts.iter().filter_map(|part| match part {
            Part::User { id, .. } if !self.0.contains_key(id) => Some(*id),
            _ => None,
        });
        let ids: Vec<NodeId> = ids.collect();
        for chunk in ids.chunks(CHUNK) {
            self.0.extend(store.subtrees(chunk).await?.into_iter().map(|user| (user.node.id, user)));
        }
        Ok(())
    }
}

/// Everything, from nothing. `users` are those that a revision brought, as it left them.
pub(super) async fn everything(
    store: &Store,
    told: Option<RevisionId>,
    users: Vec<Subtree>,
) -> Result<Snapshot> {
    // Whatever is written while this reads is read again with the revisions after this one.
    let revision = store.head().await?.0;
    // Read behind that: whatever this revision holds is among them.
    let later = match told {
        Some(told) if !users.is_empty() => store.revisions_after(told).await?,
        _ => Vec::new(),
    };
    let mut fresh = Fresh::as_of(told, users, &later);
    let mut snapshot = Snapshot { revision, store: store.identity().to_owned(), ..Snapshot::default() };
    for known in instances(store, &mut snapshot).await?.iter().filter(|known| known.enabled) {
        let instance = whole(store, known, Reuse::nothing(), &mut fresh).await?;
        snapshot.instances.insert(known.id.0, Arc::new(instance));
    }
    Ok(snapshot)
}

/// Which instances there are and which switch belongs to which.
async fn instances(store: &Store, snapshot: &mut Snapshot) -> Result<Vec<custompbx_store::Instance>> {
    let known = store.instances().await?;
    snapshot.default_instance =
        known.iter().find(|instance| instance.is_default).map_or(0, |instance| instance.id.0);
    // A switch that was never assigned belongs to the instance of its own name, if there is one.
    let mut switches: HashMap<String, i64> =
        known.iter().map(|instance| (instance.name.to_lowercase(), instance.id.0)).collect();
    switches.extend(store.switches().await?.into_iter().map(|(name, id)| (name, id.0)));
    snapshot.switches = Arc::new(switches);
    snapshot.instances.retain(|id, _| known.iter().any(|instance| instance.id.0 == *id && instance.enabled));
    Ok(known)
}

/// The same snapshot brought up to the last of these revisions. `fresh` are users as of that one.
pub(super) async fn after(
    store: &Store,
    snapshot: Snapshot,
    revisions: Vec<Revision>,
    mut fresh: Fresh,
) -> Result<Snapshot> {
    let mut next = snapshot;
    // A new instance touches everything of itself, the assignment of a switch nothing.
    if revisions.iter().any(|new| new.parts.is_empty() || new.parts.contains(&Part::Everything)) {
        instances(store, &mut next).await?;
    }
    let mut by_instance: HashMap<InstanceId, Vec<Part>> = HashMap::new();
    for revision in revisions {
        next.revision = revision.id.0;
        by_instance.entry(revision.instance).or_default().extend(revision.parts);
    }
    for (id, parts) in by_instance {
        let mut built = next.instances.get(&id.0).map(|instance| (**instance).clone());
        let parts = match &built {
            Some(current) => rebuilding(current, collapse(parts)),
            None => collapse(parts),
        };
        fresh.read_users(store, &parts).await?;
        for part in parts {
            built = match &built {
                Some(current) => match one(store, current, &part, &mut fresh).await? {
                    Some(changed) => Some(changed),
                    None => instance(store, id, Reuse::but(current, &part), &mut fresh).await?,
                },
                None => instance(store, id, Reuse::nothing(), &mut fresh).await?,
            };
        }
        match built {
            Some(built) => next.instances.insert(id.0, Arc::new(built)),
            None => next.instances.remove(&id.0),
        };
    }
    Ok(next)
}

/// How many users of a domain are changed one by one, whatever its size.
const FEW_USERS: usize = 64;

/// The same parts with whole domains where that is less work than their users one by one.
fn rebuilding(instance: &Instance, parts: Vec<Part>) -> Vec<Part> {
    let mut changed: HashMap<NodeId, usize> = HashMap::new();
    for part in &parts {
        if let Part::User { domain, .. } = part {
            *changed.entry(*domain).or_default() += 1;
        }
    }
    let is_less_work = |domain: &NodeId| {
        let known = instance.directory.domains.iter().find(|known| known.id == *domain);
        let changed = changed.get(domain).copied().unwrap_or_default();
        known.is_some_and(|known| known.is_crowded() || changed > FEW_USERS.max(known.users() / 8))
    };
    let parts = parts.into_iter().map(|part| match part {
        Part::User { domain, .. } if is_less_work(&domain) => Part::Domain { id: domain },
        part => part,
    });
    collapse(parts.collect())
}

/// Domains whose users need not be read again, because only what is around them changed.
struct Reuse<'a> {
    from: Option<&'a Instance>,
    but: Option<NodeId>,
}

impl<'a> Reuse<'a> {
    fn nothing() -> Self {
        Self { from: None, but: None }
    }

    /// Everything of `current` but what the part is about.
    fn but(current: &'a Instance, part: &Part) -> Self {
        match part {
            // Variables may stand in the names of users.
            Part::Everything | Part::Variables => Self::nothing(),
            Part::Domain { id } => Self { from: Some(current), but: Some(*id) },
            Part::User { domain, .. } => Self { from: Some(current), but: Some(*domain) },
            Part::Document { .. } | Part::DomainHead { .. } => Self { from: Some(current), but: None },
        }
    }

    fn domain(&self, node: &Node, orders: &HashMap<NodeId, i64>) -> Option<Domain> {
        let current = self.from.filter(|_| self.but != Some(node.id))?;
        let known = current.directory.domains.iter().find(|domain| domain.id == node.id)?;
        Some(known.with_head(node, orders, &current.variables))
    }
}

/// One part read anew; `None` when more than the part has to be read.
async fn one(store: &Store, instance: &Instance, part: &Part, fresh: &mut Fresh) -> Result<Option<Instance>> {
    if let Part::Domain { id: domain } | Part::DomainHead { domain } | Part::User { domain, .. } = part
        && !instance.directory.domains.iter().any(|known| known.id == *domain)
        && !is_served(store, *domain).await?
    {
        return Ok(Some(instance.clone()));
    }
    Ok(match part {
        Part::Everything => None,
        Part::Variables => {
            let section = match &instance.variables_node {
                Some(id) => store.subtree(*id).await?,
                None => None,
            };
            section.and_then(|found| instance.with_variables(&found.node).ok())
        }
        Part::Document { id } => {
            let node = store.subtree(*id).await?.map(|found| found.node);
            instance.with_document(*id, node).ok()
        }
        Part::Domain { id } => match store.node(*id).await? {
            Some((row, _)) if row.node.enabled => match domain(store, *id, &instance.variables, fresh).await?
            {
                Some(domain) => instance.with_domain(domain).ok(),
                None => None,
            },
            _ => None,
        },
        Part::DomainHead { domain } => match store.outline_of(*domain).await? {
            Some(head) => instance.with_domain_head(&head.node, &head.orders).ok(),
            None => None,
        },
        Part::User { domain, id, names } => {
            // It may be one of another domain by now, or a pointer.
            let found = fresh.0.get(id).filter(|found| found.domain == Some(*domain)).cloned();
            let row = found.and_then(row_of);
            user(instance, *domain, *id, names, row.as_ref()).ok()
        }
    })
}

/// A root is no user.
fn row_of(found: Subtree) -> Option<UserRow> {
    Some(UserRow { parent: found.parent?, order: found.order, node: found.node })
}

/// Whether a domain is there and enabled, and its section too.
async fn is_served(store: &Store, domain: NodeId) -> Result<bool> {
    let Some((row, path)) = store.node(domain).await? else { return Ok(false) };
    let Some(section) = path.iter().rev().nth(1).filter(|_| row.node.enabled) else { return Ok(false) };
    Ok(store.node(section.id).await?.is_some_and(|(row, _)| row.node.enabled))
}

fn user(
    instance: &Instance,
    domain: NodeId,
    id: NodeId,
    names: &[String],
    row: Option<&UserRow>,
) -> std::result::Result<Instance, BuildError> {
    let mut names = names.to_vec();
    if let Some(row) = row {
        names.extend(custompbx_model::edit::user_names(&row.node.attributes));
    }
    instance.with_user(domain, id, &names, row)
}

/// A whole instance; `None` when it is gone or disabled.
async fn instance(
    store: &Store,
    id: InstanceId,
    reuse: Reuse<'_>,
    fresh: &mut Fresh,
) -> Result<Option<Instance>> {
    let known = store.instances().await?;
    let Some(known) = known.into_iter().find(|instance| instance.id == id && instance.enabled) else {
        return Ok(None);
    };
    whole(store, &known, reuse, fresh).await.map(Some)
}

async fn whole(
    store: &Store,
    known: &custompbx_store::Instance,
    reuse: Reuse<'_>,
    fresh: &mut Fresh,
) -> Result<Instance> {
    let Outline { node: document, orders } = store.outline(known.id).await?;
    // The one that is served: the first that is enabled.
    let directory = document.children_named("section").find(|section| {
        section.enabled
            && section.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("directory"))
    });
    let variables = document.child(SECTION_TAG).map(Variables::of).unwrap_or_default();
    let mut domains = HashMap::new();
    let enabled = directory
        .into_iter()
        .flat_map(|section| section.children_named("domain"))
        .filter(|domain| domain.enabled);
    for node in enabled {
        let domain = match reuse.domain(node, &orders) {
            Some(domain) => domain,
            None => with_users(store, node, &orders, &variables, fresh).await?,
        };
        domains.insert(node.id, domain);
    }
    Ok(Instance::new(known.id.0, &known.name, &document, domains))
}

async fn domain(
    store: &Store,
    id: NodeId,
    variables: &Variables,
    fresh: &mut Fresh,
) -> Result<Option<Domain>> {
    match store.outline_of(id).await? {
        Some(head) => Ok(Some(with_users(store, &head.node, &head.orders, variables, fresh).await?)),
        None => Ok(None),
    }
}

async fn with_users(
    store: &Store,
    node: &Node,
    orders: &HashMap<NodeId, i64>,
    variables: &Variables,
    fresh: &mut Fresh,
) -> Result<Domain> {
    let ids = store.user_ids_of_domain(node.id).await?;
    let mut builder = UsersBuilder::new(ids.len(), variables);
    let mut add = |user: Subtree| {
        if let Some(row) = row_of(user) {
            builder.add(&row);
        }
    };
    let mut read = Vec::with_capacity(ids.len());
    for id in ids {
        match fresh.0.remove(&id) {
            Some(user) => add(user),
            None => read.push(id),
        }
    }
    for chunk in read.chunks(CHUNK) {
        store.subtrees(chunk).await?.into_iter().for_each(&mut add);
    }
    Ok(builder.finish(node, orders))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_users_are_less_work_as_a_domain() {
        let user = |id: i64| Node { id: NodeId(100 + id), ..Node::new("user").with("id", id.to_string()) };
        let domain =
            |users: i64| Node { id: NodeId(3), ..Node::new("domain") }.containing((0..users).map(user));
        let instance = |users| {
            let section = Node::new("section").with("name", "directory").containing([domain(users)]);
            Instance::new(1, "default", &Node::new("document").containing([section]), HashMap::new())
        };
        let part = |id: i64| Part::User { domain: NodeId(3), id: NodeId(100 + id), names: Vec::new() };
        let is_whole = |instance: &Instance, count| {
            rebuilding(instance, (0..count).map(part).collect()) == [Part::Domain { id: NodeId(3) }]
        };
        let (small, large) = (instance(10), instance(1_000));
        assert_eq!([64, 65].map(|count| is_whole(&small, count)), [false, true]);
        assert_eq!([125, 126].map(|count| is_whole(&large, count)), [false, true]);

        let mut crowded = small;
        for id in 10..=256 {
            assert!(!is_whole(&crowded, 1), "{id}");
            let row = UserRow { node: user(id), parent: NodeId(3), order: id };
            crowded = crowded.with_user(NodeId(3), row.node.id, &[id.to_string()], Some(&row)).unwrap();
        }
        assert!(is_whole(&crowded, 1), "257 users in one shard");
    }
}
