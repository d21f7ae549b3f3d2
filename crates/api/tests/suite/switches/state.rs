//! `daemon`: how the connections are, asked for and pushed.

use std::time::Duration;

use custompbx_store::Role;
use serde_json::{Value, json};

use super::{driving, live, played, pushes};
use crate::asking::Client;

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_and_comes_back() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    let first = socket.ask_as(&admin.person, "get_status", json!({})).await;
    assert_eq!(
        (&first["daemon"]["esl_connection"], &first["daemon"]["esl_error"]),
        (&json!(true), &Value::Null),
        "{first}"
    );
    switch.stop();
    let is = |connected: bool| {
        move |message: &Value| {
            message["MessageType"] == "connection" && message["daemon"]["esl_connection"] == connected
        }
    };
    pushes::push(&mut socket, "that it is away", is(false)).await;
    // The trouble may be another one at first. That it is still away is no news.
    let mut news = 0;
    while !socket.is_silent_for(Duration::from_millis(800)).await {
        news += 1;
        assert!(news < 4, "it is told again and again");
    }
    let reply = socket.ask_as(&admin.person, "get_status", json!({})).await;
    let daemon = &reply["daemon"];
    assert_eq!(daemon["esl_connection"], false, "{reply}");
    assert!(daemon["esl_error"].as_str().is_some_and(|error| !error.is_empty()), "{reply}");
    // One has nothing to do with the other (a documented fault of the reference).
    assert_eq!((&daemon["database_connection"], &daemon["data_base_error"]), (&json!(true), &Value::Null));
    switch.start_again();
    let back = pushes::push(&mut socket, "that it is back", is(true)).await;
    assert_eq!(back["daemon"]["esl_error"], Value::Null, "{back}");
    live(&pbx).await;

    pbx.take_database_away().await;
    let away = |message: &Value| message["daemon"]["database_connection"] == false;
    let message = pushes::push(&mut socket, "that the database is away", away).await;
    assert_eq!(message["daemon"]["esl_connection"], true, "{message}");
    pbx.kill().await;
}
