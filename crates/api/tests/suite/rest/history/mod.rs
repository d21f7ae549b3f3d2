//! What revisions did, and the ways back.

mod back;
mod conflicts;
mod moments;
mod reading;

use custompbx_model::Node;
use serde_json::{Value, json};

use super::Rest;

const DOMAIN: &str = "directory/domains/example.com";
const CONDITIONS: &str = "dialplan/contexts/public/extensions/one/conditions";

impl Rest {
    /// Changes something, which is one revision.
    async fn revised(&self, method: &str, address: &str, body: &Value) -> i64 {
        let before = self.revision().await;
        let reply = self.send(method, address, body).await;
        assert!(reply.status < 300, "{method} {address}: {}", reply.text());
        let revision = reply.header("custompbx-revision").expect("a change is a revision").parse().unwrap();
        assert_eq!(revision, self.revision().await);
        assert_ne!(revision, before);
        revision
    }

    /// Goes back, after a look at what that would do, which is what it does.
    async fn go_back(&self, address: &str, body: &Value) -> Value {
        let (tree, head) = (self.pbx.tree().await, self.revision().await);
        let preview = self.send("POST", &format!("{address}?preview=true"), body).await;
        assert_eq!(preview.status, 200, "{address}: {}", preview.text());
        let tag = preview.header("etag").unwrap().to_owned();
        let mut preview = preview.json();
        assert_eq!(
            (&preview["preview"], &preview["revision"], &preview["seen"]),
            (&json!(true), &json!(null), &json!(head))
        );
        assert_eq!((self.pbx.tree().await, self.revision().await), (tree, head), "a preview changes nothing");
        let reply = self.send_with("POST", address, &[("If-Match", &tag)], body).await;
        assert_eq!(reply.status, 200, "{address}: {}", reply.text());
        let done = reply.json();
        let revision = done["revision"].as_i64();
        assert_eq!(revision.map(|id| id.to_string()).as_deref(), reply.header("custompbx-revision"));
        assert_eq!(revision.unwrap_or(head), self.revision().await);
        assert_eq!(done["served"], true);
        for name in ["preview", "revision", "served"] {
            preview[name] = done[name].clone();
        }
        assert_eq!(preview, done);
        done
    }

    /// Takes a revision back; its own revision.
    async fn undo(&self, revision: i64) -> i64 {
        let done = self.go_back(&format!("revisions/{revision}:undo"), &json!({})).await;
        assert_eq!(done["conflicts"], json!([]));
        done["revision"].as_i64().unwrap_or_else(|| panic!("{revision} changed something: {done}"))
    }
}

/// The same nodes with the same ids, attributes in the same order, on the same places.
fn assert_same(found: &Node, expected: &Node, what: &str) {
    assert_eq!(found, expected, "{what}");
}
