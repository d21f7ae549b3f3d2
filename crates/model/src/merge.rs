//! What must change so that a stored tree holds an imported one.
//!
//! Nodes are matched by tag and natural name; where several siblings share both, the first with the first, the
//! second with the second. A matched node keeps its id and its being disabled. What the import does not mention
//! stays where the stored node is a *collection* (the document, its sections, a domain's users), and goes where it is
//! a document of its own, because an imported file says all there is in it. Disabled nodes always stay: no file of
//! FreeSWITCH can mention them.

use std::collections::{HashMap, HashSet};

use crate::edit::{At, Edit, is_pointer};
use crate::node::{Node, NodeId, TEXT_TAG, Text};

/// How many nodes a merge adds, changes, takes away and finds as they should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New nodes, with those below them.
    pub added: usize,
    /// Nodes with other attributes or text, or in another place.
    pub changed: usize,
    /// Removed nodes, with those below them.
    pub removed: usize,
    /// Nodes left as they are.
    pub same: usize,
    /// Stored nodes that the import does not mention and that stay, with those below them.
    pub kept: usize,
}

impl Counts {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.added + self.changed + self.removed == 0
    }

    /// The counts of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            added: self.added + other.added,
            changed: self.changed + other.changed,
            removed: self.removed + other.removed,
            same: self.same + other.same,
            kept: self.kept + other.kept,
        }
    }
}

/// The edits that make `stored` hold `imported`, which is the same element.
pub fn merge(stored: &Node, imported: &Node) -> (Vec<Edit>, Counts) {
    part(stored, imported, Scope::Document)
}

/// [`merge`] for one domain of the directory.
pub fn merge_domain(stored: &Node, imported: &Node) -> (Vec<Edit>, Counts) {
    part(stored, imported, Scope::Domain)
}

/// [`merge`] for one element that an import says everything about: a document, a user.
pub fn merge_element(stored: &Node, imported: &Node) -> (Vec<Edit>, Counts) {
    part(stored, imported, Scope::Whole)
}

fn part(stored: &Node, imported: &Node, scope: Scope) -> (Vec<Edit>, Counts) {
    let mut merge = Merge::default();
    merge.node(stored, imported, scope);
    // What goes makes room first.
    merge.deletes.append(&mut merge.edits);
    (merge.deletes, merge.counts)
}

/// What an element's children are to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The document; its children are sections.
    Document,
    /// A section; its children are documents, or domains.
    Section,
    /// The directory.
    Directory,
    /// A domain, its groups, and users in them: users that are not mentioned stay.
    Domain,
    /// Everything else: the import says all.
    Whole,
}

impl Scope {
    fn below(self, child: &Node) -> Self {
        match self {
            Self::Document if &*child.tag == crate::variables::SECTION_TAG => Self::Section,
            Self::Document
                if child.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("directory")) =>
            {
                Self::Directory
            }
            Self::Document => Self::Section,
            Self::Directory => Self::Domain,
            Self::Domain if ["groups", "group", "users"].contains(&&*child.tag) => Self::Domain,
            Self::Section | Self::Domain | Self::Whole => Self::Whole,
        }
    }

    fn is_collection(self) -> bool {
        matches!(self, Self::Document | Self::Section | Self::Directory)
    }

    fn keeps(self, child: &Node) -> bool {
        match self {
            Self::Document | Self::Section | Self::Directory => true,
            // Which pointers a group has is what a file that mentions the group says.
            Self::Domain => {
                !is_pointer(&child.attributes) && ["groups", "group", "users", "user"].contains(&&*child.tag)
            }
            Self::Whole => false,
        }
    }
}

#[derive(Default)]
struct Merge {
    deletes: Vec<Edit>,
    edits: Vec<Edit>,
    counts: Counts,
    /// The ids, in lower case, of the real users of the imported domain that is being merged.
    mentioned: HashSet<String>,
}

impl Merge {
    fn node(&mut self, stored: &Node, imported: &Node, scope: Scope) {
        // A file that only adds to a section or a domain need not repeat what that has.
        let mut attributes = imported.attributes.clone();
        if scope.is_collection() {
            let kept = stored.attributes.iter().filter(|(name, _)| imported.attribute(name).is_none());
            attributes.extend(kept.cloned());
        }
        let same = stored.attributes.len() == attributes.len()
            && attributes.iter().all(|(name, value)| stored.attribute(name) == Some(value));
        if stored.text == imported.text && same {
            self.counts.same += 1;
        } else {
            self.counts.changed += 1;
            self.edits.push(Edit::Update { id: stored.id, attributes, text: imported.text.clone() });
        }
        self.children(stored, imported, scope);
    }

