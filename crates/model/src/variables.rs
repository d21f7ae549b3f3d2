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

/// The values of global variables, as far as they can be known without the switch. Names are compared without regard
/// to case, as FreeSWITCH does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// What can still be `$${name}` in a value is known to the switch only.
    known: HashMap<String, String>,
    /// Variables whose value the switch asks others for.
    asked: HashSet<String>,
    /// Whether there is a list of variables at all; a part of a configuration may have come without its variables.
    is_list: bool,
    /// By how many bytes values grew because of the variables in them.
    grown: usize,
}

/// How long a text may get by the variables in it, in bytes; nobody has such a value, but variables can double
/// themselves.
const LONGEST: usize = 64 * 1024;
/// By how many bytes all values together may grow.
const MOST_GROWTH: usize = 16 * 1024 * 1024;

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
    /// The enabled variables of an instance, as the node with [`SECTION_TAG`] has them. Their order counts, see
    /// [`Variables::command`].
    pub fn of(section: &Node) -> Self {
        let mut variables = Self { is_list: section.child(VARIABLE_TAG).is_some(), ..Self::default() };
        for (name, value, command) in commands(section) {
            variables.command(name, value, command);
        }
        variables
    }

    /// Carries out one command as FreeSWITCH does (`preprocess` in `switch_xml.c`): what `set` sets is replaced at that
    /// moment, by the values that are known then, and by nothing where there is none. So a variable may name itself,
    /// and there are no circles. What the switch finds out, or asks others for, stays as it stands.
    pub fn command(&mut self, name: &str, value: &str, command: &str) {
        match command {
            "set" => {
                let value = self.at_this_moment(value);
                self.set(name, value);
            }
            "env-set" | "stun-set" | "exec-set" => {
                let name = name.to_ascii_lowercase();
                self.known.remove(&name);
                self.asked.insert(name);
            }
            _ => {}
        }
    }

    /// Sets one to exactly this; a later value takes the place of an earlier one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.known.insert(name.into().to_ascii_lowercase(), value.into());
    }

    /// The value, as far as it is known; there may be variables of the switch in it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// Whether there is a list of variables at all; without one the switch may have others than we know of.
    pub fn is_list(&self) -> bool {
        self.is_list
    }

    /// The names in lower case, and the values as [`Variables::get`] has them; none where the switch asks others.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let known = self.known.iter().map(|(name, value)| (name.as_str(), Some(value.as_str())));
        known.chain(self.asked.iter().map(|name| (name.as_str(), None)))
    }

    /// The names of those that FreeSWITCH sets itself.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().copied()
    }

    /// All variables as a node, for [`Variables::saved`].
    pub fn to_node(&self) -> Node {
        let variable = |name: &String, value: &str, command| {
            Node::new(VARIABLE_TAG).with("name", name.as_str()).with("value", value).with("cmd", command)
        };
        let known = self.known.iter().map(|(name, value)| variable(name, value, "set"));
        let asked = self.asked.iter().map(|name| variable(name, "", "env-set"));
        let mut node = Node::new(SECTION_TAG).containing(known.chain(asked));
        if self.is_list && node.children.is_empty() {
            // A list of nothing but disabled variables.
            node.children.push(Node { enabled: false, ..Node::new(VARIABLE_TAG) });
        }
        node
    }

    /// What [`Variables::to_node`] made a node of. Its values are not replaced once more.
    pub fn saved(section: &Node) -> Self {
        let mut variables = Self { is_list: section.child(VARIABLE_TAG).is_some(), ..Self::default() };
        for (name, value, command) in commands(section) {
            if command == "set" {
                variables.set(name, value);
            } else {
                variables.asked.insert(name.to_owned());
            }
        }
        variables
    }

    /// Whether the switch would see nothing at all: there every variable that is not set is empty. Where there is no
    /// list of variables, the switch may have others than we know of.
    pub fn is_empty_there(&self, text: &str) -> bool {
        let is_nothing = |name: &str| match self.get(name) {
            Some(value) => value.is_empty(),
            None => self.is_list && !self.is_of_the_switch(name),
        };
        let mut rest = text;
        while let Some((before, name, after)) = next_variable(rest) {
            if !before.is_empty() || !is_nothing(name) {
                return false;
            }
            rest = after;
        }
        rest.is_empty()
    }

    /// Replaces every variable that is known; others stay as they stand, and are returned, each once.
    pub fn expand(&self, text: &str) -> (String, Vec<Unknown>) {
        let mut out = String::with_capacity(text.len());
        let mut unknown = Vec::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_variable(rest) {
            out.push_str(before);
            match self.get(name).filter(|value| out.len() + value.len() <= LONGEST) {
                Some(value) => {
                    out.push_str(value);
                    unknown.extend(names(value).map(str::to_owned));
                }
                None => {
                    out.push_str(as_it_stands(rest, before, after));
                    unknown.push(name.to_owned());
                }
            }
            rest = after;
        }
        out.push_str(rest);
        let mut seen = HashSet::new();
        unknown.retain(|name| seen.insert(name.clone()));
        (out, unknown.into_iter().map(Unknown).collect())
    }

    /// [`Variables::expand`] when nothing in it is unknown.
    pub fn expand_all(&self, text: &str) -> Option<String> {
        let (expanded, unknown) = self.expand(text);
        unknown.is_empty().then_some(expanded)
    }

    /// The value that `set` gives to a variable now.
    fn at_this_moment(&mut self, value: &str) -> String {
        let mut out = String::with_capacity(value.len());
        let mut grown = self.grown;
        let mut rest = value;
        while let Some((before, name, after)) = next_variable(rest) {
            out.push_str(before);
            let has_room =
                |value: &str| out.len() + value.len() <= LONGEST && grown + value.len() <= MOST_GROWTH;
            match self.get(name) {
                Some(value) if has_room(value) => {
                    grown += value.len();
                    out.push_str(value);
                }
                None if !self.is_of_the_switch(name) => {}
                _ => out.push_str(as_it_stands(rest, before, after)),
            }
            rest = after;
        }
        out.push_str(rest);
        self.grown = grown;
        without_channel_variables(&out)
    }

    fn is_of_the_switch(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.asked.contains(&name) || BUILT_IN.contains(&name.as_str())
    }
}

