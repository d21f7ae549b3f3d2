//! A switch that hangs: it takes connections and commands, and answers nothing. The reference implementation answers
//! its pages when such a switch does.

use std::time::Duration;

use custompbx_store::Role;
use custompbx_testkit::event_socket::Manner;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{CONF, KEY, driving, played, until};
use crate::asking::{Client, WAYS, Way};

/// Less than any command waits for the switch.
const AT_ONCE: Duration = Duration::from_secs(4);

async fn at_once<T>(what: &str, answer: impl Future<Output = T>) -> T {
    timeout(AT_ONCE, answer).await.unwrap_or_else(|_| panic!("{what} waits for the switch"))
}

const MESSAGES: &[&str] = &[
    "get_status",
    "get_settings",
    "[Dashboard]",
    "[Live]",
    "GetDirectoryDomains",
    "[Domains][Get] Domains",
    "GetDirectoryUsers",
    "[Users] Get_users",
    "[Groups] Get_groups",
    "[Gateways] Get_users_gateways",
    "[Config][Get] Modules",
    "[Dialplan][Get] Contexts",
    "[Settings][Users] Get",
    "GetGlobalVariables",
    "GetInstances",
];

const RESOURCES: &[&str] = &[
    "/dashboard",
    "/status",
    "/commands",
    "/switches",
    "/switches/default",
    "/switches/default/live/channels",
    "/switches/default/live/calls",
    "/switches/default/live/registrations",
    "/switches/default/live/modules",
    "/switches/default/effects",
    "/switches/default/offers",
    "/instances/default",
    "/instances/default/directory/domains",
    "/instances/default/revisions",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_answered_at_once() {
    let switch = played();
    switch.set_recordings(&["live-call", "registered", "api", "pristine"]);
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.behave_now(Manner::SilentOnceSignedIn);
    // Its state is being asked for, and that is not answered either.
    switch.forget_heard();
    admin.rest("POST", &format!("/switches/{KEY}/reconnect"), &Value::Null).await;
    until("it is asked", async || switch.heard().iter().any(|line| line.starts_with("api "))).await;
    let mut refused = Vec::new();
    for name in MESSAGES {
        // How the server is was never answered by POST.
        for way in WAYS.into_iter().filter(|way| *way == Way::Socket || *name != "get_status") {
            let reply = at_once(name, admin.ask_by(way, name, json!({}))).await;
            if !reply["error"].is_null() {
                refused.push(format!("{name}: {reply}"));
            }
        }
    }
    assert!(refused.is_empty(), "{refused:?}");
    for path in RESOURCES {
        at_once(path, admin.get(path)).await;
    }
    // What was known is shown.
    let dashboard = admin.get("/dashboard").await;
    assert_eq!(dashboard["calls_counter"], json!({"answered": 2, "total": 2}), "{dashboard}");

    let user = "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=127.0.0.1&user=1000\
                &domain=127.0.0.1&action=sip_auth&FreeSWITCH-IPv4=127.0.0.1";
    let sofia =
        "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value=sofia.conf";
    let dialplan = "hostname=fs1&section=dialplan&Caller-Context=default&Caller-Destination-Number=9664";
    for (form, part) in [(user, "<user id=\"1000\""), (sofia, "sofia.conf"), (dialplan, "dialplan")] {
        let reply = at_once(form, pbx.ask(form)).await;
        assert!(reply.status == 200 && reply.text().contains(part), "{form}: {}", reply.text());
    }
    // So is a change, which the switch is told when it can be.
    let way = format!("{CONF}/sofia.conf profiles profile/internal settings param/sip-port");
    let changed = at_once("a change", pbx.set(&way, "value", "5099")).await;
    assert!(changed.revision.is_some() && changed.served, "{changed:?}");
    assert!(at_once("a question", pbx.ask(sofia)).await.text().contains("5099"));
    pbx.stop().await;
}
