//! Every message of the table with everybody who could send it, and with every kind of token: a new message without a
//! thought is a red test.

use custompbx_api::access::Access;
use custompbx_api::messages::table::{self, Message, Transport};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Setup, TestPbx};
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::routes::{is_enough, may, rule, scoped, scopes, visitors};

on_both_engines!(every_message_with_everybody);

/// The whole list. To accept a change of it, look at the rule of every new line first.
#[test]
fn the_list_of_messages() {
    let mut lines: Vec<String> = table::all()
        .iter()
        .map(|message| {
            let transport = match message.transport {
                Transport::Both => "",
                Transport::WebSocket => ", WebSocket only",
            };
            let names = message.names.join(" = ");
            format!("{names} -> {}, {}{transport}", rule(message.access), message.scope)
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

/// How a message was taken.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    NoToken,
    NoAccess,
    /// Whatever its own answer is.
    LetIn,
}

fn taken(reply: &Value) -> Taken {
    if reply["no_token"] == true {
        assert_eq!(reply["MessageType"], "connection", "{reply}");
        return Taken::NoToken;
    }
    if reply["MessageType"] == "no_access" {
        assert!(reply["daemon"].is_object(), "{reply}");
        return Taken::NoAccess;
    }
    Taken::LetIn
}

/// Sends it by POST.
async fn post(pbx: &TestPbx, message: &Value) -> (u16, Value) {
    let reply = pbx.http("POST", "/api/v1", &[], message.to_string().as_bytes()).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    (reply.status, reply.json())
}

/// Sends it by WebSocket, on a connection of its own.
async fn send(pbx: &TestPbx, message: &Value) -> Value {
    pbx.socket().await.ask_raw(message.to_string()).await
}

fn is_for_websockets(message: &Message) -> bool {
    message.transport == Transport::WebSocket
}

async fn every_message_with_everybody(engine: Engine) {
    let pbx = Setup::on(engine).with_standing_clock().start().await;
    let visitors = visitors(&pbx).await;
    let (mut let_in, mut sent_away) = (0, 0);
    for message in table::all() {
        for name in message.names {
            let nobody = json!({"event": name, "data": {}});
            let Access::Role(needed) = message.access else {
                assert_eq!(message.access, Access::Anyone, "{name}");
                assert_eq!(taken(&send(&pbx, &nobody).await), Taken::LetIn, "{name}");
                continue;
            };
            assert_eq!(taken(&send(&pbx, &nobody).await), Taken::NoToken, "{name}");
            let (status, reply) = post(&pbx, &nobody).await;
            assert_eq!((status, taken(&reply)), (401, Taken::NoToken), "{name}");
            for visitor in &visitors {
                // Signing out would end the session for the next message.
                if *name == "[Auth] Logout" && visitor.role.is_some() {
                    continue;
                }
                let sent = json!({"event": name, "data": {"token": visitor.token}});
                let expected = match visitor.role {
                    None => Taken::NoToken,
                    Some(role) if may(role, needed) => Taken::LetIn,
                    Some(_) => Taken::NoAccess,
                };
                let reply = send(&pbx, &sent).await;
                assert_eq!(taken(&reply), expected, "{name}, {}: {reply}", visitor.who);
                let (status, reply) = post(&pbx, &sent).await;
                assert_eq!(taken(&reply), expected, "{name}, {}: {reply}", visitor.who);
                assert_eq!(status, if expected == Taken::NoToken { 401 } else { 200 }, "{name}: {reply}");
                let refused = reply["error_code"] == "websocket_only";
                let let_through = expected == Taken::LetIn;
                assert_eq!(refused, let_through && is_for_websockets(message), "{name}: {reply}");
                if let_through { let_in += 1 } else { sent_away += 1 }
            }
        }
    }
    assert!(let_in > 20 && sent_away > 40, "{let_in} {sent_away}");
    pbx.stop().await;
}

/// A token with a scope is good for what the scope says, and for nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn every_message_with_every_scope() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let login = pbx.add_web_user(Role::Admin).await;
    let (mut let_in, mut sent_away) = (0, 0);
    for scope in scopes() {
        let token = scoped(&pbx, &login, &scope).await;
        let mut socket = pbx.socket().await;
        for message in table::all() {
            if message.access == Access::Anyone || message.names == ["[Auth] Logout"] {
                continue;
            }
            for name in message.names {
                let sent = json!({"event": name, "data": {"token": token}});
                let reply = socket.ask_raw(sent.to_string()).await;
                let is_enough = is_enough(&scope, &message.scope.to_string());
                let expected = if is_enough { Taken::LetIn } else { Taken::NoAccess };
                assert_eq!(taken(&reply), expected, "{name} with {scope}: {reply}");
                let (status, reply) = post(&pbx, &sent).await;
                assert_eq!((status, taken(&reply)), (200, expected), "{name} with {scope}: {reply}");
                if is_enough { let_in += 1 } else { sent_away += 1 }
            }
        }
    }
    assert!(let_in > 50 && sent_away > 50, "{let_in} {sent_away}");
    pbx.stop().await;
}
