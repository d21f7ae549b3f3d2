//! A switch that is driven, played by [`EventSocket`]: what is said to it, and what is told of it.

mod callcenter;
mod checked;
mod doctor;
mod effects;
mod event_sockets;
mod healing;
mod import;
mod logs;
mod messages;
mod nodes;
mod offers;
mod pushes;
mod rest;
mod state;
mod typed;

use std::time::{Duration, Instant};

use custompbx_model::{At, Edit, Node};
use custompbx_store::{Effect, EffectState, RevisionId};
use custompbx_testkit::event_socket::{CORE, EventSocket, PASS};
use custompbx_testkit::server::{Engine, Setup, TestPbx, find};

pub(crate) const KEY: &str = "default";
const CONF: &str = "section/configuration configuration";
const PATIENCE: Duration = Duration::from_secs(15);

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what} does not come true");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A switch that answers as recorded.
fn played() -> EventSocket {
    let layers = ["idle-reg", "api", "pristine", "xml_locate", "xml_locate/configuration"];
    let switch = EventSocket::start().with_recordings(&layers);
    switch.answer("global_getvar core_uuid", CORE);
    switch
}

/// A server with vanilla's tree that drives it.
async fn driving(switch: &EventSocket) -> TestPbx {
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    pbx.import_vanilla().await;
    live(&pbx).await;
    pbx
}

/// Waits until the switch of the configuration is connected, and what came before has been told.
async fn live(pbx: &TestPbx) {
    until("the switch is live", async || {
        pbx.pbx.switch(KEY).is_ok_and(|driven| {
            driven.supervisor.status().is_live() && !driven.expand("$${local_ip_v4}").contains("$${")
        })
    })
    .await;
    until("what is stored is known to the switch", async || {
        let store = pbx.pbx.store().unwrap();
        store.switch_progress("fs1").await.unwrap() == Some(store.head().await.unwrap())
    })
    .await;
}

/// What a revision came to, once it did.
async fn effects(pbx: &TestPbx, revision: Option<RevisionId>) -> Vec<Effect> {
    let revision = revision.expect("something changed");
    let mut found = Vec::new();
    until("the effects are written down", async || {
        found = pbx.pbx.effects_of(revision).await.unwrap();
        !found.is_empty()
    })
    .await;
    found
}

fn told(effects: &[Effect]) -> Vec<(&str, EffectState)> {
    effects.iter().map(|effect| (effect.line.as_str(), effect.state)).collect()
}

/// Commands that were heard and are no questions of those who watch.
fn orders(switch: &EventSocket) -> Vec<String> {
    const ORDERS: [&str; 9] = [
        "xml_flush_cache",
        "reload",
        "load",
        "unload",
        "sofia profile",
        "callcenter_config queue ",
        "global_setvar",
        "system",
        "bg_system",
    ];
    let heard = switch.heard().into_iter();
    let bare = heard.filter_map(|line| line.strip_prefix("api ").map(str::to_owned));
    bare.filter(|line| {
        let question = line.starts_with("callcenter_config queue list")
            || line.starts_with("callcenter_config queue count");
        !question && ORDERS.iter().any(|order| line.starts_with(order))
    })
    .collect()
}

/// Adds a node at the end of another one.
async fn insert(pbx: &TestPbx, way: &str, node: Node) -> Option<RevisionId> {
    let parent = find(&pbx.tree().await, way).id;
    pbx.change(vec![Edit::Insert { parent, at: At::Last, nodes: vec![node] }]).await.revision
}
