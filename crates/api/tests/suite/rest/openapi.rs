//! The description of the API, and what is known of FreeSWITCH.

use std::collections::{BTreeSet, HashSet};

use custompbx_api::messages::table;
use custompbx_api::{openapi, routes};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx};
use serde_json::{Value, json};

use super::problem;

/// Where the paths that are made from declarations begin; they are all served by one route.
const TREE: &str = "/api/v2/instances/{instance}/";

fn document() -> Value {
    serde_json::from_str(openapi::text()).unwrap()
}

/// Method and path of everything in the document.
fn described(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
        methods.map(|method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

/// A route without a description is a red test, and a description without a route too.
#[test]
fn every_route_is_described_and_nothing_else() {
    let all = routes::all();
    let routes: BTreeSet<(String, String)> = all
        .iter()
        .filter(|route| route.path.starts_with("/api/v2"))
        .map(|route| (route.method.to_string(), route.path.replace("{*", "{")))
        .collect();
    let described = described(&document());
    for route in &routes {
        assert!(described.contains(route), "{route:?} is not described");
    }
    for (method, path) in described.difference(&routes) {
        let section = path.strip_prefix(TREE).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let sections = ["directory", "dialplan", "variables", "configuration"];
        assert!(sections.contains(&section), "{method} {path} is no route");
        assert!(routes.contains(&(method.clone(), format!("{TREE}{{address}}"))), "{method} {path}");
    }
}

/// Whoever has nothing but a client made from the description can do what the messages can: each says by which
/// operations, or why it cannot be.
#[test]
fn every_message_has_its_operations() {
    let document = document();
    let operations: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let said: Value = serde_json::from_str(include_str!("../../contract/rest.json")).unwrap();
    let said = said.as_object().unwrap();
    let messages: BTreeSet<&str> = table::all().iter().map(|message| message.names[0]).collect();
    assert_eq!(said.keys().map(String::as_str).collect::<BTreeSet<_>>(), messages);
    for (message, by) in said {
        match by {
            Value::Array(by) if !by.is_empty() => {
                for operation in by {
                    let operation = operation.as_str().unwrap();
                    assert!(operations.contains(operation), "{message}: there is no operation {operation}");
                }
            }
            reason => assert!(reason.as_str().is_some_and(|reason| reason.len() > 20), "{message}: {reason}"),
        }
    }
}

#[test]
fn the_document_is_consistent() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: HashSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = HashSet::new();
    for (method, path) in described(&document) {
        let operation = &document["paths"][&path][method.to_lowercase()];
        let name = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{name}");
        assert!(operation["responses"]["default"].is_object(), "{name}");
        assert!(
            operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('2')),
            "{name}"
        );
        // These have nothing to be told.
        let is_plain = ["reconnectSwitch", "acceptOffer", "dismissOffer"].contains(&id);
        let has_body = matches!(method.as_str(), "PUT" | "PATCH" | "POST") && !is_plain;
        assert_eq!(operation.get("requestBody").is_some(), has_body, "{name}");
        // Each part of a path is a parameter.
        let parameters = document["paths"][&path]["parameters"].as_array().unwrap();
        assert_eq!(parameters.len(), path.matches('{').count(), "{name}");
        let names: HashSet<&str> = parameters.iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), parameters.len(), "{name}");
    }
    for expected in [
        "putDirectoryUser",
        "listDirectoryUsers",
        "createDirectoryUser",
        "putDirectoryUserParam",
        "patchDirectoryUser",
        "putDirectoryDomain",
        "putDirectoryGroup",
        "putDirectoryUserGateway",
        "putDirectoryDomainVariable",
        "listDialplanContexts",
        "putDialplanExtension",
        "moveDialplanExtensionConditionAction",
        "signIn",
    ] {
        assert!(ids.contains(expected), "{expected} is not among {ids:#?}");
    }
    let user = &document["components"]["schemas"]["DirectoryUserInput"]["properties"];
    assert!(user["attributes"]["properties"]["cidr"]["description"].is_string(), "{user}");
    assert!(user["params"].is_object() && user["variables"].is_object());
    references(&document, &document);
}

