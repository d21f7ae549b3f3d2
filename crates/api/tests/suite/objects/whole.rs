//! Faults of the reference implementation that are none here, each by its number in the list of faults.

use custompbx_testkit::server::{Engine, find};
use serde_json::{Value, json};

use super::{DOMAIN, House};
use crate::engines::on_both_engines;

on_both_engines!(
    fault_3_a_switch_without_enabled_is_answered,
    fault_10_the_static_dialplan_can_be_set,
    fault_11_a_group_is_called,
    fault_13_a_parameter_is_changed_where_it_is,
    fault_16_19_27_unknown_and_twice_are_said,
    fault_17_empty_names_are_refused,
    fault_18_places_have_no_gaps,
);

const ONE: &str = "<section name='directory'><domain name='d'><users><user id='1'><params><param name='p' value='1'/></params></user></users></domain></section>";

async fn fault_3_a_switch_without_enabled_is_answered(engine: Engine) {
    let house = House::with(engine, ONE).await;
    let tree = house.pbx.tree().await;
    for (name, way) in [
        ("SwitchDirectoryDomain", DOMAIN.to_owned()),
        ("[Domains][Switch] Domain", DOMAIN.to_owned()),
        ("SwitchDirectoryUser", format!("{DOMAIN} users user/1")),
        ("SwitchDirectoryUserParameter", format!("{DOMAIN} users user/1 params param/p")),
    ] {
        let answer = house.send(name, json!({ "id": find(&tree, &way).id.0 })).await;
        assert_eq!(
            (&answer["error"], &answer["error_code"]),
            (&json!("wrong data"), &json!("wrong_data")),
            "{name}"
        );
    }
    house.pbx.stop().await;
}

async fn fault_10_the_static_dialplan_can_be_set(engine: Engine) {
    let house = House::with(engine, "").await;
    let settings = |no_proceed: bool| json!({ "no_proceed": no_proceed, "enable_debug": false });
    assert_eq!(house.done("DialplanGetSettings", json!({})).await["dialplan_settings"], settings(true));
    for no_proceed in [false, true, false] {
        let answer = house.done("DialplanChangeNotProceed", json!({ "enabled": no_proceed })).await;
        assert_eq!(answer["dialplan_settings"], settings(no_proceed));
    }
    assert_eq!(house.done("[Dialplan][Switch] Debug", json!({ "enabled": true })).await["enabled"], true);
    assert_eq!(house.done("[Dialplan] Debug", json!({ "keep_subscription": false })).await["enabled"], true);
    // What is set outlasts the program; what is only listened to does not.
    let House { pbx, admin } = house;
    let house = House { pbx: pbx.restart().await, admin };
    assert_eq!(house.done("DialplanGetSettings", json!({})).await["dialplan_settings"], settings(false));
    house.pbx.stop().await;
}

async fn fault_11_a_group_is_called(engine: Engine) {
    let house = House::with(engine, ONE).await;
    let (domain, user) = (house.id(DOMAIN).await, house.id(&format!("{DOMAIN} users user/1")).await);
    let group = house.done("AddNewDirectoryGroup", json!({ "id": domain, "name": "sales" })).await;
    house.done("AddDirectoryGroupUser", json!({ "id": group["data"]["id"], "id_int": user })).await;
    let form =
        "section=directory&tag_name=domain&key_name=name&key_value=d&action=group_call&group=sales&domain=d";
    let reply = house.pbx.ask(form).await;
    assert!(reply.text().contains("<user id=\"1\" type=\"pointer\"/>"), "{}", reply.text());
    house.pbx.stop().await;
}

