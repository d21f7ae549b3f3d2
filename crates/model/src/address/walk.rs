//! Addresses in a tree that is at hand as a whole.

use std::collections::HashMap;

use super::label::{Next, Ranks};
use super::segment::Address;
use crate::declare::Inside;
use crate::node::{Node, NodeId};

/// What an address leads to.
#[derive(Clone, Debug)]
pub enum Found<'t> {
    /// An element.
    Element(&'t Node),
    /// A collection of this name, of an element.
    Collection(&'t Node, &'static str),
}

/// What is at this address below the document `root`.
pub fn find<'t>(root: &'t Node, address: &Address) -> Option<Found<'t>> {
    let mut node = root;
    let mut inside = Inside::OUTSIDE.enter(root);
    let mut segments = address.0.iter();
    while let Some(segment) = segments.next() {
        let (collection, segment) = match inside.next(segment) {
            Next::Child => (None, segment),
            Next::Collection(name) => match segments.next() {
                Some(segment) => (Some(name), segment),
                None => return Some(Found::Collection(node, name)),
            },
        };
        let is_gathering = |name| inside.gathering().is_some_and(|element| element.plural == Some(name));
        if collection.is_some_and(is_gathering) {
            let mut users = Vec::new();
            gather(node, &inside, &mut users);
            users.sort_by_key(|(user, _)| user.id);
            let key = inside.gathering().and_then(|element| element.key)?;
            let mut named =
                users.into_iter().filter(|(user, _)| user.attribute(key).unwrap_or_default() == segment.name);
            (node, inside) = named.nth(usize::try_from(segment.number()).ok()?.checked_sub(1)?)?;
            continue;
        }
        let labels = inside.own_labels(&node.children);
        let at = labels.iter().position(|label| {
            label.collection == collection
                && label.segment.name == segment.name
                && label.number == segment.number()
        })?;
        node = &node.children[at];
        inside = inside.enter(node);
    }
    Some(Found::Element(node))
}

/// The elements that an element gathers, with their insides.
fn gather<'t>(node: &'t Node, inside: &Inside, into: &mut Vec<(&'t Node, Inside)>) {
    for child in &node.children {
        let below = inside.enter(child);
        if inside.gathers(child) {
            into.push((child, below));
        } else {
            gather(child, &below, into);
        }
    }
}

/// The address of every node, the document's included.
pub fn addresses(root: &Node) -> Vec<(NodeId, Address)> {
    let mut all = vec![(root.id, Address::default())];
    let inside = Inside::OUTSIDE.enter(root);
    below(root, &inside, &Address::default(), None, &mut all);
    all
}

/// Who gathers the elements on this way, with the ranks among them.
type Gatherer<'g> = (&'g Address, &'g Ranks);

fn below(
    node: &Node,
    inside: &Inside,
    address: &Address,
    gatherer: Option<Gatherer<'_>>,
    all: &mut Vec<(NodeId, Address)>,
) {
    let ranks = match inside.gathering().and_then(|element| element.key) {
        Some(key) => ranks(node, inside, key),
        None => Ranks::new(),
    };
    let gatherer = if inside.gathering().is_some() { Some((address, &ranks)) } else { gatherer };
    let labels = inside.labels(node.children.iter(), gatherer.map_or(&ranks, |(_, ranks)| ranks));
    for (child, label) in node.children.iter().zip(labels) {
        let from = gatherer.filter(|_| label.is_gathered).map_or(address, |(address, _)| address);
        let address = from.join(label.segments());
        all.push((child.id, address.clone()));
        below(child, &inside.enter(child), &address, gatherer, all);
    }
}

