//! Settings of the interface.

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx};
use serde_json::{Value, json};

use crate::asking::Client;
use crate::engines::on_both_engines;

on_both_engines!(they_are_kept, what_is_none_is_refused);

async fn they_are_kept(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let all =
        json!({"cdr_module": "", "cdr_table": 5, "cdr_file_serve_column": null, "cdr_file_server_path": ""});
    let get =
        async || admin.ask("GetWebSettings", json!({ "web_settings": all })).await["web_settings"].clone();
    let none =
        json!({"cdr_file_serve_column": "", "cdr_file_server_path": "", "cdr_module": "", "cdr_table": ""});
    assert_eq!(get().await, none);
    let sent = json!({"cdr_module": " cdr_pg_csv ", "cdr_file_server_path": "/var/lib/recordings"});
    let saved = admin.ask("SaveWebSettings", json!({ "web_settings": sent })).await;
    let expected = json!({"cdr_file_server_path": "/var/lib/recordings", "cdr_module": "cdr_pg_csv"});
    assert_eq!(saved, json!({"MessageType": "SaveWebSettings", "web_settings": expected}));
    assert_eq!(get().await["cdr_module"], "cdr_pg_csv");
    admin.ask("SaveWebSettings", json!({"web_settings": {"cdr_module": ""}})).await;
    assert_eq!(get().await["cdr_module"], "");
    let reply = admin.rest("PATCH", "/web-settings", &json!({"cdr_table": "public.cdr"})).await;
    assert_eq!((reply.status, &reply.json()["cdr_table"]), (200, &json!("public.cdr")));
    assert_eq!(admin.get("/web-settings").await, get().await);
    // Another node on the same database has them too.
    let other = pbx.beside().await;
    assert_eq!(other.pbx.web_settings(&["cdr_table"]).await.unwrap()["cdr_table"], "public.cdr");
    other.stop().await;
    pbx.stop().await;
}

async fn what_is_none_is_refused(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    for event in ["GetWebSettings", "SaveWebSettings"] {
        for data in
            [json!({}), json!({"web_settings": {}}), json!({"web_settings": []}), json!({"web_settings": 1})]
        {
            admin.refused(event, data, "empty request").await;
        }
        let data = json!({"web_settings": {"cdr_module": "auto", "colour": "x"}});
        admin.refused(event, data, "colour: there is no such setting").await;
    }
    for value in [json!(1), json!(null), json!({})] {
        admin.refused("SaveWebSettings", json!({"web_settings": {"cdr_table": value}}), "wrong data").await;
    }
    for (name, value, text) in [
        ("cdr_module", "csv", "cdr_module: must be auto, cdr_pg_csv or odbc_cdr"),
        (
            "cdr_table",
            "cdr; DROP TABLE node",
            "cdr_table: must be the name of a table, such as cdr or public.cdr",
        ),
        ("cdr_file_serve_column", "a-b", "cdr_file_serve_column: must be the name of a column"),
        ("cdr_file_server_path", "../x", "cdr_file_server_path: must be the absolute path of a directory"),
    ] {
        let mut settings = serde_json::Map::from_iter([("cdr_module".to_owned(), "auto".into())]);
        settings.insert(name.to_owned(), value.into());
        admin.refused("SaveWebSettings", json!({ "web_settings": settings }), text).await;
        let reply = admin.rest("PATCH", "/web-settings", &Value::Object(settings)).await;
        assert_eq!((reply.status, reply.is_problem()), (422, true));
    }
    assert_eq!(admin.get("/web-settings").await["cdr_module"], "", "all or nothing");
    pbx.stop().await;
}
