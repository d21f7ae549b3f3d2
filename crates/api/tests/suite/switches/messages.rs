//! The documented messages that need a switch.

use custompbx_store::Role;
use custompbx_testkit::event_socket::EventSocket;
use custompbx_testkit::server::{Engine, TestPbx, find, named};
use serde_json::{Value, json};

use super::{CONF, driving, insert, orders, played};
use crate::asking::{Client, WAYS};

async fn id_of(pbx: &TestPbx, way: &str) -> i64 {
    find(&pbx.tree().await, &format!("{CONF}/{way}")).id.0
}

/// Sends a message by both transports, and gives the orders that the switch heard.
async fn done(switch: &EventSocket, admin: &Client<'_>, event: &str, data: Value) -> Vec<String> {
    switch.forget_heard();
    for way in WAYS {
        let reply = admin.ask_by(way, event, data.clone()).await;
        assert_eq!((&reply["MessageType"], &reply["error"]), (&json!(event), &Value::Null), "{reply}");
    }
    orders(switch)
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_are_loaded_and_reloaded() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    for command in ["load", "unload", "reload"] {
        switch.answer(&format!("{command} mod_sofia"), "+OK\n");
    }
    let sofia = json!({"id": id_of(&pbx, "sofia.conf").await});
    for (event, line) in [
        ("[Config][Load] Module", "load mod_sofia"),
        ("[Config][Unload] Module", "unload mod_sofia"),
        ("[Config][Reload] Module", "reload mod_sofia"),
    ] {
        assert_eq!(done(&switch, &admin, event, sofia.clone()).await, [line; 2]);
        for wrong in [json!({}), json!({"id": "1"}), json!({"id": 0}), json!({"id": -1})] {
            admin.refused(event, wrong, "wrong id").await;
        }
        admin.refused(event, json!({"id": i64::MAX}), "configuration not found").await;
        admin.refused(event, json!({"id": 1}), "configuration not found").await;
    }
    let acl = json!({"id": id_of(&pbx, "acl.conf").await});
    assert_eq!(done(&switch, &admin, "[Config][Reload] Module", acl.clone()).await, ["reloadacl"; 2]);
    switch.forget_heard();
    for event in ["[Config][Load] Module", "[Config][Unload] Module"] {
        let reply = admin.ask(event, acl.clone()).await;
        assert_eq!(reply["error_code"], "wrong_data", "{reply}");
    }
    assert!(orders(&switch).is_empty(), "{:?}", orders(&switch));
    // FreeSWITCH says no.
    switch.answer("reload mod_sofia", "-ERR unloading module [Module is not loaded]\n");
    let reply = admin.ask("[Config][Reload] Module", sofia).await;
    assert!(reply["error"].is_string(), "{reply}");
    assert!(reply.to_string().contains("Module is not loaded"), "{reply}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_gateways_and_queues() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer_with("sofia profile ", |_| "+OK\n".to_owned());
    switch.answer_with("callcenter_config queue load ", |_| "+OK\n".to_owned());
    switch.answer_with("callcenter_config queue reload ", |_| "+OK\n".to_owned());
    switch.answer_with("callcenter_config queue unload ", |_| "+OK\n".to_owned());
    let gateways = format!("{CONF}/sofia.conf profiles profile/external gateways");
    insert(&pbx, &gateways, named("gateway", "gw_a")).await;
    super::live(&pbx).await;
    let profile = id_of(&pbx, "sofia.conf profiles profile/external").await;
    let internal = id_of(&pbx, "sofia.conf profiles profile/internal").await;
    let gateway = id_of(&pbx, "sofia.conf profiles profile/external gateways gateway/gw_a").await;
    const SOFIA: &str = "[API] Sofia profile command";
    for action in ["start", "stop", "restart", "rescan"] {
        let heard = done(&switch, &admin, SOFIA, json!({"id": profile, "name": action})).await;
        assert_eq!(
            heard,
            [format!("sofia profile external {action}"), format!("sofia profile external {action}")]
        );
    }
    for action in ["startgw", "killgw"] {
        let data = json!({"id": profile, "name": action, "id_int": gateway});
        let line = format!("sofia profile external {action} gw_a");
        assert_eq!(done(&switch, &admin, SOFIA, data).await, [line.clone(), line]);
        admin.refused(SOFIA, json!({"id": profile, "name": action}), "empty data").await;
        admin.refused(SOFIA, json!({"id": profile, "name": action, "id_int": 1}), "gateway not found").await;
        // It is one of another profile.
        let other = json!({"id": internal, "name": action, "id_int": gateway});
        admin.refused(SOFIA, other, "gateway not found").await;
    }
    admin.refused(SOFIA, json!({"name": "start"}), "wrong id").await;
    admin.refused(SOFIA, json!({"id": profile}), "empty data").await;
    admin.refused(SOFIA, json!({"id": gateway, "name": "start"}), "profile not found").await;
    for unknown in ["dance", "start\nreload mod_sofia", "START "] {
        admin.refused(SOFIA, json!({"id": profile, "name": unknown}), "unknown command").await;
    }

    const QUEUE: &str = "SendCallcenterCommand";
    let tree = pbx.tree().await;
    let queue = find(&tree, &format!("{CONF}/callcenter.conf queues queue"));
    let name = queue.attribute("name").unwrap().to_owned();
    let id = queue.id.0;
    for action in ["load", "reload", "unload"] {
        let line = format!("callcenter_config queue {action} {name}");
        assert_eq!(
            done(&switch, &admin, QUEUE, json!({"id": id, "name": action})).await,
            [line.clone(), line]
        );
    }
    admin.refused(QUEUE, json!({"name": "load"}), "wrong id").await;
    admin.refused(QUEUE, json!({"id": id, "name": "dance"}), "unknown command").await;
    admin.refused(QUEUE, json!({"id": profile, "name": "load"}), "queue not found").await;
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_it_is_said() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let sofia = id_of(&pbx, "sofia.conf").await;
    let profile = id_of(&pbx, "sofia.conf profiles profile/external").await;
    let queue = id_of(&pbx, "callcenter.conf queues queue").await;
    switch.stop();
    super::until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    refused_everywhere(&admin, sofia, profile, queue).await;
    pbx.stop().await;

    // The same where none is driven.
    let pbx = TestPbx::on(Engine::Sqlite).await;
    pbx.import_vanilla().await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let sofia = id_of(&pbx, "sofia.conf").await;
    let profile = id_of(&pbx, "sofia.conf profiles profile/external").await;
    let queue = id_of(&pbx, "callcenter.conf queues queue").await;
    refused_everywhere(&admin, sofia, profile, queue).await;
    pbx.stop().await;
}

async fn refused_everywhere(admin: &Client<'_>, sofia: i64, profile: i64, queue: i64) {
    const ESL: &str = "no esl connection";
    const ECL: &str = "no ECL connection";
    for (event, data, text) in [
        ("ImportDirectory", json!({}), ESL),
        ("[Directory][Import]", json!({}), ESL),
        ("[Dialplan][Import]", json!({}), ESL),
        ("ImportGlobalVariables", json!({}), ESL),
        ("[Config][Import] All Modules", json!({}), ESL),
        ("[Config][Import] Module", json!({"name": "redis"}), ESL),
        ("SendFSCLICommand", json!({"name": "status"}), ESL),
        ("[Config][Load] Module", json!({"id": sofia}), ECL),
        ("[Config][Unload] Module", json!({"id": sofia}), ECL),
        ("[Config][Reload] Module", json!({"id": sofia}), ECL),
        ("[API] Sofia profile command", json!({"id": profile, "name": "rescan"}), ECL),
        ("SendCallcenterCommand", json!({"id": queue, "name": "load"}), ECL),
    ] {
        for way in WAYS {
            let reply = admin.ask_by(way, event, data.clone()).await;
            assert_eq!(
                (&reply["error"], &reply["error_code"]),
                (&json!(text), &json!("no_switch")),
                "{event}: {reply}"
            );
        }
    }
    admin.refused("[Config][Import] Module", json!({"name": "nothing"}), "module name not found").await;
    admin.refused("[Config][Import] Module", json!({}), "empty data").await;
    admin.refused("SendFSCLICommand", json!({}), "empty command").await;
}
