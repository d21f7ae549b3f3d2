//! Calls that are led from here, on a real FreeSWITCH: what a command does is what FreeSWITCH then says itself, is seen
//! in the live data, and is told.

use custompbx_testkit::real_switch::{free_ports, home};
use custompbx_testkit::server::{Engine, Setup, Socket};
use custompbx_testkit::sip::{Call, Phone};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, block_in_place};

use super::driving::{Driven, KEY, told, until};
use super::{DOMAIN, EVENT_SOCKET_PASS, USER_PASS, gateways};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_led_and_gateways_are_watched() {
    let Some(home) = home() else { return };
    let [event_socket] = free_ports();
    let address = ([127, 0, 0, 1], event_socket).into();
    let pbx = Setup::on(Engine::Sqlite).driving(address, EVENT_SOCKET_PASS).start().await;
    let driven = Driven::start(&pbx, &home, event_socket).await;

    somebody_is_called(&driven).await;
    a_call_is_held_and_transferred(&driven).await;
    both_legs_or_the_other_one_are_transferred(&driven).await;
    somebody_listens_whispers_and_barges(&driven).await;
    gateways::one_goes_down_and_up(&driven).await;

    let Driven { switch, .. } = driven;
    block_in_place(|| switch.stop());
    pbx.stop().await;
}

/// A telephone that answers the next call, and is called no more when that is over.
async fn answering(driven: &Driven<'_>, user: &str) -> JoinHandle<()> {
    let mut phone = Phone::new(driven.sip, DOMAIN, user, USER_PASS).await;
    assert_eq!(phone.register().await, 200);
    tokio::spawn(async move {
        phone.answer().await;
        phone.wait_for_end().await;
    })
}

/// 1000 and 1001, who talk.
struct Talk {
    caller: Phone,
    call: Call,
    called: JoinHandle<()>,
    /// The leg of who called.
    uuid: String,
    /// The leg of who was called.
    other: String,
}

impl Driven<'_> {
    async fn talk(&self) -> Talk {
        let mut caller = Phone::new(self.sip, DOMAIN, "1000", USER_PASS).await;
        assert_eq!(caller.register().await, 200);
        let called = answering(self, "1001").await;
        let call = caller.call("1001").await.expect("1001 answers");
        until("both channels are seen", async || self.view().await["answered"] == 2).await;
        let channels = self.rows("channels").await;
        let leg = |direction: &str| {
            let mut legs = channels.as_object().unwrap().values().filter(|row| row["direction"] == direction);
            legs.next().and_then(|row| row["uuid"].as_str()).unwrap().to_owned()
        };
        let (uuid, other) = (leg("inbound"), leg("outbound"));
        self.has(&uuid, &[("dest", "1001"), ("application", "bridge"), ("callstate", "ACTIVE")]).await;
        until("they are one call", async || self.is_one_call().await).await;
        Talk { caller, call, called, uuid, other }
    }

    /// Has a command about a call carried out; FreeSWITCH's words.
    async fn lead(&self, command: &str, values: Value) -> String {
        let told = self.post(&format!("/switches/{KEY}/commands/{command}"), values.clone()).await;
        let reply = told["reply"].as_str().filter(|reply| reply.starts_with("+OK"));
        reply.unwrap_or_else(|| panic!("{command} {values}: {told}")).to_owned()
    }

    /// The same for a command that makes a channel; which.
    async fn lead_to(&self, command: &str, values: Value) -> String {
        self.lead(command, values).await["+OK ".len()..].trim().to_owned()
    }

    async fn channel(&self, uuid: &str) -> Value {
        self.rows("channels").await[uuid].clone()
    }

    /// Waits until FreeSWITCH says this of a channel, and the live data too.
    async fn has(&self, uuid: &str, wanted: &[(&str, &str)]) {
        for (field, value) in wanted {
            self.has_one_of(uuid, field, &[value]).await;
        }
    }

    async fn has_one_of(&self, uuid: &str, field: &str, values: &[&str]) {
        let is_so = |row: &Value| row[field].as_str().is_some_and(|value| values.contains(&value));
        let said = async || {
            let said: Value = serde_json::from_str(&self.api("show channels as json")).unwrap();
            let mut rows = said["rows"].as_array().into_iter().flatten();
            rows.find(|row| row["uuid"] == uuid).cloned().unwrap_or_default()
        };
        let what = format!("{field} {values:?} of {uuid}");
        until(&format!("that FreeSWITCH says {what}"), async || is_so(&said().await)).await;
        until(&format!("that {what} is seen"), async || is_so(&self.channel(uuid).await)).await;
    }

    /// Whether there is a call with two legs, as FreeSWITCH says and as is seen.
    async fn is_one_call(&self) -> bool {
        let calls = self.rows("calls").await;
        let seen = calls.as_array().unwrap().iter().any(|call| call["legs"].as_array().unwrap().len() == 2);
        seen && self.api("show calls count").trim() == "1 total."
    }

    async fn variable(&self, uuid: &str, name: &str) -> String {
        self.api(&format!("uuid_getvar {uuid} {name}")).trim().to_owned()
    }

    async fn all_end(&self) {
        for uuid in self.rows("channels").await.as_object().unwrap().keys() {
            // Some end with others.
            self.post(&format!("/switches/{KEY}/commands/call.hangup"), json!({ "uuid": uuid })).await;
        }
        until("all calls are over", async || self.view().await["channels"] == 0).await;
        until("FreeSWITCH has none", async || self.api("show channels count").trim() == "0 total.").await;
    }

    /// The stream of what changes.
    async fn stream(&self) -> Socket {
        let mut socket = self.pbx.socket().await;
        let data = json!({"keep_subscription": true});
        let first = socket.ask_as(&self.admin.person, "[Live]", data).await;
        assert!(first["rows"]["channels"].is_object(), "{first}");
        socket
    }
}

