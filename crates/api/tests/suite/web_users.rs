//! Web users: who may come in, and what everybody has set for themselves.

use std::time::Duration;

use custompbx_pbx::account::Wanted;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASSWORD, TestPbx, log};
use serde_json::{Value, json};

use crate::asking::{Client, WAYS, Way};
use crate::engines::on_both_engines;

on_both_engines!(
    what_cannot_be_is_refused,
    the_last_admin_stays,
    everybody_changes_what_is_theirs,
    whoever_loses_a_right_loses_it_at_once,
    two_admins_disable_each_other,
    a_directory_user_that_goes_takes_its_link,
    pictures,
    by_rest,
    everything_is_written_down,
);

const USERS: &str = "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"><users>\
                     <user id=\"1000\"/><user id=\"1001\"/></users></domain></section></document>";
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkgAIAAAoAAv/lxKUAAAAASUVORK5CYII=";

/// A directory user's node.
async fn directory_user(pbx: &TestPbx, name: &str) -> i64 {
    let instance = pbx.pbx.default_instance().await.unwrap();
    let page = pbx.pbx.users(&instance.name, Some(name), None, 10).await.unwrap();
    page.items.iter().find(|user| user.user == name).unwrap().id.0
}

fn one(reply: &Value) -> &Value {
    let users = reply["web_users"].as_object().unwrap_or_else(|| panic!("{reply}"));
    assert_eq!(users.len(), 1);
    users.values().next().unwrap()
}

