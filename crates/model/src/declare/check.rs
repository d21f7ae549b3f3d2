//! Validation by declarations.

use std::collections::HashMap;

use super::{Element, Module, Place};
use crate::modules;
use crate::node::{Node, TEXT_TAG};
use crate::xml::escape::{has_preprocessor_mark, is_name};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// FreeSWITCH will take it, though perhaps not as meant. An import says so, an edit too, and it is stored.
    Warning,
    /// It cannot be stored by an edit, because it could not be served or found again.
    Error,
}

/// Something to be said about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The way to it: tags with their natural names.
    pub path: String,
    /// A sentence without its full stop.
    pub message: String,
}

/// Checks `node`, which stands (or is to stand) below `ancestors` (root first), and everything under it.
pub fn check(ancestors: &[&Node], node: &Node) -> Vec<Finding> {
    let mut check = Check { findings: Vec::new(), path: Vec::new(), module: None };
    let mut declared = Declared::Nothing;
    for ancestor in ancestors {
        declared = check.descend(&declared, ancestor);
        check.path.push(label(ancestor));
    }
    check.node(&declared, node);
    check.findings
}

/// What is known about the children of an element.
enum Declared {
    /// Nothing is.
    Nothing,
    /// It is a section of this name; its children are documents or what its declaration says.
    Section(String),
    /// These, with the catalogue scope that describes `<param>` children.
    Children(&'static [&'static Element], Option<&'static str>),
}

struct Check {
    findings: Vec<Finding>,
    path: Vec<String>,
    module: Option<&'static Module>,
}

impl Check {
    fn say(&mut self, severity: Severity, message: String) {
        self.findings.push(Finding { severity, path: self.path.join("/"), message });
    }

    fn node(&mut self, declared: &Declared, node: &Node) {
        self.path.push(label(node));
        self.writable(node);
        if let Declared::Children(elements, scope) = declared
            && let Some(element) = elements.iter().find(|element| element.tag == &*node.tag)
        {
            self.element(element, *scope, node);
        }
        let module = self.module;
        let below = self.descend(declared, node);
        self.siblings(&below, node);
        for child in &node.children {
            self.node(&below, child);
        }
        self.module = module;
        self.path.pop();
    }

    /// What is known about the children of `node`; remembers whose declaration it is.
    fn descend(&mut self, declared: &Declared, node: &Node) -> Declared {
        let known = |module: Option<&'static Module>| match module {
            Some(module) => Declared::Children(module.elements, None),
            None => Declared::Nothing,
        };
        match declared {
            Declared::Nothing if &*node.tag == "section" => {
                let name = node.attribute("name").unwrap_or_default();
                self.module = modules::find(Place::Section(name));
                if self.module.is_some() { known(self.module) } else { Declared::Section(name.to_owned()) }
            }
            Declared::Section(section) if section == "configuration" && &*node.tag == "configuration" => {
                self.module = node.attribute("name").and_then(|name| modules::find(Place::Document(name)));
                known(self.module)
            }
            Declared::Children(elements, _) => {
                match elements.iter().find(|element| element.tag == &*node.tag) {
                    Some(element) => Declared::Children(element.children, element.parameters),
                    None => Declared::Nothing,
                }
            }
            _ => Declared::Nothing,
        }
    }

    /// What no node may have, because it could not be written.
    fn writable(&mut self, node: &Node) {
        if &*node.tag == TEXT_TAG {
            return;
        }
        if !is_name(&node.tag) || has_preprocessor_mark(&node.tag) {
            self.say(Severity::Error, format!("{:?} cannot be the name of an element", &*node.tag));
        }
        let texts = node.attributes.iter().map(|(_, value)| value).chain(&node.text);
        if texts.into_iter().any(|text| text.chars().any(is_forbidden)) {
            self.say(Severity::Error, "a control character cannot be written as XML".to_owned());
        }
        for (index, (name, _)) in node.attributes.iter().enumerate() {
            if !is_name(name) {
                self.say(Severity::Error, format!("{:?} cannot be the name of an attribute", &**name));
            }
            if node.attributes[..index].iter().any(|(earlier, _)| earlier == name) {
                self.say(Severity::Error, format!("the attribute {name} is there twice"));
            }
        }
    }

    fn element(&mut self, element: &'static Element, scope: Option<&'static str>, node: &Node) {
        if let Some(key) = element.key
            && node.attribute(key).is_none_or(|value| value.trim().is_empty())
        {
            self.say(
                Severity::Error,
                format!("<{}> needs the attribute {key}, and not an empty one", element.tag),
            );
        }
        for required in element.required {
            if node.attribute(required).is_none() {
                self.say(Severity::Warning, format!("<{}> has no attribute {required}", element.tag));
            }
        }
        let Some(module) = self.module else { return };
        if let Some(attributes) = element.attributes {
            for (name, value) in &node.attributes {
                let complaint = module.parameter(attributes, name).and_then(|known| known.complaint(value));
                if let Some(complaint) = complaint {
                    self.say(Severity::Warning, complaint);
                }
            }
        }
        if let (Some(scope), Some(name), Some(value)) =
            (scope, node.attribute("name"), node.attribute("value"))
        {
            let complaint = module.parameter(scope, name).and_then(|known| known.complaint(value));
            if let Some(complaint) = complaint {
                self.say(Severity::Warning, complaint);
            }
        }
    }

    /// Children that must differ and do not.
    fn siblings(&mut self, declared: &Declared, node: &Node) {
        let Declared::Children(elements, _) = declared else { return };
        let mut seen: HashMap<(&str, String), usize> = HashMap::new();
        for child in &node.children {
            let Some(element) = elements.iter().find(|element| element.tag == &*child.tag && element.unique)
            else {
                continue;
            };
            // FreeSWITCH compares without regard to case.
            let name = element.key.and_then(|key| child.attribute(key)).unwrap_or_default().to_lowercase();
            *seen.entry((element.tag, name)).or_default() += 1;
        }
        for ((tag, name), count) in seen.into_iter().filter(|(_, count)| *count > 1) {
            let message = format!("<{tag}> {name} is there {count} times; FreeSWITCH takes the first");
            self.say(Severity::Warning, message);
        }
    }
}

