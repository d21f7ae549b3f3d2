//! A domain, and in it its users by name.

use std::sync::Arc;

use custompbx_model::edit::user_names;
use custompbx_model::variables::{Variables, has_variable};
use custompbx_model::xml::escape::escape_into;
use custompbx_model::{Node, NodeId};

use super::container::{Container, Pointer, is_pointer, print};
use super::document::open_tag;
use super::encoded::Shown;
use super::shard::{Shard, User, has_secret, hash_name, records};
use super::symbols::Symbols;

/// One domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its node.
    pub id: NodeId,
    /// Its name as it is stored; may hold variables.
    pub name: String,
    /// What stands in the start tag beside the name.
    pub(crate) attributes: Vec<u8>,
    /// Everything below the domain but users and groups.
    pub(crate) content: Vec<u8>,
    /// Whether its own parameters hold a password or an a1-hash.
    pub(crate) has_secret: bool,
    /// Where users can stand, by the node they are children of.
    pub(crate) containers: Vec<Container>,
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) shards: Arc<[Arc<Shard>]>,
    /// The order of the next user that is added.
    pub(crate) next_order: u64,
    pub(crate) counts: Counts,
    /// Whether the names of users hold variables, so that they change with these.
    pub(crate) has_variable_names: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) users: usize,
    pub(crate) with_cidr: usize,
    pub(crate) with_gateways: usize,
}

impl Domain {
    /// A domain from its node. Of real users in it only the place is looked at; they themselves are in `shards`.
    pub(crate) fn new(
        node: &Node,
        symbols: Arc<Symbols>,
        shards: Arc<[Arc<Shard>]>,
        next_order: u64,
        counts: Counts,
    ) -> Self {
        let mut domain = Self {
            id: node.id,
            name: node.attribute("name").unwrap_or_default().to_owned(),
            attributes: attributes(node),
            content: Vec::new(),
            has_secret: has_secret(node),
            containers: Vec::new(),
            symbols,
            shards,
            next_order,
            counts,
            has_variable_names: false,
        };
        let mut direct = Vec::new();
        let mut users = Vec::new();
        let mut groups = Vec::new();
        for (place, child) in (1..).zip(&node.children).filter(|(_, child)| child.enabled) {
            match &*child.tag {
                "user" if is_pointer(child) => direct.push(Pointer::new(place, child)),
                "user" => {}
                "users" => {
                    users.push(Container::new(child, None, open_tag(child, &[]), b"</users>".to_vec()));
                }
                "groups" => groups.extend(child.children_named("group").filter(|group| group.enabled)),
                _ => domain.content.extend_from_slice(&print(child)),
            }
        }
        // FreeSWITCH looks into the groups first, then into `users`, else into the domain itself.
        for group in groups {
            let mut open = open_tag(group, &[]);
            let inner = group.children_named("users").find(|users| users.enabled);
            for child in group.children.iter().filter(|child| child.enabled && &*child.tag != "users") {
                open.extend_from_slice(&print(child));
            }
            let name = group.attribute("name").unwrap_or_default().to_owned();
            let mut close = b"</group>".to_vec();
            let container = match inner {
                Some(users) => {
                    open.extend_from_slice(&open_tag(users, &[]));
                    close = [b"</users>".as_slice(), &close].concat();
                    Container::new(users, Some(name), open, close)
                }
                None => Container::new(&Node::new("users"), Some(name), open, close),
            };
            domain.containers.push(Container { has_secret: has_secret(group), ..container });
        }
        domain.containers.append(&mut users);
        let itself =
            Container::new(&Node { id: node.id, ..Node::new("domain") }, None, Vec::new(), Vec::new());
        domain.containers.push(Container { pointers: direct, ..itself });
        domain
    }

    /// The same with another head and the same users. `None` where users and pointers stand beside each other: the
    /// pointers' places are new, those of the users are not, so that the users have to be read again too.
    #[must_use]
    pub fn with_head(&self, node: &Node) -> Option<Self> {
        let head = Self::new(node, self.symbols.clone(), self.shards.clone(), self.next_order, self.counts);
        let with_pointers: Vec<NodeId> = head
            .containers
            .iter()
            .filter(|container| !container.pointers.is_empty())
            .map(|container| container.id)
            .collect();
        let is_mixed =
            !with_pointers.is_empty() && self.all().any(|user| with_pointers.contains(&user.parent));
        (!is_mixed).then_some(Self { has_variable_names: self.has_variable_names, ..head })
    }

    /// How many users it has; those in disabled groups count.
    pub fn users(&self) -> usize {
        self.counts.users
    }

