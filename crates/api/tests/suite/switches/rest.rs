//! The routes about switches.

use std::time::Duration;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx};
use serde_json::{Value, json};

use super::{KEY, driving, orders, played, until};
use crate::asking::Client;

const CALL: &str = "7849d4dc-1ea1-4f76-a774-8ba20aa30424";

/// Every route, with a body that is right.
fn all(switch: &str) -> Vec<(&'static str, String, Value)> {
    let path = |rest: &str| format!("/switches/{switch}{rest}");
    vec![
        ("GET", path(""), Value::Null),
        ("POST", path("/reconnect"), Value::Null),
        ("GET", path("/doctor"), Value::Null),
        ("POST", path("/import"), json!({"what": "dialplan"})),
        ("GET", path("/live/channels"), Value::Null),
        ("GET", path("/live/calls"), Value::Null),
        ("POST", path("/commands/reloadacl"), json!({})),
        ("POST", path("/cli"), json!({"line": "status"})),
        ("GET", path("/cli"), Value::Null),
        ("GET", path("/log"), Value::Null),
        ("GET", path("/effects"), Value::Null),
        ("GET", path("/offers"), Value::Null),
        ("POST", path("/offers/1/accept"), Value::Null),
        ("POST", path("/offers/1/dismiss"), Value::Null),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_and_what_is_there() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let manager = Client::new(&pbx, Role::Manager).await;
    let user = Client::new(&pbx, Role::User).await;
    let extra = [
        ("GET", "/switches".to_owned(), Value::Null),
        ("GET", "/commands".to_owned(), Value::Null),
        ("PUT", "/switches/x/event-socket".to_owned(), json!({"host": "h", "port": 1, "pass": ""})),
        ("DELETE", "/switches/x/event-socket".to_owned(), Value::Null),
    ];
    switch.forget_heard();
    for (method, path, body) in all(KEY).into_iter().chain(extra) {
        for client in [&manager, &user] {
            client.rest_refused(method, &path, &body, 403).await;
        }
        let headers = [("Content-Type", "application/json")];
        let nobody = pbx.http(method, &format!("/api/v2{path}"), &headers, body.to_string().as_bytes()).await;
        assert_eq!((nobody.status, nobody.is_problem()), (401, true), "{method} {path}");
    }
    assert!(orders(&switch).is_empty(), "{:?}", orders(&switch));
    for (method, path, body) in all("nowhere") {
        admin.rest_refused(method, &path, &body, 404).await;
    }
    for path in ["/live/nothing", "/live/Channels"] {
        admin.rest_refused("GET", &format!("/switches/{KEY}{path}"), &Value::Null, 404).await;
    }
    for (path, body, status) in [
        ("/cli", json!({}), 422),
        ("/cli", json!({"line": 1}), 422),
        ("/cli", json!({"line": ""}), 400),
        ("/cli", json!({"line": "x".repeat(9_000)}), 400),
        ("/cli", json!({"line": "x".repeat(100_000)}), 413),
        ("/commands/reloadacl", json!([]), 422),
        ("/commands/reloadacl", json!({"x": 1}), 422),
        ("/commands/reloadacl", Value::Null, 400),
        ("/import", json!(null), 400),
    ] {
        admin.rest_refused("POST", &format!("/switches/{KEY}{path}"), &body, status).await;
    }
    // What it calls itself, and what it is called here.
    for name in [KEY, "fs1", "FS1"] {
        assert_eq!(admin.get(&format!("/switches/{name}")).await["key"], KEY);
    }
    let kinds = [
        "calls",
        "registrations",
        "channels",
        "profiles",
        "gateways",
        "modules",
        "queues",
        "agents",
        "tiers",
        "members",
        "conferences",
        "conference_members",
        "verto_clients",
        "host",
    ];
    for kind in kinds {
        let rows = admin.get(&format!("/switches/{KEY}/live/{kind}")).await;
        assert_eq!((&rows["switch"], &rows["phase"]), (&json!(KEY), &json!("live")), "{kind}");
        assert!(rows["seq"].is_u64() && rows["rows"].is_array() == (kind == "calls"), "{kind}: {rows}");
    }
    assert_eq!(admin.rest("POST", &format!("/switches/{KEY}/reconnect"), &Value::Null).await.status, 202);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_switch_there_is_none() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    assert_eq!(admin.get("/switches").await, json!({"items": []}));
    for (method, path, body) in all(KEY) {
        admin.rest_refused(method, &path, &body, 404).await;
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_what_came_of_them() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let commands = admin.get("/commands").await;
    let commands = commands["items"].as_array().unwrap();
    assert!(
        commands.len() > 50 && commands.iter().all(|one| one["line"].is_string() && one["values"].is_array())
    );
    let run = async |name: &str, values: Value| {
        admin.rest("POST", &format!("/switches/{KEY}/commands/{name}"), &values).await
    };
    switch.answer("sofia profile internal rescan", "+OK scan complete\n");
    let reply = run("sofia.rescan", json!({"profile": "internal"})).await;
    assert_eq!(
        (reply.status, &reply.json()["reply"]),
        (200, &json!("+OK scan complete\n")),
        "{}",
        reply.text()
    );
    assert_eq!(run("nothing", json!({})).await.status, 404);
    // A recording goes below the directory that the switch names, and nowhere else.
    let recording = "/opt/freeswitch/var/lib/freeswitch/recordings/a/b.wav";
    switch.answer(&format!("uuid_record {CALL} start {recording}"), "+OK Success\n");
    for path in ["a/b.wav", recording] {
        let reply = run("call.record", json!({"uuid": CALL, "action": "start", "path": path})).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }
    switch.forget_heard();
    for (name, values, slot) in [
        ("sofia.rescan", json!({}), "profile"),
        ("sofia.rescan", json!({"profile": "a b"}), "profile"),
        ("sofia.rescan", json!({"profile": "a\nreload mod_sofia"}), "profile"),
        ("sofia.rescan", json!({"profile": ""}), "profile"),
        ("sofia.rescan", json!({"profile": "internal", "x": "y"}), "x"),
        ("call.hangup", json!({"uuid": "all"}), "uuid"),
        ("module.load", json!({"module": "../x"}), "module"),
        ("sofia.killgw", json!({"profile": "internal", "gateway": "_all_"}), "gateway"),
        ("call.broadcast", json!({"uuid": CALL, "path": "system::touch"}), "path"),
        ("call.broadcast", json!({"uuid": CALL, "path": "shell_stream://touch"}), "path"),
        ("call.record", json!({"uuid": CALL, "action": "start", "path": "/etc/cron.d/x.wav"}), "path"),
        ("call.setvar", json!({"uuid": CALL, "name": "api_hangup_hook", "value": "system id"}), "name"),
        ("call.setvar", json!({"uuid": CALL, "name": "hold_music", "value": "system::id"}), "value"),
        ("global.set", json!({"name": "api_on_startup", "value": "system id"}), "name"),
        ("call.originate", json!({"endpoint": "loopback/app=system:id", "destination": "1"}), "endpoint"),
        ("call.originate", json!({"endpoint": "user/1000", "destination": "undef"}), "destination"),
    ] {
        let reply = run(name, values.clone()).await;
        assert_eq!((reply.status, reply.is_problem()), (400, true), "{name} {values}: {}", reply.text());
        assert!(reply.json()["detail"].as_str().unwrap().contains(slot), "{}", reply.text());
    }
    assert!(orders(&switch).is_empty(), "{:?}", orders(&switch));
    let is_call = |line: &String| line.contains("uuid_") || line.contains("originate");
    assert!(!switch.heard().iter().any(is_call), "{:?}", switch.heard());
    switch.answer("reload mod_x", "-ERR unloading module [No such module!]\n");
    let reply = run("module.reload", json!({"module": "mod_x"})).await;
    assert_eq!((reply.status, &reply.json()["code"]), (409, &json!("refused")), "{}", reply.text());
    assert!(reply.text().contains("No such module"), "{}", reply.text());
    // The connection ends before it is answered.
    switch.hold("reload mod_y");
    let asking = async { run("module.reload", json!({"module": "mod_y"})).await };
    let dropping = async {
        until("it is heard", async || switch.heard().contains(&"api reload mod_y".to_owned())).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        switch.close_all();
    };
    let (reply, ()) = tokio::join!(asking, dropping);
    assert_eq!((reply.status, &reply.json()["code"]), (504, &json!("outcome-unknown")), "{}", reply.text());
    switch.release("reload mod_y");
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    let reply = run("reloadacl", json!({})).await;
    assert_eq!((reply.status, &reply.json()["code"]), (503, &json!("no-switch")), "{}", reply.text());
    let audit = admin.get("/audit").await.to_string();
    for detail in ["sofia profile internal rescan", "refused", "outcome unknown", "not sent"] {
        assert!(audit.contains(detail), "{detail}: {audit}");
    }
    pbx.stop().await;
}