/// Every refusal of every message, by both transports; nothing of what was sent is stored.
async fn what_cannot_be_is_refused(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(USERS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let other = Client::new(&pbx, Role::User).await;
    let taken = other.person.login.to_uppercase();
    let id = other.id().await;
    let before = admin.ask("[Settings][Users] Get", json!({})).await;

    let add = |login: Value, password: Value, group: Value| json!({"login": login, "password": password, "group_id": group});
    let event = "[Settings][Users] Add";
    for (data, text) in [
        (json!({}), "empty data"),
        (add(json!(""), json!("secret1"), json!(3)), "empty data"),
        (add(json!("  "), json!("secret1"), json!(3)), "empty data"),
        (add(json!(5), json!("secret1"), json!(3)), "empty data"),
        (add(json!("bob"), json!(""), json!(3)), "empty data"),
        (add(json!("bob"), json!(123_456), json!(3)), "empty data"),
        (add(json!("bob"), json!("five5"), json!(3)), "unsuitable password"),
        (add(json!("bob"), json!("x".repeat(1025)), json!(3)), "unsuitable password"),
        (add(json!(taken), json!("secret1"), json!(3)), "user already exists"),
        (add(json!("x".repeat(10_000)), json!("secret1"), json!(3)), "can't add"),
        (add(json!("a\u{0}b"), json!("secret1"), json!(3)), "can't add"),
        (add(json!("a\nb"), json!("secret1"), json!(3)), "can't add"),
    ] {
        admin.refused(event, data, text).await;
    }
    // A number that is no group is no group, and not that of those who are blocked.
    for group in [json!(99), json!(4), json!(-1), json!("3"), json!(1.5), json!([1]), json!(true)] {
        admin.refused(event, add(json!("bob"), json!("secret1"), group.clone()), "wrong data").await;
        admin.refused("UpdateWebUserGroup", json!({"id": id, "group_id": group}), "wrong data").await;
    }
    admin.refused("UpdateWebUserGroup", json!({ "id": id }), "wrong data").await;

    let file = format!("data:image/png;base64,{PNG}");
    let good = [
        ("[Settings][Users] Rename", json!({"name": "bob"}), "user not found"),
        ("[Settings][Users][Switch] Web user", json!({"enabled": false}), "user not found"),
        ("[Settings][Users] Delete", json!({}), "user not found"),
        ("[Settings][Users][Update] Password", json!({"password": "secret22"}), "user not found"),
        ("[Settings][Users][Update] Lang", json!({"param_id": 1}), "user not found"),
        ("[Settings][Users][Update] Locale", json!({"value": "de"}), "user not found"),
        ("[Settings][Users][Update] Sip user", json!({"param_id": 0}), "user not found"),
        ("[Settings][Users][Update] Ws", json!({"value": ""}), "user not found"),
        ("[Settings][Users][Update] Verto Ws", json!({"value": ""}), "user not found"),
        ("[Settings][Users][Update] WebRTC Lib", json!({"value": "verto"}), "user not found"),
        ("[Settings][Users][Update] Stun", json!({"value": ""}), "user not found"),
        ("[Settings][Users][Update] Avatar", json!({"file": file}), "user not found"),
        ("[Settings][Users][Clear] Avatar", json!({}), "user not found"),
        ("UpdateWebUserGroup", json!({"group_id": 2}), "user not found"),
    ];
    for (event, data, text) in good {
        for bad in [json!(null), json!(0), json!(-1), json!(1.5), json!("1"), json!(1e30), json!([1])] {
            let mut data = data.clone();
            data["id"] = bad;
            admin.refused(event, data, "wrong id").await;
        }
        admin.refused(event, data.clone(), "wrong id").await;
        let mut data = data.clone();
        data["id"] = 4711.into();
        admin.refused(event, data, text).await;
    }
    for (event, data, text) in [
        ("[Settings][Users] Rename", json!({"id": id}), "empty data"),
        ("[Settings][Users] Rename", json!({"id": id, "name": " "}), "empty data"),
        ("[Settings][Users] Rename", json!({"id": id, "name": admin.person.login}), "can't rename"),
        ("[Settings][Users] Rename", json!({"id": id, "name": "a\u{7}"}), "can't rename"),
        ("[Settings][Users][Switch] Web user", json!({"id": id}), "wrong data"),
        ("[Settings][Users][Switch] Web user", json!({"id": id, "enabled": "false"}), "wrong data"),
        ("[Settings][Users][Switch] Web user", json!({"id": id, "enabled": 0}), "wrong data"),
        ("[Settings][Users][Update] Password", json!({"id": id}), "password is too short"),
        (
            "[Settings][Users][Update] Password",
            json!({"id": id, "password": "five5"}),
            "password is too short",
        ),
        (
            "[Settings][Users][Update] Password",
            json!({"id": id, "password": "x".repeat(1025)}),
            "unsuitable password",
        ),
        ("[Settings][Users][Update] Lang", json!({"id": id}), "wrong id"),
        ("[Settings][Users][Update] Lang", json!({"id": id, "param_id": 2}), "wrong data"),
        ("[Settings][Users][Update] Locale", json!({"id": id}), "unsupported locale"),
        ("[Settings][Users][Update] Locale", json!({"id": id, "value": "EN"}), "unsupported locale"),
        ("[Settings][Users][Update] Locale", json!({"id": id, "value": "../en"}), "unsupported locale"),
        ("[Settings][Users][Update] Sip user", json!({"id": id}), "wrong id"),
        ("[Settings][Users][Update] Sip user", json!({"id": id, "param_id": -1}), "wrong id"),
        ("[Settings][Users][Update] Sip user", json!({"id": id, "param_id": 999_999}), "can't change"),
        // A node that is no user.
        ("[Settings][Users][Update] Sip user", json!({"id": id, "param_id": 1}), "can't change"),
        ("[Settings][Users][Update] Ws", json!({"id": id}), "empty data"),
        ("[Settings][Users][Update] Ws", json!({"id": id, "value": "https://pbx"}), "wrong data"),
        ("[Settings][Users][Update] Ws", json!({"id": id, "value": "wss://"}), "wrong data"),
        (
            "[Settings][Users][Update] Verto Ws",
            json!({"id": id, "value": "javascript:alert(1)"}),
            "wrong data",
        ),
        ("[Settings][Users][Update] Verto Ws", json!({"id": id, "value": 5}), "empty data"),
        ("[Settings][Users][Update] WebRTC Lib", json!({"id": id, "value": "nonsense"}), "wrong data"),
        ("[Settings][Users][Update] WebRTC Lib", json!({"id": id, "value": ""}), "wrong data"),
        ("[Settings][Users][Update] Stun", json!({"id": id, "value": "stun:pbx"}), "wrong data"),
        ("[Settings][Users][Update] Stun", json!({"id": id, "value": "x".repeat(10_000)}), "wrong data"),
        ("[Settings][Users][Clear] Avatar", json!({"id": id, "file": file}), "empty data"),
    ] {
        admin.refused(event, data, text).await;
    }
    let after = admin.ask("[Settings][Users] Get", json!({})).await;
    assert_eq!(after, before);
    pbx.stop().await;
}

async fn the_last_admin_stays(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let own = admin.id().await;
    let disable = json!({"id": own, "enabled": false});
    let event = "[Settings][Users][Switch] Web user";
    admin.refused(event, disable.clone(), "can't disable the last user").await;
    admin.refused("[Settings][Users] Delete", json!({ "id": own }), "can't delete the last user").await;
    admin
        .refused("UpdateWebUserGroup", json!({"id": own, "group_id": 3}), "not allow to change own group")
        .await;
    // Those who are no admins or may not come in do not count.
    Client::new(&pbx, Role::Manager).await;
    let disabled = pbx.add_web_user(Role::Admin).await;
    pbx.set_enabled(&disabled, false).await;
    admin.refused(event, disable.clone(), "can't disable the last user").await;
    pbx.set_enabled(&disabled, true).await;
    admin.refused(event, disable, "you can't disable yourself").await;
    admin.refused("[Settings][Users] Delete", json!({ "id": own }), "you can't delete yourself").await;
    admin
        .refused("UpdateWebUserGroup", json!({"id": own, "group_id": 3}), "not allow to change own group")
        .await;
    // Enabling oneself is nothing.
    assert_eq!(one(&admin.ask(event, json!({"id": own, "enabled": true})).await)["enabled"], true);
    let path = format!("/web-users/{own}");
    admin.rest_refused("DELETE", &path, &Value::Null, 409).await;
    admin.rest_refused("PATCH", &path, &json!({"enabled": false}), 409).await;
    admin.rest_refused("PATCH", &path, &json!({"role": "user"}), 409).await;
    pbx.stop().await;
}

async fn everybody_changes_what_is_theirs(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let own: [(&str, Value, &str, Value); 7] = [
        ("[Settings][Users][Update] Locale", json!({"value": "pt-BR"}), "locale", json!("pt-BR")),
        ("[Settings][Users][Update] Ws", json!({"value": " wss://pbx:7443 "}), "ws", json!("wss://pbx:7443")),
        (
            "[Settings][Users][Update] Verto Ws",
            json!({"value": "ws://pbx:8081"}),
            "verto_ws",
            json!("ws://pbx:8081"),
        ),
        ("[Settings][Users][Update] WebRTC Lib", json!({"value": "verto"}), "webrtc_lib", json!("verto")),
        ("[Settings][Users][Update] Stun", json!({"value": "stun:pbx:3478"}), "stun", json!("stun:pbx:3478")),
        (
            "[Settings][Users][Update] Avatar",
            json!({"file": format!("data:image/png;base64,{PNG}")}),
            "avatar_format",
            json!("png"),
        ),
        ("[Settings][Users][Clear] Avatar", json!({}), "avatar_format", json!("")),
    ];
    for (role, way) in [(Role::User, Way::Post), (Role::Manager, Way::Socket), (Role::Admin, Way::Socket)] {
        let person = Client::by(&pbx, role, way).await;
        let id = person.id().await;
        let with = |id: i64, data: &Value| {
            let mut data = data.clone();
            data["id"] = id.into();
            data
        };
        for (event, data, member, value) in &own {
            let reply = person.ask(event, with(id, data)).await;
            assert_eq!(one(&reply)[*member], *value, "{role:?} {event}: {reply}");
            if role != Role::Admin {
                person.refused(event, with(admin.id().await, data), "access denied").await;
                person.refused(event, with(4711, data), "access denied").await;
            }
        }
        let password = with(id, &json!({"password": "another secret"}));
        let reply = person.ask("[Settings][Users][Update] Password", password).await;
        assert_eq!(one(&reply)["id"], id);
        // The session that did it goes on.
        assert_eq!(
            person.ask("[Settings][Users][Update] Stun", with(id, &json!({"value": ""}))).await["error"],
            Value::Null
        );
        assert_eq!(pbx.sign_in(&person.person.login, "another secret").await.status, 200);
        if role == Role::Admin {
            continue;
        }
        for event in [
            "[Settings][Users] Get",
            "[Settings][Users] Add",
            "GetWebUsersByDirectory",
            "[Settings][Users] Rename",
            "[Settings][Users][Switch] Web user",
            "[Settings][Users][Update] Lang",
            "[Settings][Users] Delete",
            "[Settings][Users][Update] Sip user",
            "UpdateWebUserGroup",
        ] {
            person.no_access(event, json!({ "id": id })).await;
        }
    }
    assert!(log::lines_with(&["another secret"]).is_empty());
    pbx.stop().await;
}

/// Disabling, deleting, another role and another password end sessions, or change what they may, at once.
async fn whoever_loses_a_right_loses_it_at_once(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let is_in = async |person: &Client<'_>| pbx.get_as(&person.person, "/api/v2/session").await.status == 200;
    for (event, mut data, stays) in [
        ("[Settings][Users][Switch] Web user", json!({"enabled": false}), false),
        ("[Settings][Users] Delete", json!({}), false),
        ("UpdateWebUserGroup", json!({"group_id": 0}), false),
        ("UpdateWebUserGroup", json!({"group_id": 3}), true),
        ("[Settings][Users][Update] Password", json!({"password": "another secret"}), false),
        ("[Settings][Users] Rename", json!({"name": "another name"}), true),
    ] {
        let person = Client::by(&pbx, Role::Admin, Way::Socket).await;
        // It works by both ways, and the connection is bound.
        assert_eq!(person.ask("GetInstances", json!({})).await["MessageType"], "GetInstances");
        assert!(is_in(&person).await);
        data["id"] = person.id().await.into();
        let reply = admin.ask(event, data).await;
        assert_eq!(reply["error"], Value::Null, "{reply}");
        assert_eq!(is_in(&person).await, stays, "{event}");
        if event == "UpdateWebUserGroup" && stays {
            // The connection was told, and has to show its token again.
            let reply = person.ask_by(Way::Post, "GetInstances", json!({})).await;
            assert_eq!(reply["MessageType"], "no_access");
        }
        if event != "[Settings][Users] Delete" && event != "[Settings][Users] Rename" {
            let after = pbx.sign_in(&person.person.login, PASSWORD).await.status;
            assert_eq!(after == 200, stays, "{event}");
        }
    }
    // What was ended does not come back.
    let person = Client::new(&pbx, Role::User).await;
    let id = person.id().await;
    for enabled in [false, true] {
        admin.ask("[Settings][Users][Switch] Web user", json!({"id": id, "enabled": enabled})).await;
        assert!(!is_in(&person).await);
    }
    pbx.stop().await;
}

async fn two_admins_disable_each_other(engine: Engine) {
    for _ in 0..5 {
        let pbx = TestPbx::on(engine).await;
        let (a, b) = (Client::new(&pbx, Role::Admin).await, Client::new(&pbx, Role::Admin).await);
        let (id_a, id_b) = (a.id().await, b.id().await);
        let path = |id: i64| format!("/web-users/{id}");
        let disabled = json!({"enabled": false});
        let (path_a, path_b) = (path(id_a), path(id_b));
        tokio::join!(a.rest("PATCH", &path_b, &disabled), b.rest("PATCH", &path_a, &disabled));
        let users = pbx.pbx.store().unwrap().web_users().await.unwrap();
        assert_eq!(users.iter().filter(|user| user.enabled).count(), 1, "one of them is left");
        pbx.stop().await;
    }
}

async fn a_directory_user_that_goes_takes_its_link(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(USERS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let (own, user) = (admin.id().await, directory_user(&pbx, "1000").await);
    let link = json!({"id": own, "param_id": user});
    let linked = admin.ask("[Settings][Users][Update] Sip user", link.clone()).await;
    assert_eq!(one(&linked)["sip_id"], json!({"Int64": user, "Valid": true}));
    let by_directory = admin.ask("GetWebUsersByDirectory", json!({})).await;
    let shown = json!({"id": own, "login": admin.person.login, "avatar_format": ""});
    assert_eq!(by_directory["additional_data"], json!({user.to_string(): shown}));
    pbx.change(vec![custompbx_model::Edit::Delete { id: custompbx_model::NodeId(user) }]).await;
    let all = admin.ask("[Settings][Users] Get", json!({})).await;
    assert_eq!(all["web_users"][own.to_string()]["sip_id"], json!({"Int64": 0, "Valid": false}));
    assert_eq!(admin.ask("GetWebUsersByDirectory", json!({})).await["additional_data"], json!({}));
    admin.refused("[Settings][Users][Update] Sip user", link, "can't change").await;
    // Nobody at all.
    let other = json!({"id": own, "param_id": directory_user(&pbx, "1001").await});
    admin.ask("[Settings][Users][Update] Sip user", other).await;
    let nobody = admin.ask("[Settings][Users][Update] Sip user", json!({"id": own, "param_id": 0})).await;
    assert_eq!(one(&nobody)["sip_id"]["Valid"], false);
    pbx.stop().await;
}

async fn pictures(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let person = Client::new(&pbx, Role::User).await;
    let id = person.id().await;
    let event = "[Settings][Users][Update] Avatar";
    let url = |kind: &str, content: &[u8]| {
        use base64::Engine as _;
        format!("data:image/{kind};base64,{}", base64::prelude::BASE64_STANDARD.encode(content))
    };
    let mut long = b"GIF89a".to_vec();
    long.resize(512_001, 0);
    for (file, text) in [
        (json!(null), "empty file string"),
        (json!(""), "empty file string"),
        (json!(5), "empty file string"),
        (json!("picture"), "file string not match"),
        (json!("data:image/svg+xml;base64,PHN2Zy8+"), "file string not match"),
        (json!("data:text/html;base64,PHA+"), "file string not match"),
        // What it says it is, is not what it is.
        (json!(url("png", b"<svg/>")), "file string not match"),
        (json!(url("png", b"GIF89a")), "file string not match"),
        (json!(url("gif", &long)), "file is too big"),
    ] {
        person.refused(event, json!({"id": id, "file": file}), text).await;
    }
    let reply = person.ask(event, json!({"id": id, "file": "data:image/png;base64,!!"})).await;
    assert!(reply["error"].as_str().unwrap().starts_with("wrong data "), "{reply}");

    long.truncate(512_000);
    let reply = person.ask(event, json!({"id": id, "file": url("gif", &long)})).await;
    assert_eq!(one(&reply)["avatar_format"], "gif");
    assert!(!reply.to_string().contains("R0lGODlh"), "the picture itself is not sent");
    let path = format!("/cweb/assets/img/avatar/{id}.gif");
    let with = async |header: (&str, &str)| pbx.http("GET", &path, &[header], b"").await;
    assert_eq!(pbx.get(&path).await.status, 401);
    // Everybody who is signed in, by our cookie or by that of older clients.
    for header in [
        ("Cookie", format!("token={}", admin.person.token)),
        ("Cookie", admin.person.cookie()),
        ("Authorization", person.person.bearer()),
    ] {
        let reply = with((header.0, &header.1)).await;
        assert_eq!((reply.status, &reply.body), (200, &long));
        assert_eq!(reply.header("content-type"), Some("image/gif"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
        let etag = reply.header("etag").unwrap().to_owned();
        let again = pbx.http("GET", &path, &[(header.0, &header.1), ("If-None-Match", &etag)], b"").await;
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
    // The older cookie is good for looking only.
    let older = format!("token={}", admin.person.token);
    let reply = pbx.http("DELETE", &format!("/api/v2/web-users/{id}"), &[("Cookie", &older)], b"").await;
    assert_eq!(reply.status, 401);
    for missing in [
        format!("{id}.png"),
        "4711.gif".to_owned(),
        id.to_string(),
        "x.gif".to_owned(),
        "..%2F1.gif".to_owned(),
    ] {
        let reply = pbx.get_as(&person.person, &format!("/cweb/assets/img/avatar/{missing}")).await;
        assert_eq!((reply.status, reply.is_problem()), (404, true), "{missing}");
    }
    let by_rest = admin.rest("GET", &format!("/web-users/{id}/avatar"), &Value::Null).await;
    assert_eq!((by_rest.status, by_rest.body), (200, long.clone()));
    assert_eq!(person.rest("DELETE", &format!("/web-users/{id}/avatar"), &Value::Null).await.status, 204);
    assert_eq!(with(("Cookie", &person.person.cookie())).await.status, 404);
    let put = person.rest_raw("PUT", &format!("/web-users/{id}/avatar"), "image/gif", &long).await;
    assert_eq!(put.status, 204);
    long.push(0);
    let put = person.rest_raw("PUT", &format!("/web-users/{id}/avatar"), "image/gif", &long).await;
    assert_eq!((put.status, put.is_problem()), (422, true), "{}", put.text());
    let put = person.rest_raw("PUT", &format!("/web-users/{id}/avatar"), "image/svg+xml", b"<svg/>").await;
    assert_eq!((put.status, put.is_problem()), (422, true));
    pbx.stop().await;
}

async fn by_rest(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(USERS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let new = json!({"login": "alice", "password": "secret1", "role": "manager"});
    let made = admin.rest("POST", "/web-users", &new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let alice = made.json();
    let path = format!("/web-users/{}", alice["id"]);
    assert_eq!(made.header("location"), Some(&*format!("/api/v2{path}")));
    assert!(!made.text().contains("secret1") && !made.text().contains("argon2"), "{}", made.text());
    assert_eq!(
        (&alice["role"], &alice["enabled"], &alice["locale"]),
        (&json!("manager"), &json!(true), &json!("en"))
    );
    assert_eq!(admin.get(&path).await, alice);
    assert_eq!(admin.get("/web-users").await["items"].as_array().unwrap().len(), 2);
    let user = directory_user(&pbx, "1000").await;
    let changes =
        json!({"login": "alice2", "role": "user", "sip_id": user, "locale": "de", "ws": "wss://pbx:7443"});
    let changed = admin.rest("PATCH", &path, &changes).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    for (name, value) in changes.as_object().unwrap() {
        assert_eq!(changed.json()[name], *value);
    }
    assert_eq!(admin.rest("PATCH", &path, &json!({"sip_id": null})).await.json()["sip_id"], Value::Null);
    assert_eq!(admin.rest("PATCH", &path, &json!({})).await.json()["login"], "alice2");

    for (body, status) in [
        (json!({"login": admin.person.login}), 409),
        (json!({"login": ""}), 422),
        (json!({"role": "emperor"}), 422),
        (json!({"locale": "xx"}), 422),
        (json!({"webrtc_lib": "nonsense"}), 422),
        (json!({"stun": "x"}), 422),
        (json!({"sip_id": 1}), 422),
        (json!({"sip_id": "1"}), 422),
        (json!({"password": "secret2"}), 422),
        (json!([]), 422),
        (json!(null), 400),
    ] {
        admin.rest_refused("PATCH", &path, &body, status).await;
    }
    for (body, status) in [
        (json!({"login": "ALICE2", "password": "secret1", "role": "user"}), 409),
        (json!({"login": "bob", "password": "five5", "role": "user"}), 422),
        (json!({"login": "bob", "password": "secret1"}), 422),
        (json!({"login": "bob", "password": "secret1", "role": "user", "id": 1}), 422),
    ] {
        admin.rest_refused("POST", "/web-users", &body, status).await;
    }
    for path in ["/web-users/4711", "/web-users/x", "/web-users/-1", "/web-users/9223372036854775808"] {
        admin.rest_refused("GET", path, &Value::Null, 404).await;
        admin.rest_refused("PATCH", path, &json!({"locale": "de"}), 404).await;
        admin.rest_refused("DELETE", path, &Value::Null, 404).await;
    }
    admin.rest_refused("PUT", &format!("{path}/password"), &json!({"password": "five5"}), 422).await;
    assert_eq!(
        admin.rest("PUT", &format!("{path}/password"), &json!({"password": "secret2"})).await.status,
        204
    );
    assert_eq!(pbx.sign_in("alice2", "secret2").await.status, 200);

    // Whoever is no admin has to do with themselves only, and not with what they may.
    let person = Client::new(&pbx, Role::User).await;
    let own = format!("/web-users/{}", person.id().await);
    assert_eq!(person.get(&own).await["login"], person.person.login);
    assert_eq!(person.rest("PATCH", &own, &json!({"locale": "fr", "webrtc_lib": "verto"})).await.status, 200);
    for body in
        [json!({"role": "admin"}), json!({"enabled": true}), json!({"login": "x"}), json!({"sip_id": user})]
    {
        person.rest_refused("PATCH", &own, &body, 403).await;
    }
    assert_eq!(person.get(&own).await["role"], "user");
    for (method, body) in [("GET", Value::Null), ("PATCH", json!({"locale": "fr"})), ("DELETE", Value::Null)]
    {
        person.rest_refused(method, &path, &body, 403).await;
    }
    person.rest_refused("PUT", &format!("{path}/password"), &json!({"password": "secret3"}), 403).await;
    person.rest_refused("GET", "/web-users", &Value::Null, 403).await;

    assert_eq!(admin.rest("DELETE", &path, &Value::Null).await.status, 204);
    admin.rest_refused("DELETE", &path, &Value::Null, 404).await;
    pbx.stop().await;
}

/// Who did what with whom, when, and no secret.
async fn everything_is_written_down(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let person = Client::new(&pbx, Role::User).await;
    let (login, id) = (person.person.login.clone(), person.id().await);
    for (event, data) in [
        ("[Settings][Users][Update] Password", json!({"password": "not to be seen"})),
        ("[Settings][Users][Update] Locale", json!({"value": "de"})),
        ("[Settings][Users][Update] Locale", json!({"value": "de"})),
        ("UpdateWebUserGroup", json!({"group_id": 2})),
        ("[Settings][Users][Update] Avatar", json!({"file": format!("data:image/png;base64,{PNG}")})),
        ("[Settings][Users][Switch] Web user", json!({"enabled": false})),
        ("[Settings][Users] Delete", json!({})),
    ] {
        let mut data = data;
        data["id"] = id.into();
        admin.ask(event, data).await;
    }
    // The command line too.
    pbx.change_web_user(&admin.person.login, Wanted { locale: Some("ru".to_owned()), ..Wanted::default() })
        .await;
    let audit = admin.get("/audit?limit=100").await;
    let lines: Vec<(String, String, String)> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            assert!(text("at").parse::<jiff::Timestamp>().is_ok());
            (text("actor"), format!("{} {}", text("action"), text("target")), text("detail"))
        })
        .collect();
    let by = |actor: &str, act: String, detail: &str| (actor.to_owned(), act, detail.to_owned());
    let me = &*admin.person.login;
    let expected = [
        by("custompbx", format!("web_user.add {me}"), "admin"),
        by("custompbx", format!("web_user.add {login}"), "user"),
        by(me, format!("web_user.password {login}"), ""),
        by(me, format!("web_user.locale {login}"), "de"),
        by(me, format!("web_user.role {login}"), "user -> manager"),
        by(me, format!("web_user.avatar {login}"), "png, 68 bytes"),
        by(me, format!("web_user.disable {login}"), ""),
        by(me, format!("web_user.delete {login}"), "manager"),
        by("somebody (command line)", format!("web_user.locale {me}"), "ru"),
    ];
    assert_eq!(lines, expected);
    assert!(!audit.to_string().contains("not to be seen"));
    // Page by page.
    let mut cursor = String::new();
    let mut seen = 0;
    loop {
        let page = admin.get(&format!("/audit?limit=4{cursor}")).await;
        seen += page["items"].as_array().unwrap().len();
        assert_eq!(page["total"], expected.len());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, expected.len());
    for bad in ["cursor=x", "limit=-1", "colour=1"] {
        admin.rest_refused("GET", &format!("/audit?{bad}"), &Value::Null, 400).await;
    }
    let manager = Client::new(&pbx, Role::Manager).await;
    manager.rest_refused("GET", "/audit", &Value::Null, 403).await;
    pbx.stop().await;
}

/// Where telephones can connect is offered as it is configured.
#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_offered() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    pbx.import_xml(
        "<document type=\"freeswitch/xml\"><section name=\"configuration\">\
         <configuration name=\"sofia.conf\"><profiles><profile name=\"internal\"><settings>\
         <param name=\"sip-ip\" value=\"10.0.0.5\"/><param name=\"wss-binding\" value=\":7443\"/>\
         </settings></profile></profiles></configuration>\
         <configuration name=\"verto.conf\"><profiles><profile name=\"default\">\
         <param name=\"bind-local\" value=\"10.0.0.5:8082\" secure=\"true\"/></profile></profiles></configuration>\
         </section></document>",
    )
    .await;
    for way in WAYS {
        let admin = Client::by(&pbx, Role::Admin, way).await;
        let all = admin.ask("[Settings][Users] Get", json!({})).await;
        assert_eq!(all["options"], json!(["wss://10.0.0.5:7443"]));
        assert_eq!(all["alt_options"], json!(["wss://10.0.0.5:8082"]));
        let groups = json!({
            "0": {"id": 0, "name": "Blocked"}, "1": {"id": 1, "name": "Admin"},
            "2": {"id": 2, "name": "Manager"}, "3": {"id": 3, "name": "User"},
        });
        assert_eq!(all["web_users_groups"], groups);
    }
    pbx.stop().await;
}

/// A push of the dashboard ends for whoever is no admin any more, and a blocked one is told.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_socket_hears_of_it() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let person = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    let asked = socket.ask_as(&person.person, "[Dashboard]", json!({"keep_subscription": true})).await;
    assert_eq!(asked["MessageType"], "[Dashboard]");
    let push = socket.next().await;
    assert_eq!(push["MessageType"], "[Dashboard]");
    admin.ask("UpdateWebUserGroup", json!({"id": person.id().await, "group_id": 0})).await;
    loop {
        let next = socket.next().await;
        if next["MessageType"] == "connection" {
            assert_eq!(next["no_token"], true);
            break;
        }
    }
    assert!(socket.is_silent_for(Duration::from_secs(3)).await);
    pbx.stop().await;
}
