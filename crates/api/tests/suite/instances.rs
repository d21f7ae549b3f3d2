//! Instances: made, described, made the default, and deleted.

use std::time::Duration;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx};
use serde_json::{Value, json};

use crate::asking::Client;
use crate::engines::on_both_engines;

on_both_engines!(by_messages, by_rest, a_deleted_one_leaves_nothing, others_hear_of_it);

async fn by_messages(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let listed = admin.ask("GetInstances", json!({})).await;
    let id = listed["id"].as_i64().unwrap();
    let expected = json!({"id": id, "name": "default", "description": "", "enabled": true});
    assert_eq!(listed["fs_instances"], json!({id.to_string(): expected}));
    let reply = admin.ask("UpdateInstanceDescription", json!({"id": id, "value": " main switch "})).await;
    assert_eq!(reply["fs_instances"][id.to_string()]["description"], "main switch");
    let revision =
        pbx.pbx.store().unwrap().revisions(custompbx_store::InstanceId(id), None, 1).await.unwrap();
    assert_eq!(
        (&*revision.items[0].summary, &*revision.items[0].actor),
        ("description", &*admin.person.login)
    );
    // The same once more is no change.
    admin.ask("UpdateInstanceDescription", json!({"id": id, "value": "main switch"})).await;
    let again = pbx.pbx.store().unwrap().revisions(custompbx_store::InstanceId(id), None, 1).await.unwrap();
    assert_eq!(again.total, revision.total);
    for bad in [json!(null), json!(0), json!(-1), json!(1.5), json!("1"), json!(1e30), json!([id])] {
        admin.refused("UpdateInstanceDescription", json!({"id": bad, "value": "x"}), "no id").await;
    }
    admin.refused("UpdateInstanceDescription", json!({"id": 4711, "value": "x"}), "instance not found").await;
    admin.refused("UpdateInstanceDescription", json!({ "id": id }), "empty data").await;
    for bad in ["x".repeat(10_000), "a\u{0}b".to_owned()] {
        admin.refused("UpdateInstanceDescription", json!({"id": id, "value": bad}), "can't update").await;
    }
    pbx.stop().await;
}

async fn by_rest(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let new = json!({"name": "west", "description": "in the west", "switches": ["FS2", "fs3"]});
    let made = admin.rest("POST", "/instances", &new).await;
    assert_eq!(
        (made.status, made.header("location")),
        (201, Some("/api/v2/instances/west")),
        "{}",
        made.text()
    );
    let west = made.json();
    assert_eq!(west["switches"], json!(["fs2", "fs3"]));
    assert_eq!((&west["enabled"], &west["default"]), (&json!(true), &json!(false)));
    assert_eq!(admin.get("/instances/west").await, west);
    assert_eq!(admin.get("/instances").await["items"].as_array().unwrap().len(), 2);

    let patched = admin.rest("PATCH", "/instances/west", &json!({"switches": ["fs3"]})).await.json();
    assert_eq!((&patched["switches"], &patched["description"]), (&json!(["fs3"]), &json!("in the west")));
    let put = admin.rest("PUT", "/instances/west", &json!({"switches": ["fs4"]})).await;
    assert_eq!(
        (put.status, &put.json()["description"], &put.json()["switches"]),
        (200, &json!(""), &json!(["fs4"]))
    );
    let put = admin.rest("PUT", "/instances/nord%C3%B6st", &json!({"description": "x"})).await;
    assert_eq!((put.status, put.header("location")), (201, Some("/api/v2/instances/nord%C3%B6st")));
    // A switch belongs to one instance.
    let taken = admin.rest("PATCH", "/instances/nord%C3%B6st", &json!({"switches": ["fs4"]})).await.json();
    assert_eq!(taken["switches"], json!(["fs4"]));
    assert_eq!(admin.get("/instances/west").await["switches"], json!([]));

    // There is always a default one, and it is enabled.
    let change =
        async |name: &str, body: Value| admin.rest("PATCH", &format!("/instances/{name}"), &body).await;
    let delete = async |name: &str| admin.rest("DELETE", &format!("/instances/{name}"), &Value::Null).await;
    for reply in [
        change("default", json!({"enabled": false})).await,
        change("default", json!({"default": false})).await,
        change("west", json!({"default": true, "enabled": false})).await,
        delete("default").await,
    ] {
        assert_eq!((reply.status, reply.is_problem()), (400, true), "{}", reply.text());
        assert!(reply.text().contains("the default"), "{}", reply.text());
    }
    assert_eq!(change("west", json!({"enabled": false})).await.status, 200);
    assert_eq!(change("west", json!({"default": true})).await.status, 400);
    assert_eq!(change("west", json!({"default": true, "enabled": true})).await.json()["default"], true);
    assert_eq!(admin.get("/instances/default").await["default"], false);
    assert_eq!(delete("default").await.status, 204);
    assert_eq!(delete("nord%C3%B6st").await.status, 204);
    assert_eq!(delete("nord%C3%B6st").await.status, 404);
    let last = delete("west").await;
    assert_eq!(last.status, 400, "{}", last.text());
    // The messages are about the default one.
    let listed = admin.ask("GetInstances", json!({})).await;
    assert_eq!(listed["fs_instances"][listed["id"].to_string()]["name"], "west");

    for (body, status) in [
        (json!({"name": "west"}), 409),
        (json!({"name": ""}), 400),
        (json!({"name": "a/b"}), 400),
        (json!({"name": ".."}), 400),
        (json!({"name": "a\u{0}"}), 400),
        (json!({"name": "x".repeat(10_000)}), 400),
        (json!({"name": "x", "colour": 1}), 422),
        (json!({"name": "x", "switches": [""]}), 400),
        (json!({}), 422),
        (json!(null), 400),
    ] {
        let reply = admin.rest("POST", "/instances", &body).await;
        assert_eq!((reply.status, reply.is_problem()), (status, true), "{body:.100}: {}", reply.text());
    }
    assert_eq!(admin.rest("GET", "/instances/%FF", &Value::Null).await.status, 400);
    assert_eq!(admin.rest("GET", "/instances/a%00", &Value::Null).await.status, 404);
    pbx.stop().await;
}

