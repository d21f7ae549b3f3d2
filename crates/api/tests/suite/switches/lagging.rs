//! Pushes while the database does not answer.

use std::time::Duration;

use custompbx_store::Role;
use custompbx_testkit::event_socket::{PASS, channel_uuid, channels_json};
use custompbx_testkit::server::{Engine, Setup, log};
use serde_json::{Map, Value};
use tokio::time::sleep;

use super::pushes::{CALL, channel, push, subscribe};
use super::{live, played, until};
use crate::asking::Client;

/// What is in memory is told at once. What is made with the database is told when that is back: all of it, where more
/// happened meanwhile than is kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_live_does_not_wait_for_it() {
    const USERS: &str = "[Users] Get_users";
    let switch = played();
    let pbx = Setup::on(Engine::Postgres).driving(switch.address(), PASS).start().await;
    pbx.import_vanilla().await;
    live(&pbx).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let (mut stream, mut users) = (pbx.socket().await, pbx.socket().await);
    subscribe(&mut stream, &admin.person, "[Live]").await;
    subscribe(&mut users, &admin.person, USERS).await;
    // The switch has the call that is told of.
    switch.answer("show channels count", "1 total.\n");
    switch.answer("show channels as json", &channels_json(1).replace(&channel_uuid(0), CALL));
    pbx.place().stall_database();
    for (event, state) in [("CHANNEL_CREATE", "RINGING"), ("CHANNEL_ANSWER", "ACTIVE")] {
        channel(&switch, event, state);
        let is_it = |message: &Value| {
            let mut changes = message["changes"].as_array().into_iter().flatten();
            changes.any(|change| change["row"]["callstate"] == state || change["set"]["callstate"] == state)
        };
        push(&mut stream, state, is_it).await;
    }
    for _ in 0..300 {
        // Not so many at once that those miss something who do not wait.
        for _ in 0..5 {
            pbx.pbx.publish("[Dashboard]", Map::new());
        }
        sleep(Duration::from_millis(1)).await;
    }
    pbx.place().let_database_go_on();
    let resync = |message: &Value| message["MessageType"] == USERS && message["resync"] == true;
    push(&mut users, "that all is to be read", resync).await;
    until("it is seen what was missed", async || !log::lines_with(&["telling all of it"]).is_empty()).await;
    until("the database answers", async || pbx.pbx.is_connected().await).await;
    // Whose the call is that goes on is known. Whoever asks for the channels hears the same.
    switch.answer("show channels count", "0 total.\n");
    switch.answer("show channels as json", &channels_json(0));
    channel(&switch, "CHANNEL_DESTROY", "HANGUP");
    let ended = |message: &Value| {
        message["MessageType"] == USERS && message.to_string().contains("\"in_call\":false")
    };
    push(&mut users, "the end of the call", ended).await;
    pbx.stop().await;
}
