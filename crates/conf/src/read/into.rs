//! Where elements go that do not say so themselves.

use custompbx_model::Node;
use custompbx_model::node::{NodeId, TEXT_TAG};

use super::assemble::{is_section, section_named};

const SECTIONS: [&str; 6] = ["configuration", "dialplan", "chatplan", "directory", "languages", "phrases"];

/// Elements that only group others, with what they group.
const CONTAINERS: [(&str, &str); 19] = [
    ("groups", "group"),
    ("users", "user"),
    ("params", "param"),
    ("variables", "variable"),
    ("gateways", "gateway"),
    ("profiles", "profile"),
    ("menus", "menu"),
    ("aliases", "alias"),
    ("domains", "domain"),
    ("settings", "param"),
    ("phrases", "macros"),
    ("macros", "macro"),
    ("network-lists", "list"),
    ("queues", "queue"),
    ("agents", "agent"),
    ("tiers", "tier"),
    ("bindings", "binding"),
    ("modules", "load"),
    ("fifos", "fifo"),
];

/// A place that an element of this tag could have, for a message.
pub(super) fn example(tag: &str) -> &'static str {
    match tag {
        "user" => "directory/example.com/default",
        "group" => "directory/example.com/groups",
        "extension" => "dialplan/default",
        "gateway" => "configuration/sofia.conf/profiles/external/gateways",
        "profile" => "configuration/sofia.conf/profiles",
        "menu" => "configuration/ivr.conf/menus",
        "macro" => "languages/en/phrases/macros",
        "list" => "configuration/acl.conf/network-lists",
        "queue" => "configuration/callcenter.conf/queues",
        _ => "configuration/NAME.conf",
    }
}

/// A name on the way that is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) segment: String,
    pub(super) within: String,
}

/// Puts `fragment` into the element that `into` names, in the place of one of the same tag and name if there is one.
pub(super) fn place(
    document: &mut Node,
    base: Option<&Node>,
    into: &str,
    fragment: Node,
) -> Result<(), Missing> {
    let mut segments = into.split('/').filter(|segment| !segment.is_empty());
    let section = segments.next().unwrap_or_default();
    let stored = base.and_then(|base| base.children.iter().find(|child| is_section(child, section)));
    let known = SECTIONS.iter().any(|known| known.eq_ignore_ascii_case(section))
        || stored.is_some()
        || document.children.iter().any(|child| is_section(child, section));
    if !known {
        return Err(Missing { segment: section.to_owned(), within: "the document".to_owned() });
    }
    let mut target = section_named(document, section);
    let mut within = format!("section {section}");
    for (depth, segment) in segments.enumerate() {
        if find(target, segment).is_none() {
            match stored.filter(|_| depth == 0).and_then(|stored| child_on_the_way(stored, segment)) {
                Some(child) => target.children.push(as_new(child)),
                None if is_container(segment) => target.children.push(Node::new(segment)),
                None => return Err(Missing { segment: segment.to_owned(), within }),
            }
        }
        for index in find(target, segment).unwrap_or_default() {
            target = &mut target.children[index];
        }
        within = segment.to_owned();
    }
    put(target, fragment);
    Ok(())
}

fn put(mut target: &mut Node, fragment: Node) {
    let same_kind = |target: &Node| target.child(&fragment.tag).is_some();
    let container =
        CONTAINERS.iter().find(|(_, inner)| *inner == &*fragment.tag).map(|(container, _)| *container);
    let groups_itself = is_container(&target.tag) || !["user", "gateway", "group"].contains(&&*fragment.tag);
    if let Some(container) = container.filter(|_| !same_kind(target)) {
        match target.children.iter().position(|child| &*child.tag == container) {
            Some(at) => target = &mut target.children[at],
            None if !groups_itself => {
                target.children.push(Node::new(container));
                let last = target.children.len() - 1;
                target = &mut target.children[last];
            }
            None => {}
        }
    }
    let same = |child: &&mut Node| {
        child.tag == fragment.tag
            && fragment.natural_name().is_some()
            && child.natural_name() == fragment.natural_name()
    };
    match target.children.iter_mut().find(same) {
        Some(old) => *old = fragment,
        None => target.children.push(fragment),
    }
}

