//! Two nodes on one database, each with a switch of its own.

use custompbx_model::Node;
use custompbx_store::EffectState;
use custompbx_testkit::event_socket::PASS;
use custompbx_testkit::server::{Engine, Setup};

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
