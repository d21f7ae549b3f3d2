//! Somebody who sends messages, by either transport.

use custompbx_store::Role;
use custompbx_testkit::server::{Reply, SignedIn, Socket, TestPbx};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Post,
    Socket,
}

pub(crate) const WAYS: [Way; 2] = [Way::Post, Way::Socket];

/// Somebody who is signed in.
pub(crate) struct Client<'p> {
    pbx: &'p TestPbx,
    pub(crate) person: SignedIn,
    way: Way,
    socket: Mutex<Option<Socket>>,
}

impl<'p> Client<'p> {
    pub(crate) async fn new(pbx: &'p TestPbx, role: Role) -> Self {
        Self::by(pbx, role, Way::Post).await
    }

    pub(crate) async fn by(pbx: &'p TestPbx, role: Role, way: Way) -> Self {
        Self { pbx, person: pbx.sign_in_as(role).await, way, socket: Mutex::new(None) }
    }

    /// The id of the web user.
    pub(crate) async fn id(&self) -> i64 {
        let store = self.pbx.pbx.store().unwrap();
        store.web_user_by_login(&self.person.login).await.unwrap().unwrap().id.0
    }

    /// Sends a message; `data` without the token.
    pub(crate) async fn ask(&self, event: &str, data: Value) -> Value {
        self.ask_by(self.way, event, data).await
    }

    pub(crate) async fn ask_by(&self, way: Way, event: &str, mut data: Value) -> Value {
        data["token"] = self.person.token.as_str().into();
        let text = json!({"event": event, "data": data}).to_string();
        match way {
            Way::Post => {
                let headers = [("Content-Type", "application/json")];
                let reply = self.pbx.http("POST", "/api/v1", &headers, text.as_bytes()).await;
                assert_eq!(reply.status, 200, "{event}: {}", reply.text());
                reply.json()
            }
            Way::Socket => {
                let mut socket = self.socket.lock().await;
                if socket.is_none() {
                    *socket = Some(self.pbx.socket().await);
                }
                let mut reply = socket.as_mut().unwrap().ask_raw(text).await;
                // How the server is comes without being asked for.
                while reply["MessageType"] == "connection"
                    && event != "get_status"
                    && reply.get("no_token").is_none()
                {
                    reply = socket.as_mut().unwrap().next().await;
                }
                reply
            }
        }
    }

    /// Sends a message by both transports, and expects this text in `error`, and nothing else but a code.
    pub(crate) async fn refused(&self, event: &str, data: Value, text: &str) {
        for way in WAYS {
            let reply = self.ask_by(way, event, data.clone()).await;
            let shown = data.to_string();
            assert_eq!(reply["error"], text, "{way:?} {event} {shown:.300}: {reply}");
            assert!(reply["error_code"].as_str().is_some_and(|code| !code.is_empty()), "{event}: {reply}");
            assert_eq!(
                reply["MessageType"],
                if event.contains("et_settings") { "set_settings" } else { event }
            );
            assert_eq!(reply.as_object().unwrap().len(), 3, "{event}: {reply}");
        }
    }

    /// Sends a message by both transports that somebody of this role may not send.
    pub(crate) async fn no_access(&self, event: &str, data: Value) {
        for way in WAYS {
            let reply = self.ask_by(way, event, data.clone()).await;
            assert_eq!(reply["MessageType"], "no_access", "{way:?} {event}: {reply}");
        }
    }

    /// Asks REST.
    pub(crate) async fn rest(&self, method: &str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.rest_raw(method, path, "application/json", body.as_bytes()).await
    }

    /// Asks REST with any body.
    pub(crate) async fn rest_raw(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let bearer = self.person.bearer();
        let headers = [("Authorization", &*bearer), ("Content-Type", content_type)];
        self.pbx.http(method, &format!("/api/v2{path}"), &headers, body).await
    }

    /// Asks REST for something that is there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.rest("GET", path, &Value::Null).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    /// Asks REST for something that it refuses with this status.
    pub(crate) async fn rest_refused(&self, method: &str, path: &str, body: &Value, status: u16) {
        let reply = self.rest(method, path, body).await;
        let shown = body.to_string();
        assert_eq!(reply.status, status, "{method} {path} {shown:.200}: {}", reply.text());
        assert!(reply.is_problem(), "{method} {path}: {}", reply.text());
    }
}
