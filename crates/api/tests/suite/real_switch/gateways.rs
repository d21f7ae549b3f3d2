//! A gateway of a real FreeSWITCH whose other side goes and comes back.

use custompbx_model::{At, Edit};
use custompbx_store::EffectState;
use custompbx_testkit::server::{Socket, find, named};
use custompbx_testkit::sip::Registrar;
use serde_json::json;

use super::driving::{CONF, Driven, told, until};

const PUSH: &str = "[Config] Get_sofia_profile_gateways";
const GATEWAY: &str = "gw_real";

pub(super) async fn one_goes_down_and_up(driven: &Driven<'_>) {
    let registrar = Registrar::start(0).await;
    let address = registrar.address();
    let profile = format!("{CONF}/sofia.conf profiles profile/external");
    let gateways = find(&driven.pbx.tree().await, &format!("{profile} gateways")).id;
    let gateway = named("gateway", GATEWAY).containing(
        [
            ("username", "somebody"),
            ("password", "secret"),
            ("proxy", &*address.to_string()),
            ("register", "true"),
            ("retry-seconds", "5"),
            ("ping", "5"),
        ]
        .map(|(name, value)| named("param", name).with("value", value)),
    );
    let mut socket = driven.pbx.socket().await;
    let subscribed = json!({"values": [PUSH]});
    let reply = socket.ask_as(&driven.admin.person, "SubscriptionList", subscribed).await;
    assert_eq!(reply, json!({"MessageType": "OK"}));
    let insert = Edit::Insert { parent: gateways, at: At::Last, nodes: vec![gateway] };
    let changed = driven.pbx.change(vec![insert]).await;
    let effects = driven.effects(changed.revision).await;
    assert!(effects.iter().all(|effect| effect.1 == EffectState::Done), "{effects:?}");
    let id = find(&driven.pbx.tree().await, &format!("{profile} gateways gateway/{GATEWAY}")).id.to_string();

    is(driven, &mut socket, &id, "REGED", "UP").await;
    registrar.stop().await;
    is(driven, &mut socket, &id, "FAIL_WAIT", "DOWN").await;
    let registrar = Registrar::start(address.port()).await;
    is(driven, &mut socket, &id, "REGED", "UP").await;

    let id = find(&driven.pbx.tree().await, &format!("{profile} gateways gateway/{GATEWAY}")).id;
    driven.pbx.change(vec![Edit::Delete { id }]).await;
    let row = format!("external::{GATEWAY}");
    until("the gateway is gone", async || driven.rows("gateways").await[&row].is_null()).await;
    registrar.stop().await;
}

/// Waits until a gateway is so: as FreeSWITCH says, by the live data, and by what is pushed.
async fn is(driven: &Driven<'_>, socket: &mut Socket, id: &str, state: &str, status: &str) {
    let what = format!("that the gateway is {state} and {status}");
    until(&format!("FreeSWITCH says {what}"), async || {
        let said = driven.api(&format!("sofia status gateway {GATEWAY}"));
        let says = |name: &str, value: &str| {
            said.lines().any(|line| line.split('\t').map(str::trim).eq([name, value]))
        };
        says("State", state) && says("Status", status)
    })
    .await;
    until(&format!("it is seen {what}"), async || {
        let row = driven.rows("gateways").await[&format!("external::{GATEWAY}")].clone();
        row["state"] == state && row["status"] == status
    })
    .await;
    told(socket, &what, |message| {
        message["data"][id]["state"].as_str().is_some_and(|said| said.contains(state))
    })
    .await;
}
