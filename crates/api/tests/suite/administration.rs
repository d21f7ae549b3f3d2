//! The contract of what is about the server itself: every example, in its order, by both transports.

use std::collections::BTreeSet;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Setup, TestPbx, find};
use serde_json::{Value, json};

use crate::asking::{Client, WAYS, Way};
use crate::engines::on_both_engines;

on_both_engines!(
    examples_of_web_users,
    examples_of_templates,
    examples_of_settings,
    examples_of_instances,
    roles_and_messages,
);

pub(crate) const AREAS: [&str; 6] = [
    include_str!("../contract/web_users.json"),
    include_str!("../contract/web_settings.json"),
    include_str!("../contract/settings.json"),
    include_str!("../contract/dashboard.json"),
    include_str!("../contract/instances.json"),
    include_str!("../contract/directory_templates.json"),
];

fn lines(area: &str) -> Vec<Value> {
    serde_json::from_str(area).unwrap()
}

/// A number that stands for an object in the examples, and the object's here.
type Ids<'a> = &'a [(i64, i64)];

/// An example with the ids of here: in members that hold one, and as keys.
fn here(example: &Value, ids: Ids<'_>) -> Value {
    let id = |number: i64| ids.iter().find(|(theirs, _)| *theirs == number).map_or(number, |(_, ours)| *ours);
    match example {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let is_id = matches!(&**name, "id" | "param_id" | "Int64");
                let value = match value.as_i64().filter(|_| is_id) {
                    Some(number) => id(number).into(),
                    None => here(value, ids),
                };
                (name.parse().map_or_else(|_| name.clone(), |number| id(number).to_string()), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| here(item, ids)).collect(),
        other => other.clone(),
    }
}

/// Everything that is expected is there, whatever else is; objects that are given as maps of examples may have more.
fn expect(reply: &Value, expected: &Value, at: &str) {
    match (reply, expected) {
        (Value::Object(reply), Value::Object(members)) => {
            for (name, expected) in members {
                let reply = reply.get(name).unwrap_or_else(|| panic!("{at}: {name} is missing"));
                expect(reply, expected, &format!("{at} {name}"));
            }
        }
        (reply, expected) => assert_eq!(reply, expected, "{at}"),
    }
}

/// Sends the example of a line, and compares the answer.
async fn example(admin: &Client<'_>, line: &Value, ids: Ids<'_>, differently: &[(&str, Value)]) -> Value {
    let event = line["event"].as_str().unwrap();
    let request = here(&line["example_request"]["data"], ids);
    let mut expected = here(&line["example_response"], ids);
    for (pointer, value) in differently {
        if let Some(member) = expected.pointer_mut(pointer) {
            *member = value.clone();
        }
    }
    let reply = admin.ask(event, request).await;
    expect(&reply, &expected, event);
    reply
}

