//! A real FreeSWITCH that is driven: what happens in it is seen, what is changed takes effect there by itself.

use std::io::Write as _;
use std::time::{Duration, Instant};

use custompbx_model::{At, Edit, Node};
use custompbx_pbx::switches::doctor::State;
use custompbx_store::EffectState;
use custompbx_testkit::real_switch::{free_ports, home};
use custompbx_testkit::server::{Engine, Setup, find, named};
use custompbx_testkit::sip::Phone;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::driving::{CONF, Driven, KEY, PATIENCE, told, until};
use super::{DOMAIN, EVENT_SOCKET_PASS, SWITCHNAME, USER_PASS, USERS};
use crate::asking::Way;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_takes_effect_and_what_happens_is_seen() {
    let Some(home) = home() else { return };
    let [event_socket] = free_ports();
    let address = ([127, 0, 0, 1], event_socket).into();
    let pbx = Setup::on(Engine::Sqlite).driving(address, EVENT_SOCKET_PASS).start().await;
    let driven = Driven::start(&pbx, &home, event_socket).await;

    what_it_is(&driven).await;
    doctor_finds_nothing_wrong(&driven).await;
    its_log_is_followed(&driven).await;
    registrations_and_calls_are_seen(&driven).await;
    an_access_list_counts_at_once(&driven).await;
    a_gateway_comes_changes_and_goes(&driven).await;
    a_queue_comes_changes_and_goes(&driven).await;
    an_agent_comes_works_and_goes(&driven).await;
    a_conference_is_seen_and_led(&driven).await;
    what_disturbs_is_offered(&driven).await;
    a_password_counts_at_once(&driven).await;
    what_it_has_is_taken_over(&driven).await;
    what_was_missed_is_made_up_for(driven).await;
    pbx.stop().await;
}

async fn what_it_is(driven: &Driven<'_>) {
    let view = driven.view().await;
    assert_eq!((&view["name"], &view["trouble"]), (&json!(SWITCHNAME), &Value::Null), "{view}");
    assert!(view["status"]["version"].as_str().unwrap().starts_with("1."), "{view}");
    // It may have been met while it was still loading them.
    until("all modules are seen", async || driven.view().await["counts"]["modules"].as_u64() > Some(30))
        .await;
    let profiles = driven.rows("profiles").await;
    assert!(profiles["sofia::internal"]["state"].as_str().unwrap().starts_with("RUNNING"), "{profiles}");
    let status = driven.admin.ask_by(Way::Socket, "get_status", json!({})).await;
    assert_eq!(status["daemon"]["esl_connection"], true, "{status}");
}

/// Reading the configuration again has the time zones be read again, which it writes to its log.
async fn its_log_is_followed(driven: &Driven<'_>) {
    let path = format!("/switches/{KEY}/log?level=7&seconds=4");
    let reading = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            driven.post(&format!("/switches/{KEY}/commands/reloadxml"), json!({})).await;
        }
    };
    let (log, ()) = tokio::join!(driven.admin.rest("GET", &path, &Value::Null), reading);
    let text = log.text();
    assert!(log.status == 200 && text.contains("event: end"), "{text}");
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let lines: Vec<Value> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(lines.iter().any(|line| line["file"] == "switch_time.c" && line["level"].is_u64()), "{text}");
}

async fn doctor_finds_nothing_wrong(driven: &Driven<'_>) {
    let checks = driven.pbx.pbx.examine(KEY).await.unwrap();
    let bad: Vec<_> = checks.iter().filter(|check| check.state == State::Bad).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(
        checks.iter().any(|check| check.what == "round trip" && check.state == State::Good),
        "{checks:?}"
    );
}

