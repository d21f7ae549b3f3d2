//! The global variables while files are read.

use std::collections::HashMap;

use custompbx_model::Node;
use custompbx_model::variables::{
    SECTION_TAG, VARIABLE_TAG, Variables, next_variable, without_channel_variables,
};

use crate::report::Place;

/// A value may become so long by the variables in it.
pub(super) const LONGEST_VALUE: usize = 1024 * 1024;

/// A variable as it was last set.
#[derive(Debug)]
struct Global {
    name: String,
    value: String,
    cmd: &'static str,
    place: Place,
}

/// What an earlier command made of a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) value: String,
    pub(super) place: Place,
}

/// All variables so far. FreeSWITCH does not tell `a` from `A`.
#[derive(Debug, Default)]
pub(super) struct Globals {
    /// In the order in which they were last set; nothing where one was set again.
    list: Vec<Option<Global>>,
    by_name: HashMap<String, usize>,
    /// Values with the variables in them replaced, as they were when they were set.
    known: HashMap<String, String>,
    defined: HashMap<String, String>,
    /// The same without what the caller says the switch has.
    undefined: Variables,
    bytes: u64,
}

impl Globals {
    pub(super) fn new(defined: &[(String, String)]) -> Self {
        let defined: HashMap<_, _> =
            defined.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        Self { known: defined.clone(), defined, ..Self::default() }
    }

