//! What was changed since stays, or is in the way.

use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{CONDITIONS, DOMAIN, Rest, assert_same};
use crate::engines::on_both_engines;
use crate::rest::problem;

on_both_engines!(
    what_others_changed_stays,
    what_is_in_the_way_is_named,
    a_first_revision_stays,
    a_body_that_is_not_understood_does_nothing,
);

async fn what_others_changed_stays(engine: Engine) {
    let rest = Rest::small(engine).await;
    let user = format!("{DOMAIN}/users/1000");
    let cidr = rest.revised("PATCH", &user, &json!({ "attributes": { "cidr": "192.0.2.0/24" } })).await;
    let three = "dialplan/contexts/public/extensions/three";
    let moved = rest.revised("POST", &format!("{three}:move"), &json!({ "position": 1 })).await;
    let gone = rest.revised("DELETE", "dialplan/contexts/public/extensions/two", &json!({})).await;
    // In the same places, by others.
    rest.revised(
        "PATCH",
        &user,
        &json!({ "attributes": { "number-alias": "5" }, "params": { "password": "new" } }),
    )
    .await;
    rest.revised(
        "POST",
        "dialplan/contexts/public/extensions?position=1",
        &json!({ "attributes": { "name": "zero" } }),
    )
    .await;
    rest.revised("PATCH", three, &json!({ "enabled": false })).await;
    rest.undo(cidr).await;
    let shown = rest.json(&format!("{user}?depth=2")).await;
    assert_eq!(shown["attributes"], json!({ "id": "1000", "cidr": "10.0.0.0/8", "number-alias": "5" }));
    assert_eq!(shown["children"][0]["children"][0]["attributes"]["value"], "new");
    rest.undo(gone).await;
    rest.undo(moved).await;
    let extensions = rest.json("dialplan/contexts/public/extensions").await;
    let names: Vec<&Value> =
        extensions["items"].as_array().unwrap().iter().map(|item| &item["key"]).collect();
    assert_eq!(names, ["zero", "one", "two", "three"]);
    assert_eq!(rest.json(three).await["enabled"], false);
    rest.pbx.stop().await;
}

