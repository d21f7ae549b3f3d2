//! What can be done to a stored tree. A change of anything, by whatever way it comes, is a list of these.

use serde::{Deserialize, Serialize};

use crate::node::{Attribute, Node, NodeId, Text};

/// Where among its future siblings a node goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Before all others.
    First,
    /// After all others.
    Last,
    /// Right behind this sibling.
    After(NodeId),
}

/// One step of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// New nodes with everything below them, in this order.
    Insert {
        /// Their parent.
        parent: NodeId,
        /// The place of the first one; the others follow it.
        at: At,
        /// Their ids are given by the store, whatever they are.
        nodes: Vec<Node>,
    },
    /// Nodes that were deleted come back with everything below them, in this order, and with the ids that they had, so
    /// that they are what they were for whoever knows them by these.
    Restore {
        /// Their parent.
        parent: NodeId,
        /// The place of the first one; the others follow it.
        at: At,
        /// With their ids, which nobody may have by now.
        nodes: Vec<Node>,
    },
    /// Other attributes and text; the children stay.
    Update {
        /// The node.
        id: NodeId,
        /// All of them.
        attributes: Vec<Attribute>,
        /// The text.
        text: Option<Text>,
    },
    /// Enabled or not.
    Enable {
        /// The node.
        id: NodeId,
        /// The new state.
        enabled: bool,
    },
    /// To another place, under the same or another parent.
    Move {
        /// The node.
        id: NodeId,
        /// The new parent; never the node itself or one below it.
        parent: NodeId,
        /// The place there.
        at: At,
    },
    /// Away, with everything below.
    Delete {
        /// The node.
        id: NodeId,
    },
}

/// A part of an instance's tree that is served, and rebuilt after a change, as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The whole tree.
    Everything,
    /// The global variables.
    Variables,
    /// One child of a section that is not the directory: a configuration, a context, a language.
    Document {
        /// Its node.
        id: NodeId,
    },
    /// A domain with all its users.
    Domain {
        /// Its node.
        id: NodeId,
    },
    /// What a domain has beside its users: parameters, variables, groups with their pointers.
    DomainHead {
        /// The domain's node.
        domain: NodeId,
    },
    /// One user.
    User {
        /// The domain's node.
        domain: NodeId,
        /// The user's node.
        id: NodeId,
        /// Every name it was or is found under, before and after the change: its `id` and its `number-alias`.
        names: Vec<String>,
    },
}

/// One step of the way from the root to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node there.
    pub id: NodeId,
    /// Its tag.
    pub tag: Text,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

/// The part that holds the node at the end of `path` (root first, the node itself last).
pub fn part_of(path: &[Step]) -> Part {
    let Some(section) = path.get(1) else { return Part::Everything };
    if &*section.tag == crate::variables::SECTION_TAG {
        return Part::Variables;
    }
    let Some(top) = path.get(2) else { return Part::Everything };
    if !attribute(section, "name").is_some_and(|name| name.eq_ignore_ascii_case("directory"))
        || &*top.tag != "domain"
    {
        return Part::Document { id: top.id };
    }
    // A pointer is a line of a group, not a user.
    let user = path[3..].iter().find(|step| &*step.tag == "user" && !is_pointer(&step.attributes));
    match user {
        Some(user) => Part::User { domain: top.id, id: user.id, names: user_names(&user.attributes) },
        None if path.len() == 3 => Part::Domain { id: top.id },
        None => Part::DomainHead { domain: top.id },
    }
}

/// The names that FreeSWITCH finds a user under: its `id`, its `number-alias`, and its address [`by_address`].
pub fn user_names(attributes: &[Attribute]) -> Vec<String> {
    let named = |key| attributes.iter().find(|(name, _)| &**name == key).map(|(_, value)| value.to_string());
    let ip = named("ip").map(|ip| by_address(&ip));
    ["id", "number-alias"].into_iter().filter_map(named).chain(ip).collect()
}

/// Whether an element `user` with these attributes only stands for the user of that id elsewhere. FreeSWITCH compares
/// without regard to case (`sofia_reg.c`, `mod_dptools.c`).
pub fn is_pointer(attributes: &[Attribute]) -> bool {
    let kind = attributes.iter().find(|(name, _)| &**name == "type");
    kind.is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("pointer"))
}

/// The name under which a user is kept for its attribute `ip`.
pub fn by_address(ip: &str) -> String {
    format!("ip={ip}")
}

fn attribute<'a>(step: &'a Step, name: &str) -> Option<&'a str> {
    step.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
}

/// How many users may change at once before their domains are rebuilt as a whole.
const MOST_USERS: usize = 5_000;

/// The fewest parts that cover all of `parts`.
pub fn collapse(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort();
    parts.dedup();
    if parts.contains(&Part::Everything) {
        return vec![Part::Everything];
    }
    let users = parts.iter().filter(|part| matches!(part, Part::User { .. })).count();
    if users > MOST_USERS {
        for part in &mut parts {
            if let Part::User { domain, .. } = part {
                *part = Part::Domain { id: *domain };
            }
        }
        parts.sort();
        parts.dedup();
    }
    let whole: Vec<NodeId> = parts
        .iter()
        .filter_map(|part| if let Part::Domain { id } = part { Some(*id) } else { None })
        .collect();
    parts.retain(|part| match part {
        Part::DomainHead { domain } | Part::User { domain, .. } => !whole.contains(domain),
        _ => true,
    });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: i64, tag: &str, attributes: &[(&str, &str)]) -> Step {
        let attributes = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Step { id: NodeId(id), tag: tag.into(), attributes }
    }

    #[test]
    fn parts_of_paths() {
        let root = step(1, "document", &[]);
        let directory = step(2, "section", &[("name", "directory")]);
        let domain = step(3, "domain", &[("name", "d")]);
        let groups = step(4, "groups", &[]);
        let group = step(5, "group", &[("name", "g")]);
        let users = step(6, "users", &[]);
        let user = step(7, "user", &[("id", "1000"), ("number-alias", "77")]);
        let pointer = step(8, "user", &[("id", "1000"), ("type", "Pointer")]);
        let path = |last: &[&Step]| {
            let mut path = vec![root.clone(), directory.clone()];
            path.extend(last.iter().map(|step| (*step).clone()));
            part_of(&path)
        };
        assert_eq!(path(&[]), Part::Everything);
        assert_eq!(path(&[&domain]), Part::Domain { id: NodeId(3) });
        assert_eq!(path(&[&domain, &groups]), Part::DomainHead { domain: NodeId(3) });
        assert_eq!(
            path(&[&domain, &groups, &group, &users, &pointer]),
            Part::DomainHead { domain: NodeId(3) }
        );
        let part = path(&[&domain, &groups, &group, &users, &user, &step(9, "params", &[])]);
        let names = vec!["1000".to_owned(), "77".to_owned()];
        assert_eq!(part, Part::User { domain: NodeId(3), id: NodeId(7), names });
        let configuration = step(10, "section", &[("name", "configuration")]);
        let document = step(11, "configuration", &[("name", "acl.conf")]);
        assert_eq!(part_of(&[root, configuration, document]), Part::Document { id: NodeId(11) });
    }

    #[test]
    fn many_users_become_their_domain() {
        let user = |id| Part::User { domain: NodeId(3), id: NodeId(id), names: vec![] };
        let few: Vec<Part> = (10..20).map(user).collect();
        assert_eq!(collapse(few.clone()), few);
        assert_eq!(collapse((10..6_000).map(user).collect()), [Part::Domain { id: NodeId(3) }]);
    }
}
