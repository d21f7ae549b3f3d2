//! What makes no sense is refused in words, and nothing of it is stored.

use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{Rest, problem};
use crate::engines::on_both_engines;

on_both_engines!(bodies_that_are_no_element, names_that_cannot_be, media_types);

const USER: &str = "directory/domains/example.com/users/1000";
const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn bodies_that_are_no_element(engine: Engine) {
    let rest = Rest::small(engine).await;
    let revision = rest.revision().await;
    let deep = format!("{{\"children\":{}", "[{\"children\":".repeat(10_000));
    let malformed: [(&[u8], u64); 10] = [
        (b"", 1),
        (b"{", 1),
        (b"{\n \"text\": \"a\",\n \"text\": \"b\"}", 3),
        (b"{\"params\": {\"a\": 1, \"a\": 2}}", 1),
        (b"{} {}", 1),
        (b"{\"text\": \"\xff\"}", 1),
        (b"{\"text\": \"\\ud800\"}", 1),
        (b"{\"a\": 1e999}", 1),
        (b"\xef\xbb\xbf{}", 1),
        (deep.as_bytes(), 1),
    ];
    for (body, line) in malformed {
        for (method, address) in
            [("PUT", USER), ("PATCH", USER), ("POST", "dialplan/contexts"), ("POST", "dialplan:move")]
        {
            let reply = rest.ask(method, address, &[JSON], body).await;
            let problem = problem(&reply, 400, &format!("{method} {:.40}", String::from_utf8_lossy(body)));
            assert_eq!(
                (&problem["code"], &problem["line"]),
                (&json!("malformed-json"), &json!(line)),
                "{problem}"
            );
            assert!(problem["column"].is_u64());
        }
    }
    for body in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
        for method in ["PUT", "PATCH"] {
            rest.refused(method, USER, &body, 422).await;
        }
        rest.refused("POST", "dialplan/contexts", &body, 422).await;
    }
    for (body, pointer) in [
        (json!({"id": -1}), "/id"),
        (json!({"id": 1.5}), "/id"),
        (json!({"id": "7"}), "/id"),
        (json!({"id": 9_223_372_036_854_775_808_u64}), "/id"),
        (json!({"enabled": "true"}), "/enabled"),
        (json!({"enabled": null}), "/enabled"),
        (json!({"attributes": []}), "/attributes"),
        (json!({"attributes": {"a": {}}}), "/attributes/a"),
        (json!({"children": {}}), "/children"),
        (json!({"children": [{"tag": "params", "children": [7]}]}), "/children/0/children/0"),
        (json!({"params": {"a": null}}), "/params/a"),
        (json!({"params": []}), "/params"),
        (json!({"no-such-member": {"a": "b"}}), "/no-such-member"),
        (json!({"tag": "group"}), "/tag"),
        (json!({"key": "1001"}), "/key"),
    ] {
        let problem = rest.refused("PUT", USER, &body, 422).await;
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
        assert!(problem["errors"][0]["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
    let problem = rest.refused("PATCH", USER, &json!({"children": []}), 422).await;
    assert_eq!(problem["errors"][0]["pointer"], "/children");
    let long = json!({"text": "x".repeat(1_100_000)});
    let reply = rest.send("PUT", USER, &long).await;
    problem_of_size(&reply);
    assert_eq!(rest.revision().await, revision, "nothing of it was stored");
    rest.pbx.stop().await;
}

fn problem_of_size(reply: &custompbx_testkit::server::Reply) {
    let problem = problem(reply, 413, "a long body");
    assert!(problem["detail"].as_str().unwrap().contains("1048576"));
}

async fn names_that_cannot_be(engine: Engine) {
    let rest = Rest::small(engine).await;
    let long = "x".repeat(10_000);
    let users = "directory/domains/example.com/users";
    for (address, body, status) in [
        (format!("{users}/~1"), json!({}), 422),
        (format!("{users}/%20"), json!({}), 422),
        (format!("{users}/{long}"), json!({}), 422),
        (format!("{users}/a%01b"), json!({}), 422),
        (format!("{users}/a%00b"), json!({}), 422),
        (format!("{users}/5"), json!({"attributes": {"": "x"}}), 422),
        (format!("{users}/5"), json!({"attributes": {"a b": "x"}}), 422),
        (format!("{users}/5"), json!({"attributes": {"a": "\u{1}"}}), 422),
        (format!("{users}/5"), json!({"attributes": {"a": "\u{0}"}}), 422),
        (format!("{users}/5"), json!({"text": "\u{7}"}), 422),
        (format!("{users}/5"), json!({"params": {"": "x"}}), 422),
        (format!("{users}/5"), json!({"children": [{"tag": "a b"}]}), 422),
        (format!("{users}/5"), json!({"children": [{"tag": "X-PRE-PROCESS"}]}), 422),
        (format!("{users}/5"), json!({"children": [{"tag": ""}]}), 422),
        ("configuration/my.conf/things/x".to_owned(), json!({"tag": "1x"}), 422),
        ("dialplan/contexts/~1".to_owned(), json!({}), 422),
    ] {
        let problem = rest.refused("PUT", &address, &body, status).await;
        let error = &problem["errors"][0];
        assert!(error["path"].is_string() || error["pointer"].is_string(), "{address:.60} {body}: {problem}");
        assert_eq!(rest.get(&address).await.status, 404, "{address:.60}");
    }
    // Where nothing is found by it, a long name is only long.
    assert_eq!(
        rest.send("PUT", &format!("dialplan/contexts/public/extensions/{long}"), &json!({})).await.status,
        201
    );
    rest.refused("PATCH", USER, &json!({"attributes": {"id": ""}}), 422).await;
    rest.refused("PATCH", USER, &json!({"attributes": {"id": null}}), 422).await;
    let value: Value = rest.json(USER).await;
    assert_eq!(value["attributes"]["id"], "1000");
    rest.pbx.stop().await;
}

async fn media_types(engine: Engine) {
    let rest = Rest::small(engine).await;
    for method in ["PUT", "PATCH", "POST"] {
        let address = if method == "POST" { "dialplan/contexts" } else { USER };
        let none = rest.ask(method, address, &[], b"{}").await;
        assert!(problem(&none, 415, method)["detail"].as_str().unwrap().contains("application/json"));
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json"]
        {
            let reply = rest.ask(method, address, &[("Content-Type", kind)], b"{}").await;
            problem(&reply, 415, kind);
        }
        let packed = [JSON, ("Content-Encoding", "gzip")];
        problem(&rest.ask(method, address, &packed, b"{}").await, 415, "gzip");
        let unwanted = [JSON, ("Accept", "text/html")];
        problem(&rest.ask(method, address, &unwanted, b"{}").await, 406, method);
    }
    problem(&rest.ask("GET", USER, &[("Accept", "image/png")], b"").await, 406, "GET");
    let browser = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    assert_eq!(
        rest.ask("GET", USER, &[browser], b"").await.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    for query in ["depth=1", "q=x", "limit=1"] {
        for method in ["PUT", "PATCH", "DELETE"] {
            let reply = rest.send(method, &format!("{USER}?{query}"), &json!({})).await;
            problem(&reply, 400, &format!("{method} {query}"));
        }
    }
    rest.pbx.stop().await;
}
