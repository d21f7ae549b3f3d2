//! What may come in a frame, and what it is answered with: always something, and never a panic.

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Incoming, Socket, TestPbx, log};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The longest message.
const MIB: usize = 1024 * 1024;

async fn is_alive(socket: &mut Socket) {
    let status = socket.ask("get_status", json!({})).await;
    assert_eq!(status["MessageType"], "connection");
    assert_eq!(status["daemon"]["database_connection"], true);
}

/// A message of exactly this length.
fn of_length(length: usize) -> String {
    let start = r#"{"event":"get_status","data":{"x":""#;
    let end = "\"}}";
    format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()))
}

/// Fault 1 of the reference implementation: the frame `null` ends the process.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let mut socket = pbx.socket().await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_data =
        format!("{{\"event\":\"login\",\"data\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for text in ["", "{", "nul", "\u{0}", "{\"event\":\"a\",\"data\":{}} x", "\u{feff}{}", &deep, &deep_data]
    {
        let reply = socket.ask_raw(text).await;
        let expected = json!({
            "MessageType": "none", "error": "invalid request payload", "error_code": "malformed",
        });
        assert_eq!(reply, expected, "{text:.40}");
    }
    for (text, name) in [
        ("null", "none"),
        ("[]", "none"),
        ("[\"login\", {}]", "none"),
        ("\"login\"", "none"),
        ("1", "none"),
        ("-1.5e300", "none"),
        ("true", "none"),
        ("{}", "none"),
        (r#"{"data":{}}"#, "none"),
        (r#"{"event":null,"data":{}}"#, "none"),
        (r#"{"event":1,"data":{}}"#, "none"),
        (r#"{"event":["login"],"data":{}}"#, "none"),
        (r#"{"event":" ","data":{}}"#, "none"),
        (r#"{"event":"login"}"#, "login"),
        (r#"{"event":"login","data":null}"#, "login"),
        (r#"{"event":"login","data":[]}"#, "login"),
        (r#"{"event":"login","data":"x"}"#, "login"),
    ] {
        let reply = socket.ask_raw(text).await;
        let expected = json!({"MessageType": name, "error": "invalid message", "error_code": "malformed"});
        assert_eq!(reply, expected, "{text}");
        let posted = pbx.http("POST", "/api/v1", &[], text.as_bytes()).await;
        assert_eq!((posted.status, posted.json()), (400, reply), "{text}");
    }
    is_alive(&mut socket).await;
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_messages_and_odd_ones() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let person = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    let long = "x".repeat(10_000);
    for name in ["nothing", "LOGIN", "login ../", "null", "<b>&\"'", "a\u{0}b", "%2F", "' OR 1=1 --", &long] {
        let reply = socket.ask_as(&person, name, json!({})).await;
        let expected = json!({"MessageType": "none", "error": "Wrong event", "error_code": "unknown_event"});
        assert_eq!(reply, expected, "{name:.40}");
    }
    // The name of a request comes back; what is neither a text nor a number is none.
    for (id, expected) in [(json!(7), json!(7)), (json!("a"), json!("a")), (json!({"a": 1}), Value::Null)] {
        let reply = socket.ask_raw(json!({"event": "get_status", "id": id, "data": {}}).to_string()).await;
        assert_eq!((&reply["id"], &reply["request_id"]), (&expected, &expected));
    }
    // Of two equal keys the last one counts, and members that nobody knows are ignored.
    let text = format!(
        r#"{{"event":"nothing","event":"relogin","username":"x","data":{{"token":1,"token":"{}"}}}}"#,
        person.token
    );
    assert_eq!(socket.ask_raw(text).await["MessageType"], "relogin");
    pbx.stop().await;
}

/// A binary frame is read like a text frame; in a text frame UTF-8 is what the protocol asks for.
#[tokio::test(flavor = "multi_thread")]
async fn binary_frames_and_wrong_utf_8() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let mut socket = pbx.socket().await;
    let message = json!({"event": "get_status", "data": {}}).to_string();
    socket.send_frame(Message::binary(message.clone().into_bytes())).await;
    assert_eq!(socket.next().await["MessageType"], "connection");
    for bytes in [&b""[..], b"\xff\xfe", b"{\"event\":\"\xff\",\"data\":{}}", &[0; 100]] {
        socket.send_frame(Message::binary(bytes.to_vec())).await;
        assert_eq!(socket.next().await["error"], "invalid request payload");
    }
    // A message in pieces, with a ping between.
    let (head, tail) = message.split_at(10);
    let piece = |text: &str, code, last| {
        Message::Frame(Frame::message(text.as_bytes().to_vec(), OpCode::Data(code), last))
    };
    socket.send_frame(piece(head, Data::Text, false)).await;
    socket.send_frame(Message::Ping("x".into())).await;
    socket.send_frame(piece(tail, Data::Continue, true)).await;
    assert_eq!(socket.next().await["MessageType"], "connection");

    socket.send_frame(Message::Frame(Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true))).await;
    assert_eq!(socket.closed().await, Some(1007));
    // A continuation of nothing is no WebSocket.
    let mut socket = pbx.socket().await;
    socket.send_frame(piece("x", Data::Continue, true)).await;
    assert_eq!(socket.closed().await, Some(1002));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_at_most_1_mib() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let mut socket = pbx.socket().await;
    socket.send(of_length(MIB)).await;
    assert_eq!(socket.next().await["MessageType"], "connection");
    for binary in [false, true] {
        let mut socket = pbx.socket().await;
        let text = of_length(MIB + 1);
        socket.send_frame(if binary { Message::binary(text) } else { Message::text(text) }).await;
        assert_eq!(socket.closed().await, Some(1009), "binary: {binary}");
    }
    // In pieces that are each small enough.
    let mut socket = pbx.socket().await;
    for (at, code) in [(0, Data::Text), (1, Data::Continue)] {
        let piece = vec![b'x'; MIB / 2 + 1];
        socket.send_frame(Message::Frame(Frame::message(piece, OpCode::Data(code), at == 1))).await;
    }
    assert_eq!(socket.closed().await, Some(1009));
    let posted = pbx.http("POST", "/api/v1", &[], of_length(MIB + 1).as_bytes()).await;
    assert_eq!(posted.status, 413);
    is_alive(&mut pbx.socket().await).await;
    pbx.stop().await;
}

/// Messages are answered in the order in which they came, however many come at once.
#[tokio::test(flavor = "multi_thread")]
async fn answers_come_in_order() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let person = pbx.sign_in_as(Role::User).await;
    let mut socket = pbx.socket().await;
    for at in 0..500 {
        // Signing in takes longer than the others.
        let (event, data) = match at % 50 {
            0 => ("login", json!({"login": format!("nobody {at}"), "password": "x"})),
            odd if odd % 2 == 1 => ("nothing", json!({})),
            _ => ("relogin", json!({"token": person.token})),
        };
        socket.send(json!({"event": event, "id": at, "data": data}).to_string()).await;
    }
    for at in 0..500 {
        assert_eq!(socket.next().await["request_id"], at);
    }
    pbx.stop().await;
}

/// What a client said before it left is still done.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_was_heard() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let person = pbx.sign_in_as(Role::User).await;
    let mut socket = pbx.socket().await;
    for _ in 0..10 {
        socket.send(json!({"event": "relogin", "data": {"token": person.token}}).to_string()).await;
    }
    socket.send(json!({"event": "[Auth] Logout", "data": {"token": person.token}}).to_string()).await;
    socket.send_frame(Message::Close(None)).await;
    assert_eq!(socket.closed().await, None);
    let mut tries = 0;
    while pbx.get_as(&person, "/api/v2/session").await.status != 401 {
        tries += 1;
        assert!(tries < 100, "it was not carried out");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    pbx.stop().await;
}

/// 10,000 frames of chance: an answer to each, or the end of the connection as the protocol says; never a panic.
#[tokio::test(flavor = "multi_thread")]
async fn frames_at_random() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let person = pbx.sign_in_as(Role::Admin).await;
    let mut random = StdRng::seed_from_u64(7);
    let names =
        ["login", "relogin", "AddUserToken", "SubscriptionList", "[UnSubscribe]", "RemoveUserToken", "x"];
    let mut socket = pbx.socket().await;
    let mut closed = 0;
    for round in 0..10_000 {
        let length = random.random_range(0..200);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
        if round % 2 == 0 {
            // Something that is nearly a message.
            let name = names[random.random_range(0..names.len())];
            let token = if round % 4 == 0 { "x" } else { &person.token };
            let values = [
                "1",
                "-1",
                "null",
                "[]",
                "{}",
                "\"x\"",
                "1e999",
                "[\"[Dashboard]\"]",
                "true",
                "9223372036854775808",
            ];
            let mut value = || values[random.random_range(0..values.len())];
            let text = format!(
                r#"{{"event":"{name}","id":{},"data":{{"token":"{token}","id":{},"values":{},"name":{},"scopes":{},"login":{},"keep_subscription":{}}}}}"#,
                value(),
                value(),
                value(),
                value(),
                value(),
                value(),
                value()
            );
            bytes = text.into_bytes();
            if round % 3 == 0 {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
        }
        let frame = match random.random_range(0..50) {
            0 => Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true)),
            _ => Message::binary(bytes),
        };
        socket.send_frame(frame).await;
        match socket.incoming().await {
            Incoming::Json(reply) => assert!(reply["MessageType"].is_string(), "{reply}"),
            Incoming::Closed(code) => {
                assert_eq!(code, Some(1007));
                closed += 1;
                socket = pbx.socket().await;
            }
        }
    }
    assert!(closed > 20, "{closed}");
    assert!(log::lines_with(&["a message ended in a panic"]).is_empty());
    is_alive(&mut pbx.socket().await).await;
    pbx.stop().await;
}
