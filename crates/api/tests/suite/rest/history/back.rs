//! Taking one revision back.

use std::time::Duration;

use custompbx_model::{At, Edit, Node};
use custompbx_testkit::server::{Engine, Reply, find};
use serde_json::{Value, json};

use super::{CONDITIONS, DOMAIN, Rest, assert_same};
use crate::engines::on_both_engines;
use crate::rest::problem;
use crate::served::edits::user_answer;

on_both_engines!(
    each_kind_of_change_is_taken_back,
    many_steps_of_one_revision_are_taken_back,
    what_is_served_is_what_a_new_start_serves,
    who_watches_is_told,
    two_who_take_the_same_back,
    only_what_was_seen_is_taken_back,
);

async fn each_kind_of_change_is_taken_back(engine: Engine) {
    let rest = Rest::small(engine).await;
    rest.revised("PUT", "directory/domains/twenty.com", &json!({})).await;
    for number in 0..20 {
        let user =
            json!({ "params": { "password": "x" }, "attributes": { "number-alias": format!("8{number}") } });
        rest.revised("PUT", &format!("directory/domains/twenty.com/users/{number}"), &user).await;
    }
    let condition = json!({ "attributes": { "field": "between", "expression": "^2$" } });
    for (method, address, body) in [
        ("PUT", format!("{DOMAIN}/users/3000"), json!({ "params": { "password": "y" } })),
        ("PATCH", format!("{DOMAIN}/users/1000"), json!({ "params": { "password": null, "new": "1" } })),
        (
            "PATCH",
            format!("{DOMAIN}/users/1000"),
            json!({ "attributes": { "cidr": null, "number-alias": "5" } }),
        ),
        ("PATCH", format!("{DOMAIN}/users/1001"), json!({ "enabled": false })),
        ("PATCH", format!("{DOMAIN}/users/1001"), json!({ "attributes": { "id": "1009" } })),
        (
            "POST",
            format!("{DOMAIN}/users/2000:move"),
            json!({ "to": format!("{DOMAIN}/groups/default/users") }),
        ),
        ("POST", "dialplan/contexts/public/extensions/three:move".to_owned(), json!({ "position": 1 })),
        ("POST", format!("{CONDITIONS}?position=2"), condition),
        ("DELETE", format!("{CONDITIONS}/2"), json!({})),
        ("DELETE", format!("{CONDITIONS}/1/actions/2"), json!({})),
        ("DELETE", format!("{DOMAIN}/users/1000"), json!({})),
        ("PATCH", DOMAIN.to_owned(), json!({ "attributes": { "name": "renamed.com" } })),
        ("DELETE", "directory/domains/twenty.com".to_owned(), json!({})),
        ("DELETE", "configuration/sofia.conf".to_owned(), json!({})),
    ] {
        let what = format!("{method} {address}");
        let before = rest.pbx.tree().await;
        let revision = rest.revised(method, &address, &body).await;
        let after = rest.pbx.tree().await;
        assert_ne!(before, after, "{what}");
        let undone = rest.undo(revision).await;
        assert_same(&rest.pbx.tree().await, &before, &what);
        let redone = rest.undo(undone).await;
        assert_same(&rest.pbx.tree().await, &after, &format!("{what}, undone and undone again"));
        rest.undo(redone).await;
        assert_same(&rest.pbx.tree().await, &before, &format!("{what}, three times"));
        // What is so already is no revision.
        let nothing = rest.go_back(&format!("revisions/{revision}:undo"), &json!({})).await;
        assert_eq!((&nothing["revision"], &nothing["steps"]), (&Value::Null, &json!([])), "{what}");
    }
    let domain = rest.json("directory/domains/twenty.com/users").await;
    assert_eq!(domain["total"], 20);
    rest.pbx.stop().await;
}

async fn many_steps_of_one_revision_are_taken_back(engine: Engine) {
    let rest = Rest::small(engine).await;
    let before = rest.pbx.tree().await;
    let context = find(&before, "section/dialplan context/public");
    let users = find(&before, "section/directory domain/example.com groups group/default users");
    let [one, two, three] = &context.children[..] else { panic!("{context:?}") };
    // Everything at once, with nodes that come into others that come, and go again.
    let new = Node::new("extension").with("name", "new").containing([Node::new("condition")]);
    let edits = vec![
        Edit::Move { id: three.id, parent: context.id, at: At::First },
        Edit::Insert { parent: context.id, at: At::After(one.id), nodes: vec![new.clone(), new] },
        Edit::Move { id: one.children[1].id, parent: two.id, at: At::Last },
        Edit::Move { id: one.id, parent: two.id, at: At::First },
        Edit::Delete { id: two.id },
        Edit::Update {
            id: three.id,
            attributes: vec![("b".into(), "1".into()), ("a".into(), "2".into())],
            text: Some("t".into()),
        },
        Edit::Move { id: users.children[2].id, parent: users.id, at: At::First },
        Edit::Move { id: users.children[1].id, parent: users.id, at: At::First },
        Edit::Delete { id: users.children[0].id },
        Edit::Enable { id: users.id, enabled: false },
    ];
    let revision = rest.pbx.change(edits).await.revision.unwrap().0;
    let after = rest.pbx.tree().await;
    let undone = rest.undo(revision).await;
    assert_same(&rest.pbx.tree().await, &before, "undone");
    rest.undo(undone).await;
    assert_same(&rest.pbx.tree().await, &after, "and done again");
    rest.pbx.stop().await;
}

