//! Pictures of web users, for whoever is signed in.

use axum::extract::State;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use custompbx_pbx::Error;
use custompbx_store::WebUserId;

use crate::App;
use crate::problem::Problem;

/// `{id}.{format}`, as clients put it together from a web user.
pub(crate) async fn avatar(
    State(app): State<App>,
    file: Result<axum::extract::Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, "there is no such picture");
    let axum::extract::Path(file) = file.map_err(|_| missing())?;
    let (id, format) = file.split_once('.').ok_or_else(missing)?;
    let id = id.parse().map(WebUserId).map_err(|_| missing())?;
    match app.pbx().store()?.avatar(id).await.map_err(Error::from)? {
        Some((stored, content)) if stored == format => Ok(picture(&stored, content, &headers)),
        _ => Err(missing()),
    }
}

/// An answer with a picture. A browser asks each time whether it is still the same, because its address stays when
/// somebody takes another one.
pub(crate) fn picture(format: &str, content: Vec<u8>, request: &HeaderMap) -> Response {
    let etag = super::assets::etag_of(&content);
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content_type = match format {
        "png" => "image/png",
        "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        _ => "application/octet-stream",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    (headers, content).into_response()
}
