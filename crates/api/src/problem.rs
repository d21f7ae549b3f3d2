//! Errors as RFC 9457 problem details: the only place where a use case's error gets a status.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use custompbx_pbx::Error;
use custompbx_pbx::switches::CommandError;
use serde_json::{Map, Value, json};

/// Where problems are described, for people; the code is added.
const TYPES: &str = "/api/v2/docs#problem-";

/// An answer that says what went wrong and what to do.
#[derive(Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<Value>,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            code: code_of(status),
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            headers: Vec::new(),
            retry_after_s: None,
        }))
    }

    /// With a code that says more than the status does; it stays the same for ever.
    #[must_use]
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.0.code = code;
        self
    }

    /// With one of the things that are wrong: `pointer` leads into what was sent (RFC 6901), `path` into the tree,
    /// `parameter` names a part of the query.
    #[must_use]
    pub(crate) fn error(mut self, place: &str, is: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.errors.push(json!({ place: is.into(), "message": message.into() }));
        self
    }

    /// What is sent.
    pub(crate) fn body(&self) -> Value {
        let Parts { status, code, detail, errors, more, .. } = &*self.0;
        let mut body = json!({
            "type": format!("{TYPES}{code}"),
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "code": code,
            "detail": detail,
        });
        if let Some(members) = body.as_object_mut() {
            if !errors.is_empty() {
                members.insert("errors".to_owned(), errors.clone().into());
            }
            members.extend(more.clone());
        }
        body
    }

    /// With one member more.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(name.to_owned(), value.into());
        self
    }

    /// With one header more.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.0.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }
}

/// Every code that a status stands for when nothing more is said; also what a page of documentation lists.
pub(crate) const CODES: &[(StatusCode, &str, &str)] = &[
    (StatusCode::BAD_REQUEST, "bad-request", "The request makes no sense; the detail says what."),
    (StatusCode::UNAUTHORIZED, "not-signed-in", "No valid session or token; sign in."),
    (StatusCode::FORBIDDEN, "forbidden", "Signed in, but this needs another role."),
    (StatusCode::NOT_FOUND, "not-found", "There is no such thing; the detail names what is missing."),
    (
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "The method is not possible here; see the header Allow.",
    ),
    (StatusCode::NOT_ACCEPTABLE, "not-acceptable", "None of the media types in Accept can be given."),
    (StatusCode::REQUEST_TIMEOUT, "timeout", "The request took too long."),
    (
        StatusCode::CONFLICT,
        "conflict",
        "What is there is in the way: a name is taken, or others change it all the time.",
    ),
    (
        StatusCode::PRECONDITION_FAILED,
        "changed",
        "If-Match or If-None-Match is not met; the element as it is comes with it.",
    ),
    (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is longer than what is taken here."),
    (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "The body has a content type that is not taken here.",
    ),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid",
        "The body can be read, but what it says cannot be stored; errors has all of it.",
    ),
    (StatusCode::TOO_MANY_REQUESTS, "too-many-tries", "Wait; the header Retry-After says how long."),
    (StatusCode::INTERNAL_SERVER_ERROR, "failed", "The server failed; its log says why."),
    (StatusCode::SERVICE_UNAVAILABLE, "database-down", "The database is away; try again."),
    (
        StatusCode::GATEWAY_TIMEOUT,
        "no-answer",
        "A switch did not answer in time; nobody knows whether it did what it was told.",
    ),
    (StatusCode::INSUFFICIENT_STORAGE, "full", "The database has no space left."),
];

fn code_of(status: StatusCode) -> &'static str {
    CODES.iter().find(|(known, ..)| *known == status).map_or("bad-request", |(_, code, _)| code)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let status = match &error {
            Error::DatabaseDown(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Invalid(_) | Error::Read(_) | Error::Field { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::Object(_) | Error::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Taken { .. }
            | Error::LastAdmin
            | Error::Overtaken { .. }
            | Error::TooMany { .. }
            | Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Changed { .. } => StatusCode::PRECONDITION_FAILED,
            Error::Busy(_) | Error::NoSwitch { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Error::Switch(error) => match error {
                CommandError::NotSent { .. } => StatusCode::SERVICE_UNAVAILABLE,
                CommandError::Refused { .. } => StatusCode::CONFLICT,
                CommandError::Unknown { .. } => StatusCode::GATEWAY_TIMEOUT,
            },
            Error::Cancelled => StatusCode::CONFLICT,
            Error::WrongCredentials | Error::NotSignedIn => StatusCode::UNAUTHORIZED,
            Error::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Forbidden { .. } | Error::OutOfScope { .. } => StatusCode::FORBIDDEN,
            Error::Store(_) | Error::File { .. } | Error::Write(_) | Error::NotSaved(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let retry_after_s = match &error {
            Error::TooManyTries { retry_after_s } => Some(*retry_after_s),
            Error::DatabaseDown(_) | Error::Busy(_) | Error::NoSwitch { .. } => Some(5),
            _ => None,
        };
        let is_ours = !matches!(error, Error::Busy(_) | Error::NoSwitch { .. } | Error::Switch(_));
        if status.is_server_error() && is_ours {
            tracing::error!(error = error.chain(), "a request failed");
        }
        // What lies below may name files or hosts: that is for the log.
        let detail = match (&error, status) {
            (Error::DatabaseDown(_) | Error::Full(_) | Error::Busy(_), _) => error.to_string(),
            (_, status) if status.is_server_error() && is_ours => {
                "the server failed; its log says why".to_owned()
            }
            _ => error.chain(),
        };
        let mut problem = Self::new(status, detail);
        problem.0.retry_after_s = retry_after_s;
        match error {
            Error::NoSwitch { .. } | Error::Switch(CommandError::NotSent { .. }) => {
                problem = problem.code("no-switch");
            }
            Error::Switch(CommandError::Refused { .. }) => problem = problem.code("refused"),
            Error::Switch(CommandError::Unknown { .. }) => problem = problem.code("outcome-unknown"),
            _ => {}
        }
        if let Error::Invalid(findings) = &error {
            for finding in findings {
                problem = problem.error("path", finding.path.as_str(), finding.message.as_str());
            }
        }
        match error {
            Error::Taken { .. } => problem.code("taken"),
            Error::Overtaken { .. } => problem.code("overtaken"),
            Error::LastAdmin => problem.code("last-admin"),
            Error::Busy(_) => problem.code("busy"),
            Error::Conflict(conflicts) => conflicts.iter().fold(problem, |problem, conflict| {
                let path = conflict.address.clone().unwrap_or_else(|| format!("nodes/{}", conflict.node));
                problem.error("path", path, conflict.why.as_str())
            }),
            Error::Changed { revision } => problem.header(header::ETAG, &format!("\"{revision}\"")),
            Error::Cancelled => problem.code("stopped"),
            Error::Field { key, reason } => {
                problem.error("pointer", format!("/{}", key.replace('.', "/")), reason)
            }
            _ => problem,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, body) = (self.0.status, self.body());
        let Parts { headers: own, retry_after_s, .. } = *self.0;
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(own);
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
