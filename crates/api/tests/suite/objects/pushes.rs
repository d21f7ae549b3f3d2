//! Those who subscribed hear what others changed.

use std::time::Duration;

use custompbx_model::Edit;
use custompbx_model::NodeId;
use custompbx_testkit::server::{Engine, Socket, find};
use serde_json::{Value, json};

use super::{DOMAIN, House};
use crate::engines::on_both_engines;

on_both_engines!(
    a_list_is_pushed_with_what_changed,
    details_are_pushed_for_each_object,
    whoever_changes_it_and_wherever,
    very_much_is_read_again,
    configurations_are_pushed_by_their_keys,
);

const TREE: &str = "<section name='directory'><domain name='d'>
    <groups><group name='g'><users><user id='1' type='pointer'/></users></group></groups>
    <users><user id='1'><params><param name='p' value='1'/></params></user><user id='2'/></users></domain></section>
  <section name='dialplan'><context name='c'><extension name='a'/><extension name='b'/><extension name='c'/></context></section>";

async fn subscribed(house: &House, names: &[&str]) -> Socket {
    let mut socket = house.pbx.socket().await;
    let answer = socket.ask_as(&house.admin, "SubscriptionList", json!({ "values": names })).await;
    assert_eq!(answer["MessageType"], "OK", "{answer}");
    socket
}

/// The next push without its revision, which only grows.
async fn pushed(socket: &mut Socket, last: &mut i64) -> Value {
    let mut push = socket.next().await;
    let revision = push.as_object_mut().unwrap().remove("revision").unwrap().as_i64().unwrap();
    assert!(revision >= *last, "{push}");
    *last = revision;
    push
}

async fn a_list_is_pushed_with_what_changed(engine: Engine) {
    let house = House::with(engine, TREE).await;
    let names = ["[Users] Get_users", "GetDirectoryGroups", "[Domains][Get] Domains"];
    let mut socket = subscribed(&house, &names).await;
    let mut last = 0;
    let (domain, user) = (house.id(DOMAIN).await, house.id(&format!("{DOMAIN} users user/2")).await);

    house.done("UpdateDirectoryUserCidr", json!({ "id": user, "value": "10.0.0.0/8" })).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!((&push["MessageType"], &push["removed"]), (&json!("[Users] Get_users"), &json!([])));
    let users = push["directory_users"][domain.to_string()].as_object().unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[&user.to_string()]["cidr"], "10.0.0.0/8");
    assert!(push.get("domains").is_none(), "{push}");

    house.done("AddDirectoryUserParameter", json!({ "id": user, "name": "x" })).await;
    house.done("AddNewDirectoryGroup", json!({ "id": domain, "name": "h" })).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!(push["MessageType"], "GetDirectoryGroups", "a parameter is in no list: {push}");
    let groups = push["data"]["list"].as_object().unwrap();
    assert_eq!(groups.values().map(|group| &group["name"]).collect::<Vec<_>>(), [&json!("h")]);

    house.done("DeleteDirectoryUser", json!({ "id": user })).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!(push, json!({ "MessageType": "[Users] Get_users", "removed": [user] }));

    house.done("RenameDirectoryDomain", json!({ "id": domain, "name": "e" })).await;
    let mut types = Vec::new();
    for _ in 0..3 {
        let push = pushed(&mut socket, &mut last).await;
        types.push(push["MessageType"].as_str().unwrap().to_owned());
        let domains = push.get("domains").or(push["data"].get("domains")).unwrap();
        assert_eq!(domains[domain.to_string()]["name"], "e");
    }
    types.sort();
    assert_eq!(types, ["GetDirectoryGroups", "[Domains][Get] Domains", "[Users] Get_users"]);
    house.pbx.stop().await;
}

