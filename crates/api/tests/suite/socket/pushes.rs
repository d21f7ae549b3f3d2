//! Subscriptions, and what comes without being asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use custompbx_pbx::feed::Event;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Setup, SignedIn, Socket, TestPbx, named};
use serde_json::{Map, Value, json};

use super::limits::{figure, with};
use crate::engines::on_both_engines;
use crate::routes::scoped;

on_both_engines!(the_state_of_the_database_is_told, changes_are_told_by_all_who_make_them);

/// A name under which nothing comes by itself in these tests.
const GATEWAYS: &str = "[Config] Get_sofia_profile_gateways";

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn publish(pbx: &TestPbx, name: &'static str, number: i64) {
    pbx.pbx.publish(name, members(&json!({"number": number})));
}

async fn subscribe(socket: &mut Socket, who: &SignedIn, names: &[&str]) -> Value {
    socket.ask_as(who, "SubscriptionList", json!({"values": names})).await
}

fn ok() -> Value {
    json!({"MessageType": "OK"})
}

fn refused(name: &str) -> Value {
    json!({"MessageType": name, "error": "cant subscribe!", "error_code": "cant_subscribe"})
}

/// Which of these names are heard of, each published once.
async fn heard(pbx: &TestPbx, socket: &mut Socket, names: &[&'static str]) -> Vec<String> {
    for name in names {
        publish(pbx, name, 1);
    }
    let mut heard = Vec::new();
    while let Ok(message) = tokio::time::timeout(Duration::from_millis(300), socket.next()).await {
        assert_eq!(message["number"], 1, "{message}");
        heard.push(message["MessageType"].as_str().unwrap().to_owned());
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_checked() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    assert_eq!(subscribe(&mut socket, &admin, &[GATEWAYS]).await, ok());
    let many = vec![GATEWAYS; 11];
    for values in [
        json!([]),
        json!(many),
        json!(["nothing"]),
        json!([GATEWAYS, "nothing"]),
        json!([GATEWAYS, 1]),
        json!([""]),
        json!([null]),
        json!("[Dashboard]"),
        json!({"0": "[Dashboard]"}),
        json!(null),
    ] {
        for event in ["SubscriptionList", "PersistentSubscription"] {
            let reply = socket.ask_as(&admin, event, json!({"values": values})).await;
            assert_eq!(reply, refused(event), "{values}");
        }
    }
    assert_eq!(socket.ask_as(&admin, "SubscriptionList", json!({})).await, refused("SubscriptionList"));
    // What was there before stays.
    assert_eq!(heard(&pbx, &mut socket, &[GATEWAYS]).await, [GATEWAYS]);
    let ten = vec![GATEWAYS; 10];
    assert_eq!(subscribe(&mut socket, &admin, &ten).await, ok());
    // Once, however often it was named; and the names of messages are names of subscriptions.
    assert_eq!(heard(&pbx, &mut socket, &[GATEWAYS]).await, [GATEWAYS]);
    assert_eq!(subscribe(&mut socket, &admin, &[" UserGetOwnTokens "]).await, ok());
    assert_eq!(heard(&pbx, &mut socket, &[GATEWAYS]).await, [""; 0]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_and_persistent() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    let (one, two, three) = (GATEWAYS, "[Config] Get_sofia_profiles", "[Dialplan] Debug");
    let all = [one, two, three];
    assert_eq!(subscribe(&mut socket, &admin, &[one]).await, ok());
    let reply = socket.ask_as(&admin, "PersistentSubscription", json!({"values": [two]})).await;
    assert_eq!(reply, json!({"MessageType": "PersistentSubscription"}));
    assert_eq!(heard(&pbx, &mut socket, &all).await, [one, two]);
    // A list replaces the temporary ones only.
    assert_eq!(subscribe(&mut socket, &admin, &[three]).await, ok());
    assert_eq!(heard(&pbx, &mut socket, &all).await, [two, three]);
    for empty in [json!({}), json!({"name": ""}), json!({"name": " "}), json!({"name": null})] {
        assert_eq!(subscribe(&mut socket, &admin, &[three]).await, ok());
        assert_eq!(socket.ask_as(&admin, "[UnSubscribe]", empty).await, ok());
        assert_eq!(heard(&pbx, &mut socket, &all).await, [two]);
    }
    assert_eq!(subscribe(&mut socket, &admin, &[one, three]).await, ok());
    assert_eq!(socket.ask_as(&admin, "[UnSubscribe]", json!({"name": "nothing"})).await, ok());
    assert_eq!(socket.ask_as(&admin, "[UnSubscribe]", json!({"name": one})).await, ok());
    assert_eq!(socket.ask_as(&admin, "[UnSubscribe]", json!({"name": two})).await, ok());
    assert_eq!(heard(&pbx, &mut socket, &all).await, [three]);
    let reply = socket.ask_as(&admin, "[UnSubscribe]", json!({"name": 1})).await;
    assert_eq!(reply["error"], "wrong data");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_message_can_keep_its_subscription() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    for (keep, expected) in
        [(json!(false), false), (json!("true"), false), (json!(1), false), (json!(true), true)]
    {
        let reply = socket.ask_as(&admin, "relogin", json!({"keep_subscription": keep})).await;
        assert_eq!(reply["MessageType"], "relogin");
        // `relogin` is the name of a message, so somebody could publish under it.
        assert_eq!(heard(&pbx, &mut socket, &["relogin"]).await.is_empty(), !expected, "{keep}");
    }
    // A message that fails keeps nothing.
    let data = json!({"keep_subscription": true, "id": 0});
    assert_eq!(socket.ask_as(&admin, "GetUserTokens", data).await["error"], "wrong id");
    assert!(heard(&pbx, &mut socket, &["GetUserTokens"]).await.is_empty());
    // It is one of the temporary ones.
    assert_eq!(subscribe(&mut socket, &admin, &[GATEWAYS]).await, ok());
    assert_eq!(heard(&pbx, &mut socket, &["relogin", GATEWAYS]).await, [GATEWAYS]);
    pbx.stop().await;
}

/// Fault 23 and the pushes to those who may not have them.
#[tokio::test(flavor = "multi_thread")]
async fn roles_and_scopes_count_for_subscriptions() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let no_access = |reply: &Value| reply["MessageType"] == "no_access" && reply["daemon"].is_object();
    for role in [Role::User, Role::Manager] {
        let who = pbx.sign_in_as(role).await;
        let mut socket = pbx.socket().await;
        assert_eq!(subscribe(&mut socket, &who, &["NewMessage"]).await, ok());
        for event in ["SubscriptionList", "PersistentSubscription"] {
            let reply = socket.ask_as(&who, event, json!({"values": ["NewMessage", GATEWAYS]})).await;
            assert!(no_access(&reply), "{reply}");
        }
        assert_eq!(heard(&pbx, &mut socket, &["NewMessage", GATEWAYS]).await, ["NewMessage"]);
    }
    let login = pbx.add_web_user(Role::Admin).await;
    let narrow = SignedIn { login: login.clone(), token: scoped(&pbx, &login, "switches:read").await };
    let mut socket = pbx.socket().await;
    // Evaluations are of more than the dialplan.
    for other in [GATEWAYS, "[Dialplan] Debug"] {
        assert!(no_access(&subscribe(&mut socket, &narrow, &[other]).await), "{other}");
    }
    assert_eq!(subscribe(&mut socket, &narrow, &["[Effects]"]).await, ok());
    assert_eq!(heard(&pbx, &mut socket, &[GATEWAYS, "[Dialplan] Debug", "[Effects]"]).await, ["[Effects]"]);
    // What was subscribed to with one token is not pushed while the connection stands on another that may not.
    let other = SignedIn { login: login.clone(), token: scoped(&pbx, &login, "directory:read").await };
    assert_eq!(socket.ask_as(&other, "relogin", json!({})).await["MessageType"], "relogin");
    assert!(heard(&pbx, &mut socket, &["[Effects]"]).await.is_empty());
    pbx.stop().await;
}

/// By POST nobody stays to hear anything.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_it_by_post() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    for event in [
        "SubscriptionList",
        "PersistentSubscription",
        "[UnSubscribe]",
        "relogin",
        "[Auth] Logout",
        "AddUserToken",
        "GetUserTokens",
        "UserGetOwnTokens",
        "RemoveUserToken",
    ] {
        let message = json!({"event": event, "data": {"token": admin.token, "values": [GATEWAYS], "id": 1}});
        let reply = pbx.http("POST", "/api/v1", &[], message.to_string().as_bytes()).await;
        let expected = json!({
            "MessageType": event, "error": "available with WebSocket only", "error_code": "websocket_only",
        });
        assert_eq!((reply.status, reply.json()), (200, expected), "{event}");
    }
    for event in ["login", "get_status"] {
        let message = json!({"event": event, "data": {"login": admin.login, "password": "x"}});
        let reply = pbx.http("POST", "/api/v1", &[], message.to_string().as_bytes()).await;
        assert_eq!((reply.status, &reply.json()["error_code"]), (401, &json!("websocket_only")), "{event}");
    }
    pbx.stop().await;
}

