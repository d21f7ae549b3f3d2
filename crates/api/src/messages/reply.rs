//! What goes out.

use std::borrow::Cow;

use custompbx_pbx::Error;
use custompbx_pbx::switches::CommandError;
use serde_json::{Map, Value};

use super::tree::listing::Listing;

/// A documented refusal: the text that existing clients know, and a code that stays the same for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// In `error`.
    pub(crate) text: Cow<'static, str>,
    /// In `error_code`.
    pub(crate) code: &'static str,
    /// In `detail`, for people: what exactly is wrong, where the text does not say it.
    pub(crate) detail: Option<String>,
}

impl Refusal {
    /// An id is missing, or is none.
    pub(crate) const WRONG_ID: Self = Self::new("wrong_id", "wrong id");
    /// A text is missing or empty.
    pub(crate) const EMPTY_DATA: Self = Self::new("empty_data", "empty data");
    /// A field is missing, or has another type.
    pub(crate) const WRONG_DATA: Self = Self::new("wrong_data", "wrong data");
    /// Somebody else's thing.
    pub(crate) const ACCESS_DENIED: Self = Self::new("access_denied", "access denied");

    /// A refusal with a text that is always the same.
    pub(crate) const fn new(code: &'static str, text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), code, detail: None }
    }

    /// A refusal that says more.
    pub(crate) fn with_text(code: &'static str, text: impl Into<String>) -> Self {
        Self { text: Cow::Owned(text.into()), code, detail: None }
    }
}

impl Refusal {
    /// The same that says more.
    #[must_use]
    pub(crate) fn detailed(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

/// Why a message was not carried out.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The message itself is refused.
    Refused(Refusal),
    /// No token, or one that is none any more.
    NoToken,
    /// A token of somebody who may not.
    NoAccess,
    /// The database is away; nothing but FreeSWITCH is answered.
    DatabaseDown,
    /// We failed; the log says why.
    Failed,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Stop {
    /// For what no message has a documented text for. Those that have one look at the error first.
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::DatabaseDown(_) => {
                tracing::warn!(error = error.chain(), "a message was not carried out");
                return Self::DatabaseDown;
            }
            Error::NotSignedIn => return Self::NoToken,
            Error::Forbidden { .. } | Error::OutOfScope { .. } => return Self::NoAccess,
            Error::NotFound { what, .. } => {
                return Refusal::with_text("not_found", format!("{what} not found")).into();
            }
            Error::Invalid(_) | Error::Read(_) | Error::Field { .. } => "invalid",
            Error::BadRequest(_) => "bad_request",
            Error::Object(_) => "wrong_data",
            Error::Unreadable(_) => "unreadable",
            Error::Taken { .. } => "exists",
            Error::Overtaken { .. } | Error::Conflict(_) | Error::Changed { .. } | Error::Cancelled => {
                "conflict"
            }
            Error::Busy(_) => "busy",
            Error::NoSwitch { .. } | Error::Switch(CommandError::NotSent { .. }) => "no_switch",
            Error::Switch(CommandError::Refused { .. }) => "refused",
            Error::Switch(CommandError::Unknown { .. }) => "outcome_unknown",
            Error::LastAdmin => "last_admin",
            Error::TooManyTries { .. } => "too_many_tries",
            Error::WrongCredentials => "wrong_credentials",
            Error::Full(_) => "full",
            Error::TooMany { .. } => "too_many",
            Error::Store(_) | Error::File { .. } | Error::Write(_) | Error::NotSaved(_) => {
                tracing::error!(error = error.chain(), "a message failed");
                return Self::Failed;
            }
        };
        Refusal::with_text(code, error.to_string()).into()
    }
}

/// What a message gives, or why it gives nothing.
pub(crate) type Outcome = Result<Reply, Stop>;

/// An answer to a message: its members beside `MessageType`.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    message_type: Option<&'static str>,
    members: Map<String, Value>,
    /// Members that follow these, and are not made yet.
    rest: Option<Listing>,
}

impl Reply {
    /// Success, and nothing to say.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// An answer whose members are made while it is sent.
    pub(crate) fn listing(listing: Listing) -> Self {
        Self { rest: Some(listing), ..Self::default() }
    }

    /// Takes out what is made while it is sent.
    pub(crate) fn take_rest(&mut self) -> Option<Listing> {
        self.rest.take()
    }

    /// With one member more.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// With these members.
    #[must_use]
    pub(crate) fn with_all(mut self, members: Map<String, Value>) -> Self {
        self.members.extend(members);
        self
    }

    /// Under another `MessageType` than the name that was used; a few are answered so.
    #[must_use]
    pub(crate) fn called(mut self, message_type: &'static str) -> Self {
        self.message_type = Some(message_type);
        self
    }

    /// The whole answer to a message of this name. `request_id` is what the client called its request; it comes back
    /// under `request_id`, and under `id` too where the message does not use that for something of its own.
    pub(crate) fn finish(self, name: &str, request_id: Option<Value>) -> Value {
        let mut whole = Map::new();
        whole.insert("MessageType".to_owned(), self.message_type.unwrap_or(name).into());
        whole.extend(self.members);
        if let Some(id) = request_id {
            whole.entry("id").or_insert_with(|| id.clone());
            whole.insert("request_id".to_owned(), id);
        }
        Value::Object(whole)
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let reply = Self::empty().with("error", refusal.text.into_owned()).with("error_code", refusal.code);
        match refusal.detail {
            Some(detail) => reply.with("detail", detail),
            None => reply,
        }
    }
}
