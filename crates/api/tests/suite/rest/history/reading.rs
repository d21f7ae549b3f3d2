//! What was changed, when and by whom.

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, SignedIn};
use serde_json::{Value, json};

use super::{CONDITIONS, DOMAIN, Rest};
use crate::engines::on_both_engines;
use crate::rest::problem;
use crate::routes::scoped;

on_both_engines!(
    a_revision_says_what_it_did,
    revisions_are_listed_and_found,
    revisions_that_are_not_there,
    a_token_for_history_reads_no_passwords,
);

async fn a_revision_says_what_it_did(engine: Engine) {
    let rest = Rest::small(engine).await;
    let steps = async |revision: i64| {
        let shown = rest.json(&format!("revisions/{revision}")).await;
        assert_eq!(
            (&shown["id"], &shown["actor"], &shown["origin"]),
            (&json!(revision), &json!(rest.admin.login), &json!("rest"))
        );
        assert!(shown["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{shown}");
        shown["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let steps = shown["steps"].as_array().unwrap().clone();
        assert_eq!(shown["total_steps"], steps.len());
        steps
    };
    let user = format!("{DOMAIN}/users/1000");
    let id = rest.json(&user).await["id"].clone();
    let body = json!({ "attributes": { "cidr": null, "number-alias": "9" } });
    let [step] = &steps(rest.revised("PATCH", &user, &body).await).await[..] else { panic!("one step") };
    assert_eq!((&step["op"], &step["node"], &step["address"]), (&json!("update"), &id, &json!(user)));
    assert_eq!(step["before"]["attributes"], json!({ "id": "1000", "cidr": "10.0.0.0/8" }));
    assert_eq!(step["after"]["attributes"], json!({ "id": "1000", "number-alias": "9" }));
    assert_eq!(step["after"]["position"], 1);

    let [step] = &steps(rest.revised("DELETE", &user, &json!({})).await).await[..] else {
        panic!("one step")
    };
    assert_eq!(
        (&step["op"], &step["address"], &step["after"]),
        (&json!("delete"), &json!(user), &Value::Null)
    );
    let before = &step["before"];
    assert_eq!(
        (&before["tag"], &before["name"], &before["enabled"]),
        (&json!("user"), &json!("1000"), &json!(true))
    );
    assert_eq!(
        before["children"][0]["children"][0]["attributes"],
        json!({ "name": "password", "value": "secret" })
    );

    let extension = "dialplan/contexts/public/extensions/three";
    let moved = rest.revised("POST", &format!("{extension}:move"), &json!({ "position": 1 })).await;
    let [step] = &steps(moved).await[..] else { panic!("one step") };
    assert_eq!((&step["op"], &step["address"]), (&json!("move"), &json!(extension)));
    assert_eq!((&step["before"]["position"], &step["after"]["position"]), (&json!(3), &json!(1)));

    let made = rest.send("PUT", "directory/domains/a%2Fb/users/~1", &json!({})).await;
    assert!(made.status == 201 || made.status == 404, "{}", made.text());
    let condition = rest.revised("DELETE", &format!("{CONDITIONS}/2"), &json!({})).await;
    let [step] = &steps(condition).await[..] else { panic!("one step") };
    assert!(step["address"].as_str().unwrap().starts_with(CONDITIONS), "{step}");
    // What it was in is gone by now.
    rest.revised("DELETE", "dialplan/contexts/public", &json!({})).await;
    let [step] = &steps(condition).await[..] else { panic!("one step") };
    assert_eq!(step["address"], Value::Null);
    rest.pbx.stop().await;
}

async fn revisions_are_listed_and_found(engine: Engine) {
    let rest = Rest::small(engine).await;
    let imported = rest.revision().await;
    let other = rest.pbx.sign_in_as(Role::Admin).await;
    let by_other = async |who: &SignedIn, address: &str| {
        let token = who.bearer();
        let headers = [("Authorization", token.as_str())];
        rest.pbx.http("DELETE", &format!("{}{address}", crate::rest::BASE), &headers, b"").await
    };
    let user = rest.json(&format!("{DOMAIN}/users/1000")).await["id"].as_i64().unwrap();
    let first = rest.revised("PATCH", &format!("{DOMAIN}/users/1000"), &json!({ "enabled": false })).await;
    let second =
        rest.revised("PATCH", &format!("{DOMAIN}/users/1000"), &json!({ "params": { "a": "b" } })).await;
    assert_eq!(by_other(&other, &format!("{DOMAIN}/users/1001")).await.status, 204);
    let third = rest.revision().await;
    let fourth = rest.revised("DELETE", "dialplan/contexts/public", &json!({})).await;

    let ids = async |query: &str| {
        let page = rest.json(&format!("revisions{query}")).await;
        let ids = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap());
        let ids: Vec<i64> = ids.filter(|id| *id >= imported).collect();
        (ids, page)
    };
    assert_eq!(ids("").await.0, [fourth, third, second, first, imported]);
    assert_eq!(ids(&format!("?actor={}", other.login)).await.0, [third]);
    assert_eq!(ids("?actor=nobody").await.1, json!({ "items": [], "total": 0, "next": null }));
    assert_eq!(ids(&format!("?address={DOMAIN}/users/1000")).await.0, [second, first, imported]);
    assert_eq!(ids("?address=directory").await.0, [third, second, first, imported]);
    assert_eq!(ids(&format!("?node={user}")).await.0, [second, first, imported]);
    rest.revised("DELETE", &format!("{DOMAIN}/users/1000"), &json!({})).await;
    assert_eq!(ids(&format!("?node={user}")).await.0.len(), 4, "also when it is gone");
    let at = rest.json(&format!("revisions/{third}")).await["at"].as_str().unwrap().to_owned();
    assert!(ids(&format!("?since={at}")).await.0.contains(&third));
    assert!(!ids(&format!("?until={at}")).await.0.contains(&third));
    assert_eq!(ids("?since=2100-01-01T00:00:00Z").await.0, [0; 0]);
    // Page by page.
    let (all, _) = ids("?limit=1000").await;
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let (some, page) = ids(&query).await;
        seen.extend(some);
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen, all);
    for (query, status) in [
        ("?cursor=x", 400),
        ("?cursor=99999999999999999999", 400),
        ("?since=x", 400),
        ("?until=2026", 400),
        ("?node=x", 400),
        ("?node=1&address=directory", 400),
        ("?address=%25GG", 400),
        ("?address=directory/domains/nobody", 404),
        ("?address=directory/domains", 404),
        ("?x=1", 400),
        ("?limit=-1", 400),
    ] {
        problem(&rest.get(&format!("revisions{query}")).await, status, query);
    }
    rest.pbx.stop().await;
}

