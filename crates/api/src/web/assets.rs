//! The web interface, which is in the binary.

use std::io::Read as _;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

/// A file of the interface.
struct Asset {
    /// Its path below `/cweb/`.
    name: &'static str,
    content: &'static [u8],
    /// With gzip.
    is_compressed: bool,
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const NOT_BUILT: &str =
    "The web interface was not built. Run `make build`, which builds it and puts it into the program.\n";

pub(crate) async fn home() -> Redirect {
    Redirect::temporary("/cweb/")
}

pub(crate) async fn index(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

/// A file, or for a path of the interface's own the page that knows it.
pub(crate) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_file = path.starts_with("assets/") || (last.contains('.') && find(&path).is_some());
    serve(if is_file { &path } else { "index.html" }, &headers)
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

fn serve(name: &str, request: &HeaderMap) -> Response {
    let Some(asset) = find(name) else {
        let text = if ASSETS.is_empty() { NOT_BUILT } else { "there is no such file\n" };
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let etag = etag_of(asset.content);
    let mut headers = HeaderMap::new();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Names below assets/ hold a hash of the content.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    if !asset.is_compressed {
        return (headers, asset.content).into_response();
    }
    if accepts_gzip(request) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return (headers, asset.content).into_response();
    }
    let mut plain = Vec::new();
    match flate2::read::GzDecoder::new(asset.content).read_to_end(&mut plain) {
        Ok(_) => (headers, plain).into_response(),
        Err(error) => {
            tracing::error!(name, %error, "a file in the program cannot be unpacked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
    })
}

/// Changes with the content.
pub(crate) fn etag_of(content: &[u8]) -> String {
    format!("\"{:016x}\"", crate::etag::hash(&[content]))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_by_wish() {
        let accepts = |value: &str| {
            accepts_gzip(&[(header::ACCEPT_ENCODING, value.parse().unwrap())].into_iter().collect())
        };
        assert!(accepts("br, gzip;q=0.8") && accepts("GZIP"));
        assert!(!accepts("br") && !accepts("gzip;q=0"));
    }
}
