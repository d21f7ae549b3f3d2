//! Validation by declarations.

use std::collections::HashMap;

use super::{Element, Inside};
use crate::node::{Node, TEXT_TAG};
use crate::xml::escape::{has_preprocessor_mark, is_name};

/// The longest name of something that has to be found by it, in bytes. PostgreSQL's indexes take no more than 2,700.
pub const LONGEST_KEY: usize = 1_024;

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
    let inside = ancestors.iter().fold(Inside::OUTSIDE, |inside, ancestor| inside.enter(ancestor));
    let path = ancestors.iter().map(|ancestor| label(ancestor)).collect();
    let mut check = Check { findings: Vec::new(), path };
    check.node(&inside, node);
    check.findings
}

struct Check {
    findings: Vec<Finding>,
    path: Vec<String>,
}

impl Check {
    fn say(&mut self, severity: Severity, message: String) {
        self.findings.push(Finding { severity, path: self.path.join("/"), message });
    }

    fn node(&mut self, inside: &Inside, node: &Node) {
        self.path.push(label(node));
        self.writable(node);
        if let Some(element) = inside.element(node) {
            self.element(element, inside, node);
        }
        let below = inside.enter(node);
        self.siblings(&below, node);
        for child in &node.children {
            self.node(&below, child);
        }
        self.path.pop();
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

    fn element(&mut self, element: &'static Element, inside: &Inside, node: &Node) {
        if let Some(key) = element.key {
            let value = node.attribute(key).unwrap_or_default();
            if value.trim().is_empty() {
                let message = format!("<{}> needs the attribute {key}, and not an empty one", element.tag);
                self.say(Severity::Error, message);
            }
            if value.len() > LONGEST_KEY {
                let message = format!("{key} of <{}> is longer than {LONGEST_KEY} bytes", element.tag);
                self.say(Severity::Error, message);
            }
        }
        for required in element.required {
            if node.attribute(required).is_none() {
                self.say(Severity::Warning, format!("<{}> has no attribute {required}", element.tag));
            }
        }
        let Some(module) = inside.module() else { return };
        if let Some(attributes) = element.attributes {
            for (name, value) in &node.attributes {
                let complaint = module.parameter(attributes, name).and_then(|known| known.complaint(value));
                if let Some(complaint) = complaint {
                    self.say(Severity::Warning, complaint);
                }
            }
        }
        if let (Some(scope), Some(name), Some(value)) =
            (inside.parameters(), node.attribute("name"), node.attribute("value"))
        {
            let complaint = module.parameter(scope, name).and_then(|known| known.complaint(value));
            if let Some(complaint) = complaint {
                self.say(Severity::Warning, complaint);
            }
        }
    }

    /// Children that must differ and do not.
    fn siblings(&mut self, inside: &Inside, node: &Node) {
        let mut seen: HashMap<(&str, String), usize> = HashMap::new();
        for child in &node.children {
            let Some(element) = inside.element(child).filter(|element| element.unique) else { continue };
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