async fn revisions_that_are_not_there(engine: Engine) {
    let rest = Rest::small(engine).await;
    let head = rest.revision().await;
    let token = rest.admin.bearer();
    let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    let made = rest.pbx.http("POST", "/api/v2/instances", &headers, br#"{"name": "west"}"#).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let tree = rest.pbx.tree().await;
    for id in [
        "0",
        "-1",
        "x",
        "1.5",
        "999999",
        "9223372036854775807",
        "9223372036854775808",
        "%2F",
        "1%00",
        ":undo",
        "~1",
    ] {
        let reply = rest.get(&format!("revisions/{id}")).await;
        assert!(
            problem(&reply, 404, id)["detail"].as_str().unwrap().contains("revision"),
            "{}",
            reply.text()
        );
        rest.refused("POST", &format!("revisions/{id}:undo"), &json!({}), 404).await;
    }
    for verb in ["", ":redo", ":undo:undo", "/undo", ":undo/x"] {
        let reply = rest.send("POST", &format!("revisions/{head}{verb}"), &json!({})).await;
        assert!(reply.status == 404 || reply.status == 405, "{verb}: {}", reply.text());
    }
    for (body, status) in
        [(json!([]), 422), (json!(null), 422), (json!({ "x": 1 }), 422), (json!({ "force": 1 }), 422)]
    {
        rest.refused("POST", &format!("revisions/{head}:undo"), &body, status).await;
    }
    for instance in ["west", "nobody"] {
        let path = |rest: &str| format!("/api/v2/instances/{instance}/{rest}");
        let revision = format!("revisions/{head}");
        problem(&rest.pbx.http("GET", &path(&revision), &headers, b"").await, 404, instance);
        let undo = path(&format!("{revision}:undo"));
        problem(&rest.pbx.http("POST", &undo, &headers, b"{}").await, 404, instance);
        let to = format!("{{\"to\": {head}}}");
        problem(&rest.pbx.http("POST", &path("restore"), &headers, to.as_bytes()).await, 404, instance);
    }
    assert_eq!((rest.pbx.tree().await, rest.revision().await), (tree, head));
    // Without a body it is done as well.
    let before = rest.pbx.tree().await;
    let revision = rest.revised("DELETE", DOMAIN, &json!({})).await;
    assert_eq!(rest.ask("POST", &format!("revisions/{revision}:undo"), &[], b"").await.status, 200);
    assert_eq!(rest.pbx.tree().await, before);
    rest.pbx.stop().await;
}

/// What a revision did is of all sections; who, when and in which words is not.
async fn a_token_for_history_reads_no_passwords(engine: Engine) {
    let rest = Rest::small(engine).await;
    let revision = rest.revised("DELETE", &format!("{DOMAIN}/users/1000"), &json!({})).await;
    for (scope, list, one, undo) in [
        ("history:read", 200, 403, 403),
        ("history:write", 200, 403, 403),
        ("directory:write", 403, 403, 403),
        ("read", 200, 200, 403),
        ("write", 200, 200, 200),
    ] {
        let token = format!("Bearer {}", scoped(&rest.pbx, &rest.admin.login, scope).await);
        let ask = async |method: &str, address: &str, body: &[u8]| {
            let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
            rest.pbx.http(method, &format!("{}{address}", crate::rest::BASE), &headers, body).await
        };
        let listed = ask("GET", "revisions", b"").await;
        assert_eq!(listed.status, list, "{scope}");
        assert!(!listed.text().contains("secret"), "{scope}: {}", listed.text());
        let shown = ask("GET", &format!("revisions/{revision}"), b"").await;
        assert_eq!((shown.status, shown.text().contains("secret")), (one, one == 200), "{scope}");
        let undo_path = format!("revisions/{revision}:undo");
        assert_eq!(ask("POST", &undo_path, br#"{"preview": true}"#).await.status, undo, "{scope}");
        assert_eq!(
            ask("POST", "restore", br#"{"to": 1, "preview": true}"#).await.status == 403,
            undo == 403,
            "{scope}"
        );
    }
    rest.pbx.stop().await;
}
