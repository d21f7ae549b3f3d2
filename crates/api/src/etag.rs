//! Validators: what says that a client has the last state already (RFC 9110, section 13).

use axum::http::{HeaderMap, HeaderName, StatusCode};

use crate::problem::Problem;

/// A hash of what an answer is made of. FNV is enough: nobody gains by a collision with their own answer.
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter().chain(&[0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A list of validators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`
    Any,
    /// These; and whether each is weak.
    These(Vec<(String, bool)>),
}

impl Tags {
    /// The list in a header.
    ///
    /// # Errors
    /// A problem for what is no list of validators.
    pub(crate) fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let mut tags = Vec::new();
        let mut is_there = false;
        for value in headers.get_all(name) {
            is_there = true;
            let text = value.to_str().ok().map(str::trim);
            if text == Some("*") {
                return Ok(Some(Self::Any));
            }
            let read = text.and_then(parse).ok_or_else(|| {
                let detail = format!("the header {name} is neither * nor a list of ETags in quotes");
                Problem::new(StatusCode::BAD_REQUEST, detail)
            })?;
            tags.extend(read);
        }
        Ok(is_there.then_some(Self::These(tags)))
    }

    /// Whether one of them is this one, weak or not.
    pub(crate) fn has(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|(known, _)| known == tag),
        }
    }
}

/// `"a", W/"b"`
fn parse(text: &str) -> Option<Vec<(String, bool)>> {
    let mut tags = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (is_weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        tags.push((tag.to_owned(), is_weak));
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(tags);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn lists_of_validators() {
        let of = |value: &str| {
            let headers = [(header::IF_MATCH, value.parse().unwrap())].into_iter().collect();
            Tags::of(&headers, &header::IF_MATCH)
        };
        let these = |tags: &[(&str, bool)]| {
            Some(Tags::These(tags.iter().map(|(tag, weak)| ((*tag).to_owned(), *weak)).collect()))
        };
        assert_eq!(of("*").unwrap(), Some(Tags::Any));
        assert_eq!(of("\"a\" , W/\"b,c\"").unwrap(), these(&[("a", false), ("b,c", true)]));
        for wrong in ["", "a", "\"a", "\"a\" \"b\"", "w/\"a\"", "\"a\","] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Tags::of(&HeaderMap::new(), &header::IF_MATCH).unwrap(), None);
    }
}