async fn registrations_and_calls_are_seen(driven: &Driven<'_>) {
    let (sip, password) = (driven.sip, "real switch");
    let mut caller = Phone::new(sip, DOMAIN, "1000", password).await;
    let mut called = Phone::new(sip, DOMAIN, "1001", password).await;
    assert_eq!((caller.register().await, called.register().await), (200, 200));
    until("two are registered", async || driven.view().await["counts"]["registrations"] == 2).await;
    let rows = driven.rows("registrations").await;
    let users: Vec<&str> =
        rows.as_object().unwrap().values().filter_map(|row| row["user"].as_str()).collect();
    assert_eq!(users, ["1000", "1001"]);

    let answering = tokio::spawn(async move {
        called.answer().await;
        called.wait_for_end().await;
    });
    let call = caller.call("1001").await.expect("1001 answers");
    until("the call is seen", async || driven.view().await["answered"] == 2).await;
    let calls = driven.rows("calls").await;
    assert_eq!(
        (calls.as_array().unwrap().len(), calls[0]["legs"].as_array().unwrap().len()),
        (1, 2),
        "{calls}"
    );
    let dashboard = driven.admin.get("/dashboard").await;
    assert_eq!(dashboard["calls_counter"], json!({"answered": 2, "total": 2}));
    assert_eq!(dashboard["domain_sip_regs"][DOMAIN], 2, "{dashboard}");
    let users = driven.admin.ask("[Users] Get_users", json!({})).await;
    let text = users.to_string();
    assert_eq!(text.matches("\"sip_register\":true").count(), 2, "{text}");
    assert_eq!(text.matches("\"in_call\":true").count(), 2, "{text}");
    assert_eq!(caller.hang_up(&call).await, 200);
    answering.await.unwrap();
    until("the call is over", async || driven.view().await["channels"] == 0).await;

    // Somebody ends a call from here.
    let reply = driven
        .post(
            "/switches/default/commands/call.originate",
            json!({
                "endpoint": "null/dp", "destination": "5", "context": "trial",
            }),
        )
        .await;
    let uuid = reply["reply"]
        .as_str()
        .unwrap_or_else(|| panic!("{reply}"))
        .trim()
        .trim_start_matches("+OK ")
        .to_owned();
    until("it is seen", async || driven.rows("channels").await.get(&uuid).is_some()).await;
    let ended = driven.post("/switches/default/commands/call.hangup", json!({ "uuid": uuid })).await;
    assert!(ended["reply"].as_str().is_some_and(|reply| reply.starts_with("+OK")), "{ended}");
    until("it is gone", async || driven.view().await["channels"] == 0).await;
}

async fn an_access_list_counts_at_once(driven: &Driven<'_>) {
    let way = format!("{CONF}/acl.conf network-lists list/from_us node");
    let changed = driven.pbx.set(&way, "cidr", "198.51.100.0/24").await;
    let effects = driven.effects(changed.revision).await;
    assert_eq!((effects[0].0.as_str(), effects[0].1), ("reloadacl", EffectState::Done), "{effects:?}");
    assert_eq!(driven.api("acl 198.51.100.7 from_us"), "true");
    assert_eq!(driven.api("acl 203.0.113.7 from_us"), "false");
    // A list of IPv6 alone can be asked about too.
    let changed = driven.pbx.set(&way, "cidr", "2001:db8:7::/48").await;
    let effects = driven.effects(changed.revision).await;
    let (line, state, reply) = &effects[0];
    assert_eq!((line.as_str(), *state), ("reloadacl", EffectState::Done), "{effects:?}");
    assert!(!reply.contains("not verified"), "{reply}");
    assert_eq!(driven.api("acl 2001:db8:7::9 from_us"), "true");
}