async fn what_is_served_is_what_a_new_start_serves(engine: Engine) {
    let rest = Rest::small(engine).await;
    let users = ["1000", "1001", "2000", "77", "3000"];
    let answers = async |pbx: &custompbx_testkit::server::TestPbx| {
        let mut answers = Vec::new();
        for user in users {
            answers.push(user_answer(pbx, user).await);
        }
        let form = "hostname=fs1&section=dialplan&Caller-Context=public&Event-Name=R";
        answers.push(pbx.ask(form).await.text().to_owned());
        answers
    };
    let before = answers(&rest.pbx).await;
    assert!(before[0].contains("secret") && before[5].contains("anti-action"), "{before:?}");
    let mut revisions = Vec::new();
    for (method, address, body) in [
        ("PUT", format!("{DOMAIN}/users/3000"), json!({ "params": { "password": "z" } })),
        ("DELETE", format!("{DOMAIN}/users/1000"), json!({})),
        ("PATCH", format!("{DOMAIN}/users/2000"), json!({ "attributes": { "number-alias": "78" } })),
        ("DELETE", "dialplan/contexts/public/extensions/one".to_owned(), json!({})),
        ("DELETE", DOMAIN.to_owned(), json!({})),
    ] {
        revisions.push(rest.revised(method, &address, &body).await);
    }
    assert_ne!(answers(&rest.pbx).await, before);
    for revision in revisions.into_iter().rev() {
        rest.undo(revision).await;
        let anew = rest.pbx.beside().await;
        assert_eq!(answers(&rest.pbx).await, answers(&anew).await, "after the undo of {revision}");
        anew.stop().await;
    }
    assert_eq!(answers(&rest.pbx).await, before);
    rest.pbx.stop().await;
}

async fn who_watches_is_told(engine: Engine) {
    let rest = Rest::small(engine).await;
    let mut socket = rest.pbx.socket().await;
    let values = json!({ "values": ["GetDirectoryUsers"] });
    assert_eq!(socket.ask_as(&rest.admin, "SubscriptionList", values).await["MessageType"], "OK");
    let user = rest.json(&format!("{DOMAIN}/users/1001")).await["id"].as_i64().unwrap();
    let revision = rest.revised("DELETE", &format!("{DOMAIN}/users/1001"), &json!({})).await;
    let pushed = socket.next().await;
    assert_eq!(pushed["MessageType"], "GetDirectoryUsers");
    assert!(socket.is_silent_for(Duration::from_millis(300)).await);
    let preview = rest.send("POST", &format!("revisions/{revision}:undo"), &json!({ "preview": true })).await;
    assert_eq!(preview.status, 200);
    assert!(socket.is_silent_for(Duration::from_millis(300)).await, "nothing happened");
    rest.undo(revision).await;
    let pushed = socket.next().await;
    assert_eq!(pushed["data"]["directory_users"][user.to_string()]["name"], "1001", "{pushed}");
    rest.pbx.stop().await;
}

async fn two_who_take_the_same_back(engine: Engine) {
    let rest = Rest::small(engine).await;
    let before = rest.pbx.tree().await;
    let revision = rest.revised("DELETE", DOMAIN, &json!({})).await;
    let address = format!("revisions/{revision}:undo");
    let body = json!({});
    let (one, two) = tokio::join!(rest.send("POST", &address, &body), rest.send("POST", &address, &body));
    let made = |reply: &Reply| {
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["revision"].is_i64()
    };
    assert!(made(&one) != made(&two), "one of them has nothing left to do: {} {}", one.text(), two.text());
    assert_same(&rest.pbx.tree().await, &before, "once is enough");
    rest.pbx.stop().await;
}

async fn only_what_was_seen_is_taken_back(engine: Engine) {
    let rest = Rest::small(engine).await;
    let revision = rest.revised("PATCH", &format!("{DOMAIN}/users/1001"), &json!({ "enabled": false })).await;
    let address = format!("revisions/{revision}:undo");
    let preview = rest.send("POST", &address, &json!({ "preview": true })).await;
    let tag = preview.header("etag").unwrap().to_owned();
    let since = rest.revised("PATCH", &format!("{DOMAIN}/users/1000"), &json!({ "enabled": false })).await;
    let tree = rest.pbx.tree().await;
    for (tag, status) in
        [(tag.as_str(), 412), ("\"x\"", 412), ("W/\"1\"", 412), ("\"1\", \"2\"", 400), ("1", 400)]
    {
        let reply = rest.send_with("POST", &address, &[("If-Match", tag)], &json!({})).await;
        let problem = problem(&reply, status, tag);
        if status == 412 {
            assert_eq!(
                (&problem["code"], reply.header("etag")),
                (&json!("changed"), Some(&*format!("\"{since}\"")))
            );
        }
        let restore = json!({ "to": revision });
        assert_eq!(rest.send_with("POST", "restore", &[("If-Match", tag)], &restore).await.status, status);
    }
    assert_same(&rest.pbx.tree().await, &tree, "nothing was done");
    assert_eq!(rest.send_with("POST", &address, &[("If-Match", "*")], &json!({})).await.status, 200);
    rest.pbx.stop().await;
}
