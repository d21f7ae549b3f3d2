//! The directory: domains, and in each its users by name.

use std::collections::HashMap;
use std::sync::Arc;

use custompbx_model::edit::user_names;
use custompbx_model::variables::{Variables, has_variable};
use custompbx_model::xml::{self, Style, escape::escape_into};
use custompbx_model::{Node, NodeId};

use super::bytes::{Reader, put_bytes, put_number};
use super::document::open_tag;
use super::encoded::Shown;
use super::shard::{Shard, User, has_secret, hash_name, records};
use super::symbols::Symbols;

/// All domains of an instance.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The section's start tag.
    pub open: Vec<u8>,
    /// In order.
    pub domains: Vec<Arc<Domain>>,
    /// Domains by name with the known variables replaced, lower case.
    by_name: HashMap<String, usize>,
    /// Domains whose name holds a variable that only the switch knows, such as `$${local_ip_v4}`.
    by_switch: Vec<(String, usize)>,
}

/// One domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its node.
    pub id: NodeId,
    /// Its name as it is stored; may hold variables.
    pub name: String,
    /// What stands in the start tag beside the name.
    attributes: Vec<u8>,
    /// Everything below the domain but users and groups.
    content: Vec<u8>,
    /// Whether its own parameters hold a password or an a1-hash.
    has_secret: bool,
    /// Where users can stand, by the node they are children of.
    containers: Vec<Container>,
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) shards: Arc<[Arc<Shard>]>,
    /// The order of the next user that is added.
    pub(crate) next_order: u64,
    counts: Counts,
    /// Whether the names of users hold variables, so that they change with these.
    pub(crate) has_variable_names: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) users: usize,
    pub(crate) with_cidr: usize,
    pub(crate) with_gateways: usize,
}

/// A place for users: a group's `users`, the domain's `users`, or the domain itself.
#[derive(Clone, Debug)]
pub struct Container {
    /// The node whose children the users are.
    pub id: NodeId,
    /// The group's name, if it is one.
    pub group: Option<String>,
    open: Vec<u8>,
    close: Vec<u8>,
    pointers: Vec<Pointer>,
    has_secret: bool,
}

/// An entry that only points to a user elsewhere in the domain, or something else that is no user.
#[derive(Clone, Debug)]
struct Pointer {
    place: u64,
    id: String,
    xml: Vec<u8>,
}

impl Pointer {
    fn new(place: u64, node: &Node) -> Self {
        Self { place, id: node.attribute("id").unwrap_or_default().to_owned(), xml: print(node) }
    }
}

/// What of a domain's users goes into a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Everything.
    All,
    /// Users that have gateways, and only those.
    Gateways,
    /// Users on access lists, without anything below them.
    Cidr,
}

impl Directory {
    pub(crate) fn new(open: Vec<u8>, domains: Vec<Arc<Domain>>, variables: &Variables) -> Self {
        let mut directory = Self { open, domains, ..Self::default() };
        for (index, domain) in directory.domains.iter().enumerate() {
            let (name, unknown) = variables.expand(&domain.name);
            if unknown.is_empty() {
                directory.by_name.entry(name.to_lowercase()).or_insert(index);
            } else {
                directory.by_switch.push((name, index));
            }
        }
        directory
    }

    /// The domain of this name. `switch` gives the variables that the asking switch is known to have.
    pub fn find(&self, name: &str, switch: impl FnOnce() -> Variables) -> Option<&Arc<Domain>> {
        if let Some(index) = self.by_name.get(&name.to_lowercase()) {
            return self.domains.get(*index);
        }
        if self.by_switch.is_empty() {
            return None;
        }
        let known = switch();
        let named =
            |template: &str| known.expand_all(template).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let (_, index) = self.by_switch.iter().find(|(template, _)| named(template))?;
        self.domains.get(*index)
    }

    /// The same with other domains.
    pub(crate) fn with_domains(&self, domains: Vec<Arc<Domain>>, variables: &Variables) -> Self {
        Self::new(self.open.clone(), domains, variables)
    }

