//! PUT, PATCH, POST, DELETE and :move.

use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{BASE, Rest, members};
use crate::engines::on_both_engines;

on_both_engines!(
    put_makes_and_changes,
    put_makes_what_is_missing_on_the_way,
    put_by_place_and_by_number,
    put_is_exact_about_what_it_says,
    patch_merges,
    post_adds,
    delete_takes_away,
    moves,
    users_of_groups,
    what_is_changed_is_served,
    hostile_names,
);

const DOMAIN: &str = "directory/domains/example.com";

async fn put_makes_and_changes(engine: Engine) {
    let rest = Rest::small(engine).await;
    let address = format!("{DOMAIN}/users/3000");
    let body = json!({"attributes": {"cidr": "10.0.0.0/8"}, "params": {"password": "x", "vm-enabled": true}});
    let made = rest.send("PUT", &address, &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), Some(&*format!("{BASE}{address}")));
    let revision = rest.revision().await;
    assert_eq!(made.header("custompbx-revision"), Some(&*revision.to_string()));
    assert_eq!(made.json()["revision"], revision);
    assert_eq!(made.json()["warnings"], json!([]));
    assert_eq!(made.json()["served"], true);
    let user = rest.json(&format!("{address}?depth=2")).await;
    assert_eq!(user["attributes"], json!({"id": "3000", "cidr": "10.0.0.0/8"}));
    assert_eq!(members(&user["children"][0]["children"], "key"), ["password", "vm-enabled"]);

    // The same again changes nothing, and makes no revision.
    let again = rest.send("PUT", &address, &body).await;
    assert_eq!((again.status, &again.json()["revision"]), (200, &Value::Null));
    assert_eq!(again.header("custompbx-revision"), None);
    assert_eq!(rest.revision().await, revision);

    let other = rest.send("PUT", &address, &json!({"params": {"password": "y"}})).await;
    assert_eq!(other.json()["revision"], revision + 1);
    let user = rest.json(&format!("{address}?depth=2")).await;
    assert_eq!(user["attributes"]["cidr"], "10.0.0.0/8", "what is not said stays");
    assert_eq!(user["children"][0]["children"].as_array().unwrap().len(), 1, "what is said is exact");
    assert_eq!(other.json()["id"], user["id"]);
    rest.pbx.stop().await;
}

async fn put_makes_what_is_missing_on_the_way(engine: Engine) {
    let rest = Rest::empty(engine).await;
    for (above, address, tag) in [
        ("", "directory/domains/new.com", "domain"),
        ("", "directory/domains/new.com/users/1", "user"),
        ("", "directory/domains/new.com/users/1/params/password", "param"),
        ("", "directory/domains/new.com/groups/all", "group"),
        ("", "directory/domains/new.com/variables/a", "variable"),
        ("dialplan/contexts/public", "dialplan/contexts/public/extensions/e", "extension"),
        ("configuration/sofia.conf", "configuration/sofia.conf/profiles/internal", "profile"),
        ("", "configuration/sofia.conf/profiles/internal/settings/sip-port", "param"),
        ("configuration/acl.conf", "configuration/acl.conf/network-lists/lan", "list"),
        ("", "variables/domain", "variable"),
        ("", "my-section", "section"),
    ] {
        // Only what holds others together is made: never a domain, a context, a document.
        if !above.is_empty() {
            rest.refused("PUT", address, &json!({}), 404).await;
            assert_eq!(rest.send("PUT", above, &json!({})).await.status, 201, "{above}");
        }
        let reply = rest.send("PUT", address, &json!({"attributes": value_of(tag)})).await;
        assert_eq!(reply.status, 201, "{address}: {}", reply.text());
        assert_eq!(reply.json()["tag"], tag, "{address}");
        assert_eq!(reply.json()["href"], format!("{BASE}{address}"));
        assert_eq!(rest.json(address).await["tag"], tag);
    }
    for missing in
        ["directory/domains/other.com/users/1", "nothing/at/all", "dialplan/contexts/x/extensions/e"]
    {
        rest.refused("PUT", missing, &json!({}), 404).await;
    }
    rest.pbx.stop().await;
}

