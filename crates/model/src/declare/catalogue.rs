//! What a parameter means, its type, default and values: data beside the code (`catalogue/*.json`).

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Module, Place};
use crate::modules;

/// One parameter or attribute that FreeSWITCH reads.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Parameter {
    /// Where it stands, such as `profile.settings`.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// How its value is written.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The values there are, if they are a fixed set.
    #[serde(default)]
    pub values: Vec<String>,
    /// What counts when it is missing; `None` when nothing does.
    #[serde(default)]
    pub default: Option<String>,
    /// What it does, in a sentence.
    pub meaning: String,
    /// Whether several of the name are kept.
    #[serde(default)]
    pub repeatable: bool,
    /// Not to be shown or logged.
    #[serde(default)]
    pub secret: bool,
    /// What makes a change active, in words.
    #[serde(default)]
    pub effect: String,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `true`/`false` and FreeSWITCH's other words for them, or a number.
    Bool,
    /// A whole number.
    Integer,
    /// A whole number of seconds.
    Seconds,
    /// A whole number of milliseconds.
    Milliseconds,
    /// An address, a name that stands for one, or a word such as `auto`.
    Ip,
    /// A TCP or UDP port.
    Port,
    /// Any text.
    String,
    /// One of [`Parameter::values`].
    Enum,
    /// Several values with commas between.
    List,
    /// A file or directory.
    Path,
    /// Codecs with commas between.
    CodecList,
    /// A network, `address/bits`, or several with commas between.
    Cidr,
    /// A Perl-compatible regular expression.
    Regex,
    /// A data source.
    Dsn,
}

/// The catalogues of all modules. A test parses each, so a broken one never gets this far.
static PARSED: LazyLock<HashMap<Place<'static>, Vec<Parameter>>> = LazyLock::new(|| {
    let parse = |module: &&Module| (module.place, serde_json::from_str(module.catalogue).unwrap_or_default());
    modules::ALL.iter().map(parse).collect()
});

impl Module {
    /// All parameters of this module.
    pub fn parameters(&self) -> &[Parameter] {
        PARSED.get(&self.place).map_or(&[], Vec::as_slice)
    }

    /// What is known of `name` in `scope`.
    pub fn parameter(&self, scope: &str, name: &str) -> Option<&Parameter> {
        self.parameters().iter().find(|parameter| parameter.scope == scope && parameter.name == name)
    }
}

impl Parameter {
    /// Why FreeSWITCH would not understand `value`, or `None`. Values with variables in them are not judged.
    pub fn complaint(&self, value: &str) -> Option<String> {
        if value.contains("${") {
            return None;
        }
        let wrong = |expected: &str| Some(format!("{} is {value:?}, expected {expected}", self.name));
        match self.kind {
            Kind::Bool if !is_bool(value) => wrong("true or false"),
            Kind::Integer | Kind::Seconds | Kind::Milliseconds
                if value.parse::<i64>().is_err() && !self.values.iter().any(|known| known == value) =>
            {
                wrong("a whole number")
            }
            Kind::Port
                if value.parse::<u16>().is_err() && !self.values.iter().any(|known| known == value) =>
            {
                wrong("a port from 0 to 65535")
            }
            Kind::Enum if !self.values.iter().any(|known| known.eq_ignore_ascii_case(value)) => {
                wrong(&format!("one of {}", self.values.join(", ")))
            }
            Kind::Cidr if !value.split(',').all(|part| is_network(part.trim())) => {
                wrong("a network such as 192.0.2.0/24")
            }
            _ => None,
        }
    }
}

/// The words that `switch_true` and `switch_false` know, and numbers.
fn is_bool(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "true", "false", "yes", "no", "on", "off", "enabled", "disabled", "active", "inactive", "allow",
        "disallow", "t", "f",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(value)) || value.parse::<i64>().is_ok()
}

fn is_network(text: &str) -> bool {
    text.parse::<ipnet::IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_parses_and_every_scope_of_a_declaration_exists() {
        for module in modules::ALL {
            let parsed: Vec<Parameter> = serde_json::from_str(module.catalogue)
                .unwrap_or_else(|error| panic!("catalogue of {:?}: {error}", module.place));
            let mut seen = Vec::new();
            for element in module.elements {
                scopes(element, &mut seen, 0);
            }
            for scope in seen {
                assert!(
                    parsed.iter().any(|entry| entry.scope == scope),
                    "{:?} has no scope {scope}",
                    module.place
                );
            }
        }
    }

    /// Conditions of a dialplan contain themselves, hence the depth.
    fn scopes(element: &super::super::Element, into: &mut Vec<&'static str>, depth: usize) {
        into.extend(element.attributes);
        into.extend(element.parameters);
        for child in element.children.iter().filter(|_| depth < 8) {
            scopes(child, into, depth + 1);
        }
    }

    #[test]
    fn values_are_judged_by_kind() {
        let parameter = |kind, values: &[&str]| Parameter {
            scope: String::new(),
            name: "p".into(),
            kind,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            default: None,
            meaning: String::new(),
            repeatable: false,
            secret: false,
            effect: String::new(),
        };
        assert!(parameter(Kind::Bool, &[]).complaint("maybe").is_some());
        assert!(parameter(Kind::Bool, &[]).complaint("Yes").is_none());
        assert!(parameter(Kind::Port, &[]).complaint("70000").is_some());
        assert!(parameter(Kind::Port, &[]).complaint("$${internal_sip_port}").is_none());
        assert!(parameter(Kind::Enum, &["allow", "deny"]).complaint("bogus").is_some());
        assert!(parameter(Kind::Cidr, &[]).complaint("192.0.2.0/24, 2001:db8::/32").is_none());
        assert!(parameter(Kind::Cidr, &[]).complaint("not-a-cidr").is_some());
    }
}