    /// Whether a user would stand beside pointers, whose places are those of another time.
    pub(crate) fn has_pointers(&self, parent: NodeId) -> bool {
        self.containers.iter().any(|container| container.id == parent && !container.pointers.is_empty())
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The same with one user changed, added (`user`: its node and the node it is a child of) or taken away.
    /// `names`: everything it was found under.
    pub(crate) fn with_user(
        &self,
        id: NodeId,
        names: &[String],
        user: Option<(&Node, NodeId)>,
        variables: &Variables,
    ) -> Self {
        let mut next = self.clone();
        let names: Vec<String> = names.iter().map(|name| variables.expand(name).0).collect();
        let mut shards: Vec<Arc<Shard>> = self.shards.to_vec();
        let mut order = None;
        let mut touched: Vec<usize> = names.iter().map(|name| shard_of(name, shards.len())).collect();
        touched.sort_unstable();
        touched.dedup();
        for &at in &touched {
            for old in shards[at].users().filter(|old| old.node == id) {
                order = Some(old.order);
                if old.alias_of.is_none() {
                    next.counts.add(&old, -1);
                }
            }
            let without = shards[at].without(id);
            shards[at] = Arc::new(without);
        }
        if let Some((node, parent)) = user {
            next.has_variable_names |= user_names(&node.attributes).iter().any(|name| has_variable(name));
            let order = order.unwrap_or(self.next_order);
            next.next_order = next.next_order.max(order + 1);
            for (name, record) in records(node, parent, order, variables, &mut &*self.symbols) {
                let at = shard_of(&name, shards.len());
                let mut shard = (*shards[at]).clone();
                shard.add(&name, &record);
                shard.finish();
                for new in shard.find(&name).filter(|new| new.node == id && new.alias_of.is_none()) {
                    next.counts.add(&new, 1);
                }
                shards[at] = Arc::new(shard);
            }
        }
        next.shards = shards.into();
        next
    }

    /// The user that FreeSWITCH would take for this name, with where it stands.
    pub(crate) fn find<'a>(&'a self, name: &'a str) -> Option<(User<'a>, &'a Container)> {
        let shard = self.shards.get(shard_of(name, self.shards.len()))?;
        let mut best: Option<(usize, User<'_>)> = None;
        for user in shard.find(name) {
            let Some(place) = self.containers.iter().position(|container| container.id == user.parent) else {
                continue;
            };
            if best.as_ref().is_none_or(|(at, old)| (place, user.order) < (*at, old.order)) {
                best = Some((place, user));
            }
        }
        let (place, found) = best?;
        let user = match found.alias_of {
            Some(id) => self
                .shards
                .get(shard_of(id, self.shards.len()))?
                .find(id)
                .find(|user| user.node == found.node)?,
            None => found,
        };
        Some((user, &self.containers[place]))
    }

    /// Every real user, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = User<'_>> {
        self.shards.iter().flat_map(|shard| shard.users()).filter(|user| user.alias_of.is_none())
    }

    /// Whether a user can prove who it is.
    pub(crate) fn has_secret(&self, user: &User<'_>, container: &Container) -> bool {
        user.has_secret() || container.has_secret || self.has_secret
    }

    /// The domain's start tag with this name.
    pub(crate) fn open(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(b"<domain name=\"");
        escape_into(out, name);
        out.push(b'"');
        out.extend_from_slice(&self.attributes);
        out.push(b'>');
    }

    /// Everything in the domain but users and groups.
    pub(crate) fn content(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.content);
    }

    /// A group, by name.
    pub(crate) fn group(&self, name: &str) -> Option<&Container> {
        let mut groups = self.containers.iter().filter(|container| container.group.is_some());
        groups.find(|container| {
            container.group.as_deref().is_some_and(|group| group.eq_ignore_ascii_case(name))
        })
    }

    /// The user whose attribute `key` is `value`, for the rare look-ups that are not by id. Looks at all users.
    pub(crate) fn find_by(&self, key: &str, value: &str) -> Option<(User<'_>, &Container)> {
        let mut wanted = format!(" {key}=\"").into_bytes();
        escape_into(&mut wanted, value);
        wanted.push(b'"');
        let mut head = Vec::new();
        let found = self.all().find(|user| {
            head.clear();
            user.print(&mut head, &self.symbols, Shown::Head, None);
            head.windows(wanted.len()).any(|part| part == wanted)
        })?;
        let container = self.containers.iter().find(|container| container.id == found.parent)?;
        Some((found, container))
    }
}

impl Counts {
    pub(crate) fn add(&mut self, user: &User<'_>, by: isize) {
        self.users = self.users.saturating_add_signed(by);
        if user.has_cidr() {
            self.with_cidr = self.with_cidr.saturating_add_signed(by);
        }
        if user.has_gateways() {
            self.with_gateways = self.with_gateways.saturating_add_signed(by);
        }
    }
}

/// Which of `count` shards holds a name.
pub(crate) fn shard_of(name: &str, count: usize) -> usize {
    // The low half chooses the shard, the high half is compared within it.
    usize::try_from(hash_name(name) & 0xffff_ffff).unwrap_or_default() % count.max(1)
}

/// What stands in a domain's start tag behind the name.
fn attributes(node: &Node) -> Vec<u8> {
    let tag = open_tag(node, &["name"]);
    tag[b"<domain".len()..tag.len() - 1].to_vec()
}
