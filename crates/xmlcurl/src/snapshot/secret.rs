//! Whether a user can prove who it is, as FreeSWITCH sees it.
//!
//! mod_sofia looks at the parameters of the user, and of the group and then the domain for those that the level before
//! does not name at all: a password that is there and empty is not inherited. It reads the first `<params>` only; on the
//! user the last of two parameters of one name counts, of what is inherited the first (`do_merge` in `switch_xml.c`,
//! `sofia_reg_parse_auth` in `sofia_reg.c`).

use custompbx_model::Node;
use custompbx_model::variables::{Variables, has_variable};

/// What one level says of one parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Said {
    /// It is not named.
    #[default]
    Nothing,
    /// It is empty on the switch.
    Empty,
    /// It has a value.
    Value,
}

/// What one level says of `password` and `a1-hash`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    password: Said,
    a1_hash: Said,
}

impl Secrets {
    /// What a user's own element says.
    pub(crate) fn of_user(user: &Node, variables: &Variables) -> Self {
        Self {
            password: said(values(user, "password").last(), variables),
            a1_hash: said(values(user, "a1-hash").last(), variables),
        }
    }

    /// What a group or a domain says.
    pub(crate) fn inherited(level: &Node, variables: &Variables) -> Self {
        Self {
            password: said(values(level, "password").next(), variables),
            a1_hash: said(values(level, "a1-hash").next(), variables),
        }
    }

    /// This level over the next one.
    pub(crate) fn or(self, next: Self) -> Self {
        let over = |own, next| if own == Said::Nothing { next } else { own };
        Self { password: over(self.password, next.password), a1_hash: over(self.a1_hash, next.a1_hash) }
    }

    /// Whether there is one of the two.
    pub(crate) fn any(self) -> bool {
        self.password == Said::Value || self.a1_hash == Said::Value
    }

    pub(crate) fn to_byte(self) -> u8 {
        let bits = |said| match said {
            Said::Nothing => 0,
            Said::Empty => 1,
            Said::Value => 2,
        };
        bits(self.password) | bits(self.a1_hash) << 2
    }

    pub(crate) fn from_byte(byte: u8) -> Self {
        let said = |bits| match bits & 3 {
            0 => Said::Nothing,
            1 => Said::Empty,
            _ => Said::Value,
        };
        Self { password: said(byte), a1_hash: said(byte >> 2) }
    }
}

/// Whether what an element says of its secrets depends on variables.
pub(crate) fn depends_on_variables(level: &Node) -> bool {
    ["password", "a1-hash"].iter().any(|name| values(level, name).any(has_variable))
}

fn said(value: Option<&str>, variables: &Variables) -> Said {
    match value {
        None => Said::Nothing,
        Some(value) if variables.is_empty_there(value) => Said::Empty,
        Some(_) => Said::Value,
    }
}

fn values<'a>(level: &'a Node, name: &'a str) -> impl Iterator<Item = &'a str> {
    let params = level.children_named("params").find(|params| params.enabled);
    let enabled =
        params.into_iter().flat_map(|params| params.children_named("param")).filter(|param| param.enabled);
    enabled
        .filter(move |param| param.attribute("name").is_some_and(|found| found.eq_ignore_ascii_case(name)))
        .map(|param| param.attribute("value").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use custompbx_model::xml::{Limits, parse};

    fn node(params: &str) -> Node {
        parse(&format!("<user>{params}</user>"), &Limits::default()).unwrap().roots.remove(0)
    }

    fn param(name: &str, value: &str) -> String {
        format!("<param name=\"{name}\" value=\"{value}\"/>")
    }

    fn can(user: &str, group: &str, variables: &Variables) -> bool {
        let (user, group) =
            (node(&format!("<params>{user}</params>")), node(&format!("<params>{group}</params>")));
        Secrets::of_user(&user, variables).or(Secrets::inherited(&group, variables)).any()
    }

    #[test]
    fn as_the_switch_merges() {
        let none = Variables::default();
        assert!(can(&param("password", "x"), "", &none));
        assert!(can(&param("A1-Hash", "x"), "", &none));
        assert!(can("", &param("password", "x"), &none));
        assert!(!can("", "", &none));
        assert!(
            !can(&param("password", ""), &param("password", "x"), &none),
            "an empty one is not inherited"
        );
        assert!(can(&param("password", ""), &param("a1-hash", "x"), &none));
        let twice = param("password", "x") + &param("password", "");
        assert!(!can(&twice, "", &none), "the last one of a user counts");
        assert!(can("", &twice, &none), "the first one that is inherited counts");
        let second = node("<params/><params><param name=\"password\" value=\"x\"/></params>");
        assert!(!Secrets::of_user(&second, &none).any(), "only the first params are read");
    }

    #[test]
    fn variables_that_the_switch_does_not_have_are_empty() {
        let section = parse(
            "<variables><variable name=\"set\" value=\"x\" cmd=\"set\"/><variable name=\"void\" value=\"\" cmd=\"set\"/>\
             <variable name=\"stun\" value=\"s\" cmd=\"stun-set\"/></variables>",
            &Limits::default(),
        );
        let variables = Variables::of(&section.unwrap().roots[0]);
        let unlisted = can(&param("password", "$${gone}"), "", &Variables::default());
        assert!(unlisted, "without a list of variables the switch may have it");
        let can = |password: &str| can(&param("password", password), "", &variables);
        assert!(can("$${set}") && can("$${stun}") && can("$${local_ip_v4}") && can("x$${gone}"));
        assert!(!can("$${void}") && !can("$${gone}") && !can("$${gone}$${void}"));
    }

    #[test]
    fn a_byte_keeps_it() {
        for password in [Said::Nothing, Said::Empty, Said::Value] {
            for a1_hash in [Said::Nothing, Said::Empty, Said::Value] {
                let secrets = Secrets { password, a1_hash };
                assert_eq!(Secrets::from_byte(secrets.to_byte()), secrets);
            }
        }
    }
}
