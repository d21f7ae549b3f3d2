//! Errors as RFC 9457 problem details: the only place where a use case's error gets a status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use custompbx_pbx::Error;
use serde_json::json;

/// An answer that says what went wrong and what to do.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after_s: None }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::DatabaseDown(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Invalid(_) | Error::Read(_) | Error::Field { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::Object(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Taken { .. } | Error::LastAdmin | Error::Overtaken { .. } | Error::TooMany { .. } => {
                StatusCode::CONFLICT
            }
            Error::WrongCredentials | Error::NotSignedIn => StatusCode::UNAUTHORIZED,
            Error::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Forbidden { .. } | Error::OutOfScope { .. } => StatusCode::FORBIDDEN,
            Error::Store(_) | Error::File { .. } | Error::Write(_) | Error::NotSaved(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let retry_after_s = match &error {
            Error::TooManyTries { retry_after_s } => Some(*retry_after_s),
            Error::DatabaseDown(_) => Some(5),
            _ => None,
        };
        if status.is_server_error() {
            tracing::error!(error = error.chain(), "a request failed");
        }
        // What lies below may name files or hosts: that is for the log.
        let detail = match (&error, status) {
            (Error::DatabaseDown(_) | Error::Full(_), _) => error.to_string(),
            (_, status) if status.is_server_error() => "the server failed; its log says why".to_owned(),
            _ => error.chain(),
        };
        Self { status, detail, retry_after_s }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