    /// The same with one domain exchanged for one of the same name.
    pub(crate) fn with_domain(&self, domain: Domain) -> Option<Self> {
        let at = self.domains.iter().position(|old| old.id == domain.id && old.name == domain.name)?;
        let mut next = self.clone();
        next.domains[at] = Arc::new(domain);
        Some(next)
    }
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

    /// The same with another head and the same users.
    #[must_use]
    pub fn with_head(&self, node: &Node) -> Self {
        let head = Self::new(node, self.symbols.clone(), self.shards.clone(), self.next_order, self.counts);
        Self { has_variable_names: self.has_variable_names, ..head }
    }

    /// How many users it has; those in disabled groups count.
    pub fn users(&self) -> usize {
        self.counts.users
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

    /// Prints the users that `of` names and that belong into the listing, each in its container. `false` as soon as
    /// `out` is longer than `most`.
    pub(crate) fn list(&self, out: &mut Vec<u8>, item: Item, of: &Of<'_>, most: usize) -> bool {
        let mut users: HashMap<NodeId, Vec<User<'_>>> = HashMap::new();
        for user in self.users_of(item, of) {
            users.entry(user.parent).or_default().push(user);
        }
        let mut in_groups = false;
        for container in &self.containers {
            let mut here = users.remove(&container.id).unwrap_or_default();
            let whole = item == Item::All && of.is_whole(container);
            if here.is_empty() && !whole {
                continue;
            }
            // FreeSWITCH looks into the first `groups` only.
            if container.group.is_some() != in_groups {
                out.extend_from_slice(if in_groups { b"</groups>".as_slice() } else { b"<groups>" });
                in_groups = !in_groups;
            }
            here.sort_by_key(|user| (user.order, user.node));
            let pointers = if whole { container.pointers.as_slice() } else { &[] };
            if !self.list_container(out, item, container, pointers, &here, most) {
                return false;
            }
        }
        if in_groups {
            out.extend_from_slice(b"</groups>");
        }
        out.len() <= most
    }

    fn users_of<'a>(&'a self, item: Item, of: &Of<'a>) -> Vec<User<'a>> {
        let found: Box<dyn Iterator<Item = User<'a>>> = match of {
            Of::Group { group, pointed } => {
                let id = group.id;
                let pointers = group.pointers.iter().filter(|_| *pointed);
                let pointed = pointers.filter_map(|pointer| self.find(&pointer.id)).map(|(user, _)| user);
                Box::new(self.all().filter(move |user| user.parent == id).chain(pointed))
            }
            Of::Domain if item == Item::Gateways && self.counts.with_gateways == 0 => return Vec::new(),
            Of::Domain if item == Item::Cidr && self.counts.with_cidr == 0 => return Vec::new(),
            Of::Domain => Box::new(self.all()),
        };
        let wanted = |user: &User<'_>| match item {
            Item::All => true,
            Item::Gateways => user.has_gateways(),
            Item::Cidr => user.has_cidr(),
        };
        found.filter(wanted).collect()
    }

    fn list_container(
        &self,
        out: &mut Vec<u8>,
        item: Item,
        container: &Container,
        pointers: &[Pointer],
        users: &[User<'_>],
        most: usize,
    ) -> bool {
        out.extend_from_slice(&container.open);
        let shown = match item {
            Item::All => Shown::All,
            Item::Gateways => Shown::Only("gateways"),
            Item::Cidr => Shown::Head,
        };
        // In a group the order is the order in which members are called.
        let mut pointers = pointers.iter().peekable();
        for user in users {
            while let Some(pointer) = pointers.next_if(|pointer| pointer.place < user.order) {
                out.extend_from_slice(&pointer.xml);
            }
            user.print(out, &self.symbols, shown, None);
            if out.len() > most {
                return false;
            }
        }
        for pointer in pointers {
            out.extend_from_slice(&pointer.xml);
        }
        out.extend_from_slice(&container.close);
        out.len() <= most
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

/// Whose users are listed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'a> {
    /// The whole domain's.
    Domain,
    /// A group's.
    Group {
        /// The group.
        group: &'a Container,
        /// Also the users that its pointers point to, in their own groups.
        pointed: bool,
    },
}

impl Of<'_> {
    /// Whether everything in the container belongs into the listing, and not just single users.
    fn is_whole(&self, container: &Container) -> bool {
        match self {
            Self::Domain => !container.open.is_empty() || !container.pointers.is_empty(),
            Self::Group { group, .. } => group.id == container.id && group.group == container.group,
        }
    }
}

