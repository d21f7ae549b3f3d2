//! What messages about objects do to the tree, and to each other.

mod at_once;
mod conditions;
mod listing;
mod names;
mod paste;
mod pushes;
mod references;
mod whole;

use custompbx_model::xml::{Limits, parse};
use custompbx_model::{At, Edit, Node};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, SignedIn, TestPbx, find};
use serde_json::{Value, json};

/// A server, and an admin who sends messages to it.
struct House {
    pbx: TestPbx,
    admin: SignedIn,
}

impl House {
    /// With this in the document.
    async fn with(engine: Engine, sections: &str) -> Self {
        let pbx = TestPbx::on(engine).await;
        let admin = pbx.sign_in_as(Role::Admin).await;
        let nodes = parse(sections, &Limits::default()).unwrap().roots;
        let parent = pbx.tree().await.id;
        pbx.change(vec![Edit::Insert { parent, at: At::Last, nodes }]).await;
        Self { pbx, admin }
    }

    /// Sends a message; its answer.
    async fn send(&self, name: &str, data: Value) -> Value {
        let mut data = data;
        data["token"] = self.admin.token.as_str().into();
        let body = json!({ "event": name, "data": data }).to_string();
        let headers = [("Content-Type", "application/json")];
        let reply = self.pbx.http("POST", "/api/v1", &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
        reply.json()
    }

    /// The same for one that works.
    async fn done(&self, name: &str, data: Value) -> Value {
        let answer = self.send(name, data).await;
        assert_eq!(answer.get("error"), None, "{name}: {answer}");
        answer
    }

    /// The id of the node at the end of a way.
    async fn id(&self, way: &str) -> i64 {
        find(&self.pbx.tree().await, way).id.0
    }

    /// The node at the end of a way, as XML.
    async fn xml(&self, way: &str) -> String {
        xml(find(&self.pbx.tree().await, way))
    }
}

fn xml(node: &Node) -> String {
    custompbx_model::xml::print(node, custompbx_model::xml::Style::Compact)
}

const DOMAIN: &str = "section/directory domain/d";