fn is_container(tag: &str) -> bool {
    CONTAINERS.iter().any(|(container, _)| *container == tag)
}

/// The way to the nearest element with this tag or natural name; elements without a name of their own may be
/// left out on it.
fn find(node: &Node, segment: &str) -> Option<Vec<usize>> {
    let is = |child: &Node| {
        &*child.tag == segment || child.natural_name().is_some_and(|name| name.eq_ignore_ascii_case(segment))
    };
    if let Some(at) = node.children.iter().position(|child| &*child.tag != TEXT_TAG && is(child)) {
        return Some(vec![at]);
    }
    node.children.iter().enumerate().filter(|(_, child)| child.natural_name().is_none()).find_map(
        |(at, child)| {
            let mut way = find(child, segment)?;
            way.insert(0, at);
            Some(way)
        },
    )
}

/// The child of a stored section that is, or holds, what the segment names.
fn child_on_the_way<'n>(section: &'n Node, segment: &str) -> Option<&'n Node> {
    find(section, segment).and_then(|way| section.children.get(*way.first()?))
}

/// A copy that is not stored.
fn as_new(node: &Node) -> Node {
    let mut copy = node.clone();
    fn forget(node: &mut Node) {
        node.id = NodeId::NEW;
        node.children.iter_mut().for_each(forget);
    }
    forget(&mut copy);
    copy
}

#[cfg(test)]
mod tests {
    use custompbx_model::xml::{Limits, Style, parse, print};

    use super::*;

    fn one(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    fn placed(document: &str, into: &str, fragment: &str) -> Result<String, Missing> {
        let mut document = one(document);
        place(&mut document, None, into, one(fragment))?;
        Ok(print(&document, Style::Compact))
    }

    #[test]
    fn names_lead_past_elements_that_only_group() {
        let document = "<document><section name='directory'><domain name='d.com'><groups><group name='g'/></groups></domain></section></document>";
        let out = placed(document, "directory/d.com/g", "<user id='1'/>").unwrap();
        assert!(out.contains("<group name=\"g\"><users><user id=\"1\"/></users></group>"), "{out}");
    }

    #[test]
    fn tags_are_made_and_names_are_not() {
        let document = "<document/>";
        let out = placed(document, "directory/groups/users", "<user id='1'/>").unwrap();
        assert!(out.contains(
            "<section name=\"directory\"><groups><users><user id=\"1\"/></users></groups></section>"
        ));
        let missing = placed(document, "directory/d.com/default", "<user id='1'/>").unwrap_err();
        assert_eq!((missing.segment.as_str(), missing.within.as_str()), ("d.com", "section directory"));
        assert_eq!(placed(document, "nowhere", "<a/>").unwrap_err().segment, "nowhere");
    }

    #[test]
    fn one_of_the_same_name_is_replaced() {
        let document = "<document><section name='dialplan'><context name='c'><extension name='a' x='1'/><extension name='b'/></context></section></document>";
        let out = placed(document, "dialplan/c", "<extension name='a' x='2'/>").unwrap();
        assert!(out.contains(
            "<context name=\"c\"><extension name=\"a\" x=\"2\"/><extension name=\"b\"/></context>"
        ));
    }

    /// A merge takes a configuration for all there is in it, so the rest of it must be there.
    #[test]
    fn what_is_stored_is_taken_over_as_a_whole() {
        let mut base = one(
            "<document><section name='configuration'><configuration name='sofia.conf'><profiles><profile name='external'/><profile name='internal'/></profiles></configuration></section></document>",
        );
        base.children[0].children[0].id = NodeId(7);
        let mut document = one("<document/>");
        place(
            &mut document,
            Some(&base),
            "configuration/sofia.conf/profiles/external",
            one("<gateway name='g'/>"),
        )
        .unwrap();
        let out = print(&document, Style::Compact);
        assert!(out.contains("<profile name=\"external\"><gateways><gateway name=\"g\"/></gateways></profile><profile name=\"internal\"/>"), "{out}");
        assert_eq!(document.children[0].children[0].id, NodeId::NEW);
    }
}
