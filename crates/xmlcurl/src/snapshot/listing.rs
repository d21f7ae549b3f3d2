//! Many users of a domain in one answer.

use std::collections::HashMap;

use custompbx_model::NodeId;

use super::container::{Container, Pointer};
use super::domain::Domain;
use super::encoded::Shown;
use super::shard::User;

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

impl Domain {
    /// Prints the users that `of` names, that belong into the listing and that are `wanted`, each in its container.
    /// `false` as soon as `out` is longer than `most`.
    pub(crate) fn list(
        &self,
        out: &mut Vec<u8>,
        item: Item,
        of: &Of<'_>,
        wanted: impl Fn(&User<'_>) -> bool,
        most: usize,
    ) -> bool {
        let mut users: HashMap<NodeId, Vec<User<'_>>> = HashMap::new();
        for user in self.users_of(item, of).into_iter().filter(wanted) {
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
                let pointed =
                    pointers.filter_map(|pointer| self.find(&pointer.id, None)).map(|(user, _)| user);
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
            while let Some(pointer) = pointers.next_if(|pointer| pointer.order < user.order) {
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
}