fn value_of(tag: &str) -> Value {
    if matches!(tag, "param" | "variable") { json!({"value": "1"}) } else { json!({}) }
}

async fn put_by_place_and_by_number(engine: Engine) {
    let rest = Rest::small(engine).await;
    let actions = "dialplan/contexts/public/extensions/one/conditions/1/actions";
    let hold = json!({"attributes": {"application": "hold"}});
    let reply = rest.send("PUT", &format!("{actions}/4"), &hold).await;
    assert_eq!(reply.status, 201, "the next place is free: {}", reply.text());
    rest.refused("PUT", &format!("{actions}/6"), &hold, 404).await;
    assert_eq!(rest.send("PUT", &format!("{actions}/1"), &hold).await.status, 200);
    assert_eq!(rest.json(&format!("{actions}/1")).await["attributes"], json!({"application": "hold"}));
    let settings = "configuration/sofia.conf/profiles/internal/settings";
    let value = json!({"attributes": {"value": "c"}});
    assert_eq!(rest.send("PUT", &format!("{settings}/apply-candidate-acl~3"), &value).await.status, 201);
    rest.refused("PUT", &format!("{settings}/apply-candidate-acl~5"), &value, 404).await;
    // FreeSWITCH would never see it.
    rest.refused("PUT", &format!("{DOMAIN}/users/1000~2"), &json!({}), 409).await;
    rest.refused("PUT", "configuration/sofia.conf/profiles/INTERNAL", &json!({}), 409).await;
    rest.pbx.stop().await;
}

