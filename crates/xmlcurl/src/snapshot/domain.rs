//! A domain, and in it its users by name.

use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::edit::{by_address, is_pointer, user_names};
use custompbx_model::variables::{Variables, has_variable};
use custompbx_model::xml::escape::escape_into;
use custompbx_model::{Node, NodeId};

use super::build::UserRow;
use super::container::{Container, Orders, Pointer, print};
use super::document::open_tag;
use super::encoded::Shown;
use super::secret::{Secrets, depends_on_variables};
use super::shard::{Shard, USERS_PER_SHARD, User, hash_name, records};
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
    /// What its own parameters say of passwords.
    pub(crate) secrets: Secrets,
    /// Where users can stand, by the node they are children of.
    pub(crate) containers: Vec<Container>,
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) shards: Arc<[Arc<Shard>]>,
    pub(crate) counts: Counts,
    /// Whether names or passwords hold variables, so that what is known of users changes with these.
    pub(crate) depends_on_variables: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) users: usize,
    pub(crate) with_cidr: usize,
    pub(crate) with_gateways: usize,
}

impl Domain {
    /// A domain from its node. Real users in it are passed over; they are in `shards`.
    pub(crate) fn new(
        node: &Node,
        orders: Orders<'_>,
        symbols: Arc<Symbols>,
        shards: Arc<[Arc<Shard>]>,
        counts: Counts,
        variables: &Variables,
    ) -> Self {
        let mut domain = Self {
            id: node.id,
            name: node.attribute("name").unwrap_or_default().to_owned(),
            attributes: attributes(node),
            content: Vec::new(),
            secrets: Secrets::inherited(node, variables),
            containers: Vec::new(),
            symbols,
            shards,
            counts,
            depends_on_variables: depends_on_variables(node),
        };
        let mut direct = Vec::new();
        let mut users = Vec::new();
        let mut groups = Vec::new();
        for (order, child) in orders.children(node).filter(|(_, child)| child.enabled) {
            match &*child.tag {
                "user" if is_pointer(&child.attributes) => direct.push(Pointer::new(order, child)),
                "user" => {}
                "users" => {
                    users.push(Container::new(
                        child,
                        orders,
                        None,
                        open_tag(child, &[]),
                        b"</users>".to_vec(),
                    ));
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
                    Container::new(users, orders, Some(name), open, close)
                }
                None => Container::new(&Node::new("users"), orders, Some(name), open, close),
            };
            domain.depends_on_variables |= depends_on_variables(group);
            let secrets = Secrets::inherited(group, variables);
            domain.containers.push(Container { secrets, ..container });
        }
        domain.containers.append(&mut users);
        let itself = Node { id: node.id, ..Node::new("domain") };
        let itself = Container::new(&itself, orders, None, Vec::new(), Vec::new());
        domain.containers.push(Container { pointers: direct, ..itself });
        domain
    }

    /// The same with another head and the same users. `orders`: as in [`super::UsersBuilder::finish`].
    #[must_use]
    pub fn with_head(&self, node: &Node, orders: &HashMap<NodeId, i64>, variables: &Variables) -> Self {
        let (symbols, shards) = (self.symbols.clone(), self.shards.clone());
        let head = Self::new(node, Orders::Of(orders), symbols, shards, self.counts, variables);
        let depends_on_variables = self.depends_on_variables || head.depends_on_variables;
        Self { depends_on_variables, ..head }
    }

    /// How many users it has; those in disabled groups count.
    pub fn users(&self) -> usize {
        self.counts.users
    }

    /// Whether so many users were added one by one that it should be made anew, with more shards.
    pub fn is_crowded(&self) -> bool {
        self.counts.users > 4 * USERS_PER_SHARD * self.shards.len()
    }

