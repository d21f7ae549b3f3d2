//! Whoever asked for something goes away before it is done.

use std::time::Duration;

use custompbx_store::{EffectState, Role};
use custompbx_testkit::event_socket::EventSocket;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{CONF, KEY, driving, effects, played, told, until};
use crate::asking::Client;

/// Asks, and closes the connection when the switch has heard it.
async fn leave<T>(switch: &EventSocket, line: &str, asking: impl Future<Output = T>) {
    switch.hold(line);
    let heard = format!("api {line}");
    tokio::select! {
        _ = asking => panic!("{line} is not answered"),
        () = until("it is heard", async || switch.heard().contains(&heard)) => {}
    }
    // Time enough for the server to see it.
    sleep(Duration::from_millis(250)).await;
    switch.release(line);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_done_and_written_down() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    for module in ["mod_a", "mod_b"] {
        switch.answer(&format!("reload {module}"), "+OK\n");
    }
    let command = json!({"module": "mod_a"});
    let path = format!("/switches/{KEY}/commands/module.reload");
    leave(&switch, "reload mod_a", admin.rest("POST", &path, &command)).await;
    let (path, typed) = (format!("/switches/{KEY}/cli"), json!({"line": "reload mod_b"}));
    leave(&switch, "reload mod_b", admin.rest("POST", &path, &typed)).await;
    leave(&switch, "status post", admin.ask("SendFSCLICommand", json!({"name": "status post"}))).await;
    leave(&switch, "status socket", async {
        let mut socket = pbx.socket().await;
        socket.ask_as(&admin.person, "SendFSCLICommand", json!({"name": "status socket"})).await
    })
    .await;
    let expected = ["reload mod_a", "fs_cli: reload mod_b", "fs_cli: status post", "fs_cli: status socket"];
    let mut details = Vec::new();
    until("all are written down", async || {
        let audit = admin.get("/audit").await;
        let items = audit["items"].as_array().unwrap().iter();
        details = items.filter_map(|item| item["detail"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        expected.iter().all(|line| details.iter().any(|detail| detail.starts_with(line)))
    })
    .await;
    // Each with its outcome, which is good.
    assert!(expected.iter().all(|line| details.contains(&(*line).to_owned())), "{details:?}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_carried_out() {
    const LINE: &str = "sofia profile internal restart";
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer(LINE, "Reload XML [Success]\nrestarting: internal\n");
    let way = format!("{CONF}/sofia.conf profiles profile/internal settings param/sip-port");
    let changed = pbx.set(&way, "value", "5099").await;
    let offer = effects(&pbx, changed.revision).await[0].id.0;
    let path = format!("/switches/{KEY}/offers/{offer}/accept");
    leave(&switch, LINE, admin.rest("POST", &path, &Value::Null)).await;
    until("it is done", async || told(&effects(&pbx, changed.revision).await) == [(LINE, EffectState::Done)])
        .await;
    pbx.stop().await;
}
