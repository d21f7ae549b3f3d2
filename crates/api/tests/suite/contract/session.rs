//! Signing in, tokens, subscriptions: the examples in their order, on one connection. They come by WebSocket only, as
//! the documentation says.

use std::sync::LazyLock;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASSWORD, TestPbx};
use serde_json::{Value, json};

use super::events::Event;
use crate::engines::on_both_engines;

on_both_engines!(a_session_from_sign_in_to_sign_out);

pub(super) static EVENTS: LazyLock<Vec<Event>> =
    LazyLock::new(|| Event::all(include_str!("../../contract/session.json")));

/// Where the documentation and the recorded answers of the reference implementation differ, the documentation counts.
const ANSWERED_AS: &[(&str, &str)] =
    &[("UserGetOwnTokens", "GetUserTokens"), ("SubscriptionList", "OK"), ("[UnSubscribe]", "OK")];

/// What an answer must look like: the example, and the name under which it comes.
pub(super) fn expected(event: &Event) -> Value {
    let mut answer = event.example_answer().clone();
    if let Some((_, name)) = ANSWERED_AS.iter().find(|(asked, _)| *asked == event.name()) {
        answer["MessageType"] = (*name).into();
    }
    // What the documentation has besides is answered besides.
    for (name, form) in event.documented_form().and_then(Value::as_object).into_iter().flatten() {
        if answer.get(name).is_none() {
            answer[name] = value_of(form);
        }
    }
    answer
}

/// A value of a form of the documentation.
fn value_of(form: &Value) -> Value {
    match form {
        Value::Object(members) => members.iter().map(|(name, form)| (name.clone(), value_of(form))).collect(),
        Value::String(word) if word == "int" => 0.into(),
        other => other.clone(),
    }
}

/// The same members with values of the same types. `null` is any: the example shows one of several states.
fn same_form(way: &str, example: &Value, actual: &Value) {
    match (example, actual) {
        (Value::Object(example), Value::Object(actual)) => {
            let names = |members: &serde_json::Map<String, Value>| {
                // Left out until there is one.
                members.keys().filter(|name| *name != "last_used").cloned().collect::<Vec<_>>()
            };
            let (mut expected, mut found) = (names(example), names(actual));
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "{way}");
            for (name, value) in example {
                same_form(&format!("{way}/{name}"), value, &actual[name]);
            }
        }
        (Value::Array(example), Value::Array(actual)) => {
            assert!(!actual.is_empty(), "{way} is empty");
            actual.iter().for_each(|value| same_form(&format!("{way}/[]"), &example[0], value));
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (example, actual) => {
            assert_eq!(
                std::mem::discriminant(example),
                std::mem::discriminant(actual),
                "{way} is {actual}, like {example}"
            );
        }
    }
}

async fn a_session_from_sign_in_to_sign_out(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let other = pbx.sign_in_as(Role::User).await;
    let store = pbx.pbx.store().unwrap();
    let other = store.web_user_by_login(&other.login).await.unwrap().unwrap().id.0;
    let mut socket = pbx.socket().await;
    let (mut token, mut made) = (Value::Null, Value::Null);
    let order = [
        "get_status",
        "login",
        "relogin",
        "AddUserToken",
        "GetUserTokens",
        "UserGetOwnTokens",
        "RemoveUserToken",
        "SubscriptionList",
        "PersistentSubscription",
        "[UnSubscribe]",
        "[Auth] Logout",
    ];
    assert_eq!(order.len(), EVENTS.len());
    for name in order {
        let event = EVENTS.iter().find(|event| event.name() == name).unwrap();
        let mut data = event.example_request();
        match name {
            "login" => data = json!({"login": admin.login, "password": PASSWORD}),
            "RemoveUserToken" => data["id"] = made.clone(),
            _ if data.get("id").is_some() => data["id"] = other.into(),
            _ => {}
        }
        if !["get_status", "login"].contains(&name) {
            data["token"] = token.clone();
        }
        let posted = json!({"event": name, "data": data}).to_string();
        let posted = pbx.http("POST", "/api/v1", &[], posted.as_bytes()).await;
        assert_eq!(posted.json()["error_code"], "websocket_only", "{name}");

        let answer = socket.ask(name, data).await;
        let expected = expected(event);
        assert_eq!(answer["MessageType"], expected["MessageType"], "{name}: {answer}");
        same_form(name, &expected, &answer);
        match name {
            "login" => {
                token = answer["token"].clone();
                assert_eq!(answer["user"]["login"], admin.login);
            }
            "relogin" => assert_eq!(answer["token"], token),
            "AddUserToken" => {
                made = answer["tokens_list"][0]["id"].clone();
                assert_eq!(
                    (&answer["id"], answer["tokens_list"].as_array().unwrap().len()),
                    (&json!(other), 1)
                );
            }
            "GetUserTokens" => {
                let tokens = answer["tokens_list"].as_array().unwrap();
                assert!(tokens.iter().any(|token| token["id"] == made), "{answer}");
            }
            "RemoveUserToken" => {
                assert_eq!((&answer["id"], &answer["affected_id"]), (&json!(other), &made));
                assert_eq!((&answer["event"], &answer["data"]["id"]), (&json!(name), &made));
            }
            _ => {}
        }
    }
    let ended = socket.ask("relogin", json!({"token": token})).await;
    assert_eq!((&ended["MessageType"], &ended["no_token"]), (&json!("connection"), &json!(true)));
    pbx.stop().await;
}
