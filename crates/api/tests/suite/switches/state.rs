//! `daemon`: how the connections are, asked for and pushed.

use custompbx_store::Role;
use serde_json::{Value, json};

use super::{driving, live, played, pushes};
use crate::asking::{Client, WAYS};

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
    for way in WAYS {
        let reply = admin.ask_by(way, "get_status", json!({})).await;
        let daemon = &reply["daemon"];
        assert_eq!(daemon["esl_connection"], false, "{reply}");
        assert!(daemon["esl_error"].as_str().is_some_and(|error| !error.is_empty()), "{reply}");
        // One has nothing to do with the other (a documented fault of the reference).
        assert_eq!(
            (&daemon["database_connection"], &daemon["data_base_error"]),
            (&json!(true), &Value::Null)
        );
    }
    switch.start_again();
    let back = pushes::push(&mut socket, "that it is back", is(true)).await;
    assert_eq!(back["daemon"]["esl_error"], Value::Null, "{back}");
    live(&pbx).await;

    pbx.take_database_away().await;
    let reply = admin_status(&pbx, &admin).await;
    assert_eq!(
        (&reply["daemon"]["database_connection"], &reply["daemon"]["esl_connection"]),
        (&json!(false), &json!(true)),
        "{reply}"
    );
}

async fn admin_status(pbx: &custompbx_testkit::server::TestPbx, admin: &Client<'_>) -> Value {
    // Without its database a server may not know who asks; the refusal has the same member.
    let text = json!({"event": "get_status", "data": {"token": admin.person.token}}).to_string();
    pbx.http("POST", "/api/v1", &[("Content-Type", "application/json")], text.as_bytes()).await.json()
}
