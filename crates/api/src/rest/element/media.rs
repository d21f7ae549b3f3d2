//! Media types: what comes, and what is wanted.

use axum::http::{HeaderMap, StatusCode, header};

use crate::problem::Problem;

/// How an element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// As JSON.
    Json,
    /// As FreeSWITCH's XML.
    Xml,
}

impl Media {
    /// What the client likes best of what there is (`Accept`).
    ///
    /// # Errors
    /// 406.
    pub(crate) fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut wanted: Vec<&str> = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            wanted.extend(value.to_str().unwrap_or_default().split(','));
        }
        if wanted.iter().all(|range| range.trim().is_empty()) {
            return Ok(Self::Json);
        }
        let weight = |types: &[&str]| {
            let fits = wanted.iter().filter_map(|range| weight(range, types));
            fits.max_by_key(|(precision, _)| *precision).map_or(0, |(_, weight)| weight)
        };
        let json = weight(&["application/json"]);
        let xml = weight(&["application/xml", "text/xml"]);
        match (json, xml) {
            (0, 0) => {
                let detail = "there are application/json and application/xml";
                Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail))
            }
            (json, xml) if xml > json => Ok(Self::Xml),
            _ => Ok(Self::Json),
        }
    }

    /// What a body is said to be (`Content-Type`).
    ///
    /// # Errors
    /// 415.
    pub(crate) fn of_body(headers: &HeaderMap, taken: &[&str]) -> Result<Self, Problem> {
        let unsupported = |what: &str| {
            let detail = format!("{what}; there are {}", taken.join(", "));
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
                .header(header::HeaderName::from_static("accept-post"), &taken.join(", "))
        };
        if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(unsupported("a compressed body is not taken"));
        }
        let Some(value) = headers.get(header::CONTENT_TYPE) else {
            return Err(unsupported("the body has no Content-Type"));
        };
        let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let is_utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
            let value = value.trim_matches('"');
            !name.eq_ignore_ascii_case("charset") || ["utf-8", "utf8"].contains(&&*value.to_ascii_lowercase())
        });
        if !taken.contains(&kind.as_str()) || !is_utf8 {
            return Err(unsupported("the body has a Content-Type that is not taken here"));
        }
        Ok(if kind.ends_with("xml") { Self::Xml } else { Self::Json })
    }
}

/// How precisely a range of `Accept` means one of these types, and its weight in thousandths.
fn weight(range: &str, types: &[&str]) -> Option<(u8, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let precision = match kind.as_str() {
        "*/*" => 0,
        kind if types.contains(&kind) => 2,
        kind => {
            let prefix = kind.strip_suffix("/*")?;
            types.iter().any(|known| known.split('/').next() == Some(prefix)).then_some(1)?
        }
    };
    let quality =
        parts.filter_map(|part| part.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("q"));
    let quality = quality.map_or(Some(1.0), |(_, value)| value.parse::<f32>().ok())?;
    // Between 0 and 1000 after this.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let weight = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
    Some((precision, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted() {
        let accepted = |value: &str| {
            Media::accepted(&[(header::ACCEPT, value.parse().unwrap())].into_iter().collect()).ok()
        };
        for json in [
            "*/*",
            "application/*",
            "application/json",
            "application/xml;q=0.5, */*",
            "",
            "text/html, */*;q=0.1",
        ] {
            assert_eq!(accepted(json), Some(Media::Json), "{json}");
        }
        for xml in
            ["application/xml", "text/xml; charset=utf-8", "text/*", "application/json;q=0.1, text/xml"]
        {
            assert_eq!(accepted(xml), Some(Media::Xml), "{xml}");
        }
        for none in ["text/html", "image/*", "application/json;q=0", "x"] {
            assert_eq!(accepted(none), None, "{none}");
        }
        assert_eq!(Media::accepted(&HeaderMap::new()).ok(), Some(Media::Json));
    }

    #[test]
    fn what_comes() {
        let of = |value: &str| {
            let headers = [(header::CONTENT_TYPE, value.parse().unwrap())].into_iter().collect();
            Media::of_body(&headers, &["application/json", "text/xml"]).ok()
        };
        assert_eq!(of("application/JSON; charset=\"UTF-8\""), Some(Media::Json));
        assert_eq!(of("text/xml"), Some(Media::Xml));
        assert_eq!(of("text/plain"), None);
        assert_eq!(of("application/json; charset=latin1"), None);
        assert!(Media::of_body(&HeaderMap::new(), &["text/xml"]).is_err());
    }
}
