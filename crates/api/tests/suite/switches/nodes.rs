//! Two nodes on one database, each with a switch of its own.

use custompbx_model::Node;
use custompbx_store::EffectState;
use custompbx_testkit::event_socket::PASS;
use custompbx_testkit::server::{Engine, Setup, TestPbx};

use super::{effects, insert, orders, played, until};

#[tokio::test(flavor = "multi_thread")]
async fn each_node_tells_its_own_switch() {
    let (first, second) = (played(), played());
    second.answer("switchname", "fs2");
    for switch in [&first, &second] {
        switch.answer_with("xml_flush_cache", |_| "+OK\n".to_owned());
    }
    let pbx = Setup::on(Engine::Postgres).driving(first.address(), PASS).start().await;
    pbx.import_xml(
        "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"/></section></document>",
    )
    .await;
    let store = pbx.pbx.store().unwrap();
    let other = pbx.beside_driving(second.address(), PASS).await;
    until("both know what there is", async || {
        let head = Some(store.head().await.unwrap());
        store.switch_progress("fs1").await.unwrap() == head
            && store.switch_progress("fs2").await.unwrap() == head
    })
    .await;
    first.forget_heard();
    second.forget_heard();
    let revision = insert(&pbx, "section/directory domain/d", Node::new("user").with("id", "1")).await;
    let mut done = Vec::new();
    until("both are told", async || {
        done = effects(&pbx, revision).await;
        done.len() == 2
    })
    .await;
    let mut switches: Vec<&str> = done.iter().map(|effect| effect.switch.as_str()).collect();
    switches.sort_unstable();
    assert_eq!(switches, ["fs1", "fs2"]);
    assert!(done.iter().all(|effect| effect.state == EffectState::Done), "{done:?}");
    for switch in [&first, &second] {
        assert_eq!(orders(switch), ["xml_flush_cache id 1 d"]);
    }
    other.stop().await;
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_at_one_switch_write_down_once_what_it_did() {
    let switch = played();
    switch.answer_with("xml_flush_cache", |_| "+OK\n".to_owned());
    let pbx = Setup::on(Engine::Postgres).driving(switch.address(), PASS).start().await;
    pbx.import_xml(
        "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"/></section></document>",
    )
    .await;
    let store = pbx.pbx.store().unwrap();
    let other = pbx.beside_driving(switch.address(), PASS).await;
    let caught_up = async || {
        let head = Some(store.head().await.unwrap());
        store.switch_progress("fs1").await.unwrap() == head
    };
    until("both are connected", async || {
        let live =
            |pbx: &TestPbx| pbx.pbx.current_switch().is_ok_and(|driven| driven.supervisor.status().is_live());
        live(&pbx) && live(&other) && caught_up().await
    })
    .await;
    let mut revisions = Vec::new();
    for id in ["1", "2", "3"] {
        revisions.push(insert(&pbx, "section/directory domain/d", Node::new("user").with("id", id)).await);
        until("it is told", &caught_up).await;
    }
    // The slower one has been refused by now, or sees that there is nothing.
    other.stop().await;
    for (revision, id) in revisions.into_iter().zip(1..) {
        let done = effects(&pbx, revision).await;
        let [only] = &done[..] else { panic!("{done:?}") };
        assert_eq!(
            (only.line.clone(), only.state),
            (format!("xml_flush_cache id {id} d"), EffectState::Done)
        );
    }
    pbx.stop().await;
}
