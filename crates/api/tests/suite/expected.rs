//! What FreeSWITCH would find in its own files, by its own account: the recorded answers to `xml_locate`, and the
//! recorded file that its preprocessor made of vanilla.

use std::path::Path;

use custompbx_model::Node;
use custompbx_model::xml::{Limits, parse};
use custompbx_testkit::freeswitch::printed;
use custompbx_testkit::recorded::{Recorded, api_answer, fixtures, text};

/// What is expected of an answer.
#[derive(Debug)]
pub(crate) enum Expected {
    /// The document "not found".
    NotFound,
    /// These elements in the section, and nothing else.
    Elements(Vec<Node>),
    /// A part of this directory, with all that is needed of it.
    Part { directory: Node, needed: Needed },
}

/// What FreeSWITCH reads out of a listing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needed {
    /// `purpose=network-list`: users with their networks.
    Networks,
    /// `purpose=gateways`: domains, and the gateways of users.
    Gateways,
}

/// Vanilla as FreeSWITCH itself sees it.
pub(crate) struct Vanilla(Node);

impl Vanilla {
    pub(crate) fn recorded() -> Self {
        let mut roots = parse(&text("vanilla-flat.xml"), &Limits::default()).unwrap().roots;
        assert_eq!(roots.len(), 1);
        Self(roots.remove(0))
    }

    pub(crate) fn section(&self, name: &str) -> &Node {
        self.0.child_with("section", "name", name).unwrap()
    }

    fn directory(&self) -> &Node {
        self.section("directory")
    }

    fn domain(&self) -> &Node {
        self.directory().child("domain").unwrap()
    }

    pub(crate) fn expect(&self, question: &Recorded) -> Expected {
        match question.field("section").unwrap() {
            "configuration" => configuration(question),
            "dialplan" => match question.field("Hunt-Context").or(question.field("Caller-Context")) {
                Some(context) => located(&format!("xml_locate/dialplan-context-{context}")),
                None => Expected::Elements(located_section("xml_locate/dialplan").children),
            },
            "languages" => {
                let language = question.field("lang").or(question.field("key_value")).unwrap();
                located(&format!("xml_locate/languages-language-{language}"))
            }
            "directory" => self.of_directory(question),
            section => panic!("nothing is known of the section {section}"),
        }
    }

    fn of_directory(&self, question: &Recorded) -> Expected {
        match question.field("purpose") {
            Some("gateways") => {
                return Expected::Part { directory: self.directory().clone(), needed: Needed::Gateways };
            }
            Some("network-list") => {
                return Expected::Part { directory: self.directory().clone(), needed: Needed::Networks };
            }
            _ => {}
        }
        if let Some(user) = question.field("user") {
            assert!(matches!(question.field("key"), None | Some("id")));
            return match self.only_user(user) {
                Some(domain) => Expected::Elements(vec![domain]),
                None => Expected::NotFound,
            };
        }
        if let Some(group) = question.field("group_name") {
            return Expected::Elements(vec![self.only_group(group)]);
        }
        match question.field("domain").or(question.field("key_value")) {
            Some(domain) => {
                assert_eq!(domain, "127.0.0.1");
                located("xml_locate/directory-domain")
            }
            None => Expected::Elements(located_section("xml_locate/directory").children),
        }
    }

    /// The domain with nobody in it but one user, where it is defined.
    fn only_user(&self, id: &str) -> Option<Node> {
        let mut domain = self.domain().clone();
        let groups = domain.children.iter_mut().find(|child| &*child.tag == "groups")?;
        for group in &mut groups.children {
            for users in group.children.iter_mut().filter(|child| &*child.tag == "users") {
                users.children.retain(|user| {
                    user.attribute("id") == Some(id) && user.attribute("type") != Some("pointer")
                });
            }
            group.children.retain(|child| &*child.tag != "users" || !child.children.is_empty());
        }
        groups.children.retain(|group| group.child("users").is_some());
        (!groups.children.is_empty()).then_some(domain)
    }