/// Name, value and command of the enabled variables.
fn commands(section: &Node) -> impl Iterator<Item = (&str, &str, &str)> {
    let enabled = section.children_named(VARIABLE_TAG).filter(|variable| variable.enabled);
    enabled.filter_map(|variable| {
        let command = variable.attribute("cmd").unwrap_or("set");
        Some((variable.attribute("name")?, variable.attribute("value").unwrap_or_default(), command))
    })
}

/// Whether the text has a variable in it.
pub fn has_variable(text: &str) -> bool {
    next_variable(text).is_some()
}

/// The names of the variables in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next_variable(rest)?;
        rest = after;
        Some(name)
    })
}

/// The variable between what [`next_variable`] found before and behind it.
fn as_it_stands<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    &text[before.len()..text.len() - after.len()]
}

/// What is before the first variable, its name, and what is behind it. Braces in the name are balanced, as in
/// `switch_find_end_paren`. Where one has no end nothing behind it is looked at, so that a text of nothing else does not
/// cost the square of it; FreeSWITCH calls it an error.
pub fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("$${")?;
    let inner = &text[start + 3..];
    let mut depth = 1_usize;
    let end = inner.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some((&text[..start], &inner[..end], &inner[end + 1..]))
}

/// FreeSWITCH makes `%{` of `${` when it sets a variable (`switch_string_var_check`). What is still `$${` here is a
/// variable that is not known, and must stay one.
pub fn without_channel_variables(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        let unknown = rest[..at].ends_with('$');
        out.push_str(&rest[..at]);
        out.push_str(if unknown { "${" } else { "%{" });
        rest = &rest[at + 2..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, value: &str, cmd: &str) -> Node {
        Node::new(VARIABLE_TAG).with("name", name).with("value", value).with("cmd", cmd)
    }

    fn set_in_order(sets: &[(&str, &str)]) -> Variables {
        let sets = sets.iter().map(|(name, value)| variable(name, value, "set"));
        Variables::of(&Node::new(SECTION_TAG).containing(sets))
    }

    fn unknown(names: &[&str]) -> Vec<Unknown> {
        names.iter().map(|name| Unknown((*name).to_owned())).collect()
    }

    #[test]
    fn known_are_replaced_through_each_other_and_unknown_stay() {
        let variables = set_in_order(&[("domain", "$${local_ip_v4}"), ("a", "1"), ("b", "$${A}2")]);
        assert_eq!(variables.expand("x $${B} ${c}").0, "x 12 ${c}");
        let (text, missing) = variables.expand("sip:$${domain}:$${Domain}:$${domains}");
        assert_eq!(text, "sip:$${local_ip_v4}:$${local_ip_v4}:$${domains}");
        assert_eq!(missing, unknown(&["local_ip_v4", "domains"]));
        assert_eq!(variables.expand_all("$${domain}"), None);
        assert_eq!(variables.expand("$${open").0, "$${open");
        assert_eq!(variables.expand("$${a{}}$${{a}").0, "$${a{}}$${{a}");
    }

    /// As FreeSWITCH does at its first start.
    #[test]
    fn what_is_set_is_replaced_when_it_is_set() {
        let variables = set_in_order(&[
            ("early", "[$${late}]"),
            ("late", "l"),
            ("self", "$${self}b"),
            ("twice", "1"),
            ("twice", "$${twice}2"),
            ("kept", "$${twice}"),
            ("twice", "3"),
            ("here", "$${there}$${local_ip_v4}"),
            ("there", "$${here}x"),
            ("channel", "${a}$${local_ip_v4}\\${b}"),
            ("local_ip_v4", "$${local_ip_v4}:5060"),
        ]);
        let value = |name| variables.get(name).unwrap();
        assert_eq!(value("early"), "[]");
        assert_eq!(value("self"), "b");
        assert_eq!((value("twice"), value("kept")), ("3", "12"));
        assert_eq!((value("here"), value("there")), ("$${local_ip_v4}", "$${local_ip_v4}x"));
        assert_eq!(value("channel"), "%{a}$${local_ip_v4}\\%{b}");
        // The switch's own value, and not that which was made of it.
        assert_eq!(variables.expand("$${local_ip_v4}").0, "$${local_ip_v4}:5060");
        assert_eq!(variables.expand("$${local_ip_v4}").1, unknown(&["local_ip_v4"]));
    }

    #[test]
    fn what_is_asked_for_is_known_to_the_switch_from_then_on() {
        let section = Node::new(SECTION_TAG).containing([
            variable("before", "$${ip}", "set"),
            variable("ip", "1.2.3.4", "set"),
            variable("ip", "stun:stun.example", "stun-set"),
            variable("behind", "$${IP}", "set"),
            variable("ip", "$${ip}:5060", "set"),
        ]);
        let variables = Variables::of(&section);
        assert_eq!((variables.get("before"), variables.get("behind")), (Some(""), Some("$${IP}")));
        assert_eq!(variables.get("ip"), Some("$${ip}:5060"));
        assert!(variables.is_empty_there("$${before}") && !variables.is_empty_there("$${behind}"));
        // A saved one is the same, in whatever order it is read.
        assert_eq!(Variables::saved(&variables.to_node()), variables);
    }

    #[test]
    fn variables_that_double_each_other_end() {
        let mut variables = set_in_order(&[("a", "0123456789abcdef")]);
        for _ in 0..100 {
            variables.command("a", "$${a}$${a}", "set");
        }
        let long = variables.get("a").unwrap().len();
        assert!(long > LONGEST / 2 && long <= LONGEST + 100, "{long}");
        for number in 0..1_000 {
            variables.command(&format!("b{number}"), "$${a}", "set");
        }
        let all: usize = variables.known.values().map(String::len).sum();
        assert!(all <= MOST_GROWTH + 100_000, "{all}");
        let (text, missing) = variables.expand(&"$${a}".repeat(1_000));
        assert!(text.len() <= LONGEST + 5_000 && !missing.is_empty(), "{}", text.len());
    }

    #[test]
    fn only_enabled_and_set_ones_have_a_value() {
        let section = Node::new(SECTION_TAG).containing([
            variable("a", "v", "set"),
            variable("b", "v", "stun-set"),
            Node { enabled: false, ..variable("c", "v", "set") },
        ]);
        let known = Variables::of(&section);
        assert_eq!(["a", "b", "c"].map(|name| known.get(name)), [Some("v"), None, None]);
    }
}
