//! Commands that are not answered, and this program or the switch being ended in the middle of them: in the end all is as
//! if nothing had happened.

use std::sync::atomic::{AtomicUsize, Ordering};

use custompbx_model::{At, Edit, Node};
use custompbx_pbx::By;
use custompbx_pbx::switches::effects::Offer;
use custompbx_store::{Effect, EffectState, RevisionId};
use custompbx_testkit::event_socket::{EventSocket, PASS};
use custompbx_testkit::server::{Engine, Setup, TestPbx, find, named};

use super::effects::{ACL, TREE};
use super::{CONF, KEY, driving, effects, insert, live, orders, played, told, until};

const RESTART: &str = "sofia profile internal restart";
const LOAD: &str = "load mod_translate";

/// A server with a small tree, and what it has told the switch forgotten.
async fn small(switch: &EventSocket) -> TestPbx {
    for command in ["xml_flush_cache", "acl "] {
        switch.answer_with(command, |_| "true".to_owned());
    }
    switch.answer("reloadacl", "+OK acl reloaded\n");
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    pbx.import_xml(TREE).await;
    live(&pbx).await;
    switch.forget_heard();
    pbx
}

async fn user(pbx: &TestPbx, id: &str) -> Option<RevisionId> {
    insert(pbx, "section/directory domain/d", Node::new("user").with("id", id)).await
}

fn heard(switch: &EventSocket, line: &str) -> usize {
    orders(switch).iter().filter(|order| *order == line).count()
}

async fn until_sent(switch: &EventSocket, line: &str) {
    until("it is sent", async || heard(switch, line) > 0).await;
}

/// Loses the connections each time that a command was sent, until something is told of a revision.
async fn cut_until_told(
    switch: &EventSocket,
    pbx: &TestPbx,
    line: &str,
    revision: Option<RevisionId>,
) -> Vec<Effect> {
    let (mut found, mut seen) = (Vec::new(), 0);
    let line = format!("api {line}");
    until("it is told", async || {
        let sent = switch.heard().iter().filter(|heard| **heard == line).count();
        if sent > seen {
            seen = sent;
            switch.close_all();
        }
        found = pbx.pbx.effects_of(revision.unwrap()).await.unwrap();
        !found.is_empty()
    })
    .await;
    found
}

fn accept(pbx: &TestPbx, offer: &Effect) -> tokio::task::JoinHandle<custompbx_pbx::Result<Effect>> {
    let (pbx, id) = (pbx.pbx.clone(), offer.id);
    tokio::spawn(async move {
        let by = By { actor: "a".to_owned(), origin: "test".to_owned() };
        pbx.accept_offer(&by, KEY, id).await
    })
}

/// What is offered for another port of a profile: what must not be done twice.
async fn restart_offered(pbx: &TestPbx, port: &str) -> Effect {
    let way = format!("{CONF}/sofia.conf profiles profile/internal settings param/sip-port");
    let changed = pbx.set(&way, "value", port).await;
    let offered = effects(pbx, changed.revision).await;
    assert_eq!(told(&offered), [(RESTART, EffectState::Offered)]);
    offered[0].clone()
}

/// What is offered for a module that is to be loaded: what may be done twice.
async fn load_offered(pbx: &TestPbx) -> Effect {
    let load = Node::new("load").with("module", "mod_translate");
    let revision = insert(pbx, &format!("{CONF}/modules.conf modules"), load).await;
    let offered = effects(pbx, revision).await;
    assert_eq!(told(&offered), [(LOAD, EffectState::Offered)]);
    offered[0].clone()
}