async fn put_is_exact_about_what_it_says(engine: Engine) {
    let rest = Rest::small(engine).await;
    let address = "dialplan/contexts/public/extensions/one/conditions/1";
    let was = rest.json(address).await;
    let mut children = was["children"].as_array().unwrap().clone();
    children.reverse();
    children.remove(1);
    children.insert(0, json!({"tag": "action", "attributes": {"application": "new"}}));
    let reply = rest.send("PUT", address, &json!({ "children": children })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let now = rest.json(address).await;
    let applications: Vec<&Value> =
        now["children"].as_array().unwrap().iter().map(|child| &child["attributes"]["application"]).collect();
    assert_eq!(applications, ["new", "echo", "answer", "set"]);
    assert_eq!(now["children"][3]["id"], was["children"][0]["id"], "those that stay keep their ids");
    let off = rest
        .send("PUT", address, &json!({"enabled": false, "attributes": {"field": "a"}, "text": null}))
        .await;
    assert_eq!((&off.json()["enabled"], &off.json()["attributes"]), (&json!(false), &json!({"field": "a"})));
    rest.pbx.stop().await;
}

async fn patch_merges(engine: Engine) {
    let rest = Rest::small(engine).await;
    let address = format!("{DOMAIN}/users/1000");
    let patch = json!({
        "attributes": {"cidr": null, "number-alias": "88"},
        "params": {"password": null, "vm-password": 1234},
        "variables": {"toll_allow": "local"},
    });
    let headers = [("Content-Type", "application/merge-patch+json")];
    let reply = rest.ask("PATCH", &address, &headers, patch.to_string().as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let user = rest.json(&format!("{address}?depth=2")).await;
    assert_eq!(user["attributes"], json!({"id": "1000", "number-alias": "88"}));
    assert_eq!(members(&user["children"][0]["children"], "key"), ["vm-password"]);
    assert_eq!(members(&user["children"][1]["children"], "key"), ["accountcode", "toll_allow"]);
    let revision = rest.revision().await;
    assert_eq!(rest.send("PATCH", &address, &patch).await.json()["revision"], Value::Null);
    assert_eq!(rest.revision().await, revision);

    // Another name is another address.
    let renamed = rest.send("PATCH", &address, &json!({"attributes": {"id": "1009"}})).await;
    assert_eq!(renamed.header("content-location"), Some(&*format!("{BASE}{DOMAIN}/users/1009")));
    assert_eq!(rest.get(&address).await.status, 404);
    let taken = rest
        .refused("PATCH", &format!("{DOMAIN}/users/1009"), &json!({"attributes": {"id": "1001"}}), 409)
        .await;
    assert_eq!(taken["code"], "taken");
    let off = rest.send("PATCH", &format!("{DOMAIN}/users/1009"), &json!({"enabled": false})).await;
    assert_eq!(off.json()["enabled"], false);
    rest.refused("PATCH", &format!("{DOMAIN}/users/1"), &json!({}), 404).await;
    rest.refused("PATCH", &format!("{DOMAIN}/users"), &json!({}), 405).await;
    let settings = rest
        .send("PATCH", "configuration/sofia.conf/profiles/internal", &json!({"settings": {"sip-port": 5080}}))
        .await;
    assert_eq!(settings.status, 200);
    let port = rest.json("configuration/sofia.conf/profiles/internal/settings/sip-port").await;
    assert_eq!(port["attributes"]["value"], "5080");
    rest.pbx.stop().await;
}

async fn post_adds(engine: Engine) {
    let rest = Rest::small(engine).await;
    let users = format!("{DOMAIN}/users");
    let made = rest.send("POST", &users, &json!({"key": "4000", "params": {"password": "x"}})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), Some(&*format!("{BASE}{users}/4000")));
    for body in [json!({"key": "4000"}), json!({"attributes": {"id": "1000"}})] {
        assert_eq!(rest.refused("POST", &users, &body, 409).await["code"], "taken");
    }
    rest.refused("POST", &users, &json!({}), 422).await;
    rest.refused("POST", &users, &json!({"tag": "group", "key": "x"}), 422).await;
    let actions = "dialplan/contexts/public/extensions/one/conditions/1/actions";
    let applications = async || -> Vec<String> {
        let page = rest.json(actions).await;
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["attributes"]["application"].as_str().unwrap().to_owned()).collect()
    };
    for (query, application, place) in [
        ("?position=1", "first", 1),
        ("?before=2", "second", 2),
        ("?after=5", "last", 6),
        ("", "more", 7),
        ("?position=99", "end", 8),
    ] {
        let body = json!({"attributes": {"application": application}});
        let reply = rest.send("POST", &format!("{actions}{query}"), &body).await;
        assert_eq!(reply.status, 201, "{query}: {}", reply.text());
        assert_eq!(reply.json()["key"], place.to_string(), "{query}");
    }
    assert_eq!(applications().await, ["first", "second", "set", "answer", "echo", "last", "more", "end"]);
    let more = json!({"attributes": {"application": "x"}});
    rest.refused("POST", &format!("{actions}?before=99"), &more, 422).await;
    rest.refused("POST", &format!("{actions}?before=1&after=1"), &more, 400).await;
    // Into elements, also where the wrapper is missing.
    let param = json!({"attributes": {"name": "a", "value": "1"}});
    let made = rest.send("POST", &format!("{users}/1001/params"), &param).await;
    assert_eq!(made.json()["href"], format!("{BASE}{users}/1001/params/a"));
    rest.refused("POST", &format!("{users}/1001/params"), &param, 409).await;
    let thing = rest.send("POST", "configuration/my.conf/things", &json!({"tag": "other"})).await;
    assert_eq!(thing.json()["href"], format!("{BASE}configuration/my.conf/things/other~2"));
    rest.refused("POST", "configuration/my.conf/things", &json!({}), 422).await;
    rest.refused("POST", "directory/domains/none/users", &json!({"key": "1"}), 404).await;
    let document = rest.send("POST", "configuration", &json!({"key": "new.conf"})).await;
    assert_eq!(document.json()["href"], format!("{BASE}configuration/new.conf"));
    rest.pbx.stop().await;
}

