//! Every message is there, under each of its names, with its rule; and nobody gets past a rule.

use custompbx_api::access::Access;
use custompbx_api::messages::table::{self, Transport};
use custompbx_model::modules;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, SignedIn, TestPbx};
use serde_json::json;

use super::events::EVENTS;

#[test]
fn every_message_is_in_the_table_with_its_rule() {
    let mut lines = Vec::new();
    for event in EVENTS.iter() {
        for name in event.names() {
            let message = table::find(name).unwrap_or_else(|| panic!("{name} is not in the table"));
            assert_eq!(message.names, event.names(), "{name}");
            let role = match message.access {
                Access::Role(role) => role.as_str(),
                _ => "none",
            };
            assert_eq!(role, event.role(), "{name}");
            assert_eq!(message.transport, Transport::Both, "{name}");
        }
        let message = table::find(event.name()).unwrap();
        let documented = if event.is_documented() { ", documented" } else { "" };
        lines.push(format!("{}: {}, {}{documented}", message.names.join(" | "), event.role(), message.scope));
    }
    insta::assert_snapshot!("messages", lines.join("\n"));
    // And none is there that nobody knows of.
    for message in modules::messages() {
        assert!(EVENTS.iter().any(|event| event.names() == message.names), "{:?}", message.names);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_past_a_rule() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let others = [pbx.sign_in_as(Role::Manager).await, pbx.sign_in_as(Role::User).await];
    let post = async |name: &str, who: Option<&SignedIn>| {
        let data = match who {
            Some(who) => json!({ "token": who.token, "id": 1, "name": "x", "enabled": true }),
            None => json!({ "id": 1 }),
        };
        let body = json!({ "event": name, "data": data }).to_string();
        pbx.http("POST", "/api/v1", &[("Content-Type", "application/json")], body.as_bytes()).await
    };
    for event in EVENTS.iter() {
        for name in event.names() {
            assert_eq!(post(name, None).await.status, 401, "{name}");
            for other in &others {
                let reply = post(name, Some(other)).await;
                let answer = reply.json();
                assert_eq!(
                    (reply.status, &answer["MessageType"]),
                    (200, &json!("no_access")),
                    "{name}: {answer}"
                );
            }
        }
    }
    pbx.stop().await;
}