    /// Keeps what a command says; answers what it said before, if that was something else.
    ///
    /// # Errors
    /// When the value grows too long.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: &str,
        cmd: &'static str,
        place: &Place,
    ) -> Result<Option<Replaced>, usize> {
        let key = name.to_ascii_lowercase();
        if cmd == "set" {
            let (expanded, _) = self.expand(value)?;
            self.bytes += expanded.len() as u64;
            self.known.insert(key.clone(), without_channel_variables(&expanded));
        } else if let Some(defined) = self.defined.get(&key) {
            self.known.insert(key.clone(), defined.clone());
        } else {
            self.known.remove(&key);
        }
        self.undefined.command(name, value, cmd);
        let new = Global { name: name.to_owned(), value: value.to_owned(), cmd, place: place.clone() };
        let old = self.by_name.insert(key, self.list.len()).and_then(|index| self.list[index].take());
        self.list.push(Some(new));
        let differs = old.filter(|old| old.value != value || old.cmd != cmd);
        Ok(differs.map(|old| Replaced { value: old.value, place: old.place }))
    }

    /// The bytes of all values that were ever set.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The value with which FreeSWITCH replaces it, as far as it is known.
    pub(super) fn known(&self, name: &str) -> Option<&str> {
        // Most are written as they were set.
        self.known.get(name).or_else(|| self.known.get(&name.to_ascii_lowercase())).map(String::as_str)
    }

    /// Replaces what is known, and says what is not.
    ///
    /// # Errors
    /// When the text grows too long.
    pub(super) fn expand(&self, text: &str) -> Result<(String, Vec<String>), usize> {
        let (mut out, mut unknown) = (String::new(), Vec::new());
        let mut rest = text;
        while let Some((before, name, after)) = next_variable(rest) {
            out.push_str(before);
            match self.known(name) {
                Some(value) => out.push_str(value),
                None => {
                    out.push_str(&rest[before.len()..rest.len() - after.len()]);
                    unknown.push(name.to_owned());
                }
            }
            if out.len() > LONGEST_VALUE {
                return Err(LONGEST_VALUE);
            }
            rest = after;
        }
        out.push_str(rest);
        Ok((out, unknown))
    }

    /// The element that holds them, unless there are none. One that was set twice is there once, so a value that would
    /// not be the same without the first is written out.
    pub(super) fn node(&self) -> Option<Node> {
        if self.list.is_empty() {
            return None;
        }
        let mut here = Variables::default();
        let nodes = self.list.iter().flatten().map(|global| {
            // What a file of others wants to have executed needs somebody who wants it too.
            let enabled = global.cmd != "exec-set";
            let mut value = global.value.as_str();
            if enabled {
                here.command(&global.name, value, global.cmd);
            }
            if global.cmd == "set"
                && let Some(set) = self.undefined.get(&global.name)
                && here.get(&global.name) != Some(set)
            {
                here.set(&*global.name, set);
                value = set;
            }
            let node = Node::new(VARIABLE_TAG).with("name", &*global.name).with("value", value);
            Node { enabled, ..node.with("cmd", global.cmd) }
        });
        Some(Node::new(SECTION_TAG).containing(nodes))
    }

    /// Where the variable was last set, and what to.
    pub(super) fn origin(&self, name: &str) -> Option<(&str, &Place)> {
        let global = self.list[*self.by_name.get(&name.to_ascii_lowercase())?].as_ref()?;
        Some((&global.value, &global.place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals(sets: &[(&str, &str)]) -> Globals {
        let mut globals = Globals::new(&[("Sounds_Dir".into(), "/s".into())]);
        let place = Place { file: "vars.xml".into(), line: 1, column: None };
        for (name, value) in sets {
            globals.set(name, value, "set", &place).unwrap();
        }
        globals
    }

    #[test]
    fn values_are_those_of_the_time_they_were_set() {
        let globals = globals(&[("a", "1"), ("b", "$${A}$${sounds_dir}$${no}"), ("a", "2"), ("a", "$${a}3")]);
        assert_eq!(globals.known("B"), Some("1/s$${no}"));
        assert_eq!(globals.known("a"), Some("23"));
        assert_eq!(globals.node().unwrap().children.len(), 2);
    }

    /// What is there once has the values of a file in which it was set twice.
    #[test]
    fn what_was_set_twice_leaves_the_values_of_its_time() {
        let globals = globals(&[
            ("a", "1"),
            ("before", "$${a}x"),
            ("later", "no"),
            ("other", "$${before}"),
            ("a", "$${a}$${later}$${sounds_dir}"),
            ("behind", "$${a}"),
        ]);
        let node = globals.node().unwrap();
        let value = |child: &Node| child.attribute("value").unwrap().to_owned();
        let values: Vec<String> = node.children.iter().map(value).collect();
        assert_eq!(values, ["1x", "no", "$${before}", "1no$${sounds_dir}", "$${a}"]);
        let here = Variables::of(&node);
        for name in ["a", "before", "later", "other", "behind"] {
            assert_eq!(here.get(name), globals.undefined.get(name), "{name}");
        }
    }

    #[test]
    fn channel_variables_in_values_are_spoilt_as_in_freeswitch() {
        assert_eq!(globals(&[("a", "x${b}$${c}$")]).known("a"), Some("x%{b}$${c}$"));
    }

    #[test]
    fn a_variable_that_doubles_itself_ends() {
        let mut globals = globals(&[("a", "0123456789abcdef")]);
        let place = Place { file: "vars.xml".into(), line: 1, column: None };
        let doubled = (0..60).try_for_each(|_| globals.set("a", "$${a}$${a}", "set", &place).map(|_| ()));
        assert_eq!(doubled, Err(LONGEST_VALUE));
    }

    #[test]
    fn what_only_the_switch_can_find_out_is_not_known() {
        let mut globals = globals(&[("ip", "1.2.3.4")]);
        let place = Place { file: "vars.xml".into(), line: 2, column: None };
        let old = globals.set("IP", "stun:x", "stun-set", &place).unwrap().unwrap();
        assert_eq!((old.value.as_str(), old.place.line), ("1.2.3.4", 1));
        assert_eq!(globals.known("ip"), None);
        globals.set("sounds_dir", "$HOME", "env-set", &place).unwrap();
        assert_eq!(globals.known("sounds_dir"), Some("/s"), "the caller said what it is");
        globals.set("x", "rm -rf /", "exec-set", &place).unwrap();
        let node = globals.node().unwrap();
        assert!(!node.children[2].enabled);
        assert_eq!(node.children[0].attribute("cmd"), Some("stun-set"));
    }
}
