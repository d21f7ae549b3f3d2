//! FreeSWITCH's global variables, `$${name}`.
//!
//! In FreeSWITCH they are set by `X-PRE-PROCESS` commands while its files are read, and replaced in the *source* of
//! everything read later, answers to mod_xml_curl too. Here they are nodes of their own, below the element
//! [`SECTION_TAG`] beside the sections: `<variable name= value= cmd=/>`, where `cmd` is `set`, `env-set`,
//! `stun-set` or `exec-set`, and the value is what stands behind the `=`.

use std::collections::{HashMap, HashSet};

use crate::node::Node;

/// The element, beside the sections of the document, that holds the global variables.
pub const SECTION_TAG: &str = "variables";
/// One global variable.
pub const VARIABLE_TAG: &str = "variable";

/// How often a variable may stand in the value of another before it is taken for a circle.
const DEEPEST: usize = 20;

/// The values of global variables, as far as they can be known without the switch. Names are compared without regard
/// to case, as FreeSWITCH does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    known: HashMap<String, String>,
    /// Enabled variables whose value the switch asks others for.
    asked: HashSet<String>,
    /// Whether there is a list of variables at all; a part of a configuration may have come without its variables.
    is_list: bool,
}

/// How long an expanded text may get; nobody has such a value, but variables can double each other.
const LONGEST: usize = 64 * 1024;

/// What FreeSWITCH sets itself (`switch_core.c`).
const BUILT_IN: &[&str] = &[
    "base_dir",
    "cache_dir",
    "certs_dir",
    "conf_dir",
    "core_uuid",
    "data_dir",
    "db_dir",
    "fonts_dir",
    "grammar_dir",
    "hostname",
    "htdocs_dir",
    "images_dir",
    "local_ip_v4",
    "local_ip_v6",
    "local_mask_v4",
    "localstate_dir",
    "log_dir",
    "mod_dir",
    "nat_private_addr",
    "nat_public_addr",
    "nat_type",
    "recordings_dir",
    "run_dir",
    "script_dir",
    "sound_prefix",
    "sounds_dir",
    "storage_dir",
    "switch_serial",
    "switchname",
    "temp_dir",
];

/// What stands in `$${}` and is not known: variables that the switch finds out itself (`local_ip_v4`, `hostname`,
/// directories) or asks others for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

impl Variables {
    /// The enabled variables of an instance whose value is in the tree, as the node with [`SECTION_TAG`] has them.
    pub fn of(section: &Node) -> Self {
        let mut known = Self { is_list: section.child(VARIABLE_TAG).is_some(), ..Self::default() };
        for variable in section.children_named(VARIABLE_TAG).filter(|variable| variable.enabled) {
            let command = variable.attribute("cmd").unwrap_or("set");
            if let (Some(name), "env-set" | "stun-set" | "exec-set") = (variable.attribute("name"), command) {
                known.asked.insert(name.to_ascii_lowercase());
            }
            if let (Some(name), Some(value), "set") =
                (variable.attribute("name"), variable.attribute("value"), command)
            {
                known.set(name, value);
            }
        }
        known
    }

    /// Sets one; a later value takes the place of an earlier one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.known.insert(name.into().to_ascii_lowercase(), value.into());
    }

    /// The value as it was set, with variables in it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// All names, in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.known.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All variables as nodes again, for [`Variables::of`].
    pub fn to_node(&self) -> Node {
        let known = self.iter().map(|(name, value)| {
            Node::new(VARIABLE_TAG).with("name", name).with("value", value).with("cmd", "set")
        });
        let asked = self.asked.iter().map(|name| {
            Node::new(VARIABLE_TAG).with("name", name.as_str()).with("value", "").with("cmd", "env-set")
        });
        let mut node = Node::new(SECTION_TAG).containing(known.chain(asked));
        if self.is_list && node.children.is_empty() {
            // A list of nothing but disabled variables.
            node.children.push(Node { enabled: false, ..Node::new(VARIABLE_TAG) });
        }
        node
    }

    /// Whether the switch would see nothing at all: there every variable that is not set is empty. Where there is no
    /// list of variables, the switch may have others than we know of.
    pub fn is_empty_there(&self, text: &str) -> bool {
        let (expanded, unknown) = self.expand(text);
        if unknown.is_empty() {
            return expanded.is_empty();
        }
        let is_set = |name: &str| {
            let name = name.to_ascii_lowercase();
            !self.is_list || self.asked.contains(&name) || BUILT_IN.contains(&name.as_str())
        };
        if unknown.iter().any(|Unknown(name)| is_set(name)) {
            return false;
        }
        let nothing =
            unknown.iter().fold(expanded, |text, Unknown(name)| text.replace(&format!("$${{{name}}}"), ""));
        nothing.is_empty()
    }

    /// Replaces every variable that is known; others stay as they stand, and are returned, each once.
    pub fn expand(&self, text: &str) -> (String, Vec<Unknown>) {
        let mut unknown = Vec::new();
        let expanded = self.expand_level(text, 0, &mut unknown);
        (expanded, unknown)
    }

    /// [`Variables::expand`] when nothing in it is unknown.
    pub fn expand_all(&self, text: &str) -> Option<String> {
        let (expanded, unknown) = self.expand(text);
        unknown.is_empty().then_some(expanded)
    }

    fn expand_level(&self, text: &str, level: usize, unknown: &mut Vec<Unknown>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next_variable(rest).filter(|_| out.len() < LONGEST) {
            out.push_str(before);
            match self.get(name) {
                Some(value) if level < DEEPEST => out.push_str(&self.expand_level(value, level + 1, unknown)),
                _ => {
                    let missing = Unknown(name.to_owned());
                    if !unknown.contains(&missing) {
                        unknown.push(missing);
                    }
                    out.push_str("$${");
                    out.push_str(name);
                    out.push('}');
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Whether the text has a variable in it.
pub fn has_variable(text: &str) -> bool {
    next_variable(text).is_some()
}

/// What is before the first variable, its name, and what is behind it. Braces in the name are balanced, as in
/// `switch_find_end_paren`.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("$${")?;
    let inner = &text[start + 3..];
    let mut depth = 1_usize;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..start], &inner[..at], &inner[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_are_replaced_through_each_other_and_unknown_stay() {
        let mut variables = Variables::default();
        variables.set("domain", "$${local_ip_v4}");
        variables.set("a", "1");
        variables.set("b", "$${a}2");
        assert_eq!(variables.expand("x $${B} ${c}").0, "x 12 ${c}");
        let (text, unknown) = variables.expand("sip:$${domain}:$${domain}");
        assert_eq!(text, "sip:$${local_ip_v4}:$${local_ip_v4}");
        assert_eq!(unknown, [Unknown("local_ip_v4".into())]);
        assert_eq!(variables.expand_all("$${domain}"), None);
        assert_eq!(variables.expand("$${open").0, "$${open");
    }

    #[test]
    fn circles_end() {
        let mut variables = Variables::default();
        variables.set("a", "$${b}");
        variables.set("b", "$${a}");
        assert!(variables.expand_all("$${a}").is_none());
    }

    #[test]
    fn only_enabled_and_set_ones_have_a_value() {
        let variable = |name: &str, cmd: &str| {
            Node::new(VARIABLE_TAG).with("name", name).with("value", "v").with("cmd", cmd)
        };
        let section = Node::new(SECTION_TAG).containing([
            variable("a", "set"),
            variable("b", "stun-set"),
            Node { enabled: false, ..variable("c", "set") },
        ]);
        let known = Variables::of(&section);
        assert_eq!(known.iter().collect::<Vec<_>>(), [("a", "v")]);
    }
}
