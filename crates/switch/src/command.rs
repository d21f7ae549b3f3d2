//! What is asked of the switch, as types: a line break or a `${` cannot get into a command.

use std::fmt;

/// A command of FreeSWITCH that reads something and takes no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    Version,
    Status,
    Switchname,
    Hostname,
    ModuleExists(Module),
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("version"),
            Self::Status => f.write_str("status"),
            Self::Switchname => f.write_str("switchname"),
            Self::Hostname => f.write_str("hostname"),
            Self::ModuleExists(module) => write!(f, "module_exists {}", module.0),
        }
    }
}

/// The name of a loadable module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Module(&'static str);

impl Module {
    pub(crate) const XML_CURL: Self = Self("mod_xml_curl");
    pub(crate) const SOFIA: Self = Self("mod_sofia");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_one_line() {
        assert_eq!(Query::ModuleExists(Module::SOFIA).to_string(), "module_exists mod_sofia");
        for query in [Query::Version, Query::Status, Query::Switchname, Query::Hostname] {
            assert!(query.to_string().bytes().all(|byte| byte.is_ascii_lowercase()), "{query}");
        }
    }
}
