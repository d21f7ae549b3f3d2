//! The dashboard.

use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx, find, named};
use serde_json::json;

use crate::asking::Client;
use crate::engines::on_both_engines;

on_both_engines!(the_documented_members);

async fn the_documented_members(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let tree = pbx.tree().await;
    let external = find(&tree, "section/configuration configuration/sofia.conf profiles profile/external");
    let gateways = Node::new("gateways").containing([named("gateway", "example.com")]);
    pbx.change(vec![Edit::Insert { parent: external.id, at: At::Last, nodes: vec![gateways] }]).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let reply = admin.ask("[Dashboard]", json!({})).await;
    assert_eq!(reply["MessageType"], "[Dashboard]");
    let data = reply["dashboard_data"].as_object().unwrap();
    let names: Vec<&str> = data.keys().map(String::as_str).collect();
    let documented = [
        "timestamp",
        "hostname",
        "os",
        "platform",
        "cpu_model",
        "cpu_frequency",
        "dynamic_metrics",
        "domain_sip_regs",
        "calls_counter",
        "sofia_profiles",
        "sofia_gateways",
    ];
    assert_eq!(names, documented);
    assert_eq!(data["os"], "linux");
    assert!(data["hostname"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(data["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let metrics = &data["dynamic_metrics"];
    for name in ["total_memory", "free_memory", "total_disc_space", "free_disk_space"] {
        assert!(metrics[name].as_u64().is_some_and(|bytes| bytes > 0), "{metrics}");
    }
    for name in ["percentage_used_memory", "percentage_disk_usage"] {
        assert!(metrics[name].as_f64().is_some_and(|percent| (0.0..=100.0).contains(&percent)), "{metrics}");
    }
    assert!(!metrics["core_utilization"].as_array().unwrap().is_empty());
    assert_eq!(data["calls_counter"], json!({"answered": 0, "total": 0}));
    let domains = data["domain_sip_regs"].as_object().unwrap();
    assert!(!domains.is_empty() && domains.values().all(|count| count == 0), "{domains:?}");

    let tree = pbx.tree().await;
    let document = find(&tree, "section/configuration configuration/sofia.conf");
    let profiles = data["sofia_profiles"].as_array().unwrap();
    let list: Vec<_> = find(document, "profiles").children.iter().collect();
    assert_eq!(profiles.len(), list.len());
    for ((position, node), shown) in (1..).zip(list).zip(profiles) {
        let expected = json!({
            "id": node.id, "position": position, "enabled": true, "name": node.attribute("name"), "description": "",
            "parent": {"id": document.id}, "started": false, "state": "", "uri": "",
        });
        assert_eq!(*shown, expected);
    }
    let gateway = &data["sofia_gateways"][0];
    assert_eq!((&gateway["name"], &gateway["started"]), (&json!("example.com"), &json!(false)), "{data:?}");
    let external = profiles.iter().find(|profile| profile["name"] == "external").unwrap();
    assert_eq!(gateway["parent"]["id"], external["id"]);
    // A disabled one is shown as such, at once.
    let id = NodeId(external["id"].as_i64().unwrap());
    pbx.change(vec![Edit::Enable { id, enabled: false }]).await;
    let by_rest = admin.get("/dashboard").await;
    let shown =
        by_rest["sofia_profiles"].as_array().unwrap().iter().find(|profile| profile["name"] == "external");
    assert_eq!(shown.unwrap()["enabled"], false);
    // Within two seconds everybody gets the same reading.
    assert_eq!(by_rest["dynamic_metrics"], data["dynamic_metrics"]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_tree_has_none() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let data = admin.get("/dashboard").await;
    for (name, empty) in
        [("domain_sip_regs", json!({})), ("sofia_profiles", json!([])), ("sofia_gateways", json!([]))]
    {
        assert_eq!(data[name], empty);
    }
    pbx.stop().await;
}
