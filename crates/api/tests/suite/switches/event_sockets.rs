//! Switches that are not in the configuration, and why one does not work with us.

use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, Manner, PASS};
use custompbx_testkit::server::{Engine, Setup, TestPbx, log};
use serde_json::{Value, json};

use super::{KEY, live, played, until};
use crate::asking::Client;

const SECRET: &str = "a password that nobody sees";

fn second() -> EventSocket {
    let switch = played();
    switch.answer("switchname", "fs2");
    switch
}

async fn both(first: &EventSocket) -> TestPbx {
    let pbx = Setup::on(Engine::Sqlite).driving(first.address(), PASS).start().await;
    live(&pbx).await;
    pbx
}

fn place(switch: &EventSocket, pass: &str) -> Value {
    json!({"host": "127.0.0.1", "port": switch.address().port(), "pass": pass})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_switch_is_driven_until_it_is_deleted() {
    let (first, second) = (played(), second());
    let pbx = both(&first).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let path = "/switches/FS2/event-socket";
    assert_eq!(admin.rest("PUT", path, &place(&second, SECRET)).await.status, 204);
    let trouble = async || admin.get("/switches/fs2").await["trouble"].clone();
    until("the password is refused", async || {
        admin.rest("GET", "/switches/fs2", &Value::Null).await.status == 200 && trouble().await.is_string()
    })
    .await;
    let shown = [
        admin.get("/switches/fs2").await.to_string(),
        admin.get("/switches").await.to_string(),
        admin.get("/switches/fs2/doctor").await["checks"].to_string(),
        admin.get("/audit").await.to_string(),
    ];
    assert!(shown.iter().all(|text| !text.contains(SECRET)), "{shown:?}");
    assert_eq!(admin.rest("PUT", path, &place(&second, PASS)).await.status, 204);
    until("it is live", async || admin.get("/switches/fs2").await["phase"] == "live").await;
    let one = admin.get("/switches/fs2").await;
    assert_eq!(
        (&one["name"], &one["key"], &one["configured"]),
        (&json!("fs2"), &json!("fs2"), &json!(false))
    );
    let all = admin.get("/switches").await;
    let keys: Vec<&str> =
        all["items"].as_array().unwrap().iter().filter_map(|one| one["key"].as_str()).collect();
    assert_eq!(keys, [KEY, "fs2"]);
    second.answer("reloadacl", "+OK acl reloaded\n");
    second.forget_heard();
    let reply = admin.rest("POST", "/switches/fs2/commands/reloadacl", &json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(second.heard().contains(&"api reloadacl".to_owned()));
    assert!(!first.heard().contains(&"api reloadacl".to_owned()));
    // It outlasts a start.
    drop(admin);
    let pbx = pbx.restart().await;
    let admin = Client::new(&pbx, Role::Admin).await;
    until("it is live", async || {
        admin.rest("GET", "/switches/fs2", &Value::Null).await.json()["phase"] == "live"
    })
    .await;
    assert_eq!(admin.rest("DELETE", path, &Value::Null).await.status, 204);
    until("it is left alone", async || second.connections() == 0).await;
    admin.rest_refused("GET", "/switches/fs2", &Value::Null, 404).await;
    admin.rest_refused("DELETE", path, &Value::Null, 404).await;
    assert_eq!(log::lines_with(&[SECRET]), [""; 0]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_checked() {
    let first = played();
    let pbx = both(&first).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let good = || json!({"host": "127.0.0.1", "port": 8021, "pass": "x"});
    let with = |name: &str, value: Value| {
        let mut body = good();
        body[name] = value;
        body
    };
    for (body, status) in [
        (with("host", json!("")), 400),
        (with("host", json!("a b")), 400),
        (with("host", json!("x".repeat(300))), 400),
        (with("port", json!(0)), 400),
        (with("port", json!(65536)), 422),
        (with("pass", json!("a\nb")), 400),
        (with("timeout", json!(0)), 400),
        (with("timeout", json!(301)), 400),
        (with("colour", json!(1)), 422),
        (json!({}), 422),
        (json!([]), 422),
    ] {
        admin.rest_refused("PUT", "/switches/fs9/event-socket", &body, status).await;
    }
    for name in [KEY, "fs1", "FS1", "a%2Fb", "%00"] {
        admin.rest_refused("PUT", &format!("/switches/{name}/event-socket"), &good(), 400).await;
    }
    assert_eq!(admin.get("/switches").await["items"].as_array().unwrap().len(), 1);
    pbx.stop().await;
}

/// What the doctor finds at the event socket.
async fn found(admin: &Client<'_>) -> Value {
    let report = admin.get(&format!("/switches/{KEY}/doctor")).await;
    assert!(report["snippets"]["xml_curl"].as_str().unwrap().contains("xml_curl.conf"), "{report}");
    report["checks"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_why() {
    let switch = played();
    let pbx = both(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let fine = found(&admin).await;
    assert_eq!((&fine["what"], &fine["state"]), (&json!("event socket"), &json!("good")), "{fine}");
    for (manner, word) in [(Manner::WrongPassword, "password"), (Manner::Rude, "acl")] {
        switch.behave(manner);
        switch.close_all();
        until("the doctor sees it", async || {
            let check = found(&admin).await;
            check["state"] == "bad" && check.to_string().to_lowercase().contains(word)
        })
        .await;
        assert_ne!(found(&admin).await["remedy"], "");
    }
    switch.behave(Manner::Answers);
    live_again(&admin).await;
    switch.stop();
    until("the doctor sees that nobody is there", async || found(&admin).await["state"] == "bad").await;
    let report = admin.get(&format!("/switches/{KEY}/doctor")).await;
    assert_eq!(report["checks"].as_array().unwrap().len(), 1, "{report}");
    switch.start_again();
    live_again(&admin).await;
    assert_eq!(found(&admin).await["state"], "good");
    pbx.stop().await;
}

async fn live_again(admin: &Client<'_>) {
    until("it is live", async || admin.get(&format!("/switches/{KEY}")).await["phase"] == "live").await;
}
