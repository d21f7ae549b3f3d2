//! Names: what is taken, what is not, and how a series is counted.

use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{DOMAIN, House};
use crate::engines::on_both_engines;

on_both_engines!(
    names_of_every_letter_come_back,
    a_series_of_users,
    a_new_user_has_no_cacheable,
    variables_that_the_switch_sets,
);

const EMPTY: &str = "<section name='directory'><domain name='d'/></section>";

async fn names_of_every_letter_come_back(engine: Engine) {
    let house = House::with(engine, EMPTY).await;
    let domain = house.id(DOMAIN).await;
    let names = [
        "a/b",
        "..",
        "../../x",
        "%2F",
        "%00",
        "<&\"'>",
        "]]>",
        "ü 😀",
        "${system(id)}",
        "$${domain}",
        "\\\"",
        "'; DROP TABLE node; --",
        "<X-PRE-PROCESS cmd=\"exec\" data=\"id\"/>",
        "-1",
        "0",
        "null",
    ];
    for name in names {
        let made =
            house.done("AddDirectoryUser", json!({ "id": domain, "name": format!("  {name}\n") })).await;
        let (id, user) = made["data"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(user["name"], name);
        let id: i64 = id.parse().unwrap();
        let value = format!("{name} value");
        house.done("AddDirectoryUserParameter", json!({ "id": id, "name": name, "value": value })).await;
        let details = house.done("GetDirectoryUserDetails", json!({ "id": id })).await;
        assert_eq!(details["data"]["user"]["name"], name);
        let param = details["data"]["parameters"].as_object().unwrap().values().next().unwrap();
        assert_eq!((&param["name"], &param["value"]), (&json!(name), &json!(value)));
        // FreeSWITCH finds the user, and nothing in the name is markup.
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let form = format!(
            "section=directory&tag_name=domain&key_name=name&key_value=d&action=user_call&user={encoded}&domain=d"
        );
        let reply = house.pbx.ask(&form).await;
        assert!(!reply.text().contains("<X-PRE-PROCESS"), "{}", reply.text());
        assert!(reply.text().contains("<user id="), "{name}: {}", reply.text());
    }
    let listed = house.done("GetDirectoryUsers", json!({})).await;
    let listed = listed["data"]["directory_users"].as_object().unwrap();
    let mut shown: Vec<&str> = listed.values().map(|user| user["name"].as_str().unwrap()).collect();
    shown.sort_unstable();
    let mut expected = names.to_vec();
    expected.sort_unstable();
    assert_eq!(shown, expected);
    house.pbx.stop().await;
}

async fn a_series_of_users(engine: Engine) {
    let house = House::with(engine, EMPTY).await;
    let domain = house.id(DOMAIN).await;
    let names = |answer: &Value| -> Vec<String> {
        let users = answer["data"].as_object().unwrap().values();
        users.map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    let one = house.done("AddDirectoryUser", json!({ "id": domain, "name": "x008y" })).await;
    assert_eq!((names(&one), one.get("total")), (vec!["x008y".to_owned()], None));
    let series = house.done("AddDirectoryUser", json!({ "id": domain, "name": "X007y", "bulk": 4 })).await;
    assert_eq!(names(&series), ["X007y", "X009y", "X010y"]);
    assert_eq!((&series["total"], &series["skipped"]), (&json!(3), &json!(["X008y"])));
    let most = house.done("[Users] Add_new_user", json!({ "id": domain, "name": "999", "bulk": 100 })).await;
    assert_eq!(most["total"], 100);
    assert_eq!(most["directory_users"][domain.to_string()].as_object().unwrap().len(), 100);
    for (bulk, code) in [(0, None), (1, None), (2, None), (101, Some("too_many"))] {
        let name = format!("b{bulk}");
        let answer =
            house.send("AddDirectoryUser", json!({ "id": domain, "name": name, "bulk": bulk })).await;
        assert_eq!(answer["error_code"].as_str(), code, "{bulk}: {answer}");
    }
    let again = house.send("AddDirectoryUser", json!({ "id": domain, "name": "999", "bulk": 2 })).await;
    assert_eq!((&again["error"], &again["error_code"]), (&json!("user not added"), &json!("exists")));
    house.pbx.stop().await;
}

async fn a_new_user_has_no_cacheable(engine: Engine) {
    let house = House::with(engine, EMPTY).await;
    let domain = house.id(DOMAIN).await;
    let made = house.done("AddDirectoryUser", json!({ "id": domain, "name": "1" })).await;
    let user = made["data"].as_object().unwrap().values().next().unwrap();
    assert_eq!(user["cache"], 0);
    assert_eq!(house.xml(&format!("{DOMAIN} users")).await, "<users><user id=\"1\"/></users>");
    house.done("UpdateDirectoryUserCache", json!({ "id": user["id"], "value": "60000" })).await;
    assert_eq!(
        house.xml(&format!("{DOMAIN} users")).await,
        "<users><user id=\"1\" cacheable=\"60000\"/></users>"
    );
    // A number alias finds the user, too.
    house.done("UpdateDirectoryUserNumberAlias", json!({ "id": user["id"], "value": "777" })).await;
    house
        .done("AddDirectoryUserParameter", json!({ "id": user["id"], "name": "password", "value": "secret" }))
        .await;
    let form =
        "section=directory&tag_name=domain&key_name=name&key_value=d&action=sip_auth&user=777&domain=d";
    assert!(house.pbx.ask(form).await.text().contains("<user id=\"1\""));
    house.pbx.stop().await;
}

async fn variables_that_the_switch_sets(engine: Engine) {
    let house =
        House::with(engine, "<variables><variable name='Hostname' value='x' cmd='set'/></variables>").await;
    let listed = house.done("GetGlobalVariables", json!({})).await;
    let hostname = listed["global_variables"].as_object().unwrap().values().next().unwrap();
    assert_eq!(hostname["dynamic"], true);
    let variable = json!({ "id": hostname["id"], "name": "other", "value": "y", "type": "set" });
    for (name, data) in [
        ("UpdateGlobalVariable", json!({ "variable": variable })),
        ("SwitchGlobalVariable", json!({ "variable": { "id": hostname["id"], "enabled": false } })),
        ("DelGlobalVariable", json!({ "variable": { "id": hostname["id"] } })),
        ("AddGlobalVariable", json!({ "variable": { "name": "local_ip_v4" } })),
    ] {
        let answer = house.send(name, data).await;
        assert_eq!(
            (&answer["error"], &answer["error_code"]),
            (&json!("Dynamic variable name"), &json!("fixed")),
            "{name}"
        );
    }
    // A value is what stands there, with all its equal signs; the type is one of four.
    let made =
        house.done("AddGlobalVariable", json!({ "variable": { "name": "a", "value": "b=c=d" } })).await;
    let made = made["global_variables"].as_object().unwrap().values().next().unwrap();
    assert_eq!(
        (&made["value"], &made["type"], &made["position"]),
        (&json!("b=c=d"), &json!("set"), &json!(2))
    );
    let stun = json!({ "id": made["id"], "name": "a", "value": "stun:x", "type": "stun-set" });
    house.done("UpdateGlobalVariable", json!({ "variable": stun })).await;
    assert!(
        house.xml("variables").await.contains("<variable name=\"a\" value=\"stun:x\" cmd=\"stun-set\"/>")
    );
    house.pbx.stop().await;
}