async fn fault_13_a_parameter_is_changed_where_it_is(engine: Engine) {
    let house = House::with(
        engine,
        &format!("<section name='configuration'><configuration name='directory.conf'><profiles><profile name='default'><param name='p' value='1'/></profile></profiles></configuration></section>{ONE}"),
    )
    .await;
    let before = house.xml("section/configuration").await;
    let param = house.id(&format!("{DOMAIN} users user/1 params param/p")).await;
    let answer =
        house.done("UpdateDirectoryUserParameter", json!({ "id": param, "name": "p", "value": "2" })).await;
    assert_eq!((&answer["data"]["id"], &answer["data"]["value"]), (&json!(param), &json!("2")));
    assert_eq!(house.xml("section/configuration").await, before);
    // A node of another kind is none, whatever its id.
    let other =
        house.id("section/configuration configuration/directory.conf profiles profile/default param/p").await;
    let answer =
        house.send("UpdateDirectoryUserParameter", json!({ "id": other, "name": "p", "value": "2" })).await;
    assert_eq!(answer["error"], "parameter not found");
    house.pbx.stop().await;
}

async fn fault_16_19_27_unknown_and_twice_are_said(engine: Engine) {
    let house = House::with(engine, ONE).await;
    let user = house.id(&format!("{DOMAIN} users user/1")).await;
    let twice = house.send("[Users] Add_user_param", json!({ "id": user, "name": "P", "value": "" })).await;
    assert_eq!((&twice["error"], &twice["error_code"]), (&json!("can't add"), &json!("exists")));
    assert_eq!(twice["detail"], "parameter P exists already");
    let unknown = house.send("[Config][From scratch] Module", json!({ "name": "nothing" })).await;
    assert_eq!(unknown["error"], "module name not found");
    let gone = house.send("TruncateModuleConfig", json!({ "id": 4_711 })).await;
    assert_eq!(gone["error"], "configuration not found");
    for answer in [twice, unknown, gone] {
        let text = answer.to_string();
        assert!(!text.contains("pq:") && !text.contains("sql") && !text.contains("constraint"), "{text}");
    }
    house.pbx.stop().await;
}

async fn fault_17_empty_names_are_refused(engine: Engine) {
    let house = House::with(engine, ONE).await;
    let tree = house.pbx.tree().await;
    let id = |way: &str| find(&tree, way).id.0;
    let (domain, user) = (id(DOMAIN), id(&format!("{DOMAIN} users user/1")));
    for (name, id, text) in [
        ("AddDirectoryDomain", 0, "empty domain name"),
        ("AddDirectoryUser", domain, "empty data"),
        ("UpdateDirectoryUserName", user, "empty data"),
        ("AddDirectoryUserParameter", user, "empty data"),
        ("AddNewDirectoryGroup", domain, "empty data"),
        ("[Dialplan][Add] Context", 0, "empty data"),
    ] {
        for empty in ["", "   ", "\t\n"] {
            let answer = house.send(name, json!({ "id": id, "name": empty })).await;
            assert_eq!(
                (&answer["error"], &answer["error_code"]),
                (&json!(text), &json!("empty_data")),
                "{name}"
            );
        }
    }
    assert!(house.pbx.tree().await.same_content(&tree));
    house.pbx.stop().await;
}

async fn fault_18_places_have_no_gaps(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='dialplan'><context name='c'><extension name='a'/><extension name='b'/><extension name='c'/></context></section>",
    )
    .await;
    let context = house.id("section/dialplan context/c").await;
    let b = house.id("section/dialplan context/c extension/b").await;
    let answer = house
        .send("[Dialplan][Move] Extension", json!({ "id": b, "previous_index": 2, "current_index": 100 }))
        .await;
    assert_eq!(
        (&answer["error"], &answer["detail"]),
        (&json!("wrong position"), &json!("there is no position 100; there are 3"))
    );
    house.done("[Dialplan][Delete] Extension", json!({ "id": b })).await;
    let left = house.done("[Dialplan][Get] Extensions", json!({ "id": context })).await;
    let places: Vec<&Value> = left["dialplan_extensions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|extension| &extension["position"])
        .collect();
    assert_eq!(places, [&json!(1), &json!(2)]);
    let made = house.done("[Dialplan][Add] Extension", json!({ "id": context, "name": "d" })).await;
    assert_eq!(made["dialplan_extensions"][2]["position"], 3);
    house.pbx.stop().await;
}
