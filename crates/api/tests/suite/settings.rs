//! The configuration, seen and changed from outside.

use custompbx_pbx::config::Config;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASS, Setup, TestPbx, USER, authorization, log, question};
use serde_json::{Value, json};

use crate::asking::Client;
use crate::engines::on_both_engines;

on_both_engines!(the_documented_settings, a_change_is_written_down);

const MASK: &str = "********";

/// What old clients send.
fn documented() -> Value {
    json!({
        "freeswitch": {"esl": {"host": "127.0.0.1", "port": 8021, "pass": "ClueCon", "timeout": 101, "collect_logs": 7}},
        "webserver": {"route": "/ws", "host": "188.188.188.188", "port": 8080, "stun_port": 3478,
            "cert_path": "/etc/freeswitch/tls/wss.pem", "key_path": "/etc/freeswitch/tls/wss.pem"},
        "xml_curl_server": {"route": "/conf/config", "host": "127.0.0.1", "port": 8080, "stun_port": 0,
            "cert_path": "/etc/freeswitch/tls/wss.pem", "key_path": "/etc/freeswitch/tls/wss.pem"},
        "database": {"name": "custompbx", "host": "127.0.0.1", "port": 5432, "user": "custompbx", "pass": "custompbx"},
    })
}

fn stored(pbx: &TestPbx) -> Value {
    serde_json::from_str(&std::fs::read_to_string(pbx.place().config_file()).unwrap()).unwrap()
}

/// Everything in `part` stands in `whole`.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        (whole, part) => whole == part,
    }
}

async fn the_documented_settings(engine: Engine) {
    let setup = Setup::on(engine).configured(|config| {
        config.freeswitch.switchname = "fs1".into();
        config.freeswitch.hep_collector.port = 9060;
    });
    let pbx = setup.start().await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let before = admin.ask("get_settings", json!({})).await;
    assert_eq!(before["MessageType"], "settings");
    let shown = &before["settings"];
    assert_eq!(shown["freeswitch"]["switchname"], "fs1");
    // The documentation shows these, and no other secret.
    assert_eq!(shown["freeswitch"]["esl"]["pass"], "ClueCon");
    assert_eq!(shown["xml_curl_server"]["pass"], MASK);
    assert_eq!(shown["webserver"]["secure"], false);
    assert_eq!(before["pending_restart"], json!([]));
    assert!(before["effective_now"].as_array().unwrap().contains(&"log.level".into()));
    assert!(before["needs_restart"].as_array().unwrap().contains(&"database.pass".into()));

    let sent = documented();
    let saved = admin.ask("set_settings", json!({"payload": sent, "type": "[Settings] Set"})).await;
    assert_eq!(saved["MessageType"], "settings", "{saved}");
    assert!(contains(&saved["settings"], &sent), "{saved}");
    assert_eq!(saved["effective_now"], json!([]));
    assert!(saved["needs_restart"].as_array().unwrap().contains(&"webserver.host".into()));
    assert_eq!(saved["pending_restart"], saved["needs_restart"]);
    let file = stored(&pbx);
    let mut expected = sent;
    // Nothing looks at this one, so it is not kept either.
    expected["xml_curl_server"].as_object_mut().unwrap().remove("stun_port");
    assert!(contains(&file, &expected), "{file}");
    // What old clients do not know stays.
    assert_eq!(file["freeswitch"]["switchname"], "fs1");
    assert_eq!(file["freeswitch"]["hep_collector"]["port"], 9060);
    assert_eq!(file["xml_curl_server"]["pass"], PASS);
    assert_eq!(file["database"]["engine"], "sqlite");
    // What is shown can be sent back, as a text too, and changes nothing.
    for payload in [saved["settings"].clone(), saved["settings"].to_string().into()] {
        let again = admin.ask("set_settings", json!({ "payload": payload })).await;
        assert_eq!(again["settings"], saved["settings"]);
        assert_eq!((&again["effective_now"], &again["needs_restart"]), (&json!([]), &json!([])));
        assert_eq!(stored(&pbx), file);
    }
    // The documentation names this for both.
    assert_eq!(admin.ask("settings", json!({})).await["settings"], saved["settings"]);
    let esl = json!({"freeswitch": {"esl": {"timeout": 5}}});
    let again = admin.ask("settings", json!({ "payload": esl })).await;
    assert_eq!(again["needs_restart"], json!(["freeswitch.esl.timeout"]));
    pbx.stop().await;
}

async fn a_change_is_written_down(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let payload = json!({"xml_curl_server": {"pass": "a new secret of the settings", "cacheable": "1000"}});
    admin.ask("set_settings", json!({ "payload": payload })).await;
    let audit = pbx.pbx.store().unwrap().audit(None, 10).await.unwrap();
    assert_eq!((&*audit.items[0].action, &*audit.items[0].actor), ("settings.save", &*admin.person.login));
    assert_eq!(audit.items[0].detail, "xml_curl_server.pass xml_curl_server.cacheable");
    assert!(log::lines_with(&["a new secret of the settings"]).is_empty());
    pbx.stop().await;
}

