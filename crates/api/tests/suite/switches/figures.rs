//! Numbers of what is live, where the switch has some.

use std::collections::BTreeSet;

use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, channels_json};
use custompbx_testkit::server::find;
use serde_json::{Value, json};

use super::pushes::{channel, custom, find_object, push, send, subscribe};
use super::{KEY, driving, played};
use crate::asking::{Client, WAYS};

/// A switch with a call of two legs and two registrations, as recorded.
fn busy() -> EventSocket {
    let switch = played();
    switch.set_recordings(&["live-call", "registered", "api", "pristine"]);
    switch.answer("show registrations count", "2 total.\n");
    switch
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_have_what_the_switch_has() {
    let switch = busy();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let tree = pbx.tree().await;
    let domain = find(&tree, "section/directory domain").id.to_string();
    let user = |name: &str| {
        let mut id = None;
        tree.walk(&mut |node| {
            if &*node.tag == "user" && node.attribute("id") == Some(name) && node.children.len() > 1 {
                id = Some(node.id.to_string());
            }
        });
        id.unwrap()
    };
    for way in WAYS {
        let dashboard = admin.ask_by(way, "[Dashboard]", json!({})).await;
        let data = &dashboard["dashboard_data"];
        assert_eq!(data["calls_counter"], json!({"answered": 2, "total": 2}), "{data}");
        assert_eq!(data["domain_sip_regs"], json!({"127.0.0.1": 2}), "{data}");
        let profiles = data["sofia_profiles"].as_array().unwrap();
        let external = profiles.iter().find(|profile| profile["name"] == "external").unwrap();
        assert_eq!(
            (&external["started"], &external["uri"]),
            (&json!(true), &json!("sip:mod_sofia@127.0.0.1:5080"))
        );
        for name in ["GetDirectoryDomains", "[Domains][Get] Domains"] {
            let domains = admin.ask_by(way, name, json!({})).await;
            let shown = find_object(&domains, &domain).unwrap_or_else(|| panic!("{name}: {domains}"));
            assert_eq!(shown["sip_regs_counter"], 2, "{name}: {shown}");
        }
        for name in ["GetDirectoryUsers", "[Users] Get_users"] {
            let users = admin.ask_by(way, name, json!({})).await;
            for (number, is) in [("1000", true), ("1001", true), ("1002", false)] {
                let shown = find_object(&users, &user(number)).unwrap_or_else(|| panic!("{name}: {users}"));
                for member in ["sip_register", "in_call", "talking"] {
                    assert_eq!(shown[member], is, "{name} {number} {member}: {shown}");
                }
                let has_began = |member: &str| shown[member].as_i64().is_some_and(|at| at > 0);
                assert!(has_began("call_date") == is && (shown["last_uuid"] != "") == is, "{name}: {shown}");
            }
        }
        let modules = admin.ask_by(way, "[Config][Get] Modules", json!({})).await;
        assert_eq!(modules["modules"]["sofia"]["loaded"], true, "{modules}");
    }
    let view = admin.get(&format!("/switches/{KEY}")).await;
    assert_eq!(
        (&view["channels"], &view["answered"], &view["counts"]["registrations"]),
        (&json!(2), &json!(2), &json!(2))
    );
    for (kind, total) in [("channels", 2), ("calls", 1), ("registrations", 2)] {
        let shown = admin.get(&format!("/switches/{KEY}/live/{kind}")).await;
        assert_eq!(shown["total"], total, "{shown}");
    }
    let calls = admin.get(&format!("/switches/{KEY}/live/calls")).await;
    assert_eq!(calls["rows"][0]["legs"].as_array().unwrap().len(), 2, "{calls}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_have_it_too() {
    let switch = busy();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    subscribe(&mut socket, &admin.person, "[Dashboard]").await;
    // The first push after a subscription has only what never stands still.
    push(&mut socket, "the dashboard", |message| message["MessageType"] == "[Dashboard]").await;
    switch.answer("show channels count", "3 total.\n");
    channel(&switch, "CHANNEL_CREATE", "RINGING");
    let counter = |total: u64, answered: u64| {
        move |message: &Value| {
            message["dashboard_data"]["calls_counter"] == json!({"answered": answered, "total": total})
        }
    };
    push(&mut socket, "the third leg", counter(3, 2)).await;
    channel(&switch, "CHANNEL_ANSWER", "ACTIVE");
    push(&mut socket, "its answer", counter(3, 3)).await;
    let register = [
        ("from-user", "1002"),
        ("from-host", "127.0.0.1"),
        ("call-id", "x"),
        ("contact", "<sip:1002@127.0.0.1:9>"),
        ("profile-name", "internal"),
        ("status", "Registered(UDP)"),
        ("expires", "60"),
    ];
    switch.answer("show registrations count", "3 total.\n");
    send(&switch, &custom("sofia::register", &register));
    let registered = |message: &Value| message["dashboard_data"]["domain_sip_regs"]["127.0.0.1"] == 3;
    push(&mut socket, "the third registration", registered).await;
    pbx.stop().await;
}

/// Ten thousand channels: all at once, and page by page.
#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_given_in_pages() {
    const COUNT: usize = 10_000;
    let switch = played();
    switch.answer("show channels as json", &channels_json(COUNT));
    switch.answer("show channels count", &format!("{COUNT} total.\n"));
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let path = format!("/switches/{KEY}/live");
    let whole = admin.get(&format!("{path}/channels")).await;
    let rows = whole["rows"].as_object().unwrap();
    assert_eq!((rows.len(), &whole["total"]), (COUNT, &json!(COUNT)));
    let mut seen = BTreeSet::new();
    for offset in (0..COUNT + 4_000).step_by(4_000) {
        let page = admin.get(&format!("{path}/channels?limit=4000&offset={offset}")).await;
        assert_eq!(page["total"], COUNT);
        let some = page["rows"].as_object().unwrap();
        assert_eq!(some.len(), COUNT.saturating_sub(offset).min(4_000), "{offset}");
        assert!(some.iter().all(|(key, row)| rows[key] == *row && seen.insert(key.clone())), "{offset}");
    }
    assert_eq!(seen.len(), COUNT);
    let calls = admin.get(&format!("{path}/calls?offset=4990&limit=100")).await;
    assert_eq!((calls["rows"].as_array().unwrap().len(), &calls["total"]), (10, &json!(COUNT / 2)));
    for kind in ["channels", "calls"] {
        for wrong in ["limit=0", "limit=-1", "limit=x", "offset=-1", "offset=", "page=1"] {
            admin.rest_refused("GET", &format!("{path}/{kind}?{wrong}"), &Value::Null, 400).await;
        }
        let last = format!("{path}/{kind}?limit=18446744073709551615&offset=18446744073709551615");
        assert_eq!(admin.get(&last).await["total"].as_u64().map(|total| total > 0), Some(true));
    }
    let live = admin.ask("[Live]", json!({"kinds": ["channels"]})).await;
    assert_eq!(live["rows"]["channels"].as_object().unwrap().len(), COUNT);
    pbx.stop().await;
}
