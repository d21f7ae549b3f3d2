//! Who may use a route.
//!
//! Each route names its rule in the table of [`crate::routes`]; there is no route without one. The rule is applied
//! before anything of the request but its head is looked at.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use custompbx_pbx::Error;
use custompbx_pbx::account::Session;
use custompbx_store::Role;

use crate::App;
use crate::problem::Problem;

/// The name of the session's cookie.
pub const COOKIE: &str = "custompbx_session";
/// The name of the cookie in which clients of the messages keep their token. It is good for looking only: pages of
/// others can send it along.
const OLD_COOKIE: &str = "token";

/// An access rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: signing in, health, the files of the interface.
    Anyone,
    /// Whoever is signed in with this role or a higher one.
    Role(Role),
    /// The machine itself, and admins from elsewhere.
    LocalOrAdmin,
    /// Whoever may send the message that comes: each has a rule of its own ([`crate::messages::table`]).
    EachMessage,
}

/// Applies a rule; handlers find the web user, the [`Session`] and the [`Token`] among the request's extensions.
pub(crate) async fn check(
    State((app, access)): State<(App, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut head, body) = request.into_parts();
    let needed = match access {
        Access::Anyone | Access::EachMessage => {
            return next.run(Request::from_parts(head, body)).await;
        }
        Access::LocalOrAdmin if is_local(&head) => return next.run(Request::from_parts(head, body)).await,
        Access::LocalOrAdmin => Role::Admin,
        Access::Role(role) => role,
    };
    match signed_in(&app, &head).await {
        Ok((session, token)) if rank(session.user.role) >= rank(needed) => {
            head.extensions.insert(session.user.clone());
            head.extensions.insert(session);
            head.extensions.insert(token);
            next.run(Request::from_parts(head, body)).await
        }
        Ok(_) => Problem::from(Error::Forbidden { needed: needed.as_str() }).into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// What somebody showed to be let in.
#[derive(Clone)]
pub(crate) struct Token(pub(crate) String);

async fn signed_in(app: &App, head: &Parts) -> Result<(Session, Token), Error> {
    let token = match bearer(&head.headers) {
        Some(token) => token,
        None => {
            // A browser sends the cookie whoever made the page; only our own pages may use it to change something.
            if !matches!(head.method, Method::GET | Method::HEAD) && !is_own_origin(&head.headers, &head.uri)
            {
                return Err(Error::BadRequest("the request comes from a page of another origin".to_owned()));
            }
            let reads = matches!(head.method, Method::GET | Method::HEAD);
            // Clients of the messages keep their token there, and have pictures shown by it.
            let older = || cookie(&head.headers, OLD_COOKIE).filter(|_| reads);
            cookie(&head.headers, COOKIE).or_else(older).ok_or(Error::NotSignedIn)?
        }
    };
    Ok((app.pbx().signed_in(token).await?, Token(token.to_owned())))
}

/// Orders roles: a higher one may all that a lower one may.
pub(crate) fn rank(role: Role) -> u8 {
    match role {
        Role::Blocked => 0,
        Role::User => 1,
        Role::Manager => 2,
        Role::Admin => 3,
    }
}

/// The token of `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// A cookie.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Whether a browser says that the request comes from a page of this server. Programs say nothing.
pub(crate) fn is_own_origin(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    // HTTP/2, which browsers speak over TLS, has the host in the address and mostly no header for it.
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.authority().map(Authority::as_str),
    };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_some() && host == origin
}

fn is_local(head: &Parts) -> bool {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn tokens_are_found() {
        assert_eq!(bearer(&headers(&[(header::AUTHORIZATION, "bearer abc")])), Some("abc"));
        assert_eq!(bearer(&headers(&[(header::AUTHORIZATION, "Basic abc")])), None);
        let both = headers(&[(header::COOKIE, "a=b; custompbx_session=xyz")]);
        assert_eq!(cookie(&both, COOKIE), Some("xyz"));
        assert_eq!(cookie(&headers(&[(header::COOKIE, "xcustompbx_session=1")]), COOKIE), None);
    }

    #[test]
    fn pages_of_others_are_told_from_ours() {
        let is_own = |uri: &'static str, pairs: &[(header::HeaderName, &str)]| {
            is_own_origin(&headers(pairs), &Uri::from_static(uri))
        };
        assert!(is_own("/", &[(header::HOST, "pbx:8080")]));
        assert!(is_own("/", &[(header::HOST, "pbx:8080"), (header::ORIGIN, "http://pbx:8080")]));
        assert!(!is_own("/", &[(header::HOST, "pbx:8080"), (header::ORIGIN, "http://evil")]));
        assert!(!is_own("/", &[(header::HOST, "pbx:8080"), (header::ORIGIN, "null")]));
        assert!(!is_own("/", &[(header::ORIGIN, "http://pbx:8080")]));
        // HTTP/2.
        assert!(is_own("https://pbx:8443/", &[(header::ORIGIN, "https://pbx:8443")]));
        assert!(!is_own("https://pbx:8443/", &[(header::ORIGIN, "https://evil")]));
    }
}