    /// The same with one user changed, added or taken away. `names`: everything it was found under.
    pub(crate) fn with_user(
        &self,
        id: NodeId,
        names: &[String],
        user: Option<&UserRow>,
        variables: &Variables,
    ) -> Self {
        let mut next = self.clone();
        let mut shards: Vec<Arc<Shard>> = self.shards.to_vec();
        for at in self.shards_of(names, variables) {
            for old in shards[at].users().filter(|old| old.node == id) {
                if old.counts() {
                    next.counts.add(&old, -1);
                }
            }
            let without = shards[at].without(id);
            shards[at] = Arc::new(without);
        }
        if let Some(user) = user {
            next.depends_on_variables |= user_depends_on_variables(&user.node);
            for (name, record) in records(user, variables, &mut &*self.symbols) {
                let at = shard_of(&name, shards.len());
                let mut shard = (*shards[at]).clone();
                shard.add(&name, &record);
                shard.finish();
                for new in shard.find(&name).filter(|new| new.node == id && new.counts()) {
                    next.counts.add(&new, 1);
                }
                shards[at] = Arc::new(shard);
            }
        }
        next.shards = shards.into();
        next
    }

    /// Where users of these names are, each shard once.
    fn shards_of(&self, names: &[String], variables: &Variables) -> Vec<usize> {
        let names = names.iter().map(|name| variables.expand(name).0);
        let mut found: Vec<usize> = names.map(|name| shard_of(&name, self.shards.len())).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The user that FreeSWITCH would take for this name, or else for this address, with where it stands.
    pub(crate) fn find<'s>(&'s self, name: &str, ip: Option<&str>) -> Option<(User<'s>, &'s Container)> {
        let by_name = self.best(name, false);
        let by_ip = ip.and_then(|ip| self.best(&by_address(ip), true));
        // In each place the address is looked for before the name.
        let (place, found) = match (by_ip, by_name) {
            (Some(ip), Some(name)) if ip.0 <= name.0 => ip,
            (_, Some(name)) => name,
            (ip, None) => ip?,
        };
        let user = match found.alias_of {
            Some(id) => {
                let shard = self.shards.get(shard_of(id, self.shards.len()))?;
                shard.users().find(|user| user.node == found.node && user.alias_of.is_none())?
            }
            None => found,
        };
        Some((user, &self.containers[place]))
    }

    /// The first record found under a name, with the place of its container.
    fn best<'s>(&'s self, name: &str, is_ip: bool) -> Option<(usize, User<'s>)> {
        let shard = self.shards.get(shard_of(name, self.shards.len()))?;
        let mut best: Option<(usize, User<'_>)> = None;
        for user in shard.find(name).filter(|user| user.is_ip() == is_ip) {
            let Some(place) = self.containers.iter().position(|container| container.id == user.parent) else {
                continue;
            };
            if best.as_ref().is_none_or(|(at, old)| (place, user.order) < (*at, old.order)) {
                best = Some((place, user));
            }
        }
        best
    }

    /// Every user, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = User<'_>> {
        self.shards.iter().flat_map(|shard| shard.users()).filter(User::counts)
    }

    /// Whether a user can prove who it is.
    pub(crate) fn has_secret(&self, user: &User<'_>, container: &Container) -> bool {
        user.secrets().or(container.secrets).or(self.secrets).any()
    }

    /// [`Domain::has_secret`], wherever the user stands.
    pub(crate) fn can_authenticate(&self, user: &User<'_>) -> bool {
        let container = self.containers.iter().find(|container| container.id == user.parent);
        container.is_some_and(|container| self.has_secret(user, container))
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

/// Whether what is known of a user depends on variables.
pub(crate) fn user_depends_on_variables(user: &Node) -> bool {
    user_names(&user.attributes).iter().any(|name| has_variable(name)) || depends_on_variables(user)
}

/// What stands in a domain's start tag behind the name.
fn attributes(node: &Node) -> Vec<u8> {
    let tag = open_tag(node, &["name"]);
    tag[b"<domain".len()..tag.len() - 1].to_vec()
}