    fn children(&mut self, stored: &Node, imported: &Node, scope: Scope) {
        if scope == Scope::Domain && &*imported.tag == "domain" {
            self.mentioned.clear();
            imported.walk(&mut |node| self.mentioned.extend(user_id(node)));
        }
        // Of two of one name the enabled one is meant: files know no other.
        let (enabled, disabled): (Vec<_>, Vec<_>) =
            (0..).zip(&stored.children).partition(|(_, child)| child.enabled);
        let order: Vec<(usize, &Node)> = enabled.into_iter().chain(disabled).collect();
        let mut known: HashMap<Key, usize> =
            keys(order.iter().map(|(_, child)| *child)).zip(order.iter().map(|(index, _)| *index)).collect();
        let matched: Vec<Option<usize>> = keys(&imported.children).map(|key| known.remove(&key)).collect();

        for index in known.into_values() {
            let lost = &stored.children[index];
            if lost.enabled && (self.is_elsewhere(lost) || !scope.keeps(lost)) {
                self.counts.removed += lost.count();
                self.deletes.push(Edit::Delete { id: lost.id });
            } else {
                self.counts.kept += lost.count();
            }
        }

        let in_place = longest_increasing(&matched);
        // Those that stay come into their order first; new ones are put between them then.
        let mut previous: Option<NodeId> = None;
        for (place, index) in matched.iter().enumerate().filter_map(|(place, index)| Some((place, (*index)?)))
        {
            let old = &stored.children[index];
            if !in_place.contains(&place) {
                self.counts.changed += 1;
                let at = previous.map_or(At::First, At::After);
                self.edits.push(Edit::Move { id: old.id, parent: stored.id, at });
            }
            previous = Some(old.id);
        }
        let mut previous: Option<NodeId> = None;
        let mut run: Vec<Node> = Vec::new();
        for (child, found) in imported.children.iter().zip(&matched) {
            let Some(index) = *found else {
                run.push(child.clone());
                continue;
            };
            self.insert(stored.id, previous, &mut run, false);
            let old = &stored.children[index];
            previous = Some(old.id);
            self.node(old, child, scope.below(child));
        }
        // New things at the end of a collection go behind those that the import does not know.
        self.insert(stored.id, previous, &mut run, scope != Scope::Whole);
    }

    /// Whether this is a user that the import has in another place of the domain. It would be found there first, or
    /// here, with the password of another time.
    fn is_elsewhere(&self, lost: &Node) -> bool {
        user_id(lost).is_some_and(|id| self.mentioned.contains(&id))
    }

    fn insert(&mut self, parent: NodeId, previous: Option<NodeId>, run: &mut Vec<Node>, last: bool) {
        if run.is_empty() {
            return;
        }
        let nodes = std::mem::take(run);
        self.counts.added += nodes.iter().map(Node::count).sum::<usize>();
        let at = match previous {
            _ if last => At::Last,
            Some(previous) => At::After(previous),
            None => At::First,
        };
        self.edits.push(Edit::Insert { parent, at, nodes });
    }
}

/// The id of a user that is no pointer, as FreeSWITCH compares ids.
fn user_id(node: &Node) -> Option<String> {
    let is_user = &*node.tag == "user" && !is_pointer(&node.attributes);
    node.attribute("id").filter(|_| is_user).map(str::to_lowercase)
}

/// Tag, natural name, and which one of those that share both. FreeSWITCH compares names without regard to case.
pub(crate) type Key = (Text, String, usize);

pub(crate) fn keys<'a>(children: impl IntoIterator<Item = &'a Node>) -> impl Iterator<Item = Key> {
    let mut seen: HashMap<(Text, String), usize> = HashMap::new();
    children.into_iter().map(move |child| {
        let name = if &*child.tag == TEXT_TAG {
            child.text.as_deref().unwrap_or_default().to_owned()
        } else {
            child.natural_name().unwrap_or_default().to_lowercase()
        };
        let count = seen.entry((child.tag.clone(), name.clone())).or_default();
        *count += 1;
        (child.tag.clone(), name, *count)
    })
}