/// A subscriber that does not keep up hears that it missed something, of each name once, and then what comes next.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_lags_reads_again() {
    let pbx = with(|settings| settings.queue_size = 2).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    let (one, two, last) = (GATEWAYS, "[Dialplan] Debug", "[Config][Get] Modules");
    assert_eq!(subscribe(&mut socket, &admin, &[one, two, last]).await, ok());
    // Nothing is read until the way to it is full, and the queue with it.
    let large = "x".repeat(500_000);
    for number in 0..100 {
        for name in [one, two] {
            pbx.pbx.publish(name, members(&json!({"number": number, "large": large})));
        }
    }
    // Of this one nothing is large, but by then there is no room for so many.
    for number in 0..50 {
        publish(&pbx, last, number);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (mut resyncs, mut pushes) = (BTreeSet::new(), 0);
    while let Ok(message) = tokio::time::timeout(Duration::from_secs(2), socket.next()).await {
        if message["resync"] == true {
            assert_eq!(message.as_object().unwrap().len(), 2, "{message}");
            resyncs.insert(message["MessageType"].as_str().unwrap().to_owned());
        } else {
            pushes += 1;
        }
    }
    assert_eq!(resyncs.iter().map(String::as_str).collect::<Vec<_>>(), [one, last, two]);
    assert!(pushes < 200, "nothing was left out");
    // From here on it hears everything again.
    assert_eq!(heard(&pbx, &mut socket, &[one, two]).await, [one, two]);
    // It was not closed for that.
    assert_eq!(figure(&pbx, "queue_overflows").await, 0);
    pbx.stop().await;
}