impl Container {
    fn new(node: &Node, group: Option<String>, open: Vec<u8>, close: Vec<u8>) -> Self {
        let pointers = (1..)
            .zip(&node.children)
            .filter(|(_, child)| child.enabled && (is_pointer(child) || &*child.tag != "user"))
            .map(|(place, child)| Pointer::new(place, child))
            .collect();
        Self { id: node.id, group, open, close, pointers, has_secret: false }
    }

    /// Prints what `inside` prints, within this container.
    pub(crate) fn around(&self, out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
        let (before, after): (&[u8], &[u8]) =
            if self.group.is_some() { (b"<groups>", b"</groups>") } else { (b"", b"") };
        out.extend_from_slice(before);
        out.extend_from_slice(&self.open);
        inside(out);
        out.extend_from_slice(&self.close);
        out.extend_from_slice(after);
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

/// Whether a `user` element only refers to a user elsewhere.
pub(crate) fn is_pointer(node: &Node) -> bool {
    node.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("pointer"))
}

fn print(node: &Node) -> Vec<u8> {
    xml::print(node, Style::Compact).into_bytes()
}

/// What stands in a domain's start tag behind the name.
fn attributes(node: &Node) -> Vec<u8> {
    let tag = open_tag(node, &["name"]);
    tag[b"<domain".len()..tag.len() - 1].to_vec()
}

/// Everything of a domain but its users, for [`super::saved`].
impl Domain {
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        put_number(out, u64::try_from(self.id.0).unwrap_or_default());
        put_bytes(out, self.name.as_bytes());
        put_bytes(out, &self.attributes);
        put_bytes(out, &self.content);
        out.push(u8::from(self.has_secret));
        out.push(u8::from(self.has_variable_names));
        put_number(out, self.containers.len() as u64);
        for container in &self.containers {
            put_number(out, u64::try_from(container.id.0).unwrap_or_default());
            out.push(u8::from(container.group.is_some()));
            put_bytes(out, container.group.as_deref().unwrap_or_default().as_bytes());
            put_bytes(out, &container.open);
            put_bytes(out, &container.close);
            out.push(u8::from(container.has_secret));
            put_number(out, container.pointers.len() as u64);
            for pointer in &container.pointers {
                put_number(out, pointer.place);
                put_bytes(out, pointer.id.as_bytes());
                put_bytes(out, &pointer.xml);
            }
        }
    }

    pub(crate) fn load(reader: &mut Reader<'_>) -> Option<Self> {
        let mut domain = Self::new(&Node::new("domain"), Arc::default(), Arc::new([]), 0, Counts::default());
        domain.id = NodeId(reader.id()?);
        domain.name = reader.text()?.to_owned();
        domain.attributes = reader.bytes()?.to_vec();
        domain.content = reader.bytes()?.to_vec();
        domain.has_secret = reader.byte()? != 0;
        domain.has_variable_names = reader.byte()? != 0;
        domain.containers.clear();
        for _ in 0..reader.length()? {
            let id = NodeId(reader.id()?);
            let is_group = reader.byte()? != 0;
            let name = reader.text()?.to_owned();
            let open = reader.bytes()?.to_vec();
            let close = reader.bytes()?.to_vec();
            let has_secret = reader.byte()? != 0;
            let mut pointers = Vec::new();
            for _ in 0..reader.length()? {
                let place = reader.number()?;
                let id = reader.text()?.to_owned();
                pointers.push(Pointer { place, id, xml: reader.bytes()?.to_vec() });
            }
            let group = is_group.then_some(name);
            domain.containers.push(Container { id, group, open, close, pointers, has_secret });
        }
        Some(domain)
    }

    pub(crate) fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }
}
