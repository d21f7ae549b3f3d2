//! What the doctor finds in a switch that is connected.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use custompbx_store::Role;
use custompbx_testkit::recorded::api_answer;
use custompbx_testkit::server::{self, TestPbx, USER, authorization, question};
use serde_json::{Value, json};

use super::pushes::send;
use super::{KEY, driving, played, until};
use crate::asking::Client;

const XML_CURL: &str = "xml_locate configuration configuration name xml_curl.conf";
const SOFIA: &str = "xml_locate configuration configuration name sofia.conf";
const LOOKED_FOR: &str = "xml_locate configuration configuration name custompbx-doctor.conf";

/// What is found of something: each with its state and its words.
async fn found(admin: &Client<'_>, what: &str) -> Vec<(String, String)> {
    let report = admin.get(&format!("/switches/{KEY}/doctor")).await;
    let checks = report["checks"].as_array().unwrap().iter();
    let of_it = checks.filter(|check| check["what"] == what);
    of_it
        .map(|check| {
            let text = |name: &str| check[name].as_str().unwrap().to_owned();
            assert_eq!(
                text("remedy").is_empty(),
                text("state") == "good",
                "a remedy for what is wrong: {check}"
            );
            (text("state"), text("found"))
        })
        .collect()
}

/// The only thing that is found of something.
async fn one(admin: &Client<'_>, what: &str) -> (String, String) {
    let mut found = found(admin, what).await;
    assert_eq!(found.len(), 1, "{what}: {found:?}");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_are_not_loaded() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    for module in ["mod_xml_curl", "mod_sofia"] {
        let event = |name: &'static str| {
            let bare = module.trim_start_matches("mod_");
            let kind = if bare == "sofia" { "endpoint" } else { "api" };
            let fields =
                [("Event-Name", name), ("type", kind), ("name", bare), ("key", module), ("filename", module)];
            send(&switch, &fields);
        };
        event("MODULE_LOAD");
        until("it is loaded", async || one(&admin, module).await.0 == "good").await;
        event("MODULE_UNLOAD");
        until("it is not loaded", async || one(&admin, module).await.0 == "bad").await;
        assert!(one(&admin, module).await.1.contains("not loaded"));
    }
    pbx.stop().await;
}

/// An xml_curl.conf with these bindings, each with its URL, sections and credentials.
fn xml_curl_conf(bindings: &[(&str, &str, &str)]) -> String {
    let binding = |(url, sections, credentials): &(&str, &str, &str)| {
        format!(
            "<binding name='x'><param name='gateway-url' value='{url}' bindings='{sections}'/>\
             <param name='gateway-credentials' value='{credentials}'/></binding>"
        )
    };
    let bindings: String = bindings.iter().map(binding).collect();
    format!("<configuration name='xml_curl.conf'><bindings>{bindings}</bindings></configuration>")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bound_to_which_url_with_which_credentials() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let what = "xml_curl.conf";
    // As it is shipped.
    let (state, text) = one(&admin, what).await;
    assert_eq!(state, "note", "{text}");
    assert!(text.contains("no gateway-url"), "{text}");
    let ours = pbx.pbx.config().xml_curl_url();
    let right = format!("{USER}:{}", server::PASS);
    let with_password = ours.replace("://", "://who:hidden@");
    let elsewhere = ("http://who:hidden@192.0.2.9/x", "directory", "who:hidden");
    for (bindings, state, words) in [
        (vec![(&*ours, "dialplan|configuration|directory", &*right)], "good", &*ours),
        (vec![(&*ours, "", &*right)], "good", &*ours),
        (vec![(&*ours, "phrases", &*right)], "good", &*ours),
        (vec![(&*ours, "Dialplan,config,DIRECTORY", &*right)], "good", &*ours),
        (vec![elsewhere, (&*ours, "dialplan|configuration|directory", &*right)], "good", &*ours),
        (vec![(&*with_password, "", &*right)], "good", &*ours),
        (vec![(&*ours, "directory|languages", &*right)], "note", "dialplan, configuration"),
        (vec![elsewhere], "note", "http://192.0.2.9/x"),
        (vec![(&*ours, "", "who:hidden")], "bad", "gateway-credentials"),
        (vec![(&*ours, "", "")], "bad", "gateway-credentials"),
        (vec![], "note", "no gateway-url"),
    ] {
        switch.answer(XML_CURL, &xml_curl_conf(&bindings));
        let (is, text) = one(&admin, what).await;
        assert_eq!(is, state, "{bindings:?}: {text}");
        assert!(text.contains(words) && !text.contains("hidden") && !text.contains(server::PASS), "{text}");
    }
    // What cannot be read says nothing.
    for answer in ["-ERR can't find anything\n", "<configuration", ""] {
        switch.answer(XML_CURL, answer);
        assert_eq!(found(&admin, what).await, [], "{answer}");
    }
    pbx.stop().await;
}

