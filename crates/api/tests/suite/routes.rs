//! Every route of the table with everybody who could come: a new route without a thought is a red test.

use custompbx_api::access::Access;
use custompbx_api::routes;
use custompbx_pbx::account::{self, SESSION_MS};
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
        .map(|route| format!("{} {} -> {}", route.method, route.path, rule(route.access)))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

fn rule(access: Access) -> String {
    match access {
        Access::Anyone => "anyone".to_owned(),
        Access::LocalOrAdmin => "the machine itself, or admin".to_owned(),
        Access::EachMessage => "each message has a rule of its own".to_owned(),
        Access::Role(role) => role.as_str().to_owned(),
    }
}

/// A way to a route that could exist.
fn path(pattern: &str, node: i64) -> String {
    pattern
        .replace("{instance}", "default")
        .replace("{node}", &node.to_string())
        .replace("{*path}", "users")
        .replace("{*address}", "directory")
        .replace("{module}", "sofia.conf")
}

/// Somebody who comes with a token, and the role that counts for it.
struct Visitor {
    who: &'static str,
    token: String,
    role: Option<Role>,
}

async fn visitors(pbx: &TestPbx) -> Vec<Visitor> {
    let visitor = |who, person: SignedIn, role| Visitor { who, token: person.token, role };
    let expired = pbx.sign_in_as(Role::Admin).await;
    pbx.advance(Duration::from_millis(u64::try_from(SESSION_MS).unwrap()));
    let store = pbx.pbx.store().unwrap();
    let disabled = pbx.sign_in_as(Role::Admin).await;
    account::set_enabled(&store, &disabled.login, false).await.unwrap();
    let blocked = pbx.sign_in_as(Role::Admin).await;
    let id = store.web_user_by_login(&blocked.login).await.unwrap().unwrap().id;
    store.set_role(id, Role::Blocked).await.unwrap();
    let signed_out = pbx.sign_in_as(Role::Admin).await;
    pbx.pbx.sign_out(&signed_out.token).await.unwrap();
    let invented = SignedIn { login: String::new(), token: "0".repeat(43) };
    vec![
        visitor("a token that never was", invented, None),
        visitor("an expired session", expired, None),
        visitor("a disabled user", disabled, None),
        visitor("a blocked user", blocked, None),
        visitor("somebody who signed out", signed_out, None),
        visitor("a user", pbx.sign_in_as(Role::User).await, Some(Role::User)),
        visitor("a manager", pbx.sign_in_as(Role::Manager).await, Some(Role::Manager)),
        visitor("an admin", pbx.sign_in_as(Role::Admin).await, Some(Role::Admin)),
    ]
}

/// The roles that a rule lets in, written out once more.
fn may(role: Role, needed: Role) -> bool {
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
    let (mut let_in, mut sent_away) = (0, 0);
    for route in routes::all() {
        let path = path(route.path, node);
        let method = route.method.as_str();
        let name = format!("{method} {path}");
        let nobody = pbx.http(method, &path, &[], b"").await;
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
                let reply = pbx.http(method, &path, &[(header, &value)], b"").await;
                let name = format!("{name}, {} by {header}", visitor.who);
                match visitor.role {
                    None => refused(&reply, 401, &name),
                    Some(role) if may(role, needed) => {
                        // What is to be changed is not said here; but it is looked at.
                        let is_let_in =
                            if method == "GET" { reply.status < 300 } else { reply.status != 403 };
                        assert!(is_let_in && reply.status < 500, "{name}: {} {}", reply.status, reply.text());
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
        ("GET", "/api/v2/instances/default", 404),
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
