//! Elements as they are shown.

use custompbx_store::Role;
use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{BASE, Rest, members, problem};
use crate::engines::on_both_engines;

on_both_engines!(an_element_at_its_address, ways_that_lead_to_the_same, how_deep, what_is_not_there, roles,);

async fn an_element_at_its_address(engine: Engine) {
    let rest = Rest::small(engine).await;
    let user = rest.json("directory/domains/example.com/users/1000").await;
    assert_eq!(user["tag"], "user");
    assert_eq!(user["key"], "1000");
    assert_eq!(user["href"], format!("{BASE}directory/domains/example.com/users/1000"));
    assert_eq!(user["enabled"], true);
    assert_eq!(user["attributes"], json!({"id": "1000", "cidr": "10.0.0.0/8"}));
    assert_eq!(user["text"], Value::Null);
    assert_eq!(user["child_count"], 2);
    assert_eq!(members(&user["children"], "key"), ["params", "variables"]);
    assert_eq!(user["children"][0]["child_count"], 1);
    assert_eq!(user["children"][0].get("children"), None, "deeper than what was asked for");
    let param = rest.json("directory/domains/example.com/users/1000/params/password").await;
    assert_eq!(param["attributes"]["value"], "secret");
    let action = rest.json("dialplan/contexts/public/extensions/one/conditions/1/actions/3").await;
    assert_eq!(action["attributes"]["application"], "echo");
    assert_eq!((&action["key"], &action["position"]), (&json!("3"), &json!(3)));
    let acl = rest.json("configuration/sofia.conf/profiles/internal/settings/apply-candidate-acl~2").await;
    assert_eq!((&acl["key"], &acl["attributes"]["value"]), (&json!("apply-candidate-acl"), &json!("b")));
    let thing = rest.json("configuration/my.conf/things/other").await;
    assert_eq!(thing["tag"], "other");
    // What is shown of a child leads to it.
    let section = rest.json("dialplan").await;
    let href = section["children"][0]["href"].as_str().unwrap().strip_prefix(BASE).unwrap().to_owned();
    assert_eq!(rest.json(&href).await["key"], "public");
    rest.pbx.stop().await;
}

async fn ways_that_lead_to_the_same(engine: Engine) {
    let rest = Rest::small(engine).await;
    let domain = "directory/domains/example.com";
    let user = rest.json(&format!("{domain}/users/1000")).await;
    assert_eq!(rest.json(&format!("{domain}/groups/default/users/1000")).await, user);
    let pointer = rest.json(&format!("{domain}/groups/default/users/1000~2")).await;
    assert_eq!(pointer["attributes"]["type"], "pointer");
    assert_eq!(pointer["href"], format!("{BASE}{domain}/groups/default/users/1000~2"));
    let wrapper = rest.json(&format!("{domain}/users~1")).await;
    assert_eq!(wrapper["children"][0]["href"], format!("{BASE}{domain}/users/2000"));
    rest.pbx.stop().await;
}

async fn how_deep(engine: Engine) {
    let rest = Rest::small(engine).await;
    let context = "dialplan/contexts/public";
    let none = rest.json(&format!("{context}?depth=0")).await;
    assert_eq!((none.get("children"), &none["child_count"]), (None, &json!(3)));
    let deep = rest.json(&format!("{context}?depth=50")).await;
    let action = &deep["children"][0]["children"][0]["children"][2];
    assert_eq!(action["tag"], "anti-action");
    assert_eq!(action["children"], json!([]));
    for query in ["depth=51", "depth=-1", "depth=x", "depth=1&depth=1", "x=1", "fields=password"] {
        let reply = rest.get(&format!("{context}?{query}")).await;
        let problem = problem(&reply, 400, query);
        assert!(problem["errors"][0]["parameter"].is_string(), "{problem}");
    }
    rest.pbx.stop().await;
}

async fn what_is_not_there(engine: Engine) {
    let rest = Rest::small(engine).await;
    for (address, says) in [
        ("nothing", "there is no nothing in this instance"),
        ("directory/domains/other.com", "there is no other.com among the domains in directory"),
        ("directory/domains/example.com/users/1002/params", "there is no 1002 among the users"),
        ("directory/domains/example.com/users/1000~2", "there is no 1000~2"),
        ("dialplan/contexts/public/extensions/one/conditions/3", "there is no 3 among the conditions"),
        ("dialplan/contexts/public/extensions/one/conditions/0", "there is no 0"),
        ("dialplan/contexts/public/extensions/one/conditions/1/actions/-1", "there is no -1"),
        ("directory/domains/example.com/users/10%2F00", "there is no 10%2F00"),
        ("directory/domains/example.com/users/%00", "there is no %00"),
    ] {
        let problem = problem(&rest.get(address).await, 404, address);
        assert!(problem["detail"].as_str().unwrap().contains(says), "{address}: {problem}");
    }
    for address in ["directory/", "directory//domains", "a~b", "%FF", "%zz", "a~0"] {
        let problem = problem(&rest.get(address).await, 400, address);
        assert_eq!(problem["code"], "bad-address");
    }
    let bearer = rest.admin.bearer();
    for path in ["/api/v2/instances/none/directory", "/api/v2/instances/default%2F/directory"] {
        let reply = rest.pbx.http("GET", path, &[("Authorization", &bearer)], b"").await;
        problem(&reply, 404, path);
    }
    rest.pbx.stop().await;
}

/// Whoever may see the tree sees passwords: until there are scopes, admins only.
async fn roles(engine: Engine) {
    let rest = Rest::small(engine).await;
    for role in [Role::Manager, Role::User] {
        let who = rest.pbx.sign_in_as(role).await;
        for (method, address) in [
            ("GET", "directory/domains/example.com/users"),
            ("PUT", "directory/domains/example.com/users/1"),
            ("PATCH", "directory"),
            ("DELETE", "directory"),
            ("POST", "dialplan/contexts/public:move"),
        ] {
            let path = format!("{BASE}{address}");
            let headers = [("Authorization", who.bearer()), ("Content-Type", "application/json".to_owned())];
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            problem(
                &rest.pbx.http(method, &path, &headers, b"{}").await,
                403,
                &format!("{method} {address}"),
            );
            problem(&rest.pbx.http(method, &path, &headers[1..], b"{}").await, 401, address);
        }
    }
    rest.pbx.stop().await;
}
