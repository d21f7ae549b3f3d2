//! Modules that could not load while nobody answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use custompbx_testkit::event_socket::{EventSocket, PASS};
use custompbx_testkit::recorded::api_answer;
use custompbx_testkit::server::{Engine, Setup, TestPbx};
use serde_json::Value;

use super::{driving, live, orders, played, until};

/// What `show modules as json` says where these are not loaded.
fn without(module: &str) -> String {
    let mut modules: Value = serde_json::from_str(&api_answer("api/show-modules-as-json")).unwrap();
    let rows = modules["rows"].as_array_mut().unwrap();
    let before = rows.len();
    rows.retain(|row| row["ikey"] != module);
    assert!(rows.len() < before, "{module} is not in the recording");
    modules["row_count"] = rows.len().into();
    modules.to_string()
}

fn loads(switch: &EventSocket) -> Vec<String> {
    orders(switch).into_iter().filter(|line| line.starts_with("load ")).collect()
}

async fn heal(load_missing: bool) -> Vec<String> {
    let switch = played();
    // Everything that vanilla has loaded and we have a configuration for is there, but mod_sofia.
    switch.answer("show modules as json", &without("mod_sofia"));
    switch.answer_with("load mod_", |_| "+OK Reloading XML\n+OK\n".to_owned());
    let setup = Setup::on(Engine::Sqlite).driving(switch.address(), PASS);
    let place =
        setup.configured(|config| config.freeswitch.load_missing_modules = load_missing).place().await;
    // It is there before the switch is seen for the first time.
    let pbx = place.start().await;
    pbx.import_vanilla().await;
    live(&pbx).await;
    switch.set_core("00000000-0000-4000-8000-000000000001");
    switch.answer("global_getvar core_uuid", "00000000-0000-4000-8000-000000000001");
    switch.forget_heard();
    switch.close_all();
    live(&pbx).await;
    if load_missing {
        until("it is loaded", async || loads(&switch).contains(&"load mod_sofia".to_owned())).await;
    }
    // The same start of the switch, again.
    switch.close_all();
    until("it is read again", async || switch.connections() > 0).await;
    live(&pbx).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let heard = loads(&switch);
    if load_missing {
        // Another start.
        switch.forget_heard();
        switch.set_core("00000000-0000-4000-8000-000000000002");
        switch.answer("global_getvar core_uuid", "00000000-0000-4000-8000-000000000002");
        switch.close_all();
        until("it is loaded again", async || loads(&switch).contains(&"load mod_sofia".to_owned())).await;
    }
    pbx.stop().await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_module_is_loaded_once_per_start() {
    let heard = heal(true).await;
    assert_eq!(heard.iter().filter(|line| *line == "load mod_sofia").count(), 1, "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_switches_it_off() {
    assert_eq!(heal(false).await, [""; 0]);
}

const CORE: &str = "00000000-0000-4000-8000-000000000001";

/// A server whose switch starts anew, with mod_sofia missing.
async fn started_anew(switch: &EventSocket) -> TestPbx {
    let pbx = driving(switch).await;
    switch.answer("show modules as json", &without("mod_sofia"));
    switch.set_core(CORE);
    switch.answer("global_getvar core_uuid", CORE);
    switch.forget_heard();
    switch.close_all();
    pbx
}

fn tries(switch: &EventSocket) -> usize {
    loads(switch).iter().filter(|line| *line == "load mod_sofia").count()
}

async fn is_healed(pbx: &TestPbx) -> bool {
    pbx.pbx.store().unwrap().healed_run("fs1").await.unwrap().as_deref() == Some(CORE)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_loaded_is_tried_again() {
    let switch = played();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    switch.answer_with("load mod_", move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => "+OK Reloading XML\n-ERR [module load file routine returned an error]\n".to_owned(),
        _ => "+OK Reloading XML\n+OK\n".to_owned(),
    });
    let pbx = started_anew(&switch).await;
    until("it is loaded", async || is_healed(&pbx).await).await;
    assert_eq!(tries(&switch), 2);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_healed_is_known_after_a_restart_of_this_program() {
    let switch = played();
    switch.answer_with("load mod_", |_| "+OK Reloading XML\n+OK\n".to_owned());
    let pbx = started_anew(&switch).await;
    until("it is loaded", async || is_healed(&pbx).await).await;
    assert_eq!(tries(&switch), 1);
    // Somebody unloaded it since.
    let pbx = pbx.restart().await;
    live(&pbx).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(tries(&switch), 1);
    pbx.stop().await;
}
