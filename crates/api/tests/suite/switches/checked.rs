//! The mode `checked`: what a switch executes is compared with what it would have been told.

use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, PASS};
use custompbx_testkit::server::{Engine, Setup, TestPbx};
use serde_json::json;

use super::{live, played, until};
use crate::asking::Client;

const TREE: &str = "<document type=\"freeswitch/xml\"><section name=\"dialplan\"><context name=\"default\">\
    <extension name=\"e\"><condition field=\"destination_number\" expression=\"^5$\">\
    <action application=\"answer\"/><action application=\"echo\"/></condition></extension></context></section></document>";

fn subscribed_to(switch: &EventSocket, event: &str) -> bool {
    switch
        .heard()
        .iter()
        .rev()
        .find(|line| line.starts_with("event json"))
        .is_some_and(|line| line.contains(event))
        || switch.heard().iter().any(|line| line.starts_with("event json") && line.contains(event))
}

async fn hunt(pbx: &TestPbx, uuid: &str) {
    let form = format!(
        "hostname=fs1&section=dialplan&tag_name=&key_name=&key_value=&Event-Name=REQUEST_PARAMS\
         &Event-Date-Local=2026-11-23%2000%3A31%3A02&Event-Date-GMT=Mon,%2023%20Nov%202026%2000%3A31%3A02%20GMT\
         &Event-Date-Timestamp=1795393862421017&Unique-ID={uuid}&Hunt-Context=default\
         &Hunt-Destination-Number=5&Hunt-Caller-ID-Number=1000"
    );
    let answer = pbx.ask(&form).await;
    assert!(answer.text().contains("<condition"), "a whole context is served: {}", answer.text());
}

fn execute(switch: &EventSocket, uuid: &str, application: &str) {
    let event = switch.event(&[
        ("Event-Name", "CHANNEL_EXECUTE"),
        ("Unique-ID", uuid),
        ("Application", application),
        ("Application-UUID", "a"),
    ]);
    assert!(switch.send(&event) > 0, "nobody subscribed to executions");
}

#[tokio::test(flavor = "multi_thread")]
async fn executions_are_compared() {
    let switch = played();
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    pbx.import_xml(TREE).await;
    live(&pbx).await;
    assert!(!subscribed_to(&switch, "CHANNEL_EXECUTE"));
    let admin = Client::new(&pbx, Role::Admin).await;
    let mode = json!({"mode": "checked"});
    let reply = admin.rest("PATCH", "/instances/default/dialplan-settings", &mode).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    until("executions are subscribed to", async || subscribed_to(&switch, "CHANNEL_EXECUTE")).await;
    live(&pbx).await;
    let instance = pbx.pbx.default_instance().await.unwrap().id;
    let counted = || {
        let (agreements, disagreements) = pbx.pbx.dialplan_agreement(instance, None);
        let of = agreements.get("default").copied().unwrap_or_default();
        (of.agreed, of.disagreed, disagreements.len())
    };
    hunt(&pbx, "c1").await;
    for application in ["answer", "echo"] {
        execute(&switch, "c1", application);
    }
    until("they agree", async || counted() == (1, 0, 0)).await;
    hunt(&pbx, "c2").await;
    for application in ["answer", "hangup"] {
        execute(&switch, "c2", application);
    }
    until("they disagree", async || counted() == (1, 1, 1)).await;
    pbx.stop().await;
}