/// The database goes and comes back: everybody is told, whether signed in or not.
async fn the_state_of_the_database_is_told(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut sockets = [pbx.socket().await, pbx.socket().await];
    assert_eq!(subscribe(&mut sockets[0], &admin, &[GATEWAYS]).await, ok());
    let state = |message: &Value, up: bool| {
        assert_eq!(message["MessageType"], "connection");
        assert_eq!(message["daemon"]["database_connection"], up, "{message}");
        assert_eq!(message["daemon"]["data_base_error"].is_null(), up, "{message}");
        assert_eq!(message.as_object().unwrap().len(), 2, "{message}");
    };
    pbx.take_database_away().await;
    for socket in &mut sockets {
        state(&socket.next().await, false);
    }
    // Every message that needs it is answered with that.
    for event in ["relogin", "AddUserToken", "SubscriptionList", "[Auth] Logout"] {
        state(&sockets[0].ask_as(&admin, event, json!({})).await, false);
    }
    state(&sockets[0].ask("login", json!({"login": "a", "password": "b"})).await, false);
    state(&sockets[0].ask("get_status", json!({})).await, false);
    let posted = json!({"event": "relogin", "data": {"token": admin.token}}).to_string();
    let posted = pbx.http("POST", "/api/v1", &[], posted.as_bytes()).await;
    assert_eq!(posted.status, 503);
    state(&posted.json(), false);
    pbx.give_database_back().await;
    for socket in &mut sockets {
        state(&socket.next().await, true);
    }
    // Who was signed in still is, and hears what it subscribed to.
    assert_eq!(heard(&pbx, &mut sockets[0], &[GATEWAYS]).await, [GATEWAYS]);
    assert_eq!(sockets[0].ask_as(&admin, "relogin", json!({})).await["MessageType"], "relogin");
    pbx.stop().await;
}

/// Each revision is told once, whoever wrote it, after FreeSWITCH gets it.
async fn changes_are_told_by_all_who_make_them(engine: Engine) {
    use custompbx_model::{At, Edit};
    let pbx = Setup::on(engine).start().await;
    let instance = pbx.pbx.instance("default").await.unwrap();
    let mut events = pbx.pbx.events();
    let root = pbx.tree().await.id;
    let edit =
        |name: &str| vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![named("section", name)] }];
    let mut made = Vec::new();
    for name in ["one", "two"] {
        made.push(pbx.change(edit(name)).await.revision.unwrap());
    }
    let other = pbx.another_store().await;
    let author = custompbx_store::Author { actor: "other".into(), origin: "test".into(), at_ms: 1 };
    for name in ["three", "four"] {
        let applied = other.apply(instance.id, &author, "beside", edit(name)).await.unwrap();
        made.push(applied.revision.unwrap());
    }
    let mut told = Vec::new();
    while told.len() < made.len() {
        let event = tokio::time::timeout(Duration::from_secs(5), events.recv()).await.unwrap().unwrap();
        if let Event::TreeChanged { instance: changed, revision } = event {
            assert_eq!(changed, instance.id);
            assert!(pbx.pbx.snapshot().unwrap().revision >= revision.0);
            told.push(revision);
        }
    }
    assert_eq!(told, made);
    other.close().await;
    pbx.stop().await;
}
