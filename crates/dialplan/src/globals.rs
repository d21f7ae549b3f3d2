//! The switch's global variables while it runs.

use std::collections::{HashMap, HashSet};

use custompbx_model::variables::{Variables, without_channel_variables};

use crate::value::Value;

/// Global variables: those whose value is known, and those that only the switch knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Globals {
    /// By name in lower case.
    known: HashMap<Vec<u8>, Value>,
    /// In lower case.
    of_switch: HashSet<Vec<u8>>,
    /// There may be others that nobody told of.
    may_have_more: bool,
}

/// What is known of a global variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global<'g> {
    /// Its value.
    Is(&'g Value),
    /// It is nowhere, so it is empty.
    Nowhere,
    /// The switch has a value, or may have one.
    OfSwitch,
}

impl Globals {
    /// All that there are, with their values.
    pub fn exactly<N: AsRef<str>, V: Into<Value>>(all: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut globals = Self::default();
        for (name, value) in all {
            globals.set(name.as_ref(), value);
        }
        globals
    }

    /// Those of an instance. What its list does not have is nowhere; a part of a configuration that came without a
    /// list says nothing of them.
    pub fn of(variables: &Variables) -> Self {
        let mut globals = Self { may_have_more: !variables.is_list(), ..Self::default() };
        for name in Variables::built_in() {
            globals.only_switch_knows(name);
        }
        for (name, value) in variables.iter() {
            match value.and_then(|value| variables.expand_all(value)) {
                Some(value) => globals.set(name, without_channel_variables(&value)),
                None => globals.only_switch_knows(name),
            }
        }
        globals
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let name = name.as_bytes().to_ascii_lowercase();
        self.of_switch.remove(&name);
        self.known.insert(name, value.into());
    }

    /// Only the switch knows its value: the switch finds it out itself, or something sets it while the switch runs.
    pub fn only_switch_knows(&mut self, name: &str) {
        let name = name.as_bytes().to_ascii_lowercase();
        self.known.remove(&name);
        self.of_switch.insert(name);
    }

    /// Whether it is known by its name that only the switch has its value.
    pub(crate) fn is_of_switch(&self, name: &str) -> bool {
        self.of_switch.contains(&name.as_bytes().to_ascii_lowercase())
    }

    /// What is known of one.
    pub fn get(&self, name: &[u8]) -> Global<'_> {
        let name = name.to_ascii_lowercase();
        match self.known.get(&name) {
            Some(value) => Global::Is(value),
            None if self.may_have_more || self.of_switch.contains(&name) => Global::OfSwitch,
            None => Global::Nowhere,
        }
    }
}

/// `switch_core_set_variable`: `${` in the value of a global variable becomes `%{`, and so never expands.
pub(crate) fn harmless(value: &[u8]) -> Vec<u8> {
    let mut out = value.to_vec();
    let mut dollar = None;
    for at in 0..out.len() {
        match out[at] {
            b'$' => dollar = Some(at),
            b'{' => {
                if let Some(dollar) = dollar.take() {
                    out[dollar] = b'%';
                }
            }
            b'\\' => {}
            _ => dollar = None,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use custompbx_model::Node;

    #[test]
    fn values_and_what_only_the_switch_knows() {
        let variable =
            |name, value, cmd| Node::new("variable").with("name", name).with("value", value).with("cmd", cmd);
        let section = Node::new("variables").containing([
            variable("domain", "$${local_ip_v4}", "set"),
            variable("a", "1", "set"),
            variable("b", "x$${a}", "set"),
            variable("ip", "stun:x", "stun-set"),
        ]);
        let globals = Globals::of(&Variables::of(&section));
        assert_eq!(globals.get(b"B"), Global::Is(&"x1".into()));
        for name in ["domain", "ip", "local_ip_v4", "HOSTNAME"] {
            assert_eq!(globals.get(name.as_bytes()), Global::OfSwitch, "{name}");
        }
        assert_eq!(globals.get(b"nosuch"), Global::Nowhere);
        assert_eq!(Globals::of(&Variables::default()).get(b"nosuch"), Global::OfSwitch);
        assert_eq!(harmless(b"a${b}$\\{c}$d{"), b"a%{b}%\\{c}$d{");
    }
}
