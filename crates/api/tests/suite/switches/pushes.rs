//! What happens in a switch, told to those who subscribed.

use std::collections::BTreeMap;
use std::time::Duration;

use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, PASS};
use custompbx_testkit::recorded::api_answer;
use custompbx_testkit::server::{Engine, Setup, SignedIn, Socket, TestPbx, find, named, try_find};
use serde_json::{Map, Value, json};

use super::{CONF, KEY, driving, insert, live, played, until};
use crate::asking::Client;
use crate::routes::scoped;

pub(super) async fn subscribe(socket: &mut Socket, who: &SignedIn, name: &str) {
    let reply = socket.ask_as(who, "SubscriptionList", json!({"values": [name]})).await;
    assert_eq!(reply, json!({"MessageType": "OK"}), "{name}");
}

/// The next push that is so; others are passed over.
pub(super) async fn push(socket: &mut Socket, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let found = async {
        loop {
            let message = socket.next().await;
            if is_it(&message) {
                return message;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(15), found)
        .await
        .unwrap_or_else(|_| panic!("{what} does not come"))
}

pub(super) fn send(switch: &EventSocket, fields: &[(&str, &str)]) {
    assert!(switch.send(&switch.event(fields)) > 0, "nobody wanted {fields:?}");
}

pub(super) fn custom<'a>(subclass: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [("Event-Name", "CUSTOM"), ("Event-Subclass", subclass)].iter().chain(fields).copied().collect()
}

const CALL: &str = "c4a77e10-0000-4000-8000-00000000c001";

fn channel(switch: &EventSocket, name: &str, state: &str) {
    let fields = [
        ("Event-Name", name),
        ("Unique-ID", CALL),
        ("Channel-Call-UUID", CALL),
        ("Call-Direction", "inbound"),
        ("Channel-Name", "sofia/internal/1000@127.0.0.1"),
        ("Channel-Presence-ID", "1000@127.0.0.1"),
        ("Channel-State", "CS_EXECUTE"),
        ("Channel-Call-State", state),
    ];
    send(switch, &fields);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_whose_calls_and_registrations_change() {
    let switch = played();
    let pbx = driving(&switch).await;
    // Nobody is registered.
    switch.answer("show registrations as json", "{\"row_count\": 0}\n");
    let admin = Client::new(&pbx, Role::Admin).await;
    admin.rest("POST", &format!("/switches/{KEY}/reconnect"), &Value::Null).await;
    until("nobody is registered", async || {
        admin.get(&format!("/switches/{KEY}")).await["counts"]["registrations"] == 0
    })
    .await;
    let tree = pbx.tree().await;
    let domain = find(&tree, "section/directory domain");
    let mut id = None;
    domain.walk(&mut |node| {
        if &*node.tag == "user" && node.attribute("id") == Some("1000") && node.children.len() > 1 {
            id = Some(node.id.0.to_string());
        }
    });
    let id = id.unwrap();
    for name in ["GetDirectoryUsers", "[Users] Get_users"] {
        let mut socket = pbx.socket().await;
        subscribe(&mut socket, &admin.person, name).await;
        let user = |message: &Value| {
            let text = message.to_string();
            text.contains(&format!("\"{id}\":{{")).then(|| find_object(message, &id)).flatten()
        };
        let so = |flag: &'static str, is: bool| {
            move |message: &Value| user(message).is_some_and(|user| user[flag] == is)
        };
        let register = [
            ("from-user", "1000"),
            ("from-host", "127.0.0.1"),
            ("call-id", "x"),
            ("contact", "<sip:1000@127.0.0.1:9>"),
            ("profile-name", "internal"),
            ("status", "Registered(UDP)"),
            ("expires", "60"),
        ];
        send(&switch, &custom("sofia::register", &register));
        let message = push(&mut socket, "the registration", so("sip_register", true)).await;
        assert_eq!(message["MessageType"], name, "{message}");
        assert!(!message.to_string().contains("\"1001\""), "others are not told: {message}");
        channel(&switch, "CHANNEL_CREATE", "RINGING");
        push(&mut socket, "the call", so("in_call", true)).await;
        channel(&switch, "CHANNEL_ANSWER", "ACTIVE");
        push(&mut socket, "the answer", so("talking", true)).await;
        channel(&switch, "CHANNEL_DESTROY", "HANGUP");
        let message = push(&mut socket, "the end", so("in_call", false)).await;
        assert_eq!(user(&message).unwrap()["talking"], false);
        send(&switch, &custom("sofia::unregister", &register[..4]));
        push(&mut socket, "the end of the registration", so("sip_register", false)).await;
    }
    pbx.stop().await;
}

fn find_object(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Object(members) => members
            .get(key)
            .filter(|found| found.is_object())
            .cloned()
            .or_else(|| members.values().find_map(|member| find_object(member, key))),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_gateways_modules_and_agents() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let gateways = format!("{CONF}/sofia.conf profiles profile/external gateways");
    switch.answer_with("sofia profile ", |_| "+OK\n".to_owned());
    if try_find(&pbx.tree().await, &format!("{gateways} gateway/example.com")).is_none() {
        insert(&pbx, &gateways, named("gateway", "example.com")).await;
        live(&pbx).await;
    }
    let tree = pbx.tree().await;
    let gateway = find(&tree, &format!("{gateways} gateway/example.com")).id.to_string();
    let profile = find(&tree, &format!("{CONF}/sofia.conf profiles profile/external")).id;

    let mut socket = pbx.socket().await;
    subscribe(&mut socket, &admin.person, "[Config] Get_sofia_profile_gateways").await;
    let registered = [("Gateway", "example.com"), ("profile-name", "external"), ("State", "REGED")];
    let is = |message: &Value| {
        message["data"][&gateway]["state"].as_str().is_some_and(|state| state.contains("REGED"))
    };
    // What was read of the gateways because one came may still be on its way, and counts then.
    let mut message = Value::Null;
    for _ in 0..15 {
        send(&switch, &custom("sofia::gateway_state", &registered));
        let told = push(&mut socket, "the gateway", is);
        if let Ok(told) = tokio::time::timeout(Duration::from_secs(1), told).await {
            message = told;
            break;
        }
    }
    let shown = &message["data"][&gateway];
    assert_eq!((&shown["name"], &shown["started"]), (&json!("example.com"), &json!(true)), "{message}");
    assert_eq!(shown["parent"], json!({"id": profile}), "{message}");

    subscribe(&mut socket, &admin.person, "[Config] Get_sofia_profiles").await;
    let without = api_answer("api/sofia-xmlstatus").replace("<name>external</name>", "<name>another</name>");
    switch.answer("sofia xmlstatus", &without);
    send(&switch, &[("Event-Name", "UNPUBLISH"), ("module_name", "mod_sofia"), ("profile_name", "external")]);
    let id = profile.to_string();
    let stopped = push(&mut socket, "the profile", |message| message["data"][&id]["started"] == false).await;
    assert_eq!(stopped["data"][&id]["name"], "external");

    subscribe(&mut socket, &admin.person, "[Config][Get] Modules").await;
    send(
        &switch,
        &[
            ("Event-Name", "MODULE_UNLOAD"),
            ("type", "endpoint"),
            ("name", "sofia"),
            ("key", "mod_sofia"),
            ("filename", "/lib/mod_sofia.so"),
        ],
    );
    let unloaded =
        push(&mut socket, "the module", |message| message["module"]["sofia"]["loaded"] == false).await;
    assert_eq!(unloaded["module"]["acl"], Value::Null, "others are null: {unloaded}");
    send(
        &switch,
        &[
            ("Event-Name", "MODULE_LOAD"),
            ("type", "endpoint"),
            ("name", "sofia"),
            ("key", "mod_sofia"),
            ("filename", "/lib/mod_sofia.so"),
        ],
    );
    push(&mut socket, "the module", |message| message["module"]["sofia"]["loaded"] == true).await;

    subscribe(&mut socket, &admin.person, "SubscribeCallcenterAgents").await;
    let agents = "name|system|uuid|type|contact|status|state\n1000@default|single_box||callback|user/1000|On Break|Waiting\n+OK\n";
    switch.answer("callcenter_config agent list", agents);
    let agent =
        [("CC-Action", "agent-status-change"), ("CC-Agent", "1000@default"), ("CC-Agent-Status", "On Break")];
    send(&switch, &custom("callcenter::info", &agent));
    let message = push(&mut socket, "the agent", |message| {
        message["callcenter_agents_list"]
            .as_object()
            .is_some_and(|list| list.values().any(|agent| agent["status"] == "On Break"))
    })
    .await;
    let (id, row) = message["callcenter_agents_list"].as_object().unwrap().iter().next().unwrap();
    assert_eq!((row["id"].to_string(), &row["name"]), (id.clone(), &json!("1000@default")), "{message}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_are_told() {
    let switch = played();
    let pbx = driving(&switch).await;
    let names = [
        "[Live]",
        "[Effects]",
        "[Config] Get_sofia_profiles",
        "[Config] Get_sofia_profile_gateways",
        "[Config][Get] Modules",
        "GetDirectoryUsers",
        "[Users] Get_users",
        "SubscribeCallcenterAgents",
        "SubscribeCallcenterTiers",
    ];
    for role in [Role::User, Role::Manager] {
        let user = pbx.sign_in_as(role).await;
        let mut socket = pbx.socket().await;
        for name in names {
            let reply = socket.ask_as(&user, "SubscriptionList", json!({"values": [name]})).await;
            assert_ne!(reply["MessageType"], "OK", "{name}: {reply}");
            let reply = socket.ask_as(&user, name, json!({"keep_subscription": true})).await;
            // Some are names of pushes only.
            let is_refused = reply["MessageType"] == "no_access" || reply["error_code"] == "unknown_event";
            assert!(is_refused, "{name}: {reply}");
        }
        channel(&switch, "CHANNEL_CREATE", "RINGING");
        channel(&switch, "CHANNEL_DESTROY", "HANGUP");
        assert!(socket.is_silent_for(Duration::from_millis(500)).await, "{role:?}");
    }
    let admin = Client::new(&pbx, Role::Admin).await;
    let some = scoped(&pbx, &admin.person.login, "directory:read").await;
    let some = SignedIn { login: admin.person.login.clone(), token: some };
    let mut socket = pbx.socket().await;
    let reply = socket.ask_as(&some, "SubscriptionList", json!({"values": ["[Live]"]})).await;
    assert_ne!(reply["MessageType"], "OK", "{reply}");
    subscribe(&mut socket, &some, "GetDirectoryUsers").await;
    channel(&switch, "CHANNEL_CREATE", "RINGING");
    let message = socket.next().await;
    assert_eq!(message["MessageType"], "GetDirectoryUsers", "{message}");
    pbx.stop().await;
}

/// What is kept with a message is looked at again when its user gets another role.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_ends_with_the_role() {
    let switch = played();
    let pbx = driving(&switch).await;
    // The last admin stays one.
    let (_other, who) = (pbx.sign_in_as(Role::Admin).await, pbx.sign_in_as(Role::Admin).await);
    let keep = json!({"keep_subscription": true, "kinds": []});
    let mut socket = pbx.socket().await;
    let stir = || {
        channel(&switch, "CHANNEL_CREATE", "RINGING");
        channel(&switch, "CHANNEL_DESTROY", "HANGUP");
    };
    assert_eq!(socket.ask_as(&who, "[Live]", keep.clone()).await["MessageType"], "[Live]");
    channel(&switch, "CHANNEL_CREATE", "RINGING");
    push(&mut socket, "the call", |message| message["changes"].is_array()).await;
    channel(&switch, "CHANNEL_DESTROY", "HANGUP");
    push(&mut socket, "its end", |message| message["changes"].is_array()).await;
    pbx.set_role(&who.login, Role::Manager).await;
    push(&mut socket, "that the right is lost", |message| message["no_token"] == true).await;
    let silent = async |socket: &mut Socket| {
        stir();
        socket.is_silent_for(Duration::from_millis(500)).await
    };
    assert!(silent(&mut socket).await, "nothing is pushed any more");
    // The session goes on; the subscription is refused, and the refused message keeps nothing.
    assert_eq!(socket.ask_as(&who, "[Live]", keep.clone()).await["MessageType"], "no_access");
    assert!(silent(&mut socket).await, "nothing is pushed to whoever was refused");
    pbx.set_role(&who.login, Role::Admin).await;
    push(&mut socket, "that the role is another one", |message| message["no_token"] == true).await;
    assert_eq!(socket.ask_as(&who, "relogin", json!({})).await["MessageType"], "relogin");
    assert!(silent(&mut socket).await, "it does not come back by itself");
    assert_eq!(socket.ask_as(&who, "[Live]", keep).await["MessageType"], "[Live]");
    channel(&switch, "CHANNEL_CREATE", "RINGING");
    push(&mut socket, "the call", |message| message["changes"].is_array()).await;
    pbx.stop().await;
}

/// What a client makes of the stream.
#[derive(Default)]
struct Copy {
    seq: u64,
    rows: BTreeMap<String, Map<String, Value>>,
}

impl Copy {
    fn of(first: &Value) -> Self {
        let rows = first["rows"].as_object().unwrap_or_else(|| panic!("{first}")).iter();
        let rows = rows.map(|(kind, rows)| (kind.clone(), rows.as_object().unwrap().clone()));
        Self { seq: first["seq"].as_u64().unwrap(), rows: rows.collect() }
    }

    /// Whether it was a change.
    fn apply(&mut self, message: &Value) -> bool {
        assert_eq!(
            (&message["MessageType"], &message["switch"]),
            (&json!("[Live]"), &json!(KEY)),
            "{message}"
        );
        assert_eq!(message["resync"], Value::Null, "{message}");
        let Some(changes) = message["changes"].as_array() else {
            assert!(message["state"].is_object(), "{message}");
            return false;
        };
        let (after, seq) = (message["after"].as_u64().unwrap(), message["seq"].as_u64().unwrap());
        if seq <= self.seq {
            return false;
        }
        assert!(after <= self.seq, "a gap: {after} after {}", self.seq);
        for change in changes {
            let rows = self.rows.get_mut(change["kind"].as_str().unwrap()).unwrap();
            let key = change["key"].as_str().unwrap();
            if let Some(set) = change["set"].as_object() {
                let row = rows.get_mut(key).and_then(Value::as_object_mut);
                row.unwrap_or_else(|| panic!("{key} is not known")).extend(set.clone());
                continue;
            }
            match &change["row"] {
                Value::Null => drop(rows.remove(key)),
                row => drop(rows.insert(key.to_owned(), row.clone())),
            }
        }
        self.seq = seq;
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_leads_to_what_rest_says() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    let first = socket.ask_as(&admin.person, "[Live]", json!({"keep_subscription": true})).await;
    assert_eq!((&first["switch"], &first["state"]["phase"]), (&json!(KEY), &json!("live")), "{first}");
    let mut copy = Copy::of(&first);
    for scenario in
        ["events/register", "events/call", "events/gateway", "events/conference", "events/callcenter"]
    {
        switch.replay(scenario);
    }
    let mut seen = 0;
    // The recordings are of several runs of the switch, so that all of it is read again more than once.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        while let Ok(message) = tokio::time::timeout(Duration::from_millis(300), socket.next()).await {
            if message["MessageType"] != "connection" {
                seen += usize::from(copy.apply(&message));
            }
        }
        let mut different = Vec::new();
        for (kind, rows) in copy.rows.iter().filter(|(kind, _)| *kind != "host") {
            let shown = admin.get(&format!("/switches/{KEY}/live/{kind}")).await;
            if shown["rows"] != json!(rows) {
                different.push(format!("{kind}: {} here, {} there", json!(rows), shown["rows"]));
            }
        }
        if different.is_empty() {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{different:?}");
    }
    assert!(seen > 0);
    let some = socket.ask_as(&admin.person, "[Live]", json!({"kinds": ["queues"], "switch": "FS1"})).await;
    assert_eq!(some["rows"].as_object().unwrap().keys().collect::<Vec<_>>(), ["queues"]);
    for (wrong, text) in
        [(json!({"kinds": ["nothing"]}), "unknown kind"), (json!({"kinds": [1]}), "unknown kind")]
    {
        admin.refused("[Live]", wrong, text).await;
    }
    let reply = admin.ask("[Live]", json!({"switch": "nowhere"})).await;
    assert!(reply["error"].is_string(), "{reply}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_is_driven_no_longer_is_told() {
    let (switch, second) = (played(), played());
    second.answer("switchname", "fs2");
    let pbx: TestPbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    live(&pbx).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    subscribe(&mut socket, &admin.person, "[Live]").await;
    let place = json!({"host": "127.0.0.1", "port": second.address().port(), "pass": PASS});
    let reply = admin.rest("PUT", "/switches/fs2/event-socket", &place).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    push(&mut socket, "the second switch", |message| {
        message["switch"] == "fs2" && message["state"]["phase"] == "live"
    })
    .await;
    let reply = admin.rest("DELETE", "/switches/fs2/event-socket", &Value::Null).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    let gone = push(&mut socket, "its end", |message| {
        message["switch"] == "fs2" && message.get("state").is_some_and(Value::is_null)
    })
    .await;
    assert_eq!(gone["MessageType"], "[Live]");
    pbx.stop().await;
}
