//! Who may use a route, and what a token has to be good for.
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
use custompbx_pbx::account::{Scope, Section, Session, Verb};
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
    let scope = scope(&head.method, head.uri.path());
    match signed_in(&app, &head, needed, scope).await {
        Ok((session, token)) => {
            head.extensions.insert(session.user.clone());
            head.extensions.insert(session);
            head.extensions.insert(token);
            next.run(Request::from_parts(head, body)).await
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Whether a session may: the only place where that is decided, whatever way the token came.
///
/// # Errors
/// [`Error::Forbidden`] for a lower role, [`Error::OutOfScope`] for a token that is good for other things only.
pub(crate) fn permit(session: &Session, needed: Role, scope: Scope) -> Result<(), Error> {
    if rank(session.user.role) < rank(needed) {
        return Err(Error::Forbidden { needed: needed.as_str() });
    }
    if !session.allows(scope) {
        return Err(Error::OutOfScope { needed: scope.to_string() });
    }
    Ok(())
}

/// Whether somebody who was let in may still, for what goes on after its answer began. While the database is away, what
/// was known counts.
pub(crate) async fn may_still(app: &App, session: &Session, needed: Role, scope: Scope) -> bool {
    match app.pbx().sessions_left(&[session.id]).await {
        Ok(left) => left.iter().any(|left| permit(left, needed, scope).is_ok()),
        Err(error) => {
            tracing::debug!(error = error.chain(), "cannot look whether a session is left");
            true
        }
    }
}

/// What a token has to be good for to be used with this method at this path: reading or writing of the section that
/// the path is about. What belongs to none needs the right for everything.
pub(crate) fn scope(method: &Method, path: &str) -> Scope {
    let verb = if matches!(*method, Method::GET | Method::HEAD) { Verb::Read } else { Verb::Write };
    let mut segments = path.trim_start_matches('/').split('/');
    let section = match (segments.next(), segments.next(), segments.next()) {
        (Some("cweb"), _, _) => Section::WebUsers,
        (Some("metrics"), None, _) | (Some("api"), Some("v1"), _) => Section::Dashboard,
        (Some("api"), Some("v2"), Some("session")) => return Scope::Own,
        (Some("api"), Some("v2"), Some("status" | "dashboard")) => Section::Dashboard,
        (Some("api"), Some("v2"), Some("tokens")) => Section::Tokens,
        (Some("api"), Some("v2"), Some("settings" | "web-settings")) => Section::Settings,
        (Some("api"), Some("v2"), Some("templates")) => Section::Directory,
        // Whoever may write to the collection may look at what is written to it; the handler knows which one that is.
        (Some("api"), Some("v2"), Some("jobs")) => return Scope::Own,
        (Some("api"), Some("v2"), Some("audit")) => Section::History,
        (Some("api"), Some("v2"), Some("web-users")) => match segments.nth(1) {
            Some("tokens") => Section::Tokens,
            _ => Section::WebUsers,
        },
        (Some("api"), Some("v2"), Some("commands")) => Section::Switches,
        (Some("api"), Some("v2"), Some("switches")) => match segments.nth(1) {
            Some("event-socket") => Section::Instances,
            Some("cli" | "log") => Section::FsCli,
            // What is taken over may be of every section.
            Some("import") => return Scope::All(verb),
            _ => Section::Switches,
        },
        (Some("api"), Some("v2"), Some("instances")) => match (segments.next(), section_of(&mut segments)) {
            (None, _) | (Some(_), None) => Section::Instances,
            // Each hit is of a section, and is shown to those who may read that.
            (_, Some("search")) if verb == Verb::Read && segments.clone().next().is_none() => {
                return Scope::Own;
            }
            // What was changed, and what going back changes, may be of every section.
            (_, Some("revisions")) if verb == Verb::Read && segments.clone().next().is_none() => {
                Section::History
            }
            (_, Some("users")) => Section::Directory,
            (_, Some("variables")) => Section::GlobalVariables,
            (_, Some("chatplan" | "dialplan-settings")) => Section::Dialplan,
            // Nothing is changed by either.
            (_, Some("dialplan:check" | "dialplan:simulate")) => {
                return Scope::In(Section::Dialplan, Verb::Read);
            }
            (_, Some(name)) => match Section::parse(name) {
                Some(section) => section,
                None => return Scope::All(verb),
            },
        },
        _ => return Scope::All(verb),
    };
    Scope::In(section, verb)
}

/// What comes behind an instance: a collection that gets many elements at once is in its section like any other.
fn section_of<'p>(segments: &mut impl Iterator<Item = &'p str>) -> Option<&'p str> {
    match segments.next() {
        Some("bulk") => segments.next().or(Some("bulk")),
        segment => segment,
    }
}

