//! Where in the tree a node is, as far as it matters for who is a user of a domain. The rule is that of
//! [`custompbx_model::edit::part_of`]; this is the same without a whole path for each of a million nodes.

use custompbx_model::edit::{Step, is_pointer};
use custompbx_model::{Attribute, NodeId};

/// A place in the tree, seen from above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// 1 for the root, 2 for a section, 3 for everything below, where levels do not matter any more.
    level: u8,
    directory: bool,
    domain: Option<NodeId>,
    /// Is or is in a user.
    user: bool,
}

impl Spot {
    pub(super) fn of(path: &[Step]) -> Self {
        path.iter().fold(Self::default(), |spot, step| spot.enter(step.id, &step.tag, &step.attributes).0)
    }

    /// Whether there can be users below.
    pub(super) fn may_have_users(self) -> bool {
        !self.user && (self.level < 2 || self.directory)
    }

    /// Whether a child is a pointer of a group, or of whatever else in a domain, to a user.
    pub(super) fn is_pointer(self, tag: &str, attributes: &[Attribute]) -> bool {
        let is_pointer = |(name, value): &Attribute| &**name == "type" && &**value == "pointer";
        self.domain.is_some() && !self.user && tag == "user" && attributes.iter().any(is_pointer)
    }

    /// The place of a child, and the domain's node when this child is a user.
    pub(super) fn enter(self, id: NodeId, tag: &str, attributes: &[Attribute]) -> (Self, Option<NodeId>) {
        let mut spot = Self { level: (self.level + 1).min(3), ..self };
        match self.level {
            0 => {}
            1 => {
                let name = attributes.iter().find(|(name, _)| &**name == "name");
                spot.directory = tag != custompbx_model::variables::SECTION_TAG
                    && name.is_some_and(|(_, name)| name.eq_ignore_ascii_case("directory"));
            }
            2 if self.directory && tag == "domain" => spot.domain = Some(id),
            2 => spot.directory = false,
            _ if self.domain.is_some() && !self.user && tag == "user" && !is_pointer(attributes) => {
                spot.user = true;
                return (spot, self.domain);
            }
            _ => {}
        }
        (spot, None)
    }
}

/// The column `user_id`.
pub(super) fn user_id(attributes: &[Attribute]) -> &str {
    attributes.iter().find(|(name, _)| &**name == "id").map_or("", |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use custompbx_model::edit::part_of;
    use custompbx_model::{Node, Part};

    /// Compares with the model's rule at every node.
    fn check(node: &Node, path: &mut Vec<Step>, spot: Spot, next: &mut i64, users: &mut usize) {
        let id = NodeId(*next);
        *next += 1;
        path.push(Step { id, tag: node.tag.clone(), attributes: node.attributes.clone() });
        let (spot, domain) = spot.enter(id, &node.tag, &node.attributes);
        let expected = match part_of(path) {
            Part::User { domain, id: user, .. } if user == id => Some(domain),
            _ => None,
        };
        assert_eq!(domain, expected, "{path:?}");
        assert_eq!(spot, Spot::of(path));
        *users += usize::from(domain.is_some());
        for child in &node.children {
            check(child, path, spot, next, users);
        }
        path.pop();
    }

    #[test]
    fn the_same_users_as_in_the_model() {
        let users = || {
            Node::new("users").containing([
                Node::new("user").with("id", "1").containing([Node::new("user").with("id", "inner")]),
                Node::new("user").with("id", "2").with("type", "pointer").containing([Node::new("user")]),
                Node::new("user").with("id", "3").with("type", "POINTER"),
            ])
        };
        let domain = || Node::new("domain").with("name", "d").containing([users(), Node::new("user")]);
        let sections = ["directory", "dialplan", "Directory"].map(|name| {
            Node::new("section").with("name", name).containing([
                domain(),
                users(),
                Node::new("x").containing([domain()]),
            ])
        });
        let variables = Node::new("variables").with("name", "directory").containing([domain()]);
        let root = Node::new("document").containing(sections).containing([variables, domain()]);
        let mut count = 0;
        check(&root, &mut Vec::new(), Spot::default(), &mut 1, &mut count);
        assert_eq!(count, 6);
    }
}