const TREE: &str = "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\">\
                    <user id=\"1\"><params><param name=\"password\" value=\"p\"/></params></user></domain></section></document>";
const FORM: &str = "hostname=fs9&section=directory&tag_name=domain&key_name=name&key_value=d&user=1&domain=d";

async fn a_deleted_one_leaves_nothing(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    pbx.import_xml(TREE).await;
    let old = pbx.pbx.default_instance().await.unwrap();
    assert_eq!(pbx.ask(FORM).await.text().matches("<user ").count(), 1);
    admin.rest("POST", "/instances", &json!({"name": "new", "default": true})).await;
    assert_eq!(pbx.ask(FORM).await.text().matches("<user ").count(), 0, "the new one is empty");
    admin.rest("PATCH", "/instances/default", &json!({"switches": ["fs9"]})).await;
    assert_eq!(pbx.ask(FORM).await.text().matches("<user ").count(), 1);
    admin.rest("PATCH", "/instances/default", &json!({"enabled": false})).await;
    assert_eq!(pbx.ask(FORM).await.text().matches("<user ").count(), 0, "a disabled one serves nobody");
    admin.rest("PATCH", "/instances/default", &json!({"enabled": true})).await;
    assert_eq!(pbx.ask(FORM).await.text().matches("<user ").count(), 1);
    assert_eq!(admin.rest("DELETE", "/instances/default", &Value::Null).await.status, 204);
    assert_eq!(pbx.ask(FORM).await.text().matches("<user ").count(), 0);
    let store = pbx.pbx.store().unwrap();
    assert!(store.user_ids(old.id).await.unwrap().is_empty());
    assert_eq!(store.revisions(old.id, None, 10).await.unwrap().total, 0);
    assert!(store.switches().await.unwrap().is_empty());
    let new = pbx.pbx.default_instance().await.unwrap();
    let last = store.revisions(new.id, None, 1).await.unwrap();
    assert_eq!(last.items[0].summary, "instance default is deleted");
    let pbx = pbx.restart().await;
    assert_eq!(pbx.pbx.instances().await.unwrap().len(), 1);
    pbx.stop().await;
}

/// What one node does to instances, the other one on the same database serves.
async fn others_hear_of_it(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(TREE).await;
    let other = pbx.beside().await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let eventually = async |users: usize| {
        for _ in 0..100 {
            if other.ask(FORM).await.text().matches("<user ").count() == users {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not {users} users after five seconds");
    };
    eventually(1).await;
    admin.rest("POST", "/instances", &json!({"name": "new", "switches": ["fs9"]})).await;
    eventually(0).await;
    admin.rest("DELETE", "/instances/new", &Value::Null).await;
    eventually(1).await;
    other.stop().await;
    pbx.stop().await;
}
