//! What changes have a switch do.

use custompbx_model::{At, Edit, Node};
use custompbx_store::{EffectState, Role};
use custompbx_testkit::event_socket::PASS;
use custompbx_testkit::server::{Engine, Setup, find, named};
use serde_json::json;

use super::{CONF, KEY, driving, effects, insert, live, orders, played, pushes, told, until};
use crate::asking::Client;

pub(super) const ACL: &str = "section/configuration configuration/acl.conf network-lists list/mine node";
pub(super) const TREE: &str = "<document type=\"freeswitch/xml\"><section name=\"configuration\">\
    <configuration name=\"acl.conf\"><network-lists><list name=\"mine\" default=\"deny\">\
    <node type=\"allow\" cidr=\"192.0.2.0/24\"/></list></network-lists></configuration></section>\
    <section name=\"directory\"><domain name=\"d\"></domain></section></document>";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_forgotten() {
    let switch = played();
    let pbx = driving(&switch).await;
    switch.answer_with("xml_flush_cache", |_| "+OK cleared 1 entry\n".to_owned());
    switch.forget_heard();
    let users = "section/directory domain groups group/default users user/1000 params param/password";
    let changed = pbx.set(users, "value", "another").await;
    let done = effects(&pbx, changed.revision).await;
    assert_eq!(orders(&switch), [done[0].line.clone()]);
    // The domain of vanilla is $${local_ip_v4}, which the switch told.
    assert_eq!(done[0].line, "xml_flush_cache id 1000 127.0.0.1", "{done:?}");
    assert_eq!((done.len(), done[0].state, &*done[0].switch), (1, EffectState::Done, "fs1"), "{done:?}");
    assert_eq!(done[0].reply, "+OK cleared 1 entry");
    // By REST it is the same.
    let admin = Client::new(&pbx, Role::Admin).await;
    let shown = admin.get(&format!("/switches/{KEY}/effects?limit=1")).await;
    let first = &shown["items"][0];
    assert_eq!(
        (&first["line"], &first["state"], &first["revision"]),
        (&json!(done[0].line), &json!("done"), &json!(changed.revision.unwrap().0)),
        "{shown}"
    );
    for limit in ["0", "1001", "x", "-1"] {
        let path = format!("/switches/{KEY}/effects?limit={limit}");
        admin.rest_refused("GET", &path, &json!(null), 400).await;
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_list_is_asked_about() {
    let switch = played();
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    pbx.import_xml(TREE).await;
    live(&pbx).await;
    switch.answer("reloadacl", "+OK acl reloaded\n");
    switch.answer("acl 198.51.100.0 mine", "true");
    switch.answer("acl 203.0.113.0 mine", "false");
    switch.forget_heard();
    let changed = pbx.set(ACL, "cidr", "198.51.100.0/24").await;
    assert_eq!(told(&effects(&pbx, changed.revision).await), [("reloadacl", EffectState::Done)]);
    let heard = switch.heard();
    let at = |line: &str| heard.iter().position(|heard| heard == line);
    assert!(
        at("api reloadacl") < at("api acl 198.51.100.0 mine") && at("api acl 198.51.100.0 mine").is_some()
    );
    // It says that it did, and did not.
    let changed = pbx.set(ACL, "cidr", "203.0.113.0/24").await;
    let failed = effects(&pbx, changed.revision).await;
    assert_eq!(told(&failed), [("reloadacl", EffectState::Failed)]);
    assert!(failed[0].reply.contains("203.0.113.0 is not let in by the list mine"), "{failed:?}");
    assert!(failed[0].reply.starts_with("+OK"), "{failed:?}");
    assert!(orders(&switch).iter().all(|line| line == "reloadacl"), "{:?}", orders(&switch));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_queues_and_variables() {
    let switch = played();
    let pbx = driving(&switch).await;
    switch.answer_with("sofia profile ", |_| "+OK\n".to_owned());
    switch.answer_with("callcenter_config queue load", |_| "+OK\n".to_owned());
    switch.answer_with("callcenter_config queue reload", |_| "+OK\n".to_owned());
    switch.answer_with("global_setvar ", |_| "+OK\n".to_owned());
    let gateways = format!("{CONF}/sofia.conf profiles profile/external gateways");
    let gateway = named("gateway", "gw_a").containing([named("param", "proxy").with("value", "a")]);
    let came = insert(&pbx, &gateways, gateway).await;
    let lines = |effects: &[custompbx_store::Effect]| {
        effects.iter().map(|effect| effect.line.clone()).collect::<Vec<_>>()
    };
    let done = effects(&pbx, came).await;
    assert!(
        lines(&done).last().unwrap().ends_with("gw_a") || lines(&done).last().unwrap().ends_with("rescan")
    );
    switch.forget_heard();
    let changed = pbx.set(&format!("{gateways} gateway/gw_a param/proxy"), "value", "b").await;
    let done = effects(&pbx, changed.revision).await;
    let both = ["sofia profile external killgw gw_a", "sofia profile external startgw gw_a"];
    assert_eq!(
        (lines(&done), orders(&switch)),
        (both.map(str::to_owned).to_vec(), both.map(str::to_owned).to_vec())
    );

    // Nobody knows the queue there yet; the module is loaded.
    let queues = format!("{CONF}/callcenter.conf queues");
    let queue =
        named("queue", "new@default").containing([named("param", "strategy").with("value", "ring-all")]);
    let came = insert(&pbx, &queues, queue).await;
    let loaded = pbx.pbx.switch(KEY).unwrap().supervisor.live().tables().modules.contains("mod_callcenter");
    let done = effects(&pbx, came).await;
    let state = if loaded { EffectState::Done } else { EffectState::Dismissed };
    assert_eq!(told(&done), [("callcenter_config queue load new@default", state)], "{done:?}");

    // The value as FreeSWITCH would have it.
    insert(&pbx, "variables", Node::new("variable").with("name", "one").with("value", "1")).await;
    let two = Node::new("variable").with("name", "two").with("value", "$${one}2=3");
    let came = insert(&pbx, "variables", two).await;
    assert_eq!(told(&effects(&pbx, came).await), [("global_setvar two='12=3'", EffectState::Done)]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_loaded_is_told_nothing() {
    let switch = played();
    let pbx = driving(&switch).await;
    let driven = pbx.pbx.switch(KEY).unwrap();
    let missing = |module: &str| !driven.supervisor.live().tables().modules.contains(module);
    assert!(missing("mod_rtmp") && !missing("mod_sofia"));
    let way = format!("{CONF}/rtmp.conf profiles profile/default settings param");
    switch.forget_heard();
    let changed = pbx.set(&way, "value", "0").await;
    let done = effects(&pbx, changed.revision).await;
    assert!(done.iter().all(|effect| effect.state == EffectState::Dismissed), "{done:?}");
    assert_eq!(done[0].reply, "mod_rtmp is not loaded");
    assert!(orders(&switch).is_empty(), "{:?}", orders(&switch));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_users_are_forgotten_at_once() {
    let switch = played();
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    pbx.import_xml(TREE).await;
    live(&pbx).await;
    switch.answer_with("xml_flush_cache", |_| "+OK cleared 60 entries\n".to_owned());
    switch.forget_heard();
    let parent = find(&pbx.tree().await, "section/directory domain/d").id;
    let users = (0..60).map(|number| Node::new("user").with("id", (2000 + number).to_string())).collect();
    let changed = pbx.change(vec![Edit::Insert { parent, at: At::Last, nodes: users }]).await;
    assert_eq!(told(&effects(&pbx, changed.revision).await), [("xml_flush_cache", EffectState::Done)]);
    assert_eq!(orders(&switch), ["xml_flush_cache"]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missed_is_made_up_for() {
    let switch = played();
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    pbx.import_xml(TREE).await;
    live(&pbx).await;
    for command in ["xml_flush_cache", "global_setvar ", "acl "] {
        switch.answer_with(command, |_| "true".to_owned());
    }
    let admin = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    pushes::subscribe(&mut socket, &admin.person, "[Effects]").await;
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    switch.forget_heard();
    let user = insert(&pbx, "section/directory domain/d", Node::new("user").with("id", "1")).await;
    pbx.set(ACL, "cidr", "198.51.100.0/24").await;
    let list = pbx.set(ACL, "cidr", "203.0.113.0/24").await.revision;
    switch.start_again();
    assert_eq!(told(&effects(&pbx, user).await), [("xml_flush_cache id 1 d", EffectState::Done)]);
    // The last one counts.
    assert_eq!(told(&effects(&pbx, list).await), [("reloadacl", EffectState::Done)]);
    assert_eq!(orders(&switch), ["xml_flush_cache id 1 d", "reloadacl"]);
    // All of it is told, in one push.
    let push =
        pushes::push(&mut socket, "the effects", |message| message["MessageType"] == "[Effects]").await;
    let lines: Vec<_> = push["effects"].as_array().unwrap().iter().map(|one| one["line"].clone()).collect();
    assert_eq!(lines, ["xml_flush_cache id 1 d", "reloadacl"], "{push}");

    // The same when this program was away too.
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    switch.forget_heard();
    let user = insert(&pbx, "section/directory domain/d", Node::new("user").with("id", "2")).await;
    drop(socket);
    let pbx = pbx.restart().await;
    switch.start_again();
    assert_eq!(told(&effects(&pbx, user).await), [("xml_flush_cache id 2 d", EffectState::Done)]);
    assert_eq!(orders(&switch), ["xml_flush_cache id 2 d"]);
    // And once only.
    switch.close_all();
    live(&pbx).await;
    let pbx = pbx.restart().await;
    live(&pbx).await;
    assert_eq!(orders(&switch), ["xml_flush_cache id 2 d"]);
    pbx.stop().await;
}