async fn delete_takes_away(engine: Engine) {
    let rest = Rest::small(engine).await;
    let address = format!("{DOMAIN}/users/1000/params/password");
    let reply = rest.ask("DELETE", &address, &[], b"").await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(reply.header("custompbx-revision"), Some(&*rest.revision().await.to_string()));
    assert_eq!(rest.ask("DELETE", &address, &[], b"").await.status, 404);
    assert_eq!(rest.ask("DELETE", &format!("{DOMAIN}/users"), &[], b"").await.status, 405);
    let actions = "dialplan/contexts/public/extensions/one/conditions/1/actions";
    assert_eq!(rest.ask("DELETE", &format!("{actions}/1"), &[], b"").await.status, 204);
    assert_eq!(rest.json(&format!("{actions}/1")).await["attributes"]["application"], "answer");
    assert_eq!(rest.ask("DELETE", "directory", &[], b"").await.status, 204);
    assert_eq!(rest.get(DOMAIN).await.status, 404);
    rest.pbx.stop().await;
}

async fn moves(engine: Engine) {
    let rest = Rest::small(engine).await;
    let context = "dialplan/contexts/public/extensions";
    let names = async || -> Vec<String> {
        let page = rest.json(context).await;
        members(&page["items"], "key").into_iter().map(str::to_owned).collect()
    };
    for (moved, body, expected) in [
        ("three", json!({"position": 1}), ["three", "one", "two"]),
        ("three", json!({"position": 99}), ["one", "two", "three"]),
        ("two", json!({"before": "one"}), ["two", "one", "three"]),
        ("two", json!({"after": "three"}), ["one", "three", "two"]),
        ("three", json!({"position": 2}), ["one", "three", "two"]),
    ] {
        let reply = rest.send("POST", &format!("{context}/{moved}:move"), &body).await;
        assert_eq!(reply.status, 200, "{body}: {}", reply.text());
        assert_eq!(names().await, expected, "{moved} {body}");
    }
    for (body, status) in [
        (json!({}), 422),
        (json!({"position": 0}), 422),
        (json!({"position": 1.5}), 422),
        (json!({"position": 1, "before": "one"}), 422),
        (json!({"before": "none"}), 422),
        (json!({"to": "nowhere"}), 422),
        (json!({"to": "/api/v2/instances/other/dialplan"}), 422),
        (json!({"to": format!("{DOMAIN}/params")}), 422),
        (json!({"to": "dialplan/contexts/public/extensions/one"}), 422),
        (json!({"x": 1}), 422),
        (json!([]), 422),
    ] {
        rest.refused("POST", &format!("{context}/one:move"), &body, status).await;
    }
    rest.refused("POST", &format!("{context}/none:move"), &json!({"position": 1}), 404).await;
    rest.refused("POST", &format!("{context}/one:copy"), &json!({"position": 1}), 404).await;

    // An action among actions, with another thing between them.
    let condition = format!("{context}/one/conditions/1");
    let reply = rest.send("POST", &format!("{condition}/actions/3:move"), &json!({"position": 2})).await;
    assert_eq!(reply.json()["href"], format!("{BASE}{condition}/actions/2"));
    let reply = rest
        .send(
            "POST",
            &format!("{condition}/actions/2:move"),
            &json!({"to": format!("{context}/one/conditions/2")}),
        )
        .await;
    assert_eq!(reply.json()["href"], format!("{BASE}{context}/one/conditions/2/actions/1"));

    // A user to another domain.
    rest.send("PUT", "directory/domains/b.com/users/1001", &json!({})).await;
    assert_eq!(rest.send("PUT", "directory/domains/b.com", &json!({})).await.status, 201);
    let to = json!({"to": format!("{BASE}directory/domains/b.com/users")});
    let moved = rest.send("POST", &format!("{DOMAIN}/users/1000:move"), &to).await;
    assert_eq!(moved.json()["href"], format!("{BASE}directory/domains/b.com/users/1000"), "{}", moved.text());
    assert_eq!(rest.get(&format!("{DOMAIN}/users/1000")).await.status, 404);
    rest.send("PUT", "directory/domains/b.com/users/1001", &json!({})).await;
    let taken = rest.refused("POST", &format!("{DOMAIN}/users/1001:move"), &to, 409).await;
    assert_eq!(taken["code"], "taken");
    rest.pbx.stop().await;
}