async fn state(pbx: &TestPbx, effect: &Effect) -> EffectState {
    pbx.pbx.store().unwrap().effect(effect.id).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_is_sent_again_in_order() {
    let switch = played();
    let pbx = small(&switch).await;
    let line = "xml_flush_cache id 1 d";
    switch.hold(line);
    let first = user(&pbx, "1").await;
    until_sent(&switch, line).await;
    let second = pbx.set(ACL, "cidr", "198.51.100.0/24").await.revision;
    // The switch is ended between the command and the reply.
    switch.close_all();
    switch.release(line);
    assert_eq!(told(&effects(&pbx, first).await), [(line, EffectState::Done)]);
    assert_eq!(told(&effects(&pbx, second).await), [("reloadacl", EffectState::Done)]);
    let orders = orders(&switch);
    let at = |line: &str| orders.iter().rposition(|order| order == line);
    assert!(heard(&switch, line) > 1 && at(line) < at("reloadacl"), "{orders:?}");
    assert_eq!(heard(&switch, "reloadacl"), 1);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_answered_is_told_and_keeps_nothing_back() {
    let switch = played();
    let pbx = small(&switch).await;
    let line = "xml_flush_cache id 1 d";
    switch.hold(line);
    let first = user(&pbx, "1").await;
    until_sent(&switch, line).await;
    let unknown = cut_until_told(&switch, &pbx, line, first).await;
    assert_eq!(told(&unknown), [(line, EffectState::Unknown)]);
    // Each time once more on another connection, where it was a kept one that was lost.
    assert!((3..=6).contains(&heard(&switch, line)), "{:?}", orders(&switch));
    let second = user(&pbx, "2").await;
    assert_eq!(told(&effects(&pbx, second).await), [("xml_flush_cache id 2 d", EffectState::Done)]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_cannot_be_asked_about_are_not_verified() {
    let switch = played();
    let pbx = small(&switch).await;
    switch.answer("acl 2001:db8:: mine", "true");
    let changed = pbx.set(ACL, "cidr", "2001:db8::/32").await;
    let done = effects(&pbx, changed.revision).await;
    assert_eq!((told(&done), &*done[0].reply), (vec![("reloadacl", EffectState::Done)], "+OK acl reloaded"));
    switch.answer("acl 2001:db8:1:: mine", "false");
    let changed = pbx.set(ACL, "cidr", "2001:db8:1::/48").await;
    assert_eq!(told(&effects(&pbx, changed.revision).await), [("reloadacl", EffectState::Failed)]);
    // Nothing in it can be asked about.
    let changed = pbx.set(ACL, "type", "deny").await;
    let done = effects(&pbx, changed.revision).await;
    assert_eq!(done[0].state, EffectState::Done);
    assert!(done[0].reply.contains("not verified"), "{done:?}");
    // The question is not answered.
    pbx.set(ACL, "type", "allow").await;
    let question = "acl 192.0.2.0 mine";
    switch.hold(question);
    let changed = pbx.set(ACL, "cidr", "192.0.2.0/24").await;
    let unknown = cut_until_told(&switch, &pbx, question, changed.revision).await;
    assert_eq!(told(&unknown), [("reloadacl", EffectState::Unknown)]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_program_is_killed_in_the_middle_of_effects() {
    let switch = played();
    let mut pbx = driving(&switch).await;
    switch.answer_with("sofia profile ", |_| "+OK\n".to_owned());
    let gateways = format!("{CONF}/sofia.conf profiles profile/external gateways");
    let gateway = named("gateway", "gw_a").containing([named("param", "proxy").with("value", "a")]);
    effects(&pbx, insert(&pbx, &gateways, gateway).await).await;
    let lines = ["sofia profile external killgw gw_a", "sofia profile external startgw gw_a"];
    for line in lines {
        switch.forget_heard();
        switch.hold(line);
        let param = format!("{gateways} gateway/gw_a param/proxy");
        let changed = pbx.set(&param, "value", line).await.revision;
        until_sent(&switch, line).await;
        let place = pbx.kill().await;
        switch.close_all();
        switch.release(line);
        pbx = place.start().await;
        let done = effects(&pbx, changed).await;
        assert_eq!(told(&done), lines.map(|line| (line, EffectState::Done)));
        let orders = orders(&switch);
        assert!(heard(&switch, line) > 1, "{orders:?}");
        assert_eq!(orders.last().map(String::as_str), Some(lines[1]), "{orders:?}");
        // And that is all.
        live(&pbx).await;
        assert_eq!(told(&pbx.pbx.effects_of(changed.unwrap()).await.unwrap()).len(), 2);
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_program_is_killed_in_the_middle_of_what_was_accepted() {
    let switch = played();
    let pbx = driving(&switch).await;
    switch.answer(LOAD, "+OK Reloading XML\n+OK\n");
    switch.answer(RESTART, "Reload XML [Success]\nrestarting: internal");
    let (load, restart) = (load_offered(&pbx).await, restart_offered(&pbx, "5099").await);
    switch.forget_heard();
    let mut waiting = Vec::new();
    for (offer, line) in [(&load, LOAD), (&restart, RESTART)] {
        switch.hold(line);
        waiting.push(accept(&pbx, offer));
        until_sent(&switch, line).await;
        assert_eq!(state(&pbx, offer).await, EffectState::Accepted);
    }
    let place = pbx.kill().await;
    for one in waiting {
        assert!(one.await.unwrap().is_err());
    }
    switch.close_all();
    switch.release(LOAD);
    switch.release(RESTART);
    let pbx = place.start().await;
    // What is the same when it is done twice is done; of the other it is said that nobody knows.
    until("all is told", async || {
        state(&pbx, &load).await == EffectState::Done && state(&pbx, &restart).await == EffectState::Unknown
    })
    .await;
    assert_eq!((heard(&switch, LOAD), heard(&switch, RESTART)), (2, 1), "{:?}", orders(&switch));
    let told = pbx.pbx.effects_of(load.revision).await.unwrap();
    assert_eq!((told.len(), &*told[0].reply), (1, "+OK Reloading XML\n+OK"));
    let pbx = pbx.restart().await;
    live(&pbx).await;
    assert_eq!((heard(&switch, LOAD), heard(&switch, RESTART)), (2, 1), "{:?}", orders(&switch));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_is_killed_in_the_middle_of_what_was_accepted() {
    let switch = played();
    let pbx = driving(&switch).await;
    switch.answer(LOAD, "+OK Reloading XML\n+OK\n");
    let (load, restart) = (load_offered(&pbx).await, restart_offered(&pbx, "5099").await);
    switch.forget_heard();
    for (offer, line, first, last) in [
        (&load, LOAD, EffectState::Accepted, EffectState::Done),
        (&restart, RESTART, EffectState::Unknown, EffectState::Unknown),
    ] {
        switch.hold(line);
        let accepted = accept(&pbx, offer);
        until_sent(&switch, line).await;
        switch.close_all();
        switch.release(line);
        assert_eq!(accepted.await.unwrap().unwrap().state, first, "{line}");
        until("it is told", async || state(&pbx, offer).await == last).await;
    }
    assert_eq!((heard(&switch, LOAD), heard(&switch, RESTART)), (2, 1), "{:?}", orders(&switch));
    pbx.stop().await;
}

/// A SIP profile that was just started is not restarted (`cmd_profile` in `mod_sofia.c`).
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_because_it_is_too_soon_is_sent_again() {
    let switch = played();
    let pbx = driving(&switch).await;
    let restart = restart_offered(&pbx, "5099").await;
    let asked = AtomicUsize::new(0);
    switch.answer_with(RESTART, move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => "Profile internal must be up for at least 10 seconds to stop/restart.\nPlease wait 1 second\n"
            .to_owned(),
        _ => "Reload XML [Success]\nrestarting: internal".to_owned(),
    });
    let told = accept(&pbx, &restart).await.unwrap().unwrap();
    assert_eq!((told.state, heard(&switch, RESTART)), (EffectState::Done, 2), "{told:?}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_accepted_it_does_not_wait() {
    let switch = played();
    let pbx = driving(&switch).await;
    switch.answer(LOAD, "+OK Reloading XML\n+OK\n");
    let load = load_offered(&pbx).await;
    switch.hold(LOAD);
    let accepted = accept(&pbx, &load);
    until_sent(&switch, LOAD).await;
    accepted.abort();
    switch.release(LOAD);
    until("it is done", async || state(&pbx, &load).await == EffectState::Done).await;
    assert_eq!(heard(&switch, LOAD), 1);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_with_the_name_of_the_switch() {
    let switch = played();
    switch.answer_with("xml_flush_cache", |_| "+OK\n".to_owned());
    let pbx = driving(&switch).await;
    let offer = restart_offered(&pbx, "5099").await;
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    let ids = |offers: &[Offer]| offers.iter().map(|offer| offer.effect.id).collect::<Vec<_>>();
    let before = pbx.pbx.offers(KEY).await.unwrap();
    assert_eq!(before[0].effect.id, offer.id);
    let interrupts = before[0].interrupts;
    assert_eq!((interrupts.channels, interrupts.registrations), (None, None));
    let users = "section/directory domain groups group/default users user/1000 params param/password";
    let changed = pbx.set(users, "value", "another").await;
    switch.answer("switchname", "fs9");
    switch.start_again();
    let done = effects(&pbx, changed.revision).await;
    assert_eq!((&*done[0].switch, done[0].state), ("fs9", EffectState::Done), "{done:?}");
    let offers = pbx.pbx.offers(KEY).await.unwrap();
    assert_eq!(ids(&offers), ids(&before));
    assert!(offers[0].interrupts.channels.is_some() && offers[0].interrupts.registrations.is_some());
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_missed_revisions_are_one_command_each() {
    let switch = played();
    let pbx = small(&switch).await;
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    let first = user(&pbx, "1").await;
    let mut node = find(&pbx.tree().await, ACL).clone();
    let mut last = None;
    for number in 0..1_100 {
        node.set_attribute("cidr", format!("10.{}.{}.0/24", number / 256, number % 256));
        let (id, attributes) = (node.id, node.attributes.clone());
        last = pbx.change(vec![Edit::Update { id, attributes, text: None }]).await.revision;
    }
    switch.forget_heard();
    switch.start_again();
    assert_eq!(told(&effects(&pbx, last).await), [("reloadacl", EffectState::Done)]);
    assert_eq!(told(&effects(&pbx, first).await), [("xml_flush_cache id 1 d", EffectState::Done)]);
    assert_eq!(orders(&switch), ["xml_flush_cache id 1 d", "reloadacl"]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_of_a_thousand_steps_loses_no_variable() {
    let switch = played();
    switch.answer_with("global_setvar ", |_| "+OK\n".to_owned());
    let pbx = driving(&switch).await;
    switch.forget_heard();
    let parent = find(&pbx.tree().await, "variables").id;
    let variable = |number| Node::new("variable").with("name", format!("many_{number}")).with("value", "1");
    let insert = |number| Edit::Insert { parent, at: At::Last, nodes: vec![variable(number)] };
    let changed = pbx.change((0..1_001).map(insert).collect()).await;
    let told = effects(&pbx, changed.revision).await;
    for number in [0, 500, 1_000] {
        let line = format!("global_setvar many_{number}=1");
        assert_eq!(heard(&switch, &line), 1, "{line}");
        assert!(told.iter().any(|one| one.line == line && one.state == EffectState::Done), "{line}");
    }
    pbx.stop().await;
}