fn is_forbidden(character: char) -> bool {
    character.is_ascii_control() && !matches!(character, '\t' | '\n' | '\r')
}

fn label(node: &Node) -> String {
    node.natural_name().map_or_else(|| node.tag.to_string(), |name| format!("{}[{name}]", node.tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn findings(text: &str) -> Vec<(Severity, String)> {
        let node = parse(text, &Limits::default()).unwrap().roots.remove(0);
        let mut all: Vec<_> = check(&[], &node)
            .into_iter()
            .map(|finding| (finding.severity, format!("{}: {}", finding.path, finding.message)))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn what_is_declared_is_checked() {
        let all = findings(
            "<document><section name='configuration'><configuration name='acl.conf'><network-lists>
               <list name='' default='bogus'><node type='allow' cidr='x'/></list>
               <list name='a'/><list name='A'/>
             </network-lists></configuration></section></document>",
        );
        let text: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(all.iter().filter(|(severity, _)| *severity == Severity::Error).count(), 1, "{text:#?}");
        for expected in
            ["needs the attribute name", "default is \"bogus\"", "cidr is \"x\"", "a is there 2 times"]
        {
            assert!(text.iter().any(|text| text.contains(expected)), "{expected} not in {text:#?}");
        }
    }

    #[test]
    fn sofia_parameters_are_known_by_their_place() {
        let all = findings(
            "<document><section name='configuration'><configuration name='sofia.conf'><profiles><profile name='p'>
               <settings><param name='sip-port' value='many'/><param name='my-own' value='many'/></settings>
             </profile></profiles></configuration></section></document>",
        );
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(all[0].1.starts_with("document/section[configuration]/configuration[sofia.conf]/profiles/profile[p]/settings/param[sip-port]: sip-port is"), "{all:?}");
    }

    #[test]
    fn conditions_in_conditions_are_declared_too() {
        let all = findings(
            "<document><section name='dialplan'><context name='c'><extension><condition field='a' expression='b'>
               <condition field='c' expression='d'><action data='x'/></condition>
             </condition></extension></context></section></document>",
        );
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(all[0].1.contains("<action> needs the attribute application"), "{all:?}");
    }

    #[test]
    fn what_is_not_declared_only_has_to_be_writable() {
        assert_eq!(findings("<document><section name='my'><x name=''><y/></x></section></document>"), []);
        let mut node = Node::new("x y").with("a b", "\u{1}");
        node.attributes.push(("a b".into(), "".into()));
        assert_eq!(check(&[], &node).len(), 5);
        assert_eq!(check(&[], &Node::new("X-PRE-PROCESS")).len(), 1);
    }

    #[test]
    fn ancestors_say_where_a_node_stands() {
        let document = Node::new("document");
        let section = Node::new("section").with("name", "directory");
        let findings = check(&[&document, &section], &Node::new("domain").with("name", " "));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "document/section[directory]/domain[ ]");
    }
}
