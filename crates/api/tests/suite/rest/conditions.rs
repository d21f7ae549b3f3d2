//! ETag, If-Match and If-None-Match.

use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{Rest, problem};
use crate::engines::on_both_engines;

on_both_engines!(
    nothing_new_is_not_sent_again,
    a_change_that_was_made_for_another_state,
    only_if_there_is_none,
    of_two_at_once_one_wins,
    large_elements_have_a_version_too,
);

const USER: &str = "directory/domains/example.com/users/1000";

async fn nothing_new_is_not_sent_again(engine: Engine) {
    let rest = Rest::small(engine).await;
    for address in
        [USER, "directory/domains/example.com/users", "dialplan/contexts/public?limit=2", "directory?depth=3"]
    {
        let first = rest.get(address).await;
        let tag = first.header("etag").unwrap().to_owned();
        assert_eq!(first.header("cache-control"), Some("no-store"), "there are passwords in it");
        for value in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = rest.ask("GET", address, &[("If-None-Match", &value)], b"").await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{address} {value}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
        assert_eq!(rest.ask("GET", address, &[("If-None-Match", "\"x\"")], b"").await.status, 200);
    }
    // Another way to write it is another answer.
    let tag = rest.get(USER).await.header("etag").unwrap().to_owned();
    let none_match = ("If-None-Match", tag.as_str());
    assert_eq!(rest.ask("GET", &format!("{USER}?depth=2"), &[none_match], b"").await.status, 200);
    let xml = rest.ask("GET", USER, &[none_match, ("Accept", "application/xml")], b"").await;
    assert_eq!(xml.status, 200);
    // What is below counts, what is beside does not.
    rest.send("PATCH", &format!("{USER}/params/password"), &json!({"attributes": {"value": "new"}})).await;
    let now = rest.ask("GET", USER, &[none_match], b"").await;
    assert_eq!(now.status, 200);
    let tag = now.header("etag").unwrap().to_owned();
    rest.send("PUT", "directory/domains/example.com/users/9999", &json!({})).await;
    assert_eq!(rest.ask("GET", USER, &[("If-None-Match", &tag)], b"").await.status, 304);
    for (header, value, status) in [
        ("If-None-Match", "x", 400),
        ("If-Match", "\"x", 400),
        ("If-Match", "\"x\"", 412),
        ("If-Match", "*", 200),
    ] {
        let reply = rest.ask("GET", USER, &[(header, value)], b"").await;
        assert_eq!(reply.status, status, "{header}: {value}");
    }
    rest.pbx.stop().await;
}

async fn a_change_that_was_made_for_another_state(engine: Engine) {
    let rest = Rest::small(engine).await;
    let tag = rest.get(&format!("{USER}?depth=3")).await.header("etag").unwrap().to_owned();
    let first =
        rest.send_with("PATCH", USER, &[("If-Match", &tag)], &json!({"params": {"password": "1"}})).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let new = first.header("etag").unwrap().to_owned();
    let revision = rest.revision().await;
    let calls: [(&str, String, Value); 5] = [
        ("PUT", USER.to_owned(), json!({"params": {"password": "2"}})),
        ("PUT", USER.to_owned(), json!({})),
        ("PATCH", USER.to_owned(), json!({"params": {"password": "2"}})),
        ("DELETE", USER.to_owned(), json!({})),
        ("POST", format!("{USER}:move"), json!({"position": 1})),
    ];
    for (method, address, body) in &calls {
        for stale in [tag.as_str(), &*format!("W/{new}"), "\"\"", "\"h\""] {
            let reply = rest.send_with(method, address, &[("If-Match", stale)], body).await;
            let problem = problem(&reply, 412, &format!("{method} {stale}"));
            assert_eq!(problem["code"], "changed");
            assert_eq!(problem["current"]["key"], "1000", "{problem}");
            assert_eq!(problem["etag"].as_str(), Some(new.as_str()));
            assert_eq!(reply.header("etag"), Some(new.as_str()));
        }
    }
    assert_eq!(rest.revision().await, revision);
    let missing = rest
        .send_with("PUT", "directory/domains/example.com/users/1", &[("If-Match", "*")], &json!({}))
        .await;
    problem(&missing, 412, "nothing to be changed");
    for (method, address, body) in &calls {
        let current = rest.get(USER).await.header("etag").map(str::to_owned);
        let Some(current) = current else { continue };
        let reply =
            rest.send_with(method, address, &[("If-Match", &format!("\"x\", {current}"))], body).await;
        assert!(reply.status < 300, "{method}: {}", reply.text());
    }
    rest.pbx.stop().await;
}

async fn only_if_there_is_none(engine: Engine) {
    let rest = Rest::small(engine).await;
    let none = [("If-None-Match", "*")];
    let new = "directory/domains/example.com/users/5";
    assert_eq!(rest.send_with("PUT", new, &none, &json!({})).await.status, 201);
    let reply = rest.send_with("PUT", new, &none, &json!({"params": {"a": "b"}})).await;
    assert_eq!(problem(&reply, 412, new)["current"]["key"], "5");
    rest.pbx.stop().await;
}

async fn of_two_at_once_one_wins(engine: Engine) {
    let rest = Rest::small(engine).await;
    for round in 0..10 {
        let tag = rest.get(USER).await.header("etag").unwrap().to_owned();
        let if_match = [("If-Match", tag.as_str())];
        let bodies: Vec<Value> =
            (0..4).map(|who| json!({"params": {"password": format!("{round}-{who}")}})).collect();
        let (a, b, c, d) = tokio::join!(
            rest.send_with("PUT", USER, &if_match, &bodies[0]),
            rest.send_with("PUT", USER, &if_match, &bodies[1]),
            rest.send_with("PATCH", USER, &if_match, &bodies[2]),
            rest.send_with("PUT", USER, &if_match, &bodies[3]),
        );
        let mut statuses = [a.status, b.status, c.status, d.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412], "round {round}");
    }
    // And of two who make the same thing, one does.
    let address = "directory/domains/example.com/users/77";
    let none = [("If-None-Match", "*")];
    let body = json!({});
    let (a, b) = tokio::join!(
        rest.send_with("PUT", address, &none, &body),
        rest.send_with("PUT", address, &none, &body)
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 412]);
    let body = json!({"key": "78"});
    let users = "directory/domains/example.com/users";
    let (a, b) = tokio::join!(rest.send("POST", users, &body), rest.send("POST", users, &body));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    rest.pbx.stop().await;
}

/// Too much to be looked at each time: the revision stands for it.
async fn large_elements_have_a_version_too(engine: Engine) {
    let rest = Rest::small(engine).await;
    let items: String = (0..3_000).map(|at| format!("<p name='{at}'/>")).collect();
    rest.pbx
        .import_xml(&format!(
            "<document><section name='configuration'><configuration name='large.conf'>{items}</configuration></section></document>"
        ))
        .await;
    let large = "configuration/large.conf";
    let tag = rest.get(&format!("{large}?depth=0")).await.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("\"r"), "{tag}");
    let none_match = [("If-None-Match", tag.as_str())];
    assert_eq!(rest.ask("GET", &format!("{large}?depth=0"), &none_match, b"").await.status, 304);
    let if_match = [("If-Match", tag.as_str())];
    let off = json!({"enabled": false});
    assert_eq!(rest.send_with("PATCH", large, &if_match, &off).await.status, 200);
    assert_eq!(rest.send_with("PATCH", large, &if_match, &off).await.status, 412);
    rest.pbx.stop().await;
}
