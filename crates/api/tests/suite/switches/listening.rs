//! `eavesdrop::UUID` as a dialled number.

use custompbx_store::Role;
use custompbx_testkit::event_socket::{EventSocket, channel_uuid, channels_json};
use custompbx_testkit::server::find;
use serde_json::{Value, json};

use super::{driving, played, until};
use crate::asking::Client;
use crate::dialplan::call;

const CALL: &str = "c4a77e10-0000-4000-8000-00000000c0de";
const LISTENS: &str = "<action application=\"answer\"/><action application=\"eavesdrop\" \
                       data=\"c4a77e10-0000-4000-8000-00000000c0de\"/>";

/// Whoever asks for the channels hears the same as whoever listens to events.
fn tell(switch: &EventSocket, event: &str, state: &str) {
    let count = usize::from(event != "CHANNEL_DESTROY");
    switch.answer("show channels count", &format!("{count} total.\n"));
    switch.answer("show channels as json", &channels_json(count).replace(&channel_uuid(0), CALL));
    let fields = [
        ("Event-Name", event),
        ("Unique-ID", CALL),
        ("Channel-Call-UUID", CALL),
        ("Call-Direction", "inbound"),
        ("Channel-Name", "sofia/internal/1001@127.0.0.1"),
        ("Channel-State", "CS_EXECUTE"),
        ("Channel-Call-State", state),
    ];
    assert!(switch.send(&switch.event(&fields)) > 0);
}

/// The form of a call in the context `default`.
fn form(number: &str, variables: &[(&str, &str)]) -> String {
    let variables: String =
        variables.iter().map(|(name, value)| format!("&variable_{name}={value}")).collect();
    format!("{}&FreeSWITCH-IPv4=127.0.0.1{variables}", call("default", number))
}

const SIGNED_IN: [(&str, &str); 4] = [
    ("sip_authorized", "true"),
    ("sip_auth_username", "1000"),
    ("user_name", "1000"),
    ("domain_name", "127.0.0.1"),
];

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_listen_in_to_live_calls() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let users = pbx.tree().await;
    let way = "section/directory domain/$${domain} groups group/default users user/1000";
    let sip_user = json!(find(&users, way).id);
    let other = pbx.sign_in_as(Role::Manager).await;
    let id_of =
        async |login: &str| pbx.pbx.store().unwrap().web_user_by_login(login).await.unwrap().unwrap().id.0;
    let link = async |login: &str, to: &Value, enabled: bool| {
        let path = format!("/web-users/{}", id_of(login).await);
        let reply = admin.rest("PATCH", &path, &json!({ "sip_id": to, "enabled": enabled })).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    };
    let listens = async |number: &str, variables: &[(&str, &str)]| {
        let answer = pbx.ask(&form(number, variables)).await;
        assert_eq!(answer.status, 200);
        let text = answer.text();
        assert!(text.contains("<context name=\"default\">"), "{text:.300}");
        let does = text.contains(LISTENS);
        // Else it is the stored context, whole.
        assert_eq!(!does, text.contains("<extension name=\"unloop\">"), "{text:.300}");
        does
    };
    let number = format!("eavesdrop%3A%3A{CALL}");
    let never = async |why: &str| assert!(!listens(&number, &SIGNED_IN).await, "{why}");

    never("there is no such call, and nobody is linked").await;
    tell(&switch, "CHANNEL_CREATE", "ACTIVE");
    until("the call is known", async || {
        let driven = pbx.pbx.current_switch().unwrap();
        let live = driven.supervisor.live();
        live.tables().channels.contains(CALL)
    })
    .await;
    never("nobody is linked").await;
    link(&other.login, &sip_user, true).await;
    never("a manager may not").await;
    link(&other.login, &Value::Null, true).await;
    link(&admin.person.login, &sip_user, true).await;
    assert!(listens(&number, &SIGNED_IN).await);
    let noted = pbx.pbx.store().unwrap().audit(None, 1).await.unwrap();
    let [entry] = &noted.items[..] else { panic!("nothing was written down") };
    assert_eq!((&*entry.action, &*entry.detail, &entry.actor), ("switch.listen", CALL, &admin.person.login));

    for (name, _) in SIGNED_IN {
        let mut variables = SIGNED_IN.to_vec();
        variables.retain(|(other, _)| *other != name);
        assert!(!listens(&number, &variables).await, "without {name}");
    }
    for (name, value) in [("sip_authorized", "false"), ("user_name", "1001"), ("domain_name", "elsewhere")] {
        let mut variables = SIGNED_IN.to_vec();
        variables.push((name, value));
        assert!(!listens(&number, &variables).await, "{name}={value}");
    }
    for other in [
        "all",
        "",
        "c4a77e10-0000-4000-8000-00000000c0df",
        &format!("{CALL}%20all"),
        &format!("{CALL}%2Call"),
    ] {
        assert!(!listens(&format!("eavesdrop%3A%3A{other}"), &SIGNED_IN).await, "{other:?}");
    }
    // In contexts that are evaluated too.
    let mode = json!({ "mode": "evaluated" });
    assert_eq!(admin.rest("PATCH", "/instances/default/dialplan-settings", &mode).await.status, 200);
    assert!(listens(&number, &SIGNED_IN).await);
    let answer = pbx.ask(&form("eavesdrop%3A%3Aall", &SIGNED_IN)).await;
    let answer = answer.text();
    let ours = "<extension name=\"eavesdrop\"><condition><action application=\"answer\"/>";
    assert!(!answer.contains(ours), "{answer}");

    tell(&switch, "CHANNEL_DESTROY", "HANGUP");
    until("the call is over", async || {
        let answer = pbx.ask(&form(&number, &SIGNED_IN)).await;
        !answer.text().contains(LISTENS)
    })
    .await;
    pbx.stop().await;
}
