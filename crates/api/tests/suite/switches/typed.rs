//! Typed commands: `fs_cli` by messages and by REST.

use custompbx_store::Role;
use serde_json::json;

use super::{KEY, driving, orders, played};
use crate::asking::{Client, WAYS};
use crate::routes::scoped;

const CLI: &str = "SendFSCLICommand";

#[tokio::test(flavor = "multi_thread")]
async fn what_freeswitch_prints_is_the_answer() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer("echo hello", "hello");
    switch.answer("nosuch", "-ERR nosuch Command not found!\n");
    for way in WAYS {
        for line in ["echo hello", "  echo hello ", "api echo hello"] {
            let reply = admin.ask_by(way, CLI, json!({"name": line})).await;
            assert_eq!((&reply["response"], &reply["cut"]), (&json!("hello"), &json!(false)), "{reply}");
        }
        let reply = admin.ask_by(way, CLI, json!({"name": "nosuch"})).await;
        assert_eq!(reply["response"], "-ERR nosuch Command not found!\n", "{reply}");
    }
    for empty in [json!({}), json!({"name": ""}), json!({"name": null}), json!({"name": 1})] {
        admin.refused(CLI, empty, "empty command").await;
    }
    switch.forget_heard();
    for line in ["status\nreload mod_sofia", "status\r\n\r\nexit", "status\rexit", "a\u{0}b", " \n "] {
        for way in WAYS {
            let reply = admin.ask_by(way, CLI, json!({"name": line})).await;
            assert!(reply["error"].is_string(), "{line:?}: {reply}");
        }
        let path = format!("/switches/{KEY}/cli");
        admin.rest_refused("POST", &path, &json!({"line": line}), 400).await;
    }
    assert!(orders(&switch).is_empty(), "{:?}", switch.heard());
    // What was typed is kept, each line once, for oneself only.
    let lines = admin.get(&format!("/switches/{KEY}/cli")).await;
    assert_eq!(lines["items"], json!(["echo hello", "nosuch"]));
    let other = Client::new(&pbx, Role::Admin).await;
    assert_eq!(other.get(&format!("/switches/{KEY}/cli")).await["items"], json!([]));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_cut_between_letters() {
    const MOST: usize = 1024 * 1024;
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer("echo long", &format!("a{}", "ü".repeat(MOST)));
    switch.answer("echo just", &"x".repeat(MOST));
    let path = format!("/switches/{KEY}/cli");
    for (line, length, cut) in [("echo long", MOST - 1, true), ("echo just", MOST, false)] {
        let reply = admin.ask(CLI, json!({"name": line})).await;
        assert_eq!((reply["response"].as_str().unwrap().len(), &reply["cut"]), (length, &json!(cut)));
        let reply = admin.rest("POST", &path, &json!({"line": line})).await.json();
        assert_eq!((reply["text"].as_str().unwrap().len(), &reply["cut"]), (length, &json!(cut)));
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_run_programs_needs_more() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let login = &admin.person.login;
    switch.answer_with("system", |_| "ran".to_owned());
    switch.answer_with("expand", |_| "ran".to_owned());
    let path = format!("/switches/{KEY}/cli");
    let typed = async |token: &str, line: &str| {
        let bearer = format!("Bearer {token}");
        let body = json!({"line": line}).to_string();
        let headers = [("Authorization", &*bearer), ("Content-Type", "application/json")];
        pbx.http("POST", &format!("/api/v2{path}"), &headers, body.as_bytes()).await
    };
    let by_message = async |token: &str, line: &str| {
        let text = json!({"event": CLI, "data": {"token": token, "name": line}}).to_string();
        pbx.http("POST", "/api/v1", &[("Content-Type", "application/json")], text.as_bytes()).await.json()
    };
    let some = scoped(&pbx, login, "fs_cli:write").await;
    let read = scoped(&pbx, login, "fs_cli:read").await;
    switch.forget_heard();
    assert_eq!(typed(&some, "status").await.status, 200);
    assert_eq!(typed(&read, "status").await.status, 403);
    for line in [
        "system id",
        "expand echo ${system(id)}",
        "api system id",
        "SYSTEM id",
        "status;;system id",
        "echo ${system(id)}",
        "uuid_broadcast x system::id",
        "global_setvar api_on_startup=system id",
        "no_such_system_command",
    ] {
        let reply = typed(&some, line).await;
        assert_eq!((reply.status, reply.is_problem()), (403, true), "{line}: {}", reply.text());
        let text = reply.text();
        assert!(text.contains("system:write") && text.contains("sofia status"), "{text}");
        let reply = by_message(&some, line).await;
        assert!(reply["error"].is_string() || reply["MessageType"] == "no_access", "{line}: {reply}");
        assert!(reply.get("response").is_none(), "{reply}");
    }
    assert!(
        switch.heard().iter().all(|line| !line.to_lowercase().contains("system")),
        "{:?}",
        switch.heard()
    );
    let reply = admin.rest("POST", &path, &json!({"line": "system id"})).await.json();
    assert_eq!(reply, json!({"text": "ran", "cut": false}));
    assert_eq!(admin.ask(CLI, json!({"name": "system id"})).await["response"], "ran");
    pbx.stop().await;
}