async fn a_gateway_comes_changes_and_goes(driven: &Driven<'_>) {
    let tree = driven.pbx.tree().await;
    let gateways = find(&tree, &format!("{CONF}/sofia.conf profiles profile/external gateways")).id;
    let param = |name: &str, value: &str| named("param", name).with("value", value);
    let gateway = named("gateway", "gw_new").containing([
        param("username", "somebody"),
        param("password", "secret"),
        param("proxy", "127.0.0.1:9"),
        param("register", "false"),
    ]);
    let insert = Edit::Insert { parent: gateways, at: At::Last, nodes: vec![gateway] };
    let changed = driven.pbx.change(vec![insert]).await;
    let effects = driven.effects(changed.revision).await;
    assert!(effects.iter().all(|effect| effect.1 == EffectState::Done), "{effects:?}");
    let state = async || driven.rows("gateways").await["external::gw_new"].clone();
    until("the gateway is there", async || state().await.is_object()).await;
    let way = format!("{CONF}/sofia.conf profiles profile/external gateways gateway/gw_new");
    let changed = driven.pbx.set(&format!("{way} param/proxy"), "value", "127.0.0.1:7").await;
    let effects = driven.effects(changed.revision).await;
    assert!(effects.iter().all(|effect| effect.1 == EffectState::Done), "{effects:?}");
    until("the gateway has the new proxy", async || {
        state().await["proxy"].as_str().is_some_and(|proxy| proxy.contains(":7"))
    })
    .await;
    let id = find(&driven.pbx.tree().await, &way).id;
    let changed = driven.pbx.change(vec![Edit::Delete { id }]).await;
    let effects = driven.effects(changed.revision).await;
    assert_eq!(effects[0].0, "sofia profile external killgw gw_new");
    until("the gateway is gone", async || state().await.is_null()).await;
}

async fn a_queue_comes_changes_and_goes(driven: &Driven<'_>) {
    if driven.api("module_exists mod_callcenter") != "true" {
        let loaded = driven.api("load mod_callcenter");
        assert!(loaded.contains("+OK"), "{loaded}");
    }
    let tree = driven.pbx.tree().await;
    let queues = find(&tree, &format!("{CONF}/callcenter.conf queues")).id;
    let strategy = |value: &str| named("param", "strategy").with("value", value);
    let queue = named("queue", "trial@default").containing([strategy("ring-all")]);
    let changed =
        driven.pbx.change(vec![Edit::Insert { parent: queues, at: At::Last, nodes: vec![queue] }]).await;
    let effects = driven.effects(changed.revision).await;
    assert_eq!(
        (effects[0].0.as_str(), effects[0].1),
        ("callcenter_config queue load trial@default", EffectState::Done),
        "{effects:?}"
    );
    let row = async || driven.rows("queues").await["trial@default"].clone();
    until("the queue is there", async || row().await["strategy"] == "ring-all").await;
    let way = format!("{CONF}/callcenter.conf queues queue/trial@default param/strategy");
    let changed = driven.pbx.set(&way, "value", "random").await;
    let effects = driven.effects(changed.revision).await;
    assert_eq!(effects[0].1, EffectState::Done, "{effects:?}");
    until("the queue has the new strategy", async || row().await["strategy"] == "random").await;
}

async fn an_agent_comes_works_and_goes(driven: &Driven<'_>) {
    let tree = driven.pbx.tree().await;
    let [agents, tiers] =
        ["agents", "tiers"].map(|list| find(&tree, &format!("{CONF}/callcenter.conf {list}")).id);
    let agent =
        named("agent", "trial@default").with("type", "callback").with("contact", "user/1000@127.0.0.1");
    let tier = Node::new("tier").with("agent", "trial@default").with("queue", "trial@default");
    let edits = [(agents, agent), (tiers, tier)].map(|(parent, node)| Edit::Insert {
        parent,
        at: At::Last,
        nodes: vec![node],
    });
    let changed = driven.pbx.change(edits.into()).await;
    let effects = driven.effects(changed.revision).await;
    assert!(effects.iter().all(|effect| effect.1 == EffectState::Done), "{effects:?}");
    let row = async || driven.rows("agents").await["trial@default"].clone();
    until("the agent is there", async || row().await.is_object()).await;
    until("it serves the queue", async || {
        driven.rows("tiers").await.as_object().unwrap().keys().any(|key| key == "trial@default/trial@default")
    })
    .await;
    let values = json!({ "agent": "trial@default", "status": "On Break" });
    let reply = driven.post("/switches/default/commands/callcenter.agent.status", values).await;
    assert_eq!(reply["reply"], "+OK\n", "{reply}");
    until("its status is seen", async || row().await["status"] == "On Break").await;
    let way = format!("{CONF}/callcenter.conf agents agent/trial@default");
    let id = find(&driven.pbx.tree().await, &way).id;
    driven.pbx.change(vec![Edit::Delete { id }]).await;
    until("the agent is gone", async || row().await.is_null()).await;
}