/// What can count at once does, without a restart and without a gap.
#[tokio::test(flavor = "multi_thread")]
async fn what_counts_at_once() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let section = "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\">\
                   <user id=\"1\"><params><param name=\"password\" value=\"p\"/></params></user></domain></section></document>";
    pbx.import_xml(section).await;
    let form = "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=d&user=1&domain=d";
    assert!(!pbx.ask(form).await.text().contains("cacheable"));

    let sent = json!({"xml_curl_server": {"cacheable": "5000"}, "log": {"level": "warn"},
        "webserver": {"origin_policy": "allow_list", "allowed_origins": ["https://pbx.example.com"]}});
    let saved = admin.ask("set_settings", json!({ "payload": sent })).await;
    let now = json!([
        "webserver.origin_policy",
        "webserver.allowed_origins",
        "xml_curl_server.cacheable",
        "log.level"
    ]);
    assert_eq!((&saved["effective_now"], &saved["needs_restart"]), (&now, &json!([])), "{saved}");
    assert!(pbx.ask(form).await.text().contains("cacheable=\"5000\""));
    let own = format!("http://{}", pbx.web);
    for (origin, expected) in
        [("https://pbx.example.com", true), (&*own, false), ("http://evil.example", false)]
    {
        assert_eq!(pbx.try_socket(&[("Origin", origin)]).await.is_ok(), expected, "{origin}");
    }

    let sent = json!({"xml_curl_server": {"pass": " another ", "user": "switch"}});
    admin.ask("set_settings", json!({ "payload": sent })).await;
    let ask = async |user, pass| {
        let header = format!("Authorization: {}\r\n", authorization(user, pass));
        pbx.ask_raw(&question(form, &header)).await.status
    };
    assert_eq!((ask(USER, PASS).await, ask("switch", " another ").await), (401, 200));
    let sent = json!({"xml_curl_server": {"allow": ["192.0.2.0/24"]}});
    admin.ask("set_settings", json!({ "payload": sent })).await;
    assert_eq!(ask("switch", " another ").await, 401);

    // All of it is there after a restart.
    let pbx = pbx.restart().await;
    let config = pbx.pbx.config();
    assert_eq!(config.xml_curl_server.cacheable, Some("5000".parse().unwrap()));
    assert_eq!(config.log.level, "warn");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let before = stored(&pbx);
    for payload in [json!(null), json!({}), json!([]), json!(5), json!("x"), json!("[]"), json!("")] {
        admin.refused("set_settings", json!({ "payload": payload }), "empty data").await;
    }
    admin.refused("set_settings", json!({}), "empty data").await;
    for (payload, text) in [
        (json!({"webserver": 5}), "webserver: must be an object"),
        (
            json!({"webserver": {"port": "8080"}}),
            "webserver.port: invalid type: string \"8080\", expected u16",
        ),
        (json!({"webserver": {"port": -1}}), "webserver.port: invalid value: integer `-1`, expected u16"),
        (json!({"webserver": {"port": 0}}), "webserver.port: must be from 1 to 65535"),
        (
            json!({"webserver": {"host": "nowhere"}}),
            "webserver.host: \"nowhere\" is no address to listen on, such as \"127.0.0.1\" or \"::\"",
        ),
        (json!({"webserver": {"route": "/api/x"}}), "webserver.route: /api/x is used for something else"),
        (
            json!({"webserver": {"ws_ping_interval_seconds": 60}}),
            "webserver.ws_ping_interval_seconds: must be shorter than ws_read_timeout_seconds, or every connection would end",
        ),
        (
            json!({"webserver": {"origin_policy": "allow_list"}}),
            "webserver.allowed_origins: is empty, so no page could open the WebSocket; list its origin, or change origin_policy",
        ),
        (
            json!({"webserver": {"allowed_origins": ["*"]}}),
            "webserver.allowed_origins: \"*\" is no origin, such as \"https://pbx.example.com\"",
        ),
        (json!({"freeswitch": {"esl": {"pass": ""}}}), "freeswitch.esl.pass: must not be empty"),
        (json!({"freeswitch": {"esl": {"port": 0}}}), "freeswitch.esl.port: must be from 1 to 65535"),
        (
            json!({"freeswitch": {"esl": {"collect_logs": 11}}}),
            "freeswitch.esl.collect_logs: must be from 0 to 10",
        ),
        (json!({"xml_curl_server": {"pass": 12345}}), "xml_curl_server.pass: must be a text"),
    ] {
        admin.refused("set_settings", json!({ "payload": payload }), text).await;
    }
    let reply =
        admin.ask("set_settings", json!({"payload": {"webserver": {"origin_policy": "anybody"}}})).await;
    assert!(
        reply["error"].as_str().unwrap().starts_with("webserver.origin_policy: unknown variant"),
        "{reply}"
    );
    let reply = admin.ask("set_settings", json!({"payload": {"log": {"level": "a=b=c"}}})).await;
    assert!(reply["error"].as_str().unwrap().starts_with("log.level: "), "{reply}");
    assert_eq!(stored(&pbx), before);
    // What is no key is ignored, and said.
    let reply = admin.ask("set_settings", json!({"payload": {"webserver": {"colour": 1}, "x": {}}})).await;
    assert_eq!(
        reply["warnings"],
        json!([
            "webserver.colour: there is no such key; it was ignored",
            "x: there is no such key; it was ignored"
        ])
    );
    assert_eq!(stored(&pbx), before);
    pbx.stop().await;
}

