//! Every route of the table with everybody who could come, and with every kind of token: a new route without a thought
//! is a red test.

use custompbx_api::access::Access;
use custompbx_api::routes;
use custompbx_pbx::By;
use custompbx_pbx::account::{self, SESSION_MS, Scopes, Section};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Reply, Setup, SignedIn, TestPbx};
use std::time::Duration;

use crate::engines::on_both_engines;

on_both_engines!(every_route_with_everybody);

/// The whole list. To accept a change of it, look at the rule of every new line first.
#[test]
fn the_list_of_routes() {
    let lines: Vec<String> = routes::all()
        .iter()
        .map(|route| {
            let scope = match route.access {
                Access::Role(_) | Access::LocalOrAdmin => format!(", {}", route.scope()),
                Access::Anyone | Access::EachMessage => String::new(),
            };
            format!("{} {} -> {}{scope}", route.method, route.path, rule(route.access))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

pub(crate) fn rule(access: Access) -> String {
    match access {
        Access::Anyone => "anyone".to_owned(),
        Access::LocalOrAdmin => "the machine itself, or admin".to_owned(),
        Access::EachMessage => "each message has a rule of its own".to_owned(),
        Access::Role(role) => role.as_str().to_owned(),
    }
}

/// A way to a route that could exist; `user` is the web user who comes.
fn path(pattern: &str, node: i64, user: i64) -> String {
    pattern
        .replace("{revision}", "1")
        .replace("{instance}", "default")
        .replace("{node}", &node.to_string())
        .replace("{user}", &user.to_string())
        .replace("{token}", "1000000")
        .replace("{template}", "1000000")
        .replace("{list}", "params")
        .replace("{item}", "1000000")
        .replace("{file}", "1000000.png")
        .replace("{job}", "1000000")
        .replace("/search", "/search?q=d")
        .replace("{module}", "sofia.conf")
        .replace("{*path}", "users")
        .replace("{*address}", "directory/domains/d")
}

/// A body that the route takes.
fn body(method: &str, path: &str) -> &'static str {
    if method == "POST" && path.ends_with("/tokens") { "{}" } else { "" }
}

/// Somebody who comes with a token, and the role that counts for it.
pub(crate) struct Visitor {
    pub(crate) who: &'static str,
    pub(crate) token: String,
    pub(crate) user: i64,
    pub(crate) role: Option<Role>,
}

/// Everybody who could come.
pub(crate) async fn visitors(pbx: &TestPbx) -> Vec<Visitor> {
    let visitor = |who, person: SignedIn, role| (who, person, role);
    let expired = pbx.sign_in_as(Role::Admin).await;
    pbx.advance(Duration::from_millis(u64::try_from(SESSION_MS).unwrap()));
    let disabled = pbx.sign_in_as(Role::Admin).await;
    pbx.set_enabled(&disabled.login, false).await;
    let blocked = pbx.sign_in_as(Role::Admin).await;
    pbx.set_role(&blocked.login, Role::Blocked).await;
    let signed_out = pbx.sign_in_as(Role::Admin).await;
    pbx.pbx.sign_out(&signed_out.token).await.unwrap();
    let invented = SignedIn { login: String::new(), token: "0".repeat(43) };
    let mut visitors = vec![
        visitor("a token that never was", invented, None),
        visitor("an expired session", expired, None),
        visitor("a disabled user", disabled, None),
        visitor("a blocked user", blocked, None),
        visitor("somebody who signed out", signed_out, None),
        visitor("a user", pbx.sign_in_as(Role::User).await, Some(Role::User)),
        visitor("a manager", pbx.sign_in_as(Role::Manager).await, Some(Role::Manager)),
        visitor("an admin", pbx.sign_in_as(Role::Admin).await, Some(Role::Admin)),
    ];
    let store = pbx.pbx.store().unwrap();
    let mut come = Vec::new();
    for (who, person, role) in visitors.drain(..) {
        let user = store.web_user_by_login(&person.login).await.unwrap().map_or(0, |user| user.id.0);
        come.push(Visitor { who, token: person.token, user, role });
    }
    come
}

/// The roles that a rule lets in, written out once more.
pub(crate) fn may(role: Role, needed: Role) -> bool {
    let allowed: &[Role] = match needed {
        Role::Admin => &[Role::Admin],
        Role::Manager => &[Role::Admin, Role::Manager],
        Role::User => &[Role::Admin, Role::Manager, Role::User],
        Role::Blocked => unreachable!("nothing is for those who are blocked"),
    };
    allowed.contains(&role)
}

async fn every_route_with_everybody(engine: Engine) {
    let pbx = Setup::on(engine).with_standing_clock().start().await;
    let visitors = visitors(&pbx).await;
    let node = pbx.tree().await.id.0;
    pbx.import_xml("<section name='directory'><domain name='d'/></section>").await;
    let (mut let_in, mut sent_away) = (0, 0);
    for route in routes::all() {
        let pattern = route.path;
        let path = |user| path(pattern, node, user);
        let method = route.method.as_str();
        let name = format!("{method} {pattern}");
        let nobody = pbx.http(method, &path(1), &[], b"").await;
        let Access::Role(needed) = route.access else {
            // Tests come from the machine itself.
            assert_ne!(nobody.status, 401, "{name}");
            assert_ne!(nobody.status, 403, "{name}");
            continue;
        };
        refused(&nobody, 401, &name);
        for visitor in &visitors {
            // Signing out would end the session for the next route.
            if route.path == "/api/v2/session" && method == "DELETE" && visitor.role.is_some() {
                continue;
            }
            for (header, value) in [
                ("Authorization", format!("Bearer {}", visitor.token)),
                ("Cookie", format!("custompbx_session={}", visitor.token)),
            ] {
                let headers = [(header, &*value), ("Content-Type", "application/json")];
                let path = path(visitor.user);
                let reply = pbx.http(method, &path, &headers, body(method, &path).as_bytes()).await;
                let name = format!("{name}, {} by {header}", visitor.who);
                match visitor.role {
                    None => refused(&reply, 401, &name),
                    Some(role) if may(role, needed) => {
                        // Nobody has what is named, or nothing is sent that could be done.
                        let named = ["{token}", "{template}", "{job}", "{switch}", "avatar"]
                            .iter()
                            .any(|name| pattern.contains(name));
                        let refused = match reply.status {
                            404 | 409 => named || method != "GET",
                            400 | 422 => method != "GET",
                            415 => pattern.contains("/bulk/"),
                            _ => false,
                        };
                        // A manager who is nobody in the directory has no templates.
                        let no_domain = reply.status == 409 && pattern.contains("/templates");
                        let fine = reply.status < 300 || refused || no_domain;
                        assert!(fine, "{name}: {} {}", reply.status, reply.text());
                        let_in += 1;
                        continue;
                    }
                    Some(_) => refused(&reply, 403, &name),
                }
                sent_away += 1;
            }
        }
    }
    assert!(let_in > 20 && sent_away > 100, "{let_in} {sent_away}");
    pbx.stop().await;
}

/// Whether a token with one scope is good for something, written out once more.
pub(crate) fn is_enough(scope: &str, needed: &str) -> bool {
    let (section, verb) = needed.split_once(':').unwrap_or(("", needed));
    needed == "own"
        || scope == "write"
        || scope == needed
        || (scope == "read" && verb == "read")
        || (verb == "read" && !section.is_empty() && scope == format!("{section}:write"))
}

/// Every scope that there is.
pub(crate) fn scopes() -> Vec<String> {
    let sections = Section::ALL.map(Section::as_str).map(|name| format!("{name}:"));
    let all = sections.into_iter().chain([String::new()]);
    all.flat_map(|section| ["read", "write"].map(|verb| format!("{section}{verb}"))).collect()
}

/// A token of an admin with this scope, or with these, with blanks between.
pub(crate) async fn scoped(pbx: &TestPbx, login: &str, scope: &str) -> String {
    let store = pbx.pbx.store().unwrap();
    let user = store.web_user_by_login(login).await.unwrap().unwrap().id;
    let scopes = Scopes::parse(scope.split(' ')).unwrap();
    let by = By { actor: "somebody".to_owned(), origin: "test".to_owned() };
    account::add_token(&store, user, &scopes, &by, pbx.pbx.now()).await.unwrap().token
}

/// A token with a scope is good for what the scope says, and for nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_with_every_scope() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let login = pbx.add_web_user(Role::Admin).await;
    let node = pbx.tree().await.id.0;
    let (mut let_in, mut sent_away) = (0, 0);
    for scope in scopes() {
        let bearer = format!("Bearer {}", scoped(&pbx, &login, &scope).await);
        for route in routes::all() {
            let method = route.method.as_str();
            if !matches!(route.access, Access::Role(_))
                || (method, route.path) == ("DELETE", "/api/v2/session")
            {
                continue;
            }
            let path = path(route.path, node, 1);
            // Without a body nothing is made: what comes through is refused for that.
            let reply = pbx.http(method, &path, &[("Authorization", &bearer)], b"").await;
            let name = format!("{method} {path} with {scope}: {} {}", reply.status, reply.text());
            // Elements are in the section that their address begins with.
            let needed = match (route.path.contains("{*address}"), method) {
                (true, "GET") => "directory:read".to_owned(),
                (true, _) => "directory:write".to_owned(),
                (false, _) => route.scope().to_string(),
            };
            if is_enough(&scope, &needed) {
                assert!(!matches!(reply.status, 401 | 403), "{name}");
                let_in += 1;
            } else {
                assert_eq!(reply.status, 403, "{name}");
                assert!(reply.json()["detail"].as_str().unwrap().contains(&needed), "{name}");
                sent_away += 1;
            }
        }
    }
    assert!(let_in > 50 && sent_away > 100, "{let_in} {sent_away}");
    pbx.stop().await;
}

fn refused(reply: &Reply, status: u16, name: &str) {
    assert_eq!(reply.status, status, "{name}: {}", reply.text());
    assert!(reply.is_problem(), "{name}: {}", reply.text());
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{name}");
}

/// A path or a method that is not in the table tells nothing, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_table() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    for (method, path, status) in [
        ("GET", "/api/v2", 404),
        ("GET", "/api/v2/nothing", 404),
        ("GET", "/api/v2/instancesdefault/nothing", 404),
        ("GET", "/api/v2/session/", 404),
        ("GET", "//api/v2/status", 404),
        ("OPTIONS", "/api/v2/instances/default/directory", 405),
        ("GET", "/conf/config", 404),
        ("POST", "/healthz", 405),
        ("DELETE", "/api/v2/instances", 405),
        ("PUT", "/api/v2/session", 405),
        ("TRACE", "/", 405),
    ] {
        let reply = pbx.http(method, path, &[], b"").await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(reply.is_problem(), "{method} {path}");
    }
    pbx.stop().await;
}