/// Waits until the stream tells this of a channel.
async fn is_told(stream: &mut Socket, uuid: &str, field: &str, value: &str) {
    is_told_one_of(stream, uuid, field, &[value]).await;
}

async fn is_told_one_of(stream: &mut Socket, uuid: &str, field: &str, values: &[&str]) {
    let is_so = |row: &Value| row[field].as_str().is_some_and(|value| values.contains(&value));
    told(stream, &format!("{field} {values:?} of {uuid}"), |message| {
        let mut changes = message["changes"].as_array().into_iter().flatten();
        // A row that is new is told whole, of others what is otherwise.
        changes.any(|one| one["key"] == uuid && (is_so(&one["row"]) || is_so(&one["set"])))
    })
    .await;
}

/// A telephone is rung from here, and sent to an extension when it is answered.
async fn somebody_is_called(driven: &Driven<'_>) {
    let called = answering(driven, "1002").await;
    let mut stream = driven.stream().await;
    let values = json!({"endpoint": format!("user/1002@{DOMAIN}"), "destination": "51", "context": "trial"});
    let uuid = driven.lead_to("call.originate", values).await;
    is_told(&mut stream, &uuid, "callstate", "ACTIVE").await;
    let wanted = [("dest", "51"), ("context", "trial"), ("application", "park"), ("callstate", "ACTIVE")];
    driven.has(&uuid, &wanted).await;
    assert_eq!(driven.variable(&uuid, "number").await, "1", "the extension was executed");
    driven.lead("call.hangup", json!({ "uuid": uuid })).await;
    called.await.unwrap();
    told(&mut stream, "that it is gone", |message| {
        let mut changes = message["changes"].as_array().into_iter().flatten();
        changes.any(|one| one["key"] == *uuid && one.get("row").is_some_and(Value::is_null))
    })
    .await;
    assert_eq!(driven.api(&format!("uuid_exists {uuid}")).trim(), "false");
    driven.all_end().await;
}

