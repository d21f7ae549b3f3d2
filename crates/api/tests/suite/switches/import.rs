//! Taking over what a running switch has.

use custompbx_model::Node;
use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, PASS};
use custompbx_testkit::freeswitch::printed;
use custompbx_testkit::recorded::api_answer;
use custompbx_testkit::server::{Engine, Setup, TestPbx, find, try_find};
use serde_json::{Value, json};

use super::{KEY, effects, live, orders, played};
use crate::asking::{Client, Way};
use crate::expected::difference;

/// A server without a tree that drives the switch.
pub(super) async fn empty(switch: &EventSocket) -> TestPbx {
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    live(&pbx).await;
    pbx
}

async fn take(admin: &Client<'_>, body: Value) -> Value {
    let reply = admin.rest("POST", &format!("/switches/{KEY}/import"), &body).await;
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

fn section(path: &str) -> Node {
    printed(&api_answer(path)).unwrap()
}

fn names(section: &Node) -> Vec<&str> {
    section.children.iter().filter_map(|child| child.attribute("name")).collect()
}

/// That nothing was said that changes anything in the switch (a documented fault of the reference).
fn only_questions(switch: &EventSocket) {
    assert!(orders(switch).is_empty(), "{:?}", orders(switch));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_is_taken_twice() {
    let switch = played();
    let pbx = empty(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.forget_heard();
    for name in ["directory", "dialplan", "configuration"] {
        let recorded = section(&format!("xml_locate/{name}"));
        let taken = take(&admin, json!({ "what": name })).await;
        assert_eq!(taken["skipped"], json!([]), "{name}: {taken}");
        assert!(taken["added"].as_u64().is_some_and(|added| added > 0), "{taken}");
        assert!(taken["revision"].is_i64() && taken["served"] == true, "{taken}");
        let tree = pbx.tree().await;
        let stored = find(&tree, &format!("section/{name}"));
        assert_eq!(names(stored), names(&recorded), "{name}");
        for (expected, found) in recorded.children.iter().zip(&stored.children) {
            assert_eq!(difference(expected, found), None, "{name}");
        }
        let again = take(&admin, json!({ "what": name })).await;
        assert_eq!((&again["added"], &again["revision"]), (&json!(0), &Value::Null), "{again}");
        assert_eq!(again["skipped"], json!(names(&recorded)), "{name}");
        assert!(pbx.tree().await.same_content(&tree), "{name}");
    }
    live(&pbx).await;
    only_questions(&switch);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_stays_as_it_is() {
    let switch = played();
    let pbx = empty(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    pbx.import_xml(
        "<document type=\"freeswitch/xml\">\n<X-PRE-PROCESS cmd=\"set\" data=\"domain=127.0.0.1\"/>\n\
         <section name=\"directory\"><domain name=\"$${domain}\"><user id=\"7\"/></domain></section>\
         <section name=\"dialplan\"><context name=\"default\"><extension name=\"mine\"/></context></section></document>",
    )
    .await;
    live(&pbx).await;
    let before = pbx.tree().await;
    assert_eq!(find(&before, "variables variable/domain").attribute("value"), Some("127.0.0.1"));
    let taken = take(&admin, json!({"what": "directory"})).await;
    assert_eq!((&taken["skipped"], &taken["added"]), (&json!(["127.0.0.1"]), &json!(0)), "{taken}");
    assert!(pbx.tree().await.same_content(&before));
    let taken = take(&admin, json!({"what": "dialplan"})).await;
    assert_eq!(taken["skipped"], json!(["default"]), "{taken}");
    let tree = pbx.tree().await;
    assert!(try_find(&tree, "section/dialplan context/default extension/mine").is_some());
    assert!(try_find(&tree, "section/dialplan context/default extension/unloop").is_none());
    assert!(try_find(&tree, "section/dialplan context/public").is_some());
    // A variable is stored, so that none is taken over.
    let taken = take(&admin, json!({"what": "global_variables"})).await;
    assert_eq!(taken["added"], 0, "{taken}");
    assert!(taken["skipped"].as_array().unwrap().contains(&json!("domain")), "{taken}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_come_where_none_is_and_the_switch_is_told_nothing() {
    let switch = played();
    let pbx = empty(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer(
        "global_getvar",
        "hostname=fs1\nlocal_ip_v4=127.0.0.1\na=b=c=d\nempty=\ndomain=example.com\n\n",
    );
    switch.forget_heard();
    let reply = admin.ask_by(Way::Socket, "ImportGlobalVariables", json!({})).await;
    let all = reply["global_variables"].as_object().unwrap_or_else(|| panic!("{reply}"));
    let mut shown: Vec<(&str, &str)> =
        all.values().map(|one| (one["name"].as_str().unwrap(), one["value"].as_str().unwrap())).collect();
    shown.sort_unstable();
    assert_eq!(shown, [("a", "b=c=d"), ("domain", "example.com"), ("empty", "")]);
    let again = admin.ask("ImportGlobalVariables", json!({})).await;
    assert_eq!(again["global_variables"], reply["global_variables"], "{again}");
    let another = pbx.set("variables variable/a", "value", "new").await;
    // What is changed by a person is told, what came from the switch is not.
    let told = effects(&pbx, another.revision).await;
    assert_eq!(told[0].line, "global_setvar a=new");
    assert_eq!(orders(&switch), ["global_setvar a=new"]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_configuration() {
    const MODULE: &str = "[Config][Import] Module";
    let switch = played();
    let pbx = empty(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.forget_heard();
    let reply = admin.ask(MODULE, json!({"name": "acl"})).await;
    assert_eq!((&reply["MessageType"], &reply["error"]), (&json!(MODULE), &Value::Null), "{reply}");
    let recorded = section("xml_locate/configuration/acl.conf");
    let tree = pbx.tree().await;
    let stored = find(&tree, "section/configuration configuration/acl.conf");
    assert_eq!(difference(&recorded, stored), None);
    admin.refused(MODULE, json!({"name": "acl"}), "already exists").await;
    admin.refused(MODULE, json!({"name": "nothing"}), "module name not found").await;
    admin.refused(MODULE, json!({"name": "acl\nexit"}), "module name not found").await;
    // FreeSWITCH has none.
    switch.answer_with("xml_locate configuration configuration name redis.conf", |_| {
        "can't find anything\n".to_owned()
    });
    for way in crate::asking::WAYS {
        let reply = admin.ask_by(way, MODULE, json!({"name": "redis"})).await;
        assert_eq!(reply["error"], "can't read config", "{reply}");
    }
    // It is cut off, or is no XML.
    switch.answer("xml_locate configuration configuration name redis.conf", "<configuration name=\"redis");
    for way in crate::asking::WAYS {
        let reply = admin.ask_by(way, MODULE, json!({"name": "redis"})).await;
        assert_eq!(reply["error"], "can't read config", "{reply}");
    }
    let reply = admin.ask(MODULE, json!({"name": "conference"})).await;
    assert_eq!(reply["error"], Value::Null, "{reply}");
    let tree = pbx.tree().await;
    for name in ["conference.conf", "conference_layouts.conf"] {
        assert!(try_find(&tree, &format!("section/configuration configuration/{name}")).is_some(), "{name}");
    }
    live(&pbx).await;
    only_questions(&switch);
    let path = format!("/switches/{KEY}/import");
    for (body, status) in [
        (json!({"what": "configuration", "name": "acl"}), 409),
        (json!({"what": "configuration", "name": "acl.conf"}), 409),
        (json!({"what": "configuration", "name": "a b\nexit"}), 400),
        (json!({"what": "configuration", "name": "nosuch"}), 404),
        (json!({"what": "directory", "name": "acl"}), 422),
        (json!({"what": "everything"}), 422),
        (json!({}), 422),
    ] {
        admin.rest_refused("POST", &path, &body, status).await;
    }
    pbx.stop().await;
}
