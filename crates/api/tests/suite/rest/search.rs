//! Looking for anything.

use custompbx_store::Role;
use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{BASE, Rest, problem};
use crate::engines::on_both_engines;
use crate::routes::scoped;

on_both_engines!(everything_is_found, changes_are_found, scopes_and_instances);

const MORE: &str = "<document type='freeswitch/xml'><section name='directory'><domain name='example.com'><users>
    <user id='4000'><params><param name='password' value='hiddenthing'/></params>
      <variables><variable name='effective_caller_id_name' value='Jörg ÄRZTE'/></variables></user></users></domain></section>
  <section name='dialplan'><context name='public'><extension name='out'>
    <condition field='destination_number' expression='^0049(\\d+)$'><action application='bridge' data='x'/></condition>
  </extension></context></section>
  <section name='configuration'><configuration name='sofia.conf'><profiles><profile name='external'><gateways>
    <gateway name='carrier-one'><param name='password' value='hiddenthing'/><param name='proxy' value='sip.carrier.net'/></gateway>
  </gateways></profile></profiles></configuration></section></document>";

impl Rest {
    async fn search(&self, query: &str) -> Value {
        self.json(&format!("search?{query}")).await
    }

    /// The addresses of what is found.
    async fn found(&self, query: &str) -> Vec<String> {
        addresses(&self.search(query).await)
    }
}

fn addresses(found: &Value) -> Vec<String> {
    found["items"].as_array().unwrap().iter().map(|hit| hit["address"].as_str().unwrap().to_owned()).collect()
}

async fn everything_is_found(engine: Engine) {
    let rest = Rest::empty(engine).await;
    rest.pbx.import_xml(MORE).await;
    const USER: &str = "directory/domains/example.com/users/4000";
    for query in ["q=4000", "q=40", "q=%C3%A4rzte", "q=J%C3%96RG+4000", "q=rzt&kind=user"] {
        assert_eq!(rest.found(query).await.first().map(String::as_str), Some(USER), "{query}");
    }
    let hit = &rest.search("q=%C3%A4rzte").await["items"][0];
    let found =
        json!({"in": "variables/effective_caller_id_name", "value": "Jörg ÄRZTE", "start": 5, "length": 5});
    assert_eq!((&hit["found"], &hit["kind"], &hit["name"]), (&found, &json!("user"), &json!("4000")));
    for (query, part) in
        [("q=0049", "dialplan/contexts/public/extensions/out/conditions/1"), ("q=carrier-one", "carrier-one")]
    {
        let found = rest.search(query).await;
        let hit = &found["items"][0];
        assert!(hit["address"].as_str().unwrap().contains(part), "{query}: {found}");
        let there = rest.get(hit["href"].as_str().unwrap().strip_prefix(BASE).unwrap()).await;
        assert_eq!((there.status, &there.json()["id"]), (200, &hit["id"]), "{query}");
    }
    let hostile = "q=%27%3B+DROP+TABLE+node%3B--";
    for nothing in ["q=hiddenthing", hostile, "q=%25", "q=%00", "q=4000&kind=domain", "q=4000+nobody"] {
        let found = rest.search(nothing).await;
        assert_eq!(found, json!({"items": [], "total": 0}), "{nothing}");
    }
    let one = rest.search("q=e&limit=1").await;
    assert!(one["items"].as_array().unwrap().len() == 1 && one["total"].as_i64().unwrap() > 3, "{one}");
    assert!(rest.found("q=password").await.iter().any(|address| address.contains("carrier-one")));
    let long = format!("search?q={}", "x".repeat(10_000));
    for query in ["search", "search?q=", "search?q=+%09", &long, "search?q=a&limit=0", "search?q=a&limit=101"]
    {
        problem(&rest.get(query).await, 422, query);
    }
    for query in ["search?q=a&limit=x", "search?q=a&order=b", "search?q=a&q=b"] {
        problem(&rest.get(query).await, 400, query);
    }
    rest.pbx.stop().await;
}

async fn changes_are_found(engine: Engine) {
    let rest = Rest::small(engine).await;
    let value = "directory/domains/example.com/users/1001/variables/nick";
    for (old, new) in [("none", "firstone"), ("firstone", "secondone")] {
        assert!(rest.send("PUT", value, &json!({"attributes": {"value": new}})).await.status < 300);
        assert_eq!(rest.found(&format!("q={new}")).await, ["directory/domains/example.com/users/1001"]);
        assert!(rest.found(&format!("q={old}one")).await.is_empty());
    }
    let context = "dialplan/contexts/fresh";
    rest.search("q=fresh").await;
    for (method, found) in [("PUT", 1), ("DELETE", 0), ("PUT", 1)] {
        assert!(rest.send(method, context, &json!({})).await.status < 300);
        assert_eq!(rest.found("q=fresh").await.len(), found, "{method}");
    }
    let extension = "dialplan/contexts/fresh/extensions/inner";
    rest.send("PUT", extension, &json!({})).await;
    assert_eq!(rest.found("q=inner").await, [extension]);
    assert_eq!(rest.ask("DELETE", "directory/domains/example.com/users/1001", &[], b"").await.status, 204);
    assert!(rest.found("q=secondone").await.is_empty(), "what is deleted is not found");
    rest.pbx.stop().await;
}

async fn scopes_and_instances(engine: Engine) {
    let rest = Rest::small(engine).await;
    let ask = async |token: &str, path: &str| {
        let bearer = format!("Bearer {token}");
        rest.pbx.http("GET", path, &[("Authorization", &bearer)], b"").await
    };
    // Both are in two sections.
    let all = rest.search("q=one").await;
    assert!(all["total"].as_i64().unwrap() >= 1);
    for (scope, query, sections) in [
        ("directory:read", "q=e", &["directory"][..]),
        ("dialplan:write", "q=e", &["dialplan"]),
        ("settings:read", "q=e", &[]),
    ] {
        let token = scoped(&rest.pbx, &rest.admin.login, scope).await;
        let reply = ask(&token, &format!("{BASE}search?{query}")).await;
        assert_eq!(reply.status, 200, "{scope}");
        let found = addresses(&reply.json());
        assert_eq!(found.is_empty(), sections.is_empty(), "{scope}: {found:?}");
        let is_in = |address: &String| sections.contains(&address.split('/').next().unwrap());
        assert!(found.iter().all(is_in), "{scope}: {found:?}");
        assert_eq!(
            reply.json()["total"].as_u64().unwrap() as usize,
            found.len(),
            "{scope}: others are not counted"
        );
    }
    let user = rest.pbx.sign_in_as(Role::Manager).await;
    problem(&rest.pbx.get_as(&user, &format!("{BASE}search?q=e")).await, 403, "a manager");
    let bearer = rest.admin.bearer();
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let made = rest.pbx.http("POST", "/api/v2/instances", &headers, b"{\"name\": \"a west\"}").await;
    assert_eq!(made.status, 201);
    let west = "/api/v2/instances/a%20west/search?q=";
    assert_eq!(rest.pbx.get_as(&rest.admin, &format!("{west}1000")).await.json()["total"], 0);
    problem(&rest.pbx.get_as(&rest.admin, "/api/v2/instances/none/search?q=1").await, 404, "no instance");
    rest.pbx.stop().await;
}
