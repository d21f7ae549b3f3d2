//! Whose pages may open the WebSocket.
//!
//! A browser opens it for any page, and says which. Programs say nothing, and hold a token that no page has.

use axum::http::{HeaderMap, Uri, header};
use custompbx_pbx::config::OriginPolicy;

use super::Settings;
use crate::access::is_own_origin;

/// Whether the page that asks may.
pub(super) fn may_open(settings: &Settings, headers: &HeaderMap, uri: &Uri) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    if settings.origin_policy == OriginPolicy::AllowAll {
        return true;
    }
    // No browser sends two.
    if origins.next().is_some() {
        return false;
    }
    match settings.origin_policy {
        OriginPolicy::AllowAll => true,
        OriginPolicy::SameOrigin => is_own_origin(headers, uri),
        OriginPolicy::AllowList => origin.to_str().is_ok_and(|origin| {
            // The scheme and the host are the same in whatever case; an origin has nothing else.
            settings.allowed_origins.iter().any(|allowed| {
                let allowed = allowed.trim();
                allowed.strip_suffix('/').unwrap_or(allowed).eq_ignore_ascii_case(origin)
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(policy: OriginPolicy, origins: &[&str]) -> bool {
        let allowed_origins =
            vec!["https://pbx.example.com".to_owned(), " https://Other.example:8443/ ".to_owned()];
        let settings = Settings { origin_policy: policy, allowed_origins, ..Settings::default() };
        let mut headers: HeaderMap =
            [(header::HOST, "127.0.0.1:8080".parse().unwrap())].into_iter().collect();
        for origin in origins {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        may_open(&settings, &headers, &Uri::from_static("/ws"))
    }

    #[test]
    fn each_policy() {
        use OriginPolicy::{AllowAll, AllowList, SameOrigin};
        let (own, listed, other) =
            ("http://127.0.0.1:8080", "https://pbx.example.com", "https://evil.example");
        for (policy, allowed) in [
            (SameOrigin, [true, true, false, false, false, false]),
            (AllowList, [true, false, true, false, false, false]),
            (AllowAll, [true, true, true, true, true, true]),
        ] {
            let asked: [&[&str]; 6] = [&[], &[own], &[listed], &[other], &["null"], &[listed, own]];
            assert_eq!(asked.map(|origins| may(policy, origins)), allowed, "{policy:?}");
        }
        assert!(may(AllowList, &["https://other.example:8443"]));
        for almost in [
            "http://pbx.example.com",
            "https://pbx.example.com:444",
            "https://pbx.example.com.evil.example",
            "",
        ] {
            assert!(!may(AllowList, &[almost]), "{almost}");
        }
    }
}