async fn a_conference_is_seen_and_led(driven: &Driven<'_>) {
    let started = driven.api("originate null/dp &conference(trial@default)");
    assert!(started.starts_with("+OK"), "{started}");
    until("the conference is there", async || driven.rows("conferences").await["trial"].is_object()).await;
    let member = async || {
        let members = driven.rows("conference_members").await;
        members.as_object().and_then(|members| members.values().next().cloned()).unwrap_or_default()
    };
    until("its member is seen", async || member().await["flags"]["can_speak"] == true).await;
    let lead = async |action: &str| {
        let values = json!({ "conference": "trial", "action": action, "member": "all" });
        driven.post("/switches/default/commands/conference.member", values).await
    };
    lead("mute").await;
    until("it is mute", async || member().await["flags"]["can_speak"] == false).await;
    lead("hup").await;
    until("the conference is over", async || driven.rows("conferences").await["trial"].is_null()).await;
    until("and the call", async || driven.view().await["channels"] == 0).await;
}

/// What would end calls waits for somebody, who sees what it would end.
async fn what_disturbs_is_offered(driven: &Driven<'_>) {
    let way = format!("{CONF}/sofia.conf profiles profile/external settings param/user-agent-string");
    let tree = driven.pbx.tree().await;
    let settings = find(&tree, &format!("{CONF}/sofia.conf profiles profile/external settings")).id;
    let param = named("param", "user-agent-string").with("value", "trial");
    let insert = Edit::Insert { parent: settings, at: At::Last, nodes: vec![param] };
    let changed = driven.pbx.change(vec![insert]).await;
    let effects = driven.effects(changed.revision).await;
    assert_eq!(
        (effects[0].0.as_str(), effects[0].1),
        ("sofia profile external restart", EffectState::Offered),
        "{way}"
    );
    let offers = driven.admin.get("/switches/default/offers").await;
    let offer = &offers["items"][0];
    assert_eq!(
        (&offer["line"], &offer["interrupts"]["channels"]),
        (&json!("sofia profile external restart"), &json!(0)),
        "{offers}"
    );
    let path = format!("/switches/default/offers/{}/accept", offer["id"]);
    let done = driven.post(&path, json!({})).await;
    assert_eq!(done["state"], "done", "{done}");
    let again = driven.post(&path, json!({})).await;
    assert_eq!(again["status"], 404, "{again}");
    until("the profile runs again", async || {
        driven.rows("profiles").await["sofia::external"]["state"]
            .as_str()
            .is_some_and(|state| state.starts_with("RUNNING"))
    })
    .await;
}

