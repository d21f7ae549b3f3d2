//! Why a use case was not carried out.
//!
//! One closed set for all of them, without any transport in it; `api` turns it into a status in one place. `Display`
//! speaks for this layer, the cause is in `source`.

use custompbx_model::declare::Finding;
use custompbx_store as store;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is out of reach, or too busy. Worth another try. Nothing was changed, with one exception: a
    /// connection that is lost during the commit itself leaves open whether the change was written.
    #[error(
        "the database is not available; what FreeSWITCH asks is answered from memory, changes are not possible"
    )]
    DatabaseDown(#[source] Option<Box<store::Error>>),
    /// There is no room for a change. Nothing was changed.
    #[error("the database has no space left; make room on its disk, and try again")]
    Full(#[source] Box<store::Error>),
    /// Others changed the instance each time before an import was written. Nothing was changed.
    #[error("instance {instance} is being changed by others all the time; try again")]
    Overtaken {
        /// Its name.
        instance: String,
    },
    /// Something else runs already. Worth another try.
    #[error("{0}")]
    Busy(String),
    /// Somebody stopped it. Nothing was changed.
    #[error("it was stopped; nothing was changed")]
    Cancelled,
    /// What was changed since is in the way. Nothing was changed.
    #[error(
        "what was changed since is in the way: {}; look at a preview, or go over it with force",
        conflicts(.0)
    )]
    Conflict(Vec<crate::history::Conflict>),
    /// Somebody changed the instance since it was looked at. Nothing was changed.
    #[error("the instance was changed since: its newest revision is {revision}; look again")]
    Changed {
        /// The instance's newest revision.
        revision: store::RevisionId,
    },
    /// No switch can be reached that could do it. Nothing was done.
    #[error("no switch is connected: {reason}")]
    NoSwitch {
        /// What is in the way.
        reason: String,
    },
    /// A switch did not do what it was told.
    #[error(transparent)]
    Switch(custompbx_switch::CommandError),
    /// The database failed otherwise.
    #[error("the database refused")]
    Store(#[source] Box<store::Error>),
    /// No such thing.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its name or id.
        name: String,
    },
    /// The change cannot be stored.
    #[error("{}", describe(.0))]
    Invalid(Vec<Finding>),
    /// An object cannot be changed like this.
    #[error("{0}")]
    Object(crate::objects::Wrong),
    /// A pasted text cannot be taken over.
    #[error("{0}")]
    Unreadable(crate::paste::Unreadable),
    /// The request itself makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// The name is taken.
    #[error("{what} {name} exists already")]
    Taken {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Wrong login or wrong password, which are not told apart.
    #[error("wrong login or password")]
    WrongCredentials,
    /// Too many tries.
    #[error("too many tries; wait {retry_after_s} seconds")]
    TooManyTries {
        /// Seconds until the next try counts.
        retry_after_s: u64,
    },
    /// No valid session.
    #[error("not signed in")]
    NotSignedIn,
    /// Signed in, but not allowed to.
    #[error("this needs the role {needed}")]
    Forbidden {
        /// The least role that may.
        needed: &'static str,
    },
    /// A value that cannot be.
    #[error("{key}: {reason}")]
    Field {
        /// What it is the value of, such as `webserver.port`.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody would be left who may change web users.
    #[error("there is no other admin who is enabled; make one first")]
    LastAdmin,
    /// The settings could not be written; the file is as it was.
    #[error("the settings were not saved")]
    NotSaved(#[source] Box<crate::config::ConfigError>),
    /// Signed in with a token that is good for other things only.
    #[error("the scopes of this token are not enough: {needed} is needed")]
    OutOfScope {
        /// What would do.
        needed: String,
    },
    /// There are as many as there may be.
    #[error("there are {most} {what} already; remove one first")]
    TooMany {
        /// What kind of thing.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// A file of the program itself.
    #[error("cannot {operation}")]
    File {
        /// What was tried, and with which file.
        operation: String,
        /// Why.
        source: std::io::Error,
    },
    /// An import could not be read.
    #[error("the import was not read; nothing was changed")]
    Read(#[source] Box<custompbx_conf::ReadError>),
    /// An export could not be written.
    #[error("the export was not written")]
    Write(#[source] Box<custompbx_conf::WriteError>),
}

impl Error {
    /// Whether only the database is missing.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::DatabaseDown(_))
    }

    /// The error and its causes in one line, for a log.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            error @ (store::Error::Unavailable { .. } | store::Error::Busy { .. }) => {
                Self::DatabaseDown(Some(Box::new(error)))
            }
            error @ store::Error::Full { .. } => Self::Full(Box::new(error)),
            store::Error::LastAdmin { .. } => Self::LastAdmin,
            store::Error::NotFound { what, id, .. } => Self::NotFound { what, name: id },
            store::Error::Invalid { why, .. } => Self::BadRequest(why),
            error => Self::Store(Box::new(error)),
        }
    }
}

impl From<crate::objects::Wrong> for Error {
    fn from(wrong: crate::objects::Wrong) -> Self {
        Self::Object(wrong)
    }
}

impl From<custompbx_conf::ReadError> for Error {
    fn from(error: custompbx_conf::ReadError) -> Self {
        Self::Read(Box::new(error))
    }
}

impl From<custompbx_conf::WriteError> for Error {
    fn from(error: custompbx_conf::WriteError) -> Self {
        Self::Write(Box::new(error))
    }
}

/// How many conflicts an error names.
const MOST_NAMED: usize = 10;

fn conflicts(all: &[crate::history::Conflict]) -> String {
    let mut named: Vec<String> = all.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    if all.len() > MOST_NAMED {
        named.push(format!("and {} more", all.len() - MOST_NAMED));
    }
    named.join("; ")
}

fn describe(findings: &[Finding]) -> String {
    let shown: Vec<String> =
        findings.iter().map(|finding| format!("{}: {}", finding.path, finding.message)).collect();
    shown.join("; ")
}
