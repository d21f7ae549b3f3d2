//! Somebody who sends messages.

use custompbx_store::Role;
use custompbx_testkit::server::{Reply, SignedIn, TestPbx};
use serde_json::{Value, json};

/// Somebody who is signed in.
pub(crate) struct Client<'p> {
    pbx: &'p TestPbx,
    pub(crate) person: SignedIn,
}

impl<'p> Client<'p> {
    pub(crate) async fn new(pbx: &'p TestPbx, role: Role) -> Self {
        Self { pbx, person: pbx.sign_in_as(role).await }
    }

    /// Sends a message; `data` without the token.
    pub(crate) async fn post(&self, event: &str, mut data: Value) -> Value {
        if let Some(data) = data.as_object_mut() {
            data.insert("token".to_owned(), self.person.token.as_str().into());
        }
        let body = json!({"event": event, "data": data}).to_string();
        let headers = [("Content-Type", "application/json")];
        let reply = self.pbx.http("POST", "/api/v1", &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{event}: {}", reply.text());
        reply.json()
    }

    /// Sends a message and expects this text in `error`, and nothing else but a code.
    pub(crate) async fn refused(&self, event: &str, data: Value, text: &str) {
        let shown = data.to_string();
        let reply = self.post(event, data).await;
        assert_eq!(reply["error"], text, "{event} {shown:.300}: {reply}");
        assert!(reply["error_code"].as_str().is_some_and(|code| !code.is_empty()), "{event}: {reply}");
        assert!(reply.as_object().unwrap().len() <= 3, "{event}: {reply}");
    }

    /// Asks REST.
    pub(crate) async fn rest(&self, method: &str, path: &str, body: &Value) -> Reply {
        let bearer = self.person.bearer();
        let headers = [("Authorization", &*bearer), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.pbx.http(method, &format!("/api/v2{path}"), &headers, body.as_bytes()).await
    }

    /// Asks REST for something that is there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.rest("GET", path, &Value::Null).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }
}