/// A file that cannot be written, or that somebody broke by hand, stays as it is, and the server goes on as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_saved() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let file = pbx.place().config_file();
    let payload = json!({"payload": {"xml_curl_server": {"cacheable": "7"}, "log": {"level": "debug"}}});
    std::fs::write(&file, "{").unwrap();
    admin.refused("set_settings", payload.clone(), "can't save").await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    admin.refused("set_settings", payload.clone(), "can't save").await;
    let reply = admin.rest("PATCH", "/settings", &payload["payload"]).await;
    assert_eq!(reply.status, 500);
    assert!(reply.is_problem());
    assert_eq!(pbx.pbx.config().xml_curl_server.cacheable, None);
    // One that is gone is made again.
    std::fs::remove_dir(&file).unwrap();
    admin.ask("set_settings", payload).await;
    assert_eq!(stored(&pbx)["xml_curl_server"]["cacheable"], "7");
    assert_eq!(stored(&pbx)["xml_curl_server"]["pass"], PASS);
    pbx.stop().await;
}

/// What the environment says is shown as such, is not written into the file, and is changed there only.
#[tokio::test(flavor = "multi_thread")]
async fn the_environment() {
    let setup = Setup::on(Engine::Sqlite)
        .with_variable("CUSTOMPBX__DATABASE__PASS", "from outside")
        .with_variable("CUSTOMPBX__XML_CURL_SERVER__CACHEABLE", "300");
    let pbx = setup.start().await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let shown = admin.ask("get_settings", json!({})).await;
    assert_eq!(shown["from_environment"], json!(["database.pass", "xml_curl_server.cacheable"]));
    assert_eq!(shown["settings"]["database"]["pass"], MASK);
    assert_eq!(shown["settings"]["xml_curl_server"]["cacheable"], "300");
    admin
        .ask("set_settings", json!({"payload": {"webserver": {"port": 8443}, "database": {"pass": MASK}}}))
        .await;
    let text =
        "database.pass: comes from the environment (CUSTOMPBX__DATABASE__PASS) and can be changed there only";
    admin.refused("set_settings", json!({"payload": {"database": {"pass": "other"}}}), text).await;
    let file = stored(&pbx);
    assert_eq!((&file["webserver"]["port"], &file["database"]["pass"]), (&json!(8443), &json!("")));
    assert_eq!(file["xml_curl_server"]["cacheable"], "");
    assert_eq!(pbx.pbx.config().xml_curl_server.cacheable, Some("300".parse().unwrap()));
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_rest() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let shown = admin.get("/settings").await;
    assert_eq!(shown["settings"]["freeswitch"]["esl"]["pass"], MASK, "REST shows no secret");
    let known: Vec<String> = Config::default().keys();
    let named = |name: &str| shown[name].as_array().unwrap().len();
    assert_eq!(named("effective_now") + named("needs_restart"), known.len());
    let reply = admin.rest("PATCH", "/settings", &json!({"webserver": {"port": 8444}})).await;
    assert_eq!((reply.status, &reply.json()["needs_restart"]), (200, &json!(["webserver.port"])));
    assert_eq!(admin.get("/settings").await["pending_restart"], json!(["webserver.port"]));
    for (body, status) in [
        (json!({"webserver": {"prot": 1}}), 422),
        (json!({"webserver": {"port": "x"}}), 422),
        (json!([]), 422),
        (json!(null), 400),
    ] {
        let reply = admin.rest("PATCH", "/settings", &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
        assert!(reply.is_problem());
    }
    // A change by the message is refused to those who are no admins.
    for role in [Role::Manager, Role::User] {
        let other = Client::new(&pbx, role).await;
        for event in ["get_settings", "set_settings", "settings"] {
            assert_eq!(other.ask(event, json!({})).await["MessageType"], "no_access");
        }
    }
    pbx.stop().await;
}