async fn details_are_pushed_for_each_object(engine: Engine) {
    let house = House::with(engine, TREE).await;
    let names = ["[Users] Get_user_details", "[Groups] Get_group_users", "[Dialplan][Get] Extensions"];
    let mut socket = subscribed(&house, &names).await;
    let mut last = 0;
    let tree = house.pbx.tree().await;
    let user = find(&tree, &format!("{DOMAIN} users user/1"));
    let group = find(&tree, &format!("{DOMAIN} groups group/g"));
    let pointer = &group.children[0].children[0];
    let param = &user.children[0].children[0];

    house.done("SwitchDirectoryUserParameter", json!({ "id": param.id.0, "enabled": false })).await;
    let push = pushed(&mut socket, &mut last).await;
    let details = &push["user_details"][user.id.0.to_string()];
    assert_eq!(details["parameters"][param.id.0.to_string()]["enabled"], false, "{push}");

    // A new name, and whoever names it.
    house.done("UpdateDirectoryUserName", json!({ "id": user.id.0, "name": "9" })).await;
    let mut pushes = [pushed(&mut socket, &mut last).await, pushed(&mut socket, &mut last).await];
    pushes.sort_by_key(|push| push["MessageType"].to_string());
    assert_eq!(
        pushes[0]["group_users"][group.id.0.to_string()][pointer.id.0.to_string()]["name"],
        "9",
        "{pushes:?}"
    );
    assert_eq!(pushes[1]["MessageType"], "[Users] Get_user_details");

    // All whose place changed.
    let context = find(&tree, "section/dialplan context/c");
    let ids: Vec<i64> = context.children.iter().map(|extension| extension.id.0).collect();
    house
        .done("[Dialplan][Move] Extension", json!({ "id": ids[2], "previous_index": 3, "current_index": 2 }))
        .await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!(push["id"], context.id.0);
    let shown = |push: &Value| -> Vec<(i64, i64)> {
        let list = push["dialplan_extensions"].as_array().unwrap();
        list.iter().map(|one| (one["id"].as_i64().unwrap(), one["position"].as_i64().unwrap())).collect()
    };
    assert_eq!(shown(&push), [(ids[2], 2), (ids[1], 3)]);
    house.done("[Dialplan][Delete] Extension", json!({ "id": ids[0] })).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!((shown(&push), &push["removed"]), (vec![(ids[2], 1), (ids[1], 2)], &json!([ids[0]])));
    // With the whole context go its extensions; nobody is left to be shown.
    house.done("[Dialplan][Delete] Context", json!({ "id": context.id.0 })).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!(push, json!({ "MessageType": "[Dialplan][Get] Extensions", "removed": [ids[1], ids[2]] }));
    house.pbx.stop().await;
}

async fn whoever_changes_it_and_wherever(engine: Engine) {
    let house = House::with(engine, TREE).await;
    let mut socket = subscribed(&house, &["GetDirectoryUsers"]).await;
    let mut last = 0;
    let domain = house.id(DOMAIN).await;
    let name = |push: &Value| {
        let users = push["data"]["directory_users"].as_object().unwrap();
        users.values().next().unwrap()["name"].as_str().unwrap().to_owned()
    };
    // The tree itself, as REST and the interface change it.
    house.pbx.set(&format!("{DOMAIN} users user/1"), "cidr", "10.0.0.0/8").await;
    assert_eq!(name(&pushed(&mut socket, &mut last).await), "1");
    // An import.
    house
        .pbx
        .import_xml("<document><section name='directory'><domain name='d'><users><user id='7'/></users></domain></section></document>")
        .await;
    assert_eq!(name(&pushed(&mut socket, &mut last).await), "7");
    // Another node on the same database.
    let other = house.pbx.beside().await;
    let user = NodeId(house.id(&format!("{DOMAIN} users user/2")).await);
    other.change(vec![Edit::Enable { id: user, enabled: false }]).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!(push["data"]["directory_users"][user.0.to_string()]["enabled"], false);
    other.stop().await;
    // Another instance is none of theirs.
    let store = house.pbx.pbx.store().unwrap();
    let author = custompbx_store::Author { actor: "x".into(), origin: "x".into(), at_ms: 1 };
    store.create_instance("other", "", &author).await.unwrap();
    house.done("AddDirectoryUser", json!({ "id": domain, "name": "8" })).await;
    assert_eq!(name(&pushed(&mut socket, &mut last).await), "8");
    assert!(socket.is_silent_for(Duration::from_millis(300)).await);
    house.pbx.stop().await;
}

async fn very_much_is_read_again(engine: Engine) {
    let house = House::with(engine, TREE).await;
    let mut socket = subscribed(&house, &["GetDirectoryUsers", "GetGlobalVariables"]).await;
    let users: String = (0..2_000).map(|at| format!("<user id='u{at}'/>")).collect();
    let domain = house.id(DOMAIN).await;
    house.done("ImportXMLDomainUser", json!({ "id": domain, "file": users })).await;
    let push = socket.next().await;
    assert_eq!(push, json!({ "MessageType": "GetDirectoryUsers", "resync": true }));
    house.pbx.stop().await;
}

async fn configurations_are_pushed_by_their_keys(engine: Engine) {
    let house = House::with(engine, TREE).await;
    let mut socket = subscribed(&house, &["[Config][Get] Modules", "[Dialplan][Get] Contexts"]).await;
    let mut last = 0;
    house.done("[Config][From scratch] Module", json!({ "name": "redis" })).await;
    let push = pushed(&mut socket, &mut last).await;
    let module = push["module"].as_object().unwrap();
    assert_eq!((module.len(), &module["redis"]["name"]), (51, &json!("redis.conf")));
    assert!(module.iter().all(|(key, value)| key == "redis" || value.is_null()));
    let id = module["redis"]["id"].clone();
    house.done("TruncateModuleConfig", json!({ "id": id })).await;
    let push = pushed(&mut socket, &mut last).await;
    assert_eq!(push, json!({ "MessageType": "[Config][Get] Modules", "removed": [id] }));
    house.done("[Dialplan][Add] Context", json!({ "name": "new" })).await;
    let push = pushed(&mut socket, &mut last).await;
    let contexts = push["dialplan_contexts"].as_object().unwrap();
    assert_eq!(contexts.values().map(|context| &context["name"]).collect::<Vec<_>>(), [&json!("new")]);
    house.pbx.stop().await;
}