    fn only_group(&self, name: &str) -> Node {
        let mut domain = self.domain().clone();
        let groups = domain.children.iter_mut().find(|child| &*child.tag == "groups").unwrap();
        groups.children.retain(|group| group.attribute("name") == Some(name));
        assert_eq!(groups.children.len(), 1);
        domain
    }
}

fn configuration(question: &Recorded) -> Expected {
    let name = question.field("key_value").unwrap();
    let path = format!("xml_locate/configuration/{name}");
    if !fixtures().join(format!("esl/{path}.s2c")).exists() {
        // What FreeSWITCH said about one that does not exist holds for all of them.
        assert!(printed(&api_answer("xml_locate/configuration-missing")).is_none());
        return Expected::NotFound;
    }
    let mut document = printed(&api_answer(&path)).unwrap();
    let mut narrow = |list: &str, value: &str| {
        let list = document.children.iter_mut().find(|child| &*child.tag == list).unwrap();
        list.children.retain(|item| item.attribute("name") == Some(value));
    };
    if let (Some(profile), "sofia.conf") = (question.field("profile"), name) {
        narrow("profiles", profile);
    }
    if let (Some(queue), "callcenter.conf") = (question.field("CC-Queue"), name) {
        narrow("queues", queue);
    }
    Expected::Elements(vec![document])
}

fn located(path: &str) -> Expected {
    assert!(Path::new(&fixtures().join(format!("esl/{path}.s2c"))).exists(), "{path} was not recorded");
    Expected::Elements(vec![printed(&api_answer(path)).unwrap()])
}

pub(crate) fn located_section(path: &str) -> Node {
    let section = printed(&api_answer(path)).unwrap();
    assert_eq!(&*section.tag, "section");
    section
}

/// The first difference between two elements, if there is one.
pub(crate) fn difference(expected: &Node, found: &Node) -> Option<String> {
    let label = || format!("<{} {}>", expected.tag, expected.natural_name().unwrap_or_default());
    if !expected.same_head(found) {
        let head = |node: &Node| format!("{} {:?} {:?}", node.tag, node.attributes, node.text);
        return Some(format!("{} is not {}", head(found), head(expected)));
    }
    for (expected, found) in expected.children.iter().zip(&found.children) {
        if let Some(difference) = difference(expected, found) {
            return Some(format!("{}: {difference}", label()));
        }
    }
    let (wanted, there) = (expected.children.len(), found.children.len());
    (wanted != there).then(|| format!("{} has {there} children and not {wanted}", label()))
}

/// Whether everything in `part` is in `whole` too, in the same places and the same order.
pub(crate) fn is_part(part: &Node, whole: &Node) -> bool {
    let same_head = part.tag == whole.tag
        && part.text == whole.text
        && part.attributes.iter().all(|(name, value)| whole.attribute(name) == Some(value));
    let mut candidates = whole.children.iter();
    same_head && part.children.iter().all(|child| candidates.any(|candidate| is_part(child, candidate)))
}

/// The users with their networks, as `switch_load_network_lists` finds them.
pub(crate) fn networks(directory: &Node) -> Vec<(String, String)> {
    let mut found = Vec::new();
    directory.walk(&mut |node| {
        if let ("user", Some(cidr)) = (&*node.tag, node.attribute("cidr")) {
            found.push((node.attribute("id").unwrap().to_owned(), cidr.to_owned()));
        }
    });
    found
}

/// The domains, and the gateways of users, as a profile of mod_sofia finds them.
pub(crate) fn gateways(directory: &Node) -> (Vec<String>, Vec<(String, Node)>) {
    let domains = directory.children_named("domain").map(|node| node.attribute("name").unwrap().to_owned());
    let mut gateways = Vec::new();
    directory.walk(&mut |user| {
        for gateway in user.children_named("gateways").flat_map(|gateways| gateways.children_named("gateway"))
        {
            gateways.push((user.attribute("id").unwrap().to_owned(), gateway.clone()));
        }
    });
    (domains.collect(), gateways)
}