/// What somebody showed to be let in.
#[derive(Clone)]
pub(crate) struct Token(pub(crate) String);

async fn signed_in(app: &App, head: &Parts, needed: Role, scope: Scope) -> Result<(Session, Token), Error> {
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
    let session = app.pbx().signed_in(token).await?;
    permit(&session, needed, scope)?;
    Ok((session, Token(token.to_owned())))
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

/// The token of the session whose page opens a connection. A page of another origin has none, whatever it may open.
pub(crate) fn session_cookie(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    cookie(headers, COOKIE).filter(|_| is_own_origin(headers, uri)).map(str::to_owned)
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
    fn the_scope_of_a_path() {
        for (method, path, expected) in [
            (Method::GET, "/api/v2/session", "own"),
            (Method::DELETE, "/api/v2/session", "own"),
            (Method::GET, "/metrics", "dashboard:read"),
            (Method::GET, "/api/v1/ws/metrics", "dashboard:read"),
            (Method::POST, "/api/v2/tokens", "tokens:write"),
            (Method::DELETE, "/api/v2/web-users/3/tokens/7", "tokens:write"),
            (Method::GET, "/api/v2/web-users/3", "web_users:read"),
            (Method::PUT, "/api/v2/settings", "settings:write"),
            (Method::GET, "/api/v2/instances", "instances:read"),
            (Method::PATCH, "/api/v2/instances/default", "instances:write"),
            (Method::HEAD, "/api/v2/instances/default/directory/domains/a", "directory:read"),
            (Method::PUT, "/api/v2/instances/default/dialplan/contexts/public", "dialplan:write"),
            (Method::GET, "/api/v2/instances/default/revisions", "history:read"),
            (Method::GET, "/api/v2/instances/default/revisions/7", "read"),
            (Method::POST, "/api/v2/instances/default/revisions/7:undo", "write"),
            (Method::POST, "/api/v2/instances/default/restore", "write"),
            (Method::GET, "/api/v2/instances/default/search", "own"),
            (Method::DELETE, "/api/v2/instances/default/search", "write"),
            (Method::GET, "/api/v2/instances/default/search/x", "read"),
            (Method::POST, "/api/v2/instances/default/bulk/search/x", "write"),
            (Method::POST, "/api/v2/instances/default/bulk/directory/domains/a/users", "directory:write"),
            (Method::POST, "/api/v2/instances/default/bulk/sofia.conf", "write"),
            (Method::POST, "/api/v2/instances/default/bulk", "write"),
            (Method::DELETE, "/api/v2/jobs/1", "own"),
            (Method::GET, "/api/v2/instances/default/users", "directory:read"),
            (Method::PUT, "/api/v2/instances/default/variables/domain", "global_variables:write"),
            (Method::GET, "/api/v2/instances/default/directory~1/domains", "read"),
            // Nobody gets around it by writing the same in another way.
            (Method::GET, "/api/v2/instances/default/%64irectory/domains", "read"),
            (Method::GET, "/api/v2/instances/default/nodes/1", "read"),
            (Method::GET, "/api/v2/instances//directory", "directory:read"),
            (Method::GET, "/api/v2/switches/fs1/log", "fs_cli:read"),
            (Method::DELETE, "/api/v2/new", "write"),
            (Method::GET, "/", "read"),
        ] {
            assert_eq!(scope(&method, path).to_string(), expected, "{method} {path}");
        }
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
