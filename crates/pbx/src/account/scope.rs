//! What a token may be used for.
//!
//! A token without scopes has all that its user has. One with scopes has what both the user's role and the scopes
//! allow: `read`, `write` (which includes `read`), or the same of one section, `directory:read`.

use std::fmt;

/// A part of what there is to read and write here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Domains, users, groups and their gateways.
    Directory,
    /// Contexts and extensions.
    Dialplan,
    /// The documents of modules, and which modules are loaded.
    Configuration,
    /// Languages and their phrases.
    Languages,
    /// Global variables.
    GlobalVariables,
    /// Instances, and the switches that are served from them.
    Instances,
    /// Web users, without their tokens.
    WebUsers,
    /// Tokens.
    Tokens,
    /// The server's own settings, and those of the web interface.
    Settings,
    /// How the server and the switch are.
    Dashboard,
    /// Revisions.
    History,
    /// What goes on in the switches, and commands for them.
    Switches,
    /// Commands for a switch that somebody types, as in `fs_cli`.
    FsCli,
    /// Commands that run programs on the switch's machine.
    System,
}

impl Section {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 14] = [
        Self::Directory,
        Self::Dialplan,
        Self::Configuration,
        Self::Languages,
        Self::GlobalVariables,
        Self::Instances,
        Self::WebUsers,
        Self::Tokens,
        Self::Settings,
        Self::Dashboard,
        Self::History,
        Self::Switches,
        Self::FsCli,
        Self::System,
    ];

    /// As it stands in a scope.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Dialplan => "dialplan",
            Self::Configuration => "configuration",
            Self::Languages => "languages",
            Self::GlobalVariables => "global_variables",
            Self::Instances => "instances",
            Self::WebUsers => "web_users",
            Self::Tokens => "tokens",
            Self::Settings => "settings",
            Self::Dashboard => "dashboard",
            Self::History => "history",
            Self::Switches => "switches",
            Self::FsCli => "fs_cli",
            Self::System => "system",
        }
    }

    /// The opposite of [`Section::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.as_str() == text)
    }
}

/// What is done with a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Looking.
    Read,
    /// Changing, and looking.
    Write,
}

impl Verb {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|verb| verb.as_str() == text)
    }
}

/// What something needs of the token that it is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: it is about the session itself.
    Own,
    /// The right for everything: what belongs to no section, or to more than one.
    All(Verb),
    /// The right for this section, or for everything.
    In(Section, Verb),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("own"),
            Self::All(verb) => f.write_str(verb.as_str()),
            Self::In(section, verb) => write!(f, "{}:{}", section.as_str(), verb.as_str()),
        }
    }
}

/// What a token may be used for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Option<Vec<Scope>>);

impl Scopes {
    /// All that the user may.
    pub const ALL: Self = Self(None);

    /// Reads the texts that somebody gave for a new token; none at all is [`Scopes::ALL`].
    ///
    /// # Errors
    /// The first one that is no scope.
    pub fn parse<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, &'t str> {
        let mut scopes = Vec::new();
        for text in texts {
            let scope = parse(text).ok_or(text)?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(Self((!scopes.is_empty()).then_some(scopes)))
    }

    /// What is stored. A scope of a newer program allows nothing here.
    pub(super) fn stored(text: Option<&str>) -> Self {
        Self(text.map(|text| text.split_whitespace().filter_map(parse).collect()))
    }

    /// For the database.
    pub(super) fn to_stored(&self) -> Option<String> {
        let scopes = self.0.as_ref()?;
        Some(scopes.iter().map(Scope::to_string).collect::<Vec<_>>().join(" "))
    }

    /// As texts; `None` for all.
    pub fn texts(&self) -> Option<Vec<String>> {
        Some(self.0.as_ref()?.iter().map(Scope::to_string).collect())
    }

