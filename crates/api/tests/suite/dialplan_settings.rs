//! How the dialplan of an instance is served, by REST.

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx};
use serde_json::json;

use crate::asking::Client;
use crate::engines::on_both_engines;

on_both_engines!(they_are_those_of_the_messages);

async fn they_are_those_of_the_messages(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    admin.ask("DialplanChangeNotProceed", json!({ "enabled": false })).await;
    admin.ask("[Dialplan][Switch] Debug", json!({ "enabled": true })).await;
    let rest = "/instances/default/dialplan-settings";
    let by_rest = |no_proceed: bool, debug: bool| {
        let mode = if no_proceed { "whole" } else { "evaluated" };
        json!({ "mode": mode, "no_proceed": no_proceed, "contexts": {}, "debug": debug })
    };
    assert_eq!(admin.get(rest).await, by_rest(false, true));
    for (change, expected) in [
        (json!({ "no_proceed": true }), by_rest(true, true)),
        (json!({}), by_rest(true, true)),
        (json!({ "debug": false, "no_proceed": false }), by_rest(false, false)),
    ] {
        let reply = admin.rest("PATCH", rest, &change).await;
        assert_eq!((reply.status, reply.json()), (200, expected.clone()));
        assert_eq!(admin.get(rest).await, expected);
    }
    for (path, body, status) in [
        (rest, json!({ "no_proceed": 1 }), 422),
        (rest, json!({ "unknown": true }), 422),
        (rest, json!({ "mode": "half" }), 422),
        (rest, json!({ "mode": "whole", "no_proceed": false }), 422),
        (rest, json!({ "contexts": { "public": "half" } }), 422),
        (rest, json!({ "contexts": { "": "whole" } }), 400),
        (rest, json!([true]), 422),
        ("/instances/nowhere/dialplan-settings", json!({}), 404),
    ] {
        assert_eq!(admin.rest("PATCH", path, &body).await.status, status, "{path} {body}");
    }
    let audit = admin.get("/audit").await;
    assert_eq!(audit["items"][0]["action"], "dialplan_setting.save", "{audit}");
    assert_eq!(
        (&audit["items"][0]["target"], &audit["items"][0]["detail"]),
        (&json!("dialplan.mode"), &json!("evaluated"))
    );
    let contexts = json!({ "mode": "checked", "contexts": { "Public": "evaluated", "default": "whole" } });
    let shown = admin.rest("PATCH", rest, &contexts).await.json();
    let of_contexts = json!({ "public": "evaluated", "default": "whole" });
    assert_eq!((&shown["contexts"], &shown["no_proceed"]), (&of_contexts, &json!(true)), "{shown}");
    let without = json!({ "mode": "evaluated", "contexts": { "public": null, "default": null } });
    assert_eq!(admin.rest("PATCH", rest, &without).await.json(), by_rest(false, false));
    let answer = admin.ask("DialplanGetSettings", json!({})).await;
    assert_eq!(answer["dialplan_settings"], json!({ "no_proceed": false, "enable_debug": false }));
    pbx.stop().await;
}