/// One of two who talk has to wait, and the other one is sent elsewhere.
async fn a_call_is_held_and_transferred(driven: &Driven<'_>) {
    let Talk { mut caller, call, called, uuid, other } = driven.talk().await;
    let mut stream = driven.stream().await;
    driven.lead("call.hold", json!({ "uuid": other })).await;
    driven.has_one_of(&other, "callstate", &["HELD"]).await;
    is_told_one_of(&mut stream, &other, "callstate", &["HELD"]).await;
    driven.lead("call.unhold", json!({ "uuid": other })).await;
    driven.has_one_of(&other, "callstate", &["UNHELD", "ACTIVE"]).await;
    is_told_one_of(&mut stream, &other, "callstate", &["UNHELD", "ACTIVE"]).await;

    driven.lead("call.transfer", json!({"uuid": uuid, "destination": "52", "context": "trial"})).await;
    is_told(&mut stream, &uuid, "dest", "52").await;
    driven.has(&uuid, &[("dest", "52"), ("context", "trial"), ("application", "park")]).await;
    assert_eq!(driven.variable(&uuid, "number").await, "2", "the extension was executed");
    // Who is left alone has nobody to talk to.
    called.await.unwrap();
    until("one channel is left", async || driven.view().await["channels"] == 1).await;
    assert_eq!(driven.api(&format!("uuid_exists {other}")).trim(), "false");
    assert_eq!(caller.hang_up(&call).await, 200, "the transferred call is the same one");
    driven.all_end().await;
}

async fn both_legs_or_the_other_one_are_transferred(driven: &Driven<'_>) {
    let Talk { mut caller, called, uuid, other, .. } = driven.talk().await;
    let mut stream = driven.stream().await;
    let values = json!({"uuid": uuid, "leg": "-both", "destination": "53", "context": "trial"});
    driven.lead("call.transfer", values).await;
    for uuid in [&uuid, &other] {
        driven.has(uuid, &[("dest", "53"), ("context", "trial"), ("application", "park")]).await;
    }
    until("they are two calls", async || !driven.is_one_call().await).await;
    until("both go on", async || driven.api("show channels count").trim() == "2 total.").await;

    driven.lead("call.bridge", json!({"uuid": uuid, "other": other})).await;
    until("they are one call again", async || driven.is_one_call().await).await;
    let values = json!({"uuid": uuid, "leg": "-bleg", "destination": "54", "context": "trial"});
    driven.lead("call.transfer", values).await;
    is_told(&mut stream, &other, "dest", "54").await;
    driven.has(&other, &[("dest", "54"), ("context", "trial"), ("application", "park")]).await;
    // Who called is left alone.
    caller.wait_for_end().await;
    until("one channel is left", async || driven.view().await["channels"] == 1).await;
    driven.all_end().await;
    called.await.unwrap();
}

async fn somebody_listens_whispers_and_barges(driven: &Driven<'_>) {
    let Talk { mut caller, call, called, uuid, other } = driven.talk().await;
    let mut stream = driven.stream().await;
    let bug = async || driven.api(&format!("uuid_buglist {uuid}")).contains("eavesdrop");
    for (mode, variables) in [
        ("listen", [("aleg", false), ("bleg", false)]),
        ("whisper-a", [("aleg", true), ("bleg", false)]),
        ("whisper-b", [("aleg", false), ("bleg", true)]),
        ("barge", [("aleg", true), ("bleg", true)]),
    ] {
        let listening = answering(driven, "1002").await;
        let values = json!({"mode": mode, "endpoint": format!("user/1002@{DOMAIN}"), "uuid": uuid});
        let ear = driven.lead_to("call.eavesdrop", values).await;
        is_told(&mut stream, &ear, "application", "eavesdrop").await;
        driven.has(&ear, &[("application", "eavesdrop"), ("application_data", &uuid)]).await;
        let kind = if mode == "barge" { "bridge" } else { "whisper" };
        for (leg, is_heard) in variables {
            let name = format!("eavesdrop_{kind}_{leg}");
            let wanted = if is_heard { "true" } else { "_undef_" };
            assert_eq!(driven.variable(&ear, &name).await, wanted, "{mode} {name}");
        }
        assert_eq!(driven.variable(&ear, "eavesdrop_enable_dtmf").await, "false", "{mode}");
        until(&format!("{mode}: FreeSWITCH says who listens"), bug).await;
        // Those who talk go on.
        for leg in [&uuid, &other] {
            driven.has(leg, &[("callstate", "ACTIVE")]).await;
        }
        driven.lead("call.hangup", json!({ "uuid": ear })).await;
        listening.await.unwrap();
        until("nobody listens any more", async || driven.view().await["channels"] == 2).await;
        until("they still are one call", async || driven.is_one_call().await).await;
    }
    assert_eq!(caller.hang_up(&call).await, 200);
    called.await.unwrap();
    driven.all_end().await;
}
