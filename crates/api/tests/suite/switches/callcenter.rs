//! The call centre of the switch, as messages show it.

use custompbx_store::Role;
use custompbx_testkit::event_socket::{CORE, EventSocket, PASS};
use custompbx_testkit::server::{Engine, Setup, TestPbx};
use serde_json::{Value, json};

use super::pushes::{custom, push, send};
use super::{driving, live, played};
use crate::asking::Client;

const AGENTS: &str = "SubscribeCallcenterAgents";
const TIERS: &str = "SubscribeCallcenterTiers";
/// Every message, with what it lists.
const LISTS: [(&str, &str); 5] = [
    ("GetCallcenterAgents", "agent"),
    (AGENTS, "agent"),
    ("GetCallcenterTiers", "tier"),
    (TIERS, "tier"),
    ("GetCallcenterMembers", "member"),
];
/// The caller of the recording.
const CALLER: &str = "8dfdfba6-b23a-4341-b3ce-a2409ae7ef59";

/// A switch in whose queue somebody waits, as recorded.
fn waiting() -> EventSocket {
    let layers =
        ["callcenter/waiting-", "idle-reg", "api", "pristine", "xml_locate", "xml_locate/configuration"];
    let switch = EventSocket::start().with_recordings(&layers);
    switch.answer("global_getvar core_uuid", CORE);
    switch
}

/// What the recording says, as the documentation writes it, but for the id.
fn recorded(what: &str) -> Value {
    match what {
        "agent" => json!({
            "name": "1001@default", "type": "callback", "system": "", "instance_id": "single_box", "uuid": "",
            "contact": "[leg_timeout=10]user/1001@127.0.0.1", "status": "Available", "state": "Waiting",
            "max_no_answer": 3, "wrap_up_time": 10, "reject_delay_time": 10, "busy_delay_time": 60,
            "no_answer_delay_time": 0, "last_bridge_start": 1_795_391_049, "last_bridge_end": 1_795_391_053,
            "last_offered_call": 1_795_391_503, "last_status_change": 1_795_391_060, "no_answer_count": 1,
            "calls_answered": 0, "talk_time": 0, "ready_time": 1_795_391_508, "external_calls_count": 0,
        }),
        "tier" => json!({
            "agent": "1001@default", "queue": "support@default", "level": 1, "position": 1, "state": "Ready",
        }),
        _ => json!({
            "uuid": CALLER, "queue": "support@default", "instance_id": "single_box",
            "session_uuid": "629b3b9f-b594-4931-a44c-f74dccf099ad", "cid_number": "1000", "cid_name": "Alice",
            "system_epoch": 1_795_391_503, "joined_epoch": 1_795_391_503, "rejoined_epoch": 0, "bridge_epoch": 0,
            "abandoned_epoch": 0, "base_score": 0, "skill_score": 0, "serving_agent": "", "serving_system": "",
            "state": "Waiting",
        }),
    }
}

/// The only object of a map, after its key was compared with its id.
fn only(map: &Value) -> Value {
    let map = map.as_object().unwrap_or_else(|| panic!("{map} is no map"));
    assert_eq!(map.len(), 1, "{map:?}");
    let (key, object) = map.iter().next().unwrap();
    let mut object = object.clone();
    match object.as_object_mut().unwrap().remove("id") {
        Some(id) => assert_eq!(id.as_u64().unwrap().to_string(), *key),
        None => assert_eq!(object["uuid"], key.as_str()),
    }
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_listed_as_documented() {
    let switch = waiting();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let manager = Client::new(&pbx, Role::Manager).await;
    for (name, what) in LISTS {
        manager.no_access(name, json!({})).await;
        let reply = admin.ask(name, json!({})).await;
        assert_eq!((&reply["MessageType"], reply.get("exists")), (&json!(name), None), "{reply}");
        assert_eq!(only(&reply["data"]), recorded(what), "{name}");
        let object = reply["data"].as_object().unwrap().values().next().unwrap();
        let paged =
            async |request: Value| admin.ask(name, json!({ "db_request": request })).await["data"].clone();
        assert_eq!(paged(json!({"limit": 25, "offset": 0})).await, json!({"items": [object], "total": 1}));
        assert_eq!(paged(json!({"limit": 25, "offset": 1})).await, json!({"items": [], "total": 1}));
        let state = object["state"].as_str().unwrap();
        for (operand, total) in [("=", 1), ("<>", 0)] {
            let filter = json!({"filters": [{"field": "state", "operand": operand, "field_value": state}]});
            assert_eq!(paged(filter).await["total"], total, "{name} {operand}");
        }
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_there_is_none_is_said() {
    let switch = played();
    let pbx = Setup::on(Engine::Sqlite).driving(switch.address(), PASS).start().await;
    live(&pbx).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    for (name, _) in LISTS {
        let reply = admin.ask(name, json!({})).await;
        assert_eq!(reply["exists"], false, "callcenter.conf is not stored: {reply}");
        assert!(reply["data"].is_object(), "{reply}");
    }
    pbx.stop().await;
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    for (name, _) in LISTS {
        assert_eq!(admin.ask(name, json!({})).await["error_code"], "no_switch", "{name}");
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_and_tiers_are_followed() {
    let switch = waiting();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let keep = json!({"keep_subscription": true, "db_request": {"limit": 25, "offset": 0}});
    let mut sockets = Vec::new();
    let followed = [
        (AGENTS, "callcenter_agents_list", "agent", "callcenter_config agent list"),
        (TIERS, "callcenter_tiers_list", "tier", "callcenter_config tier list"),
    ];
    for (name, ..) in followed {
        let mut socket = pbx.socket().await;
        let first = socket.ask_as(&admin.person, name, keep.clone()).await;
        assert_eq!(first["data"]["total"], 1, "{first}");
        sockets.push(socket);
    }
    let of_agent = [("CC-Queue", "support@default"), ("CC-Agent", "1001@default")];
    let event = |action: &'static str, more: &[(&'static str, &'static str)]| {
        let fields: Vec<_> = [("CC-Action", action)].iter().chain(&of_agent).chain(more).copied().collect();
        send(&switch, &custom("callcenter::info", &fields));
    };
    event("agent-state-change", &[("CC-Agent-State", "Receiving")]);
    event("agent-offering", &[("CC-Member-UUID", CALLER)]);
    for (socket, (name, list, what, _)) in sockets.iter_mut().zip(followed) {
        let state = if what == "agent" { "Receiving" } else { "Offering" };
        let message = push(socket, name, |message| {
            message[list].as_object().is_some_and(|list| list.values().any(|one| one["state"] == state))
        })
        .await;
        assert_eq!(message["MessageType"], name, "{message}");
        let (object, mut expected) = (only(&message[list]), recorded(what));
        expected["state"] = json!(state);
        if what == "agent" {
            expected["last_offered_call"] = object["last_offered_call"].clone();
        }
        assert_eq!(object, expected, "{message}");
    }
    // What is gone cannot be told in a list of what is there.
    switch.answer("callcenter_config tier list", "queue|agent|state|level|position\n+OK\n");
    switch.answer("callcenter_config agent list", "name|instance_id|uuid|type|contact|status|state\n+OK\n");
    event("agent-add", &[]);
    for (socket, (name, ..)) in sockets.iter_mut().zip(followed) {
        let message = push(socket, name, |message| message["resync"] == true).await;
        assert_eq!(message, json!({"MessageType": name, "resync": true}));
        let now = socket.ask_as(&admin.person, name, keep.clone()).await;
        assert_eq!(now["data"], json!({"items": [], "total": 0}), "{now}");
    }
    pbx.stop().await;
}