/// The places in `matched` that can stay when the others are moved around them: a longest increasing subsequence.
pub(crate) fn longest_increasing(matched: &[Option<usize>]) -> HashSet<usize> {
    let mut tails: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; matched.len()];
    for (place, value) in matched.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?))) {
        let at = tails.partition_point(|(tail, _)| *tail < value);
        before[place] = at.checked_sub(1).map(|at| tails[at].1);
        if at == tails.len() {
            tails.push((value, place));
        } else {
            tails[at] = (value, place);
        }
    }
    let mut staying = HashSet::new();
    let mut next = tails.last().map(|(_, place)| *place);
    while let Some(place) = next {
        staying.insert(place);
        next = before[place];
    }
    staying
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    /// Parses, and numbers the nodes as a store would.
    fn stored(text: &str) -> Node {
        fn number(node: &mut Node, next: &mut i64) {
            node.id = NodeId(*next);
            *next += 1;
            node.children.iter_mut().for_each(|child| number(child, next));
        }
        let mut node = imported(text);
        number(&mut node, &mut 1);
        node
    }

    fn imported(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    fn document(section: &str, content: &str) -> String {
        format!("<document><section name=\"{section}\">{content}</section></document>")
    }

    #[test]
    fn the_same_again_is_nothing() {
        let text =
            document("dialplan", "<context name='a'><extension name='x'/><extension name='x'/>t</context>");
        let (edits, counts) = merge(&stored(&text), &imported(&text));
        assert_eq!(edits, []);
        assert!(counts.is_empty());
    }

    #[test]
    fn a_document_becomes_what_the_import_says() {
        let old = stored(&document(
            "configuration",
            "<configuration name='a'><p name='1'/><p name='2'/></configuration>",
        ));
        let new = imported(&document(
            "configuration",
            "<configuration name='a'><p name='3'/><p name='2' v='x'/></configuration>",
        ));
        let (edits, counts) = merge(&old, &new);
        assert_eq!(counts, Counts { added: 1, changed: 1, removed: 1, same: 3, kept: 0 });
        assert_eq!(edits[0], Edit::Delete { id: NodeId(4) });
        assert!(
            matches!(&edits[1], Edit::Insert { parent: NodeId(3), at: At::First, nodes } if nodes.len() == 1)
        );
        assert!(matches!(edits[2], Edit::Update { id: NodeId(5), .. }));
    }

    #[test]
    fn other_documents_users_and_disabled_nodes_stay() {
        let mut old = stored(&document(
            "directory",
            "<domain name='d'><params><param name='a'/></params><users><user id='1'/><user id='2'/></users></domain><domain name='e'/>",
        ));
        old.children[0].children[0].children[0].children[0].enabled = false;
        let new = imported(&document(
            "directory",
            "<domain name='d'><params/><users><user id='2'/><user id='3'/></users></domain>",
        ));
        let (edits, _) = merge(&old, &new);
        assert_eq!(edits.len(), 1, "{edits:?}");
        assert!(
            matches!(&edits[0], Edit::Insert { at: At::Last, nodes, .. } if nodes[0].attribute("id") == Some("3"))
        );
    }

    /// In FreeSWITCH the one that stayed would be found first, with its old password.
    #[test]
    fn a_user_that_moved_to_another_group_is_not_there_twice() {
        let groups = |first: &str, second: &str| {
            document(
                "directory",
                &format!(
                    "<domain name='d'><groups><group name='a'><users>{first}</users></group><group name='b'><users>{second}</users></group></groups></domain>"
                ),
            )
        };
        let old = stored(&groups("<user id='1'/><user id='2'/>", "<user id='9' type='pointer'/>"));
        let new = imported(&groups("<user id='3'/>", "<user id='1'><params/></user>"));
        let (edits, counts) = merge(&old, &new);
        let deleted: Vec<NodeId> = edits
            .iter()
            .filter_map(|edit| if let Edit::Delete { id } = edit { Some(*id) } else { None })
            .collect();
        assert_eq!(deleted, [NodeId(7), NodeId(11)], "the old place of 1, and the pointer");
        assert_eq!((counts.added, counts.kept), (3, 1), "3, 1 and its params are new; 2 is kept");
    }

    #[test]
    fn of_two_of_one_name_the_enabled_one_is_meant() {
        let mut old = stored(&document(
            "dialplan",
            "<context name='c'><extension name='x'/><extension name='X'/></context>",
        ));
        old.children[0].children[0].children[0].enabled = false;
        let new = imported(&document("dialplan", "<context name='C'><extension name='x'/></context>"));
        let (edits, _) = merge(&old, &new);
        let ids: Vec<_> =
            edits.iter().map(|edit| if let Edit::Update { id, .. } = edit { id.0 } else { -1 }).collect();
        assert_eq!(ids, [3, 5], "{edits:?}");
    }

    #[test]
    fn a_section_keeps_what_a_file_does_not_repeat() {
        let old = stored("<document><section name='directory' description='Users'/></document>");
        let new = imported("<document><section name='directory' x='1'/></document>");
        let (edits, _) = merge(&old, &new);
        assert!(
            matches!(&edits[..], [Edit::Update { attributes, .. }] if attributes.len() == 3),
            "{edits:?}"
        );
        assert_eq!(merge(&old, &imported("<document><section name='directory'/></document>")).0, []);
    }

    #[test]
    fn another_order_is_moved_with_few_moves() {
        let old = stored(&document(
            "dialplan",
            "<context name='c'><e name='1'/><e name='2'/><e name='3'/><e name='4'/></context>",
        ));
        let new = imported(&document(
            "dialplan",
            "<context name='c'><e name='4'/><e name='1'/><e name='2'/><e name='3'/></context>",
        ));
        let (edits, _) = merge(&old, &new);
        assert_eq!(edits, [Edit::Move { id: NodeId(7), parent: NodeId(3), at: At::First }]);
    }

    /// One that is moved goes behind the new ones before it.
    #[test]
    fn new_ones_and_another_order_at_once() {
        let old = stored(&document("dialplan", "<context name='c'><e name='1'/><e name='2'/></context>"));
        let new = imported(&document(
            "dialplan",
            "<context name='c'><e name='0'/><e name='2'/><e name='1'/></context>",
        ));
        let (edits, _) = merge(&old, &new);
        assert_eq!(edits[0], Edit::Move { id: NodeId(5), parent: NodeId(3), at: At::First });
        assert!(matches!(&edits[1], Edit::Insert { at: At::First, .. }), "{edits:?}");
    }
}