    /// Whether they are enough for something.
    pub fn allow(&self, needed: Scope) -> bool {
        let Some(scopes) = &self.0 else { return true };
        match needed {
            Scope::Own => true,
            Scope::All(needed) => {
                scopes.iter().any(|scope| matches!(scope, Scope::All(verb) if *verb >= needed))
            }
            Scope::In(section, needed) => scopes.iter().any(|scope| match scope {
                Scope::Own => false,
                // What can do anything to a machine is named, or is not given.
                Scope::All(verb) => *verb >= needed && section != Section::System,
                Scope::In(has, verb) => *has == section && *verb >= needed,
            }),
        }
    }

    /// Whether they allow everything that `others` allow. Nobody gives away more than they have.
    pub fn cover(&self, others: &Self) -> bool {
        match (&self.0, &others.0) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(others)) => others.iter().all(|scope| self.allow(*scope)),
        }
    }
}

fn parse(text: &str) -> Option<Scope> {
    match text.split_once(':') {
        None => Verb::parse(text).map(Scope::All),
        Some((section, verb)) => Some(Scope::In(Section::parse(section)?, Verb::parse(verb)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(texts: &[&'static str]) -> Scopes {
        Scopes::parse(texts.iter().copied()).unwrap()
    }

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        let all = Section::ALL.into_iter().flat_map(|section| {
            [Verb::Read, Verb::Write]
                .map(|verb| (section, verb))
                .map(|(section, verb)| Scope::In(section, verb))
        });
        for scope in all.chain([Scope::All(Verb::Read), Scope::All(Verb::Write)]) {
            assert_eq!(parse(&scope.to_string()), Some(scope));
        }
        for text in
            ["", "own", "admin", "Read", "read ", "directory", "directory:", ":read", "x:read", "a:b:c"]
        {
            assert_eq!(Scopes::parse([text]), Err(text));
        }
        let two = scopes(&["read", "directory:write", "read"]);
        assert_eq!(two.to_stored().as_deref(), Some("read directory:write"));
        assert_eq!(Scopes::stored(two.to_stored().as_deref()), two);
        assert_eq!(Scopes::parse([]), Ok(Scopes::ALL));
        assert_eq!((Scopes::ALL.to_stored(), Scopes::stored(None)), (None, Scopes::ALL));
    }

    #[test]
    fn what_they_allow() {
        let (read, write) = (Verb::Read, Verb::Write);
        let directory = |verb| Scope::In(Section::Directory, verb);
        let dialplan = |verb| Scope::In(Section::Dialplan, verb);
        let needed = [
            Scope::Own,
            Scope::All(read),
            Scope::All(write),
            directory(read),
            directory(write),
            dialplan(read),
            dialplan(write),
        ];
        for (scopes, allowed) in [
            (Scopes::ALL, [true; 7]),
            (scopes(&["read"]), [true, true, false, true, false, true, false]),
            (scopes(&["write"]), [true; 7]),
            (scopes(&["directory:read"]), [true, false, false, true, false, false, false]),
            (scopes(&["directory:write"]), [true, false, false, true, true, false, false]),
            (scopes(&["read", "dialplan:write"]), [true, true, false, true, false, true, true]),
            // What nobody knows any more, or not yet.
            (Scopes::stored(Some("galaxy:write")), [true, false, false, false, false, false, false]),
            (Scopes::stored(Some("")), [true, false, false, false, false, false, false]),
        ] {
            assert_eq!(needed.map(|needed| scopes.allow(needed)), allowed, "{scopes:?}");
        }
    }

    #[test]
    fn nobody_gives_away_more_than_they_have() {
        assert!(Scopes::ALL.cover(&Scopes::ALL) && Scopes::ALL.cover(&scopes(&["write"])));
        assert!(scopes(&["write"]).cover(&scopes(&["read", "directory:write"])));
        for (has, wants) in [
            (&["write"][..], &[][..]),
            (&["read"], &["write"]),
            (&["read"], &["directory:write"]),
            (&["directory:write"], &["read"]),
            (&["directory:write"], &["directory:read", "dialplan:read"]),
        ] {
            assert!(!scopes(has).cover(&scopes(wants)), "{has:?} {wants:?}");
        }
    }
}
