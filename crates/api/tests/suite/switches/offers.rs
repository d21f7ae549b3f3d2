//! What would disturb calls waits for somebody.

use custompbx_model::Edit;
use custompbx_store::{Effect, EffectState, Role};
use custompbx_testkit::server::{TestPbx, find};
use serde_json::Value;

use super::{CONF, KEY, driving, effects, orders, played, pushes, told, until};
use crate::asking::Client;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_done_once_or_not_at_all() {
    let switch = played();
    switch.answer_with("show channels as json", |_| custompbx_testkit::event_socket::channels_json(4));
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer_with("sofia profile ", |_| "Reload XML [Success]\nrestarting: internal".to_owned());
    let mut socket = pbx.socket().await;
    pushes::subscribe(&mut socket, &admin.person, "[Effects]").await;
    let way = format!("{CONF}/sofia.conf profiles profile/internal settings param/sip-port");
    switch.forget_heard();
    let changed = pbx.set(&way, "value", "5099").await;
    let offered = effects(&pbx, changed.revision).await;
    let line = "sofia profile internal restart";
    assert_eq!(told(&offered), [(line, EffectState::Offered)]);
    let offers = admin.get(&format!("/switches/{KEY}/offers")).await;
    let offer = offers["items"].as_array().unwrap().iter().find(|offer| offer["line"] == line).unwrap();
    assert_eq!(offer["interrupts"]["channels"], 4, "{offers}");
    assert!(offer["interrupts"]["registrations"].is_u64(), "{offers}");
    assert!(orders(&switch).is_empty(), "{:?}", orders(&switch));

    // Two press the button at once.
    let path = format!("/switches/{KEY}/offers/{}/accept", offer["id"]);
    let (one, two) =
        tokio::join!(admin.rest("POST", &path, &Value::Null), admin.rest("POST", &path, &Value::Null));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{} {}", one.text(), two.text());
    assert_eq!(orders(&switch), [line]);
    let is_done = |message: &Value| message["effects"][0]["state"] == "done";
    let push = pushes::push(&mut socket, "what was decided", is_done).await;
    assert_eq!(push["effects"][0]["line"], line, "{push}");

    // Somebody decides against it.
    let changed = pbx.set(&way, "value", "5098").await;
    let id = effects(&pbx, changed.revision).await[0].id.0;
    let dismiss = format!("/switches/{KEY}/offers/{id}/dismiss");
    assert_eq!(admin.rest("POST", &dismiss, &Value::Null).await.status, 204);
    for action in ["dismiss", "accept"] {
        admin.rest_refused("POST", &format!("/switches/{KEY}/offers/{id}/{action}"), &Value::Null, 404).await;
    }
    assert_eq!(told(&effects(&pbx, changed.revision).await), [(line, EffectState::Dismissed)]);
    for id in ["0", "x", "-1", "9223372036854775808"] {
        let path = format!("/switches/{KEY}/offers/{id}/accept");
        admin.rest_refused("POST", &path, &Value::Null, 404).await;
    }

    // While the switch is away it stays offered.
    let changed = pbx.set(&way, "value", "5097").await;
    let id = effects(&pbx, changed.revision).await[0].id.0;
    switch.stop();
    until("the switch is away", async || pbx.pbx.connected_switch().is_err()).await;
    let accept = format!("/switches/{KEY}/offers/{id}/accept");
    let reply = admin.rest("POST", &accept, &Value::Null).await;
    assert_eq!((reply.status, reply.json()["code"].as_str()), (503, Some("no-switch")), "{}", reply.text());
    assert_eq!(told(&effects(&pbx, changed.revision).await), [(line, EffectState::Offered)]);
    assert_eq!(orders(&switch), [line]);
    pbx.stop().await;
}

/// Has a module be loaded no longer; what is offered for it.
async fn unloading(pbx: &TestPbx, module: &str) -> Effect {
    let way = format!("{CONF}/modules.conf modules load/{module}");
    let id = find(&pbx.tree().await, &way).id;
    let changed = pbx.change(vec![Edit::Enable { id, enabled: false }]).await;
    let offered = effects(pbx, changed.revision).await;
    let line = format!("unload {module}");
    assert_eq!(told(&offered), [(line.as_str(), EffectState::Offered)]);
    offered[0].clone()
}

/// Whoever ran it later would take away what is wanted again.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_any_more_is_not_offered() {
    let switch = played();
    let pbx = driving(&switch).await;
    let offered = async || {
        let lines = pbx.pbx.offers(KEY).await.unwrap().into_iter().map(|offer| offer.effect.line);
        // What the import came to is offered too.
        lines.filter(|line| line.ends_with("mod_conference")).collect::<Vec<_>>()
    };
    unloading(&pbx, "mod_conference").await;
    assert_eq!(offered().await, ["unload mod_conference"]);
    let id = find(&pbx.tree().await, &format!("{CONF}/modules.conf modules load/mod_conference")).id;
    let changed = pbx.change(vec![Edit::Enable { id, enabled: true }]).await;
    effects(&pbx, changed.revision).await;
    assert_eq!(offered().await, ["load mod_conference"]);
    unloading(&pbx, "mod_conference").await;
    assert_eq!(offered().await, ["unload mod_conference"]);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_switch_refuses_has_failed() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.answer("unload mod_conference", "-ERR [Module in use.]\n");
    switch.answer("unload mod_voicemail", "-ERR [No such module!]\n");
    for (module, state, reply) in [
        ("mod_conference", "failed", "-ERR [Module in use.]"),
        // All is as if it had been done.
        ("mod_voicemail", "done", "-ERR [No such module!]"),
    ] {
        let offer = unloading(&pbx, module).await;
        let path = format!("/switches/{KEY}/offers/{}/accept", offer.id.0);
        let accepted = admin.rest("POST", &path, &Value::Null).await;
        let told = accepted.json();
        assert_eq!(
            (accepted.status, &told["state"], &told["reply"]),
            (200, &state.into(), &reply.into()),
            "{told}"
        );
        let stored = pbx.pbx.effects_of(offer.revision).await.unwrap();
        assert_eq!((stored[0].state.as_str(), stored[0].reply.as_str()), (state, reply));
    }
    pbx.stop().await;
}