async fn users_of_groups(engine: Engine) {
    let rest = Rest::small(engine).await;
    let group = format!("{DOMAIN}/groups/default/users");
    let made = rest.send("PUT", &format!("{group}/1005"), &json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), Some(&*format!("{BASE}{DOMAIN}/users/1005")));
    rest.refused("PUT", &format!("{group}/2000"), &json!({}), 409).await;
    let pointer =
        rest.send("PUT", &format!("{group}/2000"), &json!({"attributes": {"type": "pointer"}})).await;
    assert_eq!(pointer.status, 201, "{}", pointer.text());
    assert_eq!(pointer.header("location"), Some(&*format!("{BASE}{group}/2000")));
    rest.pbx.stop().await;
}

/// The next question of FreeSWITCH sees it.
async fn what_is_changed_is_served(engine: Engine) {
    let rest = Rest::small(engine).await;
    let question = "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=example.com&action=x&user=3000&domain=example.com";
    assert!(rest.pbx.ask(question).await.text().contains("not found"));
    rest.send("PUT", &format!("{DOMAIN}/users/3000"), &json!({"params": {"password": "now"}})).await;
    assert!(rest.pbx.ask(question).await.text().contains("\"now\""));
    rest.send("PATCH", &format!("{DOMAIN}/users/3000"), &json!({"params": {"password": "later"}})).await;
    assert!(rest.pbx.ask(question).await.text().contains("\"later\""));
    rest.ask("DELETE", &format!("{DOMAIN}/users/3000"), &[], b"").await;
    assert!(rest.pbx.ask(question).await.text().contains("not found"));
    rest.pbx.stop().await;
}

/// Whatever a name is made of, it is a name: in the address, in the body, in what is shown.
async fn hostile_names(engine: Engine) {
    use custompbx_model::address::Segment;

    let rest = Rest::small(engine).await;
    let long = "x".repeat(1_000);
    for name in [
        ".",
        "..",
        "...",
        "a/b",
        "%2F",
        "%2e%2e",
        "a:b",
        ":move",
        "a~2",
        "~",
        "~~1",
        "😀 ü",
        "'; DROP TABLE node; --",
        "<b>&\"'",
        "${x}",
        "params",
        "users",
        "a b",
        "?x=1#y",
        "\\",
        "%",
        "+",
        "*",
        "{*address}",
        &long,
    ] {
        let segment = Segment::new(name);
        for address in [
            format!("{DOMAIN}/users/{segment}"),
            format!("{DOMAIN}/users/1000/params/{segment}"),
            format!("directory/domains/{segment}"),
            format!("dialplan/contexts/{segment}"),
            format!("dialplan/contexts/public/extensions/{segment}"),
            format!("configuration/{segment}"),
            format!("configuration/my.conf/things/{segment}"),
        ] {
            let is_param = address.contains("/params/");
            let body = json!({"tag": if address.contains("things") { json!("thing") } else { Value::Null }});
            let body = if body["tag"].is_null() { json!({}) } else { body };
            let body = if is_param { json!({"attributes": {"value": name}}) } else { body };
            let made = rest.send("PUT", &address, &body).await;
            assert_eq!(made.status, 201, "{address}: {}", made.text());
            assert_eq!(made.header("location"), Some(&*format!("{BASE}{address}")));
            let shown = rest.json(&address).await;
            assert_eq!(shown["key"], name, "{address}");
            assert_eq!(shown["href"], format!("{BASE}{address}"));
            assert_eq!(rest.ask("DELETE", &address, &[], b"").await.status, 204);
            assert_eq!(rest.get(&address).await.status, 404, "{address}");
        }
    }
    rest.pbx.stop().await;
}
