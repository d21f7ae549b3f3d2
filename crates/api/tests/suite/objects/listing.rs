//! Lists with very many users.

use std::collections::BTreeSet;

use custompbx_testkit::server::{Engine, find};
use serde_json::{Value, json};

use super::{DOMAIN, House};
use crate::engines::on_both_engines;

on_both_engines!(users_of_several_pages, lists_of_nothing);

async fn users_of_several_pages(engine: Engine) {
    let users = |from: usize, count: usize| -> String {
        let gateway = "<gateways><gateway name='g'/></gateways>";
        (from..from + count)
            .map(|at| format!("<user id='{at}' type='x'>{}</user>", if at % 100 == 0 { gateway } else { "" }))
            .collect()
    };
    let house = House::with(
        engine,
        &format!(
            "<section name='directory'><domain name='d'><users>{}</users></domain><domain name='empty'/>
             <domain name='e'><groups><group name='g'><users>{}</users></group></groups><user id='direct'/></domain></section>",
            users(10_000, 1_250),
            users(20_000, 500)
        ),
    )
    .await;
    let ids = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let flat = house.done("GetDirectoryUsers", json!({})).await;
    assert_eq!(flat["MessageType"], "GetDirectoryUsers");
    assert_eq!(ids(&flat["data"]["domains"]).len(), 3);
    let all = ids(&flat["data"]["directory_users"]);
    assert_eq!(all.len(), 1_751);
    let nested = house.done("[Users] Get_users", json!({})).await;
    let domains = nested["directory_users"].as_object().unwrap();
    assert_eq!(
        domains.values().map(|users| users.as_object().unwrap().len()).collect::<Vec<_>>(),
        [1_250, 501]
    );
    assert_eq!(domains.values().flat_map(ids).collect::<BTreeSet<_>>(), all);

    let gateways = house.done("GetDirectoryUserGateways", json!({})).await;
    assert_eq!(ids(&gateways["data"]["user_gateways"]).len(), 18);
    assert_eq!(ids(&gateways["data"]["directory_users"]), all);
    let gateways = house.done("[Gateways] Get_users_gateways", json!({})).await;
    let domain = house.id(DOMAIN).await;
    assert_eq!(ids(&gateways["user_gateways"][domain.to_string()]).len(), 13);

    let group = house.id("section/directory domain/e groups group/g").await;
    let members = house.done("GetDirectoryGroupUsers", json!({ "id": group })).await;
    assert_eq!(members["data"]["group_users"], json!({}));
    assert_eq!(ids(&members["data"]["users"]).len(), 501);
    house.pbx.stop().await;
}

async fn lists_of_nothing(engine: Engine) {
    let house = House::with(engine, "").await;
    for (name, answer) in [
        ("GetDirectoryDomains", json!({ "data": {} })),
        ("[Domains][Get] Domains", json!({ "domains": {} })),
        ("GetDirectoryUsers", json!({ "data": { "domains": {}, "directory_users": {} } })),
        ("[Users] Get_users", json!({ "domains": {}, "directory_users": {} })),
        ("[Groups] Get_groups", json!({ "domains": {}, "list": {} })),
        ("GetGlobalVariables", json!({ "global_variables": {} })),
        ("[Dialplan][Get] Contexts", json!({ "dialplan_contexts": {}, "exists": false })),
    ] {
        let mut expected = answer;
        expected["MessageType"] = name.into();
        assert_eq!(house.done(name, json!({})).await, expected);
    }
    let modules = house.done("[Config][Get] Modules", json!({})).await;
    let modules = modules["modules"].as_object().unwrap();
    assert!(modules.len() == 51 && modules.values().all(Value::is_null));
    // What is not there is made with the first object that needs it.
    let made = house.done("AddDirectoryDomain", json!({ "name": "d" })).await;
    let domain = made["data"]["id"].as_i64().unwrap();
    let user = house.done("AddDirectoryUser", json!({ "id": domain, "name": "1" })).await;
    let user = user["data"].as_object().unwrap().values().next().unwrap()["id"].as_i64().unwrap();
    let gateway = house.done("AddDirectoryUserGateway", json!({ "id": user, "name": "g" })).await;
    let gateway = gateway["data"]["id"].as_i64().unwrap();
    let variable = json!({ "name": "v", "value": "1", "enabled": false });
    house.done("[Gateways] Add_user_gateway_var", json!({ "id": gateway, "variable": variable })).await;
    let group = house.done("AddNewDirectoryGroup", json!({ "id": domain, "name": "g" })).await;
    house.done("AddDirectoryGroupUser", json!({ "id": group["data"]["id"], "id_int": user })).await;
    let context = house.done("[Dialplan][Add] Context", json!({ "name": "c" })).await;
    let context: i64 =
        context["dialplan_contexts"].as_object().unwrap().keys().next().unwrap().parse().unwrap();
    house.done("[Dialplan][Add] Extension", json!({ "id": context, "name": "e" })).await;
    house.done("AddGlobalVariable", json!({ "variable": { "name": "v" } })).await;
    house.done("[Config][From scratch] Module", json!({ "name": "conference" })).await;
    // The gateway's variable came disabled, so that FreeSWITCH does not see it.
    let disabled = "section/directory domain/d users user/1 gateways gateway/g variables variable/v";
    assert!(!find(&house.pbx.tree().await, disabled).enabled);
    assert_eq!(
        super::xml(&house.pbx.tree().await),
        "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\">\
         <users><user id=\"1\"><gateways><gateway name=\"g\"><variables/></gateway></gateways></user></users>\
         <groups><group name=\"g\"><users><user id=\"1\" type=\"pointer\"/></users></group></groups></domain></section>\
         <section name=\"dialplan\"><context name=\"c\"><extension name=\"e\"/></context></section>\
         <variables><variable name=\"v\" value=\"\" cmd=\"set\"/></variables>\
         <section name=\"configuration\"><configuration name=\"conference.conf\"/><configuration name=\"conference_layouts.conf\"/></section></document>"
    );
    house.pbx.stop().await;
}