/// Everything that is named is there.
fn references(document: &Value, value: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(path) = members.get("$ref") {
                let path = path.as_str().unwrap().strip_prefix('#').unwrap();
                assert!(document.pointer(path).is_some(), "there is no {path}");
            }
            members.values().for_each(|value| references(document, value));
        }
        Value::Array(items) => items.iter().for_each(|value| references(document, value)),
        _ => {}
    }
}

/// Anybody may read how the API is used; it says nothing of this server.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_served_as_text_and_as_a_page() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let reply = pbx.get("/api/v2/openapi.json").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!(reply.text(), openapi::text());
    let tag = reply.header("etag").unwrap();
    assert_eq!(pbx.http("GET", "/api/v2/openapi.json", &[("If-None-Match", tag)], b"").await.status, 304);
    let page = pbx.get("/api/v2/docs").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    let html = page.text();
    assert!(
        !html.contains("<script") && !html.contains("style=\"") && !html.contains("http://"),
        "nothing inline"
    );
    for (method, path) in described(&document()) {
        assert!(html.contains(&format!("<code>{path}</code>")), "{method} {path}");
    }
    assert!(html.contains("id=\"problem-changed\"") && html.contains("/api/v2/docs/style.css"));
    let style = pbx.get("/api/v2/docs/style.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_freeswitch() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let user = pbx.sign_in_as(Role::User).await;
    let get = async |path: &str| pbx.get_as(&user, path).await;
    let list = get("/api/v2/schema").await.json();
    let items = list["items"].as_array().unwrap();
    assert!(items.len() > 90, "{}", items.len());
    for item in items {
        let reply = get(item["href"].as_str().unwrap()).await;
        assert_eq!(reply.status, 200, "{item}");
        let schema = reply.json();
        for member in ["name", "kind", "module", "declared", "href"] {
            assert_eq!(schema[member], item[member], "{item}");
        }
        match item["kind"].as_str().unwrap() {
            "list" => assert!(schema["content"].is_array() || schema["content"].is_object(), "{item}"),
            _ => assert!(schema["parameters"].is_array(), "{item}"),
        }
    }
    let sofia = get("/api/v2/schema/sofia.conf").await.json();
    assert_eq!(sofia["effect"], json!({"kind": "ask", "command": "module.reload"}));
    let profile = &sofia["elements"][1]["children"][0];
    assert_eq!(
        (&profile["tag"], &profile["key"], &profile["unique"]),
        (&json!("profile"), &json!("name"), &json!(true))
    );
    let settings = profile["children"].as_array().unwrap().iter().find(|it| it["tag"] == "settings").unwrap();
    let port = settings["parameters"].as_array().unwrap().iter().find(|it| it["name"] == "sip-port").unwrap();
    assert_eq!(port["type"], "port");
    assert!(port["meaning"].as_str().is_some_and(|meaning| !meaning.is_empty()));
    let dialplan = get("/api/v2/schema/dialplan").await.json();
    let condition = &dialplan["elements"][0]["children"][0]["children"][0];
    assert_eq!((&condition["named_by"], &condition["collection"]), (&json!("place"), &json!("conditions")));
    assert_eq!(condition["children"][0]["recursive"], true, "conditions can hold conditions");
    let ivr = get("/api/v2/schema/ivr.conf").await.json();
    assert_eq!((&ivr["declared"], &ivr["module"]), (&json!(false), &json!("core")));
    let applications = get("/api/v2/schema/applications").await.json();
    assert!(applications["content"].as_array().unwrap().iter().any(|it| it["name"] == "answer"));
    let fields = get("/api/v2/schema/condition-fields").await.json();
    assert!(fields["content"]["fields"].as_array().unwrap().len() > 30);
    for missing in ["nothing", "sofia", "..%2F..", "%00", "%FF", "SOFIA.CONF"] {
        problem(&get(&format!("/api/v2/schema/{missing}")).await, 404, missing);
    }
    pbx.stop().await;
}