async fn examples_of_web_users(engine: Engine) {
    for way in WAYS {
        let pbx = TestPbx::on(engine).await;
        pbx.import_xml(
            "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"><user id=\"1\"/></domain></section>\
             <section name=\"configuration\"><configuration name=\"sofia.conf\"><profiles><profile name=\"internal\"><settings>\
             <param name=\"sip-ip\" value=\"10.0.0.5\"/><param name=\"wss-binding\" value=\":7443\"/></settings></profile></profiles>\
             </configuration><configuration name=\"verto.conf\"><profiles><profile name=\"default\">\
             <param name=\"bind-local\" value=\"10.0.0.5:8082\" secure=\"true\"/></profile></profiles></configuration></section></document>",
        )
        .await;
        let user = find(&pbx.tree().await, "section/directory domain/d user/1").id.0;
        let admin = Client::by(&pbx, Role::Admin, way).await;
        let own = admin.id().await;
        let mut alice = 0;
        for line in lines(AREAS[0]) {
            let event = line["event"].as_str().unwrap().to_owned();
            if event == "[Settings][Users] Add" {
                let request = line["example_request"]["data"].clone();
                alice = admin.ask(&event, request).await["web_users"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap();
                admin.ask("[Settings][Users] Delete", json!({ "id": alice })).await;
                alice += 1;
            }
            // The number of a language is no id.
            let user_id = if event.ends_with("Lang") { 1 } else { user };
            let ids = [(8, alice), (1, user_id)];
            if event == "GetWebUsersByDirectory" {
                admin.ask("[Settings][Users][Update] Sip user", json!({"id": own, "param_id": user})).await;
                let reply = admin.ask(&event, json!({})).await;
                let shown = json!({"id": own, "login": admin.person.login, "avatar_format": ""});
                assert_eq!(reply["additional_data"], json!({user.to_string(): shown}));
                continue;
            }
            // A new web user has a telephone here; there it is empty until it is chosen.
            let pointer = format!("/web_users/{alice}/webrtc_lib");
            example(&admin, &line, &ids, &[(&pointer, "sipjs".into())]).await;
        }
        pbx.stop().await;
    }
}

async fn examples_of_templates(engine: Engine) {
    for way in WAYS {
        let pbx = TestPbx::on(engine).await;
        pbx.import_xml(
            "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"><users/></domain></section></document>",
        )
        .await;
        let domain = find(&pbx.tree().await, "section/directory domain/d").id.0;
        let admin = Client::by(&pbx, Role::Admin, way).await;
        // Templates, parameters and variables are numbered by themselves, so that all of them can be 4 in the examples.
        let ids = [(4, 1), (1, domain)];
        for line in lines(AREAS[5]) {
            let event = line["event"].as_str().unwrap();
            let is_variable = event.contains("Variable");
            // Here a variable has another number than a parameter.
            let mut line = line.clone();
            if is_variable {
                let text =
                    line["example_request"].to_string().replace("\"data\":{\"id\":4,", "\"data\":{\"id\":2,");
                line["example_request"] = serde_json::from_str(&text).unwrap();
                if event.starts_with("Del") {
                    line["example_request"]["data"]["id"] = 2.into();
                    line["example_response"]["id"] = 2.into();
                }
                for pointer in ["/data/id", "/data/4/id"] {
                    if let Some(id) = line["example_response"].pointer_mut(pointer) {
                        *id = 2.into();
                    }
                }
                if let Some(Value::Object(shown)) = line["example_response"].get_mut("data")
                    && let Some(field) = shown.remove("4")
                {
                    shown.insert("2".to_owned(), field);
                }
                if event.starts_with("Switch") {
                    // The whole variable comes back, with its template.
                    line["example_response"]["data"].as_object_mut().unwrap().remove("parent");
                }
            }
            match event {
                // What is disabled is not asked for, and a template has its name.
                "GetWebDirectoryUsersTemplateForm" => {
                    let reply = admin.ask(event, json!({"id": 1})).await;
                    assert_eq!(
                        reply["data"],
                        json!({"id": 1, "name": "office phone", "variables": [], "parameters": []})
                    );
                }
                "CreateWebDirectoryUsersByTemplate" => {
                    let user = admin.ask(event, here(&line["example_request"]["data"], &ids)).await;
                    let mut expected = line["example_response"].clone();
                    expected["data"]["id"] = user["data"]["id"].clone();
                    expected["data"]["position"] = 1.into();
                    expected["data"]["parent"]["id"] = domain.into();
                    assert_eq!(user, expected);
                }
                _ => {
                    let ids: &[(i64, i64)] = if is_variable { &[(4, 1), (2, 2)] } else { &ids };
                    example(&admin, &line, ids, &[]).await;
                }
            }
        }
        pbx.stop().await;
    }
}

async fn examples_of_settings(engine: Engine) {
    for way in WAYS {
        let setup = Setup::on(engine).configured(|config| {
            config.freeswitch.switchname = "fs1".into();
            config.freeswitch.hep_collector.host = "127.0.0.1".into();
            config.freeswitch.hep_collector.port = 9060;
        });
        let pbx = setup.start().await;
        let admin = Client::by(&pbx, Role::Admin, way).await;
        let settings = lines(AREAS[2]);
        // First what is saved, then what is read.
        for line in [&settings[1], &settings[0]] {
            let reply = example(&admin, line, &[], &[]).await;
            assert!(reply["needs_restart"].is_array() && reply["effective_now"].is_array());
        }
        for line in lines(AREAS[1]).iter().rev() {
            example(&admin, line, &[], &[]).await;
        }
        let dashboard = &lines(AREAS[3])[0];
        let reply = admin.ask("[Dashboard]", dashboard["example_request"]["data"].clone()).await;
        let members =
            |value: &Value| value["dashboard_data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&reply), members(&dashboard["example_response"]));
        pbx.stop().await;
    }
}

async fn examples_of_instances(engine: Engine) {
    for way in WAYS {
        let pbx = TestPbx::on(engine).await;
        let admin = Client::by(&pbx, Role::Admin, way).await;
        for mut line in lines(AREAS[4]).into_iter().rev() {
            let shown = line["example_response"]["fs_instances"]["1"].as_object_mut().unwrap();
            // Placeholders of the reference implementation, and its name.
            for placeholder in ["host", "port", "auth", "token"] {
                shown.remove(placeholder);
            }
            shown["name"] = "default".into();
            example(&admin, &line, &[], &[]).await;
        }
        pbx.stop().await;
    }
}

/// Who may send what, as it is documented, and with the corrections that are proposed there.
async fn roles_and_messages(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let mut people = Vec::new();
    for (role, group) in [(Role::User, "User"), (Role::Manager, "Manager")] {
        for way in [Way::Post, Way::Socket] {
            people.push((group, Client::by(&pbx, role, way).await));
        }
    }
    for line in AREAS.iter().flat_map(|area| lines(area)) {
        let event = line["event"].as_str().unwrap();
        let groups: BTreeSet<&str> =
            line["groups"].as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect();
        for (group, person) in &people {
            let reply = person.ask(event, json!({})).await;
            assert_eq!(
                reply["MessageType"] != "no_access",
                groups.contains(group),
                "{group} {event}: {reply}"
            );
        }
    }
    pbx.stop().await;
}

/// A message of these areas that nobody answers is a red test.
#[test]
fn every_message_of_the_contract_is_there() {
    for line in AREAS.iter().flat_map(|area| lines(area)) {
        let event = line["event"].as_str().unwrap();
        assert!(custompbx_api::messages::table::find(event).is_some(), "{event}");
    }
}