/// One thing that was done, what was done since, and which place is named.
struct InTheWay {
    done: (&'static str, String, Value),
    since: Vec<(&'static str, String, Value)>,
    /// Empty: by its number, because what it was in is gone.
    named: &'static str,
    why: &'static str,
    /// What is there when it is forced.
    forced: Option<(&'static str, u16)>,
}

async fn what_is_in_the_way_is_named(engine: Engine) {
    let user = |id: &str| format!("{DOMAIN}/users/{id}");
    let password = |value: &str| json!({ "params": { "password": value } });
    for InTheWay { done, since, named, why, forced } in [
        InTheWay {
            done: ("PATCH", user("1000"), password("a")),
            since: vec![("PATCH", user("1000"), password("b"))],
            named: "directory/domains/example.com/users/1000/params/password",
            why: "its value was changed since",
            forced: Some(("directory/domains/example.com/users/1000/params/password", 200)),
        },
        InTheWay {
            done: ("PUT", user("3000"), password("a")),
            since: vec![("PATCH", user("3000"), json!({ "params": { "more": "b" } }))],
            named: "directory/domains/example.com/users/3000/params/more",
            why: "was put since into what would go",
            forced: Some(("directory/domains/example.com/users/3000", 404)),
        },
        InTheWay {
            done: ("PUT", user("3000"), password("a")),
            since: vec![("PATCH", user("3000"), json!({ "attributes": { "cidr": "10.0.0.0/8" } }))],
            named: "directory/domains/example.com/users/3000",
            why: "was changed since",
            forced: Some(("directory/domains/example.com/users/3000", 404)),
        },
        InTheWay {
            done: ("DELETE", user("1001"), json!({})),
            since: vec![("PUT", user("1001"), password("b"))],
            named: "directory/domains/example.com/users/1001",
            why: "was made since, and has the name of node",
            forced: Some(("directory/domains/example.com/users/1001~2", 200)),
        },
        InTheWay {
            done: ("PATCH", user("1001"), json!({ "attributes": { "id": "1009" } })),
            since: vec![("PUT", user("1001"), password("b"))],
            named: "directory/domains/example.com/users/1001",
            why: "was made since, and has the name of node",
            forced: Some(("directory/domains/example.com/users/1001~2", 200)),
        },
        InTheWay {
            done: ("PATCH", user("1001"), json!({ "attributes": { "id": "1009" } })),
            since: vec![("PATCH", user("1000"), json!({ "attributes": { "id": "1001" } }))],
            named: "directory/domains/example.com/users/1001",
            why: "was changed since, and has the name of node",
            forced: Some(("directory/domains/example.com/users/1001~2", 200)),
        },
        InTheWay {
            done: ("DELETE", format!("{CONDITIONS}/2"), json!({})),
            since: vec![("DELETE", "dialplan/contexts/public/extensions/one".to_owned(), json!({}))],
            named: "",
            why: "cannot come back: what it was in is gone",
            forced: Some(("dialplan/contexts/public/extensions/one", 404)),
        },
        InTheWay {
            done: ("PATCH", user("1001"), json!({ "enabled": false })),
            since: vec![("DELETE", user("1001"), json!({}))],
            named: "directory/domains/example.com/users/1001",
            why: "was deleted since",
            forced: Some(("directory/domains/example.com/users/1001", 404)),
        },
        InTheWay {
            done: (
                "POST",
                format!("{DOMAIN}/users/2000:move"),
                json!({ "to": format!("{DOMAIN}/groups/default/users") }),
            ),
            since: vec![("DELETE", user("2000"), json!({}))],
            named: "directory/domains/example.com/users/2000",
            why: "was deleted since",
            forced: None,
        },
    ] {
        let rest = Rest::small(engine).await;
        let what = format!("{done:?}");
        let revision = rest.revised(done.0, &done.1, &done.2).await;
        let mut last = 0;
        for (method, address, body) in &since {
            last = rest.revised(method, address, body).await;
        }
        let tree = rest.pbx.tree().await;
        let address = format!("revisions/{revision}:undo");
        let refused = rest.send("POST", &address, &json!({})).await;
        let problem = problem(&refused, 409, &what);
        let fault = &problem["errors"][0];
        let path = fault["path"].as_str().unwrap();
        assert!(
            if named.is_empty() { path.starts_with("nodes/") } else { path == named },
            "{what}: {problem}"
        );
        assert!(fault["message"].as_str().unwrap().starts_with(why), "{what}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(why) && problem["code"] == "conflict",
            "{problem}"
        );
        assert_same(&rest.pbx.tree().await, &tree, &what);
        assert_eq!(rest.revision().await, last);
        // A preview says the same and is no error.
        let preview = rest.send("POST", &address, &json!({ "preview": true })).await;
        assert_eq!(preview.status, 200, "{}", preview.text());
        let conflict = preview.json()["conflicts"][0].clone();
        assert!(conflict["why"].as_str().unwrap().starts_with(why), "{conflict}");
        if !named.is_empty() {
            assert_eq!(
                (&conflict["address"], &conflict["revision"]),
                (&json!(named), &json!(last)),
                "{what}"
            );
        }
        if let Some((address_after, status)) = forced {
            let forced = rest.send("POST", &address, &json!({ "force": true })).await;
            assert_eq!(forced.status, 200, "{what}: {}", forced.text());
            assert_eq!(rest.get(address_after).await.status, status, "{what}");
        }
        rest.pbx.stop().await;
    }
}

/// The revision that made the document cannot be taken back, whatever is asked for.
async fn a_first_revision_stays(engine: Engine) {
    let rest = Rest::small(engine).await;
    let tree = rest.pbx.tree().await;
    let all = rest.json("revisions?limit=1000").await;
    let first = all["items"].as_array().unwrap().last().unwrap()["id"].as_i64().unwrap();
    let shown = rest.json(&format!("revisions/{first}")).await;
    assert_eq!(shown["steps"][0]["after"]["tag"], "document", "{shown}");
    let refused = rest.refused("POST", &format!("revisions/{first}:undo"), &json!({}), 409).await;
    assert!(refused["detail"].as_str().unwrap().contains("document"), "{refused}");
    let forced = rest.send("POST", &format!("revisions/{first}:undo"), &json!({ "force": true })).await;
    assert_eq!((forced.status, &forced.json()["revision"]), (200, &Value::Null));
    assert_same(&rest.pbx.tree().await, &tree, "still there");
    rest.pbx.stop().await;
}

/// It may say that nothing is to be done.
async fn a_body_that_is_not_understood_does_nothing(engine: Engine) {
    let rest = Rest::small(engine).await;
    let user = format!("{DOMAIN}/users/1000");
    let revision = rest.revised("PATCH", &user, &json!({ "enabled": false })).await;
    let address = format!("revisions/{revision}:undo");
    let preview = br#"{"preview": true}"#;
    for (kind, body, status) in [
        (None, &preview[..], 415),
        (Some("text/plain"), preview, 415),
        (Some("application/json"), b"{", 400),
        (Some("application/json"), b"[true]", 422),
        (Some("application/json"), br#"{"preview": "yes"}"#, 422),
        (Some("application/json; charset=utf-8"), preview, 200),
    ] {
        let headers: Vec<(&str, &str)> = kind.map(|kind| ("Content-Type", kind)).into_iter().collect();
        let reply = rest.ask("POST", &address, &headers, body).await;
        assert_eq!(reply.status, status, "{kind:?}: {}", reply.text());
        assert_eq!(rest.revision().await, revision, "{kind:?}");
    }
    assert_eq!(rest.ask("POST", &address, &[], b"").await.status, 200);
    assert!(rest.revision().await > revision);
    rest.pbx.stop().await;
}