/// See [`Ranks`].
fn ranks(node: &Node, inside: &Inside, key: &str) -> Ranks {
    let mut users = Vec::new();
    gather(node, inside, &mut users);
    users.sort_by_key(|(user, _)| user.id);
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut ranks = Ranks::new();
    for (user, _) in users {
        let count = seen.entry(user.attribute(key).unwrap_or_default()).or_default();
        *count += 1;
        if *count > 1 {
            ranks.insert(user.id, *count);
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::xml::{Limits, parse};

    fn tree(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    /// Gives ids in the order of the tree, and for an odd `turn` in the opposite one.
    fn number(node: &mut Node, next: &mut i64, turn: i64) {
        node.id = NodeId(if turn % 2 == 0 { *next } else { 1_000_000 - *next });
        *next += 1;
        node.children.iter_mut().for_each(|child| number(child, next, turn));
    }

    /// Every node has an address of its own, which leads to it.
    fn check(root: &Node) -> Vec<String> {
        let all = addresses(root);
        assert_eq!(all.len(), root.count());
        let mut seen = HashSet::new();
        for (id, address) in &all {
            let text = address.to_string();
            assert!(seen.insert(text.clone()), "{text} is there twice");
            let read = Address::parse(&text).unwrap();
            assert_eq!(&read, address, "{text}");
            match find(root, &read) {
                Some(Found::Element(found)) => assert_eq!(found.id, *id, "{text}"),
                other => panic!("{text} leads to {other:?}"),
            }
        }
        all.into_iter().map(|(_, address)| address.to_string()).collect()
    }

    #[test]
    fn every_node_of_vanilla() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/fixtures/vanilla-flat.xml");
        let mut root = tree(&std::fs::read_to_string(path).unwrap());
        number(&mut root, &mut 1, 0);
        let all = check(&root);
        assert!(all.len() > 3_000, "{}", all.len());
        for expected in [
            "configuration/sofia.conf/profiles/internal/settings/sip-port",
            "configuration/acl.conf/network-lists/lan/nodes/2",
            "configuration/modules.conf/modules/mod_sofia",
            "configuration/ivr.conf/menus/demo_ivr",
            "dialplan/contexts/public/extensions/unloop/conditions/2/actions/1",
            "languages/en/phrases/macros/msgcount",
        ] {
            assert!(all.iter().any(|address| address == expected), "{expected}");
        }
        assert!(all.iter().any(|address| address.ends_with("/users/1000/params/password")));
    }

    #[test]
    fn what_things_are_called() {
        let mut root = tree(
            "<document>
               <section name='directory'><domain name='d'>
                 <params><param name='a' value='1'/><param name='a' value='2'/></params>
                 <groups><group name='default'><users>
                   <user id='1'><gateways><gateway name='g'><param name='realm' value='x'/></gateway></gateways></user>
                   <user id='1' type='pointer'/></users></group></groups>
                 <users><user id='1'/><user id='2' type='pointer'/></users>
                 <user id='3'/><user id='4' type='pointer'/><user/>
               </domain></section>
               <section name='dialplan'><context name='c'><extension name='e'>
                 <condition><action application='x'/><anti-action application='x'/><action application='x'/></condition>
               </extension><extension/></context><contexts/></section>
               <section name='configuration'><configuration name='my.conf'><settings><param name='p'/><q/></settings></configuration></section>
               <section name='users'/><section/><variables><variable name='v' value='1'/></variables>
             </document>",
        );
        number(&mut root, &mut 1, 0);
        let all = check(&root);
        assert_eq!(
            all,
            [
                "",
                "directory",
                "directory/domains/d",
                "directory/domains/d/params",
                "directory/domains/d/params/a",
                "directory/domains/d/params/a~2",
                "directory/domains/d/groups",
                "directory/domains/d/groups/default",
                "directory/domains/d/groups/default/users",
                "directory/domains/d/users/1",
                "directory/domains/d/users/1/gateways",
                "directory/domains/d/users/1/gateways/g",
                "directory/domains/d/users/1/gateways/g/params/realm",
                "directory/domains/d/groups/default/users/1~2",
                "directory/domains/d/users~1",
                "directory/domains/d/users/1~2",
                "directory/domains/d/users~1/2",
                "directory/domains/d/users/3",
                "directory/domains/d/4",
                "directory/domains/d/users/~1",
                "dialplan",
                "dialplan/contexts/c",
                "dialplan/contexts/c/extensions/e",
                "dialplan/contexts/c/extensions/e/conditions/1",
                "dialplan/contexts/c/extensions/e/conditions/1/actions/1",
                "dialplan/contexts/c/extensions/e/conditions/1/anti-actions/1",
                "dialplan/contexts/c/extensions/e/conditions/1/actions/2",
                "dialplan/contexts/c/extensions/~1",
                "dialplan/contexts~1",
                "configuration",
                "configuration/my.conf",
                "configuration/my.conf/settings",
                "configuration/my.conf/settings/p",
                "configuration/my.conf/settings/q",
                "users~1",
                "~1",
                "variables",
                "variables/v",
            ]
        );
        // By the way that it is stored, a user is found too.
        let other = Address::parse("directory/domains/d/groups/default/users/1").unwrap();
        assert!(matches!(find(&root, &other), Some(Found::Element(user)) if &*user.tag == "user"));
        for missing in ["x", "directory/domains/d/users/1~3", "dialplan/contexts/c/extensions/e/conditions/2"]
        {
            assert!(find(&root, &Address::parse(missing).unwrap()).is_none(), "{missing}");
        }
        let contexts = Address::parse("dialplan/contexts").unwrap();
        assert!(matches!(find(&root, &contexts), Some(Found::Collection(_, "contexts"))));
    }

    const TAGS: &[&str] = &[
        "section",
        "variables",
        "variable",
        "configuration",
        "domain",
        "user",
        "users",
        "group",
        "groups",
        "params",
        "param",
        "gateways",
        "gateway",
        "context",
        "contexts",
        "extension",
        "condition",
        "action",
        "anti-action",
        "profile",
        "profiles",
        "settings",
        "list",
        "node",
        "#text",
        "x",
    ];
    const VALUES: &[&str] = &[
        "",
        "directory",
        "dialplan",
        "configuration",
        "acl.conf",
        "sofia.conf",
        "users",
        "1",
        "2",
        "..",
        ".",
        "a/b",
        "a:b",
        "~",
        "~1",
        "%2F",
        "😀",
        "domains",
        "contexts",
        "params",
        "pointer",
        "a\nb",
        "tree",
    ];
    const NAMES: &[&str] = &["name", "id", "type", "application"];

    fn nasty() -> impl Strategy<Value = Node> {
        let head = || {
            let attributes = proptest::collection::vec((0..NAMES.len(), 0..VALUES.len()), 0..3);
            (0..TAGS.len(), attributes).prop_map(|(tag, attributes)| {
                let mut node = Node::new(TAGS[tag]);
                for (name, value) in attributes {
                    node.set_attribute(NAMES[name], VALUES[value]);
                }
                node
            })
        };
        head().prop_recursive(5, 60, 6, move |inner| {
            (head(), proptest::collection::vec(inner, 0..6))
                .prop_map(|(node, children)| node.containing(children))
        })
    }

    /// The nasty nodes, where declarations look for something.
    fn nasty_tree() -> impl Strategy<Value = Node> {
        let many = || proptest::collection::vec(nasty(), 0..5);
        (many(), many(), many(), many(), many()).prop_map(|(top, domain, users, context, list)| {
            let directory = Node::new("section").with("name", "directory").containing([Node::new("domain")
                .with("name", "d")
                .containing(domain)
                .containing([Node::new("users").containing(users)])]);
            let dialplan = Node::new("section")
                .with("name", "dialplan")
                .containing([Node::new("context").with("name", "c").containing(context)]);
            let lists = Node::new("network-lists").containing(list);
            let configuration =
                Node::new("section")
                    .with("name", "configuration")
                    .containing([Node::new("configuration").with("name", "acl.conf").containing([lists])]);
            Node::new("document").containing([directory, dialplan, configuration]).containing(top)
        })
    }

    proptest! {
        /// Address, node, address: the same for every node, whatever the tree.
        #[test]
        fn every_node_of_nasty_trees(mut root in nasty_tree(), turn in 0_i64..2) {
            number(&mut root, &mut 1, turn);
            check(&root);
        }
    }
}