/// The switch asks here while it looks for something, or asks in vain, or does not ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_trip() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    assert_eq!(one(&admin, "round trip").await.0, "bad", "it does not ask");
    let asks = |pbx: &TestPbx, key: &str, pass: &str| {
        let form = format!(
            "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value={key}\
             &FreeSWITCH-Hostname=fs1"
        );
        let (at, headers) = (pbx.xml_curl, format!("Authorization: {}\r\n", authorization(USER, pass)));
        switch.answer_with(LOOKED_FOR, move |_| {
            let mut stream = TcpStream::connect(at).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream.write_all(&question(&form, &headers)).unwrap();
            assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
            "-ERR can't find anything\n".to_owned()
        });
    };
    asks(&pbx, "custompbx-doctor.conf", server::PASS);
    assert_eq!(one(&admin, "round trip").await.0, "good");
    asks(&pbx, "custompbx-doctor.conf", "another");
    let (state, text) = one(&admin, "round trip").await;
    assert_eq!(state, "bad", "its credentials are refused: {text}");
    asks(&pbx, "other.conf", server::PASS);
    assert_eq!(one(&admin, "round trip").await.0, "bad", "that is another question");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_differ() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let hour = Duration::from_secs(3_600);
    for (at, state, words) in [
        (now - hour, "note", "behind ours"),
        (now + hour, "note", "ahead of ours"),
        (now, "good", "ms apart"),
    ] {
        // It must not be taken for an old event.
        let at = at.as_micros().to_string();
        send(&switch, &[("Event-Name", "HEARTBEAT"), ("Event-Date-Timestamp", &at)]);
        until("the clocks are compared", async || {
            let (is, text) = one(&admin, "clock").await;
            is == state && text.contains(words)
        })
        .await;
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_that_do_not_run_or_have_no_port() {
    let switch = played();
    let pbx = driving(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    assert_eq!(found(&admin, "SIP profile").await, [], "all run, and all have a port");
    let profile =
        |name: &str, params: &str| format!("<profile name='{name}'><settings>{params}</settings></profile>");
    let sofia = format!(
        "<configuration name='sofia.conf'><profiles>{}{}{}</profiles></configuration>",
        profile("a", "<param name='sip-port' value='5060'/>"),
        profile("b", "<param name='tls-sip-port' value='5061'/>"),
        profile("c", ""),
    );
    switch.answer(SOFIA, &sofia);
    let missing = |name: &str| ("note".to_owned(), format!("{name} has no sip-port"));
    assert_eq!(found(&admin, "SIP profile").await, [missing("b"), missing("c")]);
    switch.answer_as_recorded(SOFIA);
    let down = api_answer("api/sofia-xmlstatus").replacen("RUNNING (0)", "DOWN (0)", 1);
    switch.answer("sofia xmlstatus", &down);
    admin.rest("POST", &format!("/switches/{KEY}/reconnect"), &Value::Null).await;
    let expected = [("bad".to_owned(), "external-ipv6 is DOWN".to_owned())];
    until("the profile is seen", async || {
        let report = admin.get(&format!("/switches/{KEY}")).await;
        report["phase"] == json!("live") && found(&admin, "SIP profile").await == expected
    })
    .await;
    pbx.stop().await;
}