/// Also where the switch keeps the user: then it is the effect of the change that makes it ask again.
async fn a_password_counts_at_once(driven: &Driven<'_>) {
    let user = format!("{USERS} user/1002");
    let changed = driven.pbx.set(&user, "cacheable", "true").await;
    assert_eq!(driven.effects(changed.revision).await[0].1, EffectState::Done);
    let mut phone = Phone::new(driven.sip, DOMAIN, "1002", USER_PASS).await;
    assert_eq!(phone.register().await, 200);
    let mut stream = driven.pbx.socket().await;
    let subscribed = json!({"values": ["[Effects]"]});
    let reply = stream.ask_as(&driven.admin.person, "SubscriptionList", subscribed).await;
    assert_eq!(reply, json!({"MessageType": "OK"}));

    let changed = driven.pbx.set(&format!("{user} params param/password"), "value", "another").await;
    let (edited, revision) = (Instant::now(), changed.revision.unwrap().0);
    let effect_is_told = async {
        let of_it = |effects: &Vec<Value>| effects.iter().any(|one| one["revision"] == revision);
        let message =
            told(&mut stream, "the effect", |message| message["effects"].as_array().is_some_and(of_it)).await;
        (message, edited.elapsed())
    };
    let old_is_refused = async {
        loop {
            let sent = edited.elapsed();
            match phone.register().await {
                403 => break sent,
                status => assert!(status == 200 && sent < PATIENCE, "{status} after {sent:?}"),
            }
        }
    };
    let ((message, took_effect), refused) = tokio::join!(effect_is_told, old_is_refused);
    let effect = &message["effects"][0];
    assert_eq!(
        (&effect["state"], message["effects"].as_array().unwrap().len()),
        (&json!("done"), 1),
        "{message}"
    );
    assert_eq!(effect["line"], format!("xml_flush_cache id 1002 {DOMAIN}"));
    assert_eq!(effect["reply"], "+OK cleared 1 entry", "the switch kept the user");
    // Past the capture of the test's output.
    let figures = format!(
        "after the reply to the edit: the first REGISTER that is refused {refused:?}, the effect told {took_effect:?}\n"
    );
    std::io::stderr().write_all(figures.as_bytes()).unwrap();
    assert_eq!(phone.register().await, 403, "the old password");
    let mut phone = Phone::new(driven.sip, DOMAIN, "1002", "another").await;
    assert_eq!(phone.register().await, 200, "the new password");
}

/// What is stored stays as it is, also where the switch would give it back with its variables replaced.
async fn what_it_has_is_taken_over(driven: &Driven<'_>) {
    let before = driven.pbx.tree().await;
    for what in ["directory", "dialplan", "configuration", "global_variables"] {
        let taken = driven.post("/switches/default/import", json!({ "what": what })).await;
        assert!(taken["skipped"].as_array().is_some_and(|skipped| !skipped.is_empty()), "{what}: {taken}");
        if what != "configuration" {
            assert_eq!(taken["added"], 0, "{what}: {taken}");
        }
    }
    let after = driven.pbx.tree().await;
    for way in ["section/directory", "section/dialplan", "variables"] {
        assert!(find(&before, way).same_content(find(&after, way)), "{way}");
    }
}

/// The switch is killed, something is changed, it comes back.
async fn what_was_missed_is_made_up_for(driven: Driven<'_>) {
    let Driven { pbx, admin, switch, sip } = driven;
    let head = pbx.pbx.store().unwrap().head().await.unwrap();
    let stopped = block_in_place(|| switch.kill());
    until("the switch is away", async || admin.get("/switches/default").await["phase"] == "away").await;
    let view = admin.get("/switches/default").await;
    assert!(view["stale_since_ms"].is_i64() && view["advice"].is_string(), "{view}");
    let way = format!("{CONF}/acl.conf network-lists list/from_us node");
    let first = pbx.set(&way, "cidr", "192.0.2.0/24").await.revision.unwrap();
    let last = pbx.set(&way, "cidr", "192.0.2.128/25").await.revision.unwrap();
    assert!(first > head);
    let refused = admin.rest("POST", "/switches/default/commands/reloadacl", &json!({})).await.json();
    assert_eq!((&refused["status"], &refused["code"]), (&json!(503), &json!("no-switch")), "{refused}");
    let switch = block_in_place(|| stopped.start_again());
    until("the switch is back", async || admin.get("/switches/default").await["phase"] == "live").await;
    until("what was missed is done", async || {
        pbx.pbx.effects_of(last).await.unwrap().iter().any(|effect| effect.state == EffectState::Done)
    })
    .await;
    assert!(pbx.pbx.effects_of(first).await.unwrap().is_empty(), "once for both");
    until("a telephone is registered again", async || {
        Phone::new(sip, DOMAIN, "1000", "real switch").await.register().await == 200
    })
    .await;
    // It may still have those of before.
    until("what it has is seen", async || {
        let count = block_in_place(|| switch.api("show registrations count"));
        let seen = admin.get("/switches/default").await["counts"]["registrations"].clone();
        count.trim() == format!("{seen} total.")
    })
    .await;
    block_in_place(|| switch.stop());
}
