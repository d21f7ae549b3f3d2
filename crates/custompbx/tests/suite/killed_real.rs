//! `kill -9` of the server that a real FreeSWITCH has booted from, and of that FreeSWITCH.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use custompbx_testkit::real_switch::prepared::{self, EVENT_SOCKET_PASS};
use custompbx_testkit::real_switch::{Switch, free_ports, home};
use custompbx_testkit::server::{Engine, PASS, TestPbx};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Admin, Place, Server, until};

/// A global variable: FreeSWITCH has it from the effect of a change, and asks for nothing.
const VARIABLE: &str = "instances/default/variables/trial";

/// Vanilla in the database of the program that will be at this place; the files that FreeSWITCH needs to ask it.
fn prepare(place: &Place, event_socket: u16) -> TempDir {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let pbx = TestPbx::on(Engine::Sqlite).await;
        prepared::prepare(&pbx, Some(event_socket)).await;
        let files = prepared::files(&pbx, ([127, 0, 0, 1], place.xml).into()).await;
        let kept = pbx.stop().await;
        std::fs::create_dir_all(place.path("data")).unwrap();
        std::fs::copy(kept.database_file().unwrap(), place.path("data/custompbx.db")).unwrap();
        files
    })
}

fn serve(place: &Place, event_socket: u16) -> Server {
    let mut command = place.command(&["serve"]);
    command
        .env("CUSTOMPBX_ADMIN_PASSWORD", Admin::PASSWORD)
        .env("CUSTOMPBX__XML_CURL_SERVER__PASS", PASS)
        .env("CUSTOMPBX__FREESWITCH__ESL__HOST", "127.0.0.1")
        .env("CUSTOMPBX__FREESWITCH__ESL__PORT", event_socket.to_string())
        .env("CUSTOMPBX__FREESWITCH__ESL__PASS", EVENT_SOCKET_PASS);
    place.serve_with(&mut command)
}

fn boot(home: &Path, event_socket: u16, files: TempDir) -> Switch {
    let mut switch = Switch::start(home, event_socket, EVENT_SOCKET_PASS, files);
    switch.wait_until(prepared::runs);
    switch
}

fn kill(mut server: Server) {
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

#[test]
fn what_was_changed_is_so_in_the_switch_whoever_is_killed() {
    let Some(home) = home() else { return };
    let place = Place::new();
    let [event_socket] = free_ports();
    let files = prepare(&place, event_socket);
    let mut server = serve(&place, event_socket);
    let admin = Admin::sign_in(place.web);
    let mut switch = boot(&home, event_socket, files);
    let live = || until("the switch is live", || admin.phase() == "live");
    let change = |value: &str| admin.ask("PUT", VARIABLE, &json!({"attributes": {"value": value}}));
    let has = |switch: &Switch, value: &str| switch.api("global_getvar trial").trim() == value;
    live();
    let mut tries = 0;
    until("the switch is known", || {
        tries += 1;
        let value = format!("try-{tries}");
        change(&value);
        sleep(Duration::from_secs(1));
        has(&switch, &value)
    });

    // The server: right behind its answer, in the middle of what follows, behind it.
    for milliseconds in [0, 2, 10, 50, 250] {
        let value = format!("killed-{milliseconds}-ms-behind-the-change");
        change(&value);
        sleep(Duration::from_millis(milliseconds));
        kill(server);
        server = serve(&place, event_socket);
        until(&value, || has(&switch, &value));
        is_done_once(&admin, &value);
    }
    // While it connects, and while it reads the state.
    for milliseconds in [0, 50, 150, 400] {
        kill(server);
        server = serve(&place, event_socket);
        sleep(Duration::from_millis(milliseconds));
        let value = format!("killed-{milliseconds}-ms-behind-its-start");
        change(&value);
        kill(server);
        server = serve(&place, event_socket);
        until(&value, || has(&switch, &value));
        is_done_once(&admin, &value);
    }
    live();
    let profiles = || {
        let rows = admin.ask("GET", "switches/default/live/profiles", &Value::Null)["rows"].clone();
        rows.as_object().unwrap().keys().cloned().collect::<Vec<String>>()
    };
    let before = profiles();
    assert!(before.contains(&"sofia::internal".to_owned()), "{before:?}");

    // The switch: with a change that it may or may not have heard of, and one that it has not.
    change("killed-with-a-change");
    let stopped = switch.kill();
    change("killed-before-a-change");
    switch = stopped.start_again();
    switch.wait_until(prepared::runs);
    until("what it missed", || has(&switch, "killed-before-a-change"));
    live();
    until("its profiles are seen", || profiles() == before);

    switch.stop();
    let (clean, logged) = server.stop();
    assert!(clean, "{logged}");
}

fn is_done_once(admin: &Admin, value: &str) {
    let line = format!("global_setvar trial={value}");
    let mut came = Vec::new();
    until("the effect is written down", || {
        let of_it = admin.effects().into_iter().filter(|(told, _)| *told == line);
        came = of_it.map(|(_, state)| state).collect();
        !came.is_empty()
    });
    assert_eq!(came, ["done"], "{line}");
}
