//! Templates of users: kept by admins, used by managers too.

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx, find, try_find};
use serde_json::{Value, json};

use crate::asking::{Client, Way};
use crate::engines::on_both_engines;

on_both_engines!(
    what_cannot_be_is_refused,
    a_user_from_a_template,
    managers_have_their_own_domain,
    they_go_with_the_domain,
    by_rest,
    the_same_user_twice_at_once,
);

const DOMAINS: &str = "<document type=\"freeswitch/xml\"><section name=\"directory\">\
     <domain name=\"a\"><users><user id=\"1000\"/></users></domain><domain name=\"b\"><users><user id=\"2000\"/></users></domain>\
     </section></document>";

/// The node of a domain.
async fn domain(pbx: &TestPbx, name: &str) -> i64 {
    find(&pbx.tree().await, &format!("section/directory domain/{name}")).id.0
}

async fn template(admin: &Client<'_>, name: &str, domain: i64) -> i64 {
    let data = json!({"name": name, "domain": {"id": domain}, "cache": 1000, "enabled": true});
    let reply = admin.ask("AddWebDirectoryUsersTemplate", json!({ "data": data })).await;
    reply["data"]["id"].as_i64().unwrap_or_else(|| panic!("{reply}"))
}

async fn field(admin: &Client<'_>, kind: &str, template: i64, mut data: Value) -> i64 {
    data["parent"] = json!({ "id": template });
    let event = format!("AddWebDirectoryUsersTemplate{kind}");
    let reply = admin.ask(&event, json!({ "data": data })).await;
    reply["data"]["id"].as_i64().unwrap_or_else(|| panic!("{reply}"))
}

async fn what_cannot_be_is_refused(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOMAINS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let a = domain(&pbx, "a").await;
    let id = template(&admin, "phone", a).await;
    template(&admin, "taken", a).await;
    let before = admin.ask("GetWebDirectoryUsersTemplates", json!({})).await;
    let whole = |change: Value| {
        let mut data = json!({"id": id, "name": "x", "domain": {"id": a}});
        for (name, value) in change.as_object().unwrap() {
            data[name] = value.clone();
        }
        json!({ "data": data })
    };
    for event in ["AddWebDirectoryUsersTemplate", "UpdateWebDirectoryUsersTemplate"] {
        for data in
            [json!({}), json!({"data": null}), json!({"data": []}), json!({"data": "x"}), json!({"data": 1})]
        {
            admin.refused(event, data, "wrong data").await;
        }
        for change in [
            json!({"domain": null}),
            json!({"domain": 1}),
            json!({"domain": {}}),
            json!({"domain": {"id": "1"}}),
            json!({"domain": {"id": -1}}),
            json!({"cache": "1000"}),
            json!({"cache": -1}),
            json!({"cache": 1.5}),
            json!({"enabled": "true"}),
            json!({"cidr": 5}),
            json!({"directory_name": []}),
            json!({"name": "x".repeat(10_000)}),
            json!({"name": "a\u{0}b"}),
            json!({"cidr": "a\u{0}"}),
        ] {
            admin.refused(event, whole(change), "wrong data").await;
        }
        // A domain that is none: a node of another kind too.
        let user = find(&pbx.tree().await, "section/directory domain/a users user/1000").id.0;
        for domain in [999_999, user, i64::MAX] {
            admin.refused(event, whole(json!({"domain": {"id": domain}})), "can't get").await;
        }
        admin.refused(event, whole(json!({"name": "taken"})), "can't get").await;
    }
    admin.refused("AddWebDirectoryUsersTemplate", whole(json!({"name": " "})), "no name").await;
    admin.refused("AddWebDirectoryUsersTemplate", whole(json!({"name": 5})), "no name").await;
    admin.refused("UpdateWebDirectoryUsersTemplate", whole(json!({"name": ""})), "wrong data").await;

    // Ids, of templates and of what they have.
    let kinds = ["Parameter", "Variable"];
    let switches: Vec<String> = [String::new()]
        .into_iter()
        .chain(kinds.map(str::to_owned))
        .map(|kind| format!("SwitchWebDirectoryUsersTemplate{kind}"))
        .collect();
    for bad in [json!(null), json!(0), json!(-1), json!(1.5), json!("1"), json!(1e30)] {
        admin.refused("UpdateWebDirectoryUsersTemplate", whole(json!({"id": bad})), "no id").await;
        for event in &switches {
            admin.refused(event, json!({"data": {"id": bad, "enabled": true}}), "no id").await;
        }
        for event in ["DelWebDirectoryUsersTemplate", "GetWebDirectoryUsersTemplateForm"] {
            admin.refused(event, json!({ "id": bad }), "no id").await;
        }
        for kind in kinds {
            admin
                .refused(&format!("GetWebDirectoryUsersTemplate{kind}s"), json!({ "id": bad }), "no id")
                .await;
            admin
                .refused(&format!("DelWebDirectoryUsersTemplate{kind}"), json!({ "id": bad }), "no id")
                .await;
        }
        admin
            .refused("CreateWebDirectoryUsersByTemplate", json!({"data": {"id": bad, "name": "1"}}), "no id")
            .await;
    }
    admin.refused("UpdateWebDirectoryUsersTemplate", whole(json!({"id": 4711})), "can't get").await;
    for event in &switches {
        admin.refused(event, json!({}), "wrong data").await;
        admin.refused(event, json!({"data": {"id": 4711, "enabled": true}}), "can't get").await;
        for missing in
            [json!({"id": id}), json!({"id": id, "enabled": "true"}), json!({"id": id, "enabled": null})]
        {
            admin.refused(event, json!({ "data": missing }), "wrong data").await;
        }
    }
    for event in ["DelWebDirectoryUsersTemplate", "GetWebDirectoryUsersTemplateForm"] {
        admin.refused(event, json!({"id": 4711}), "can't get").await;
    }
    for kind in kinds {
        let [add, update] = ["Add", "Update"].map(|verb| format!("{verb}WebDirectoryUsersTemplate{kind}"));
        let taken = field(&admin, kind, id, json!({"name": "taken"})).await;
        let other = field(&admin, kind, id, json!({"name": "other"})).await;
        let data = |change: Value| {
            let mut data = json!({"id": other, "name": "x", "parent": {"id": id}});
            for (name, value) in change.as_object().unwrap() {
                data[name] = value.clone();
            }
            json!({ "data": data })
        };
        // The reference implementation does not answer without a parent.
        for change in [
            json!({"parent": null}),
            json!({"parent": {}}),
            json!({"parent": 5}),
            json!({"name": ""}),
            json!({"name": 5}),
        ] {
            admin.refused(&add, data(change.clone()), "no name or parent id").await;
            admin.refused(&update, data(change), "wrong data").await;
        }
        for change in [
            json!({"value": 5}),
            json!({"show": "yes"}),
            json!({"required": 1}),
            json!({"name": "a\u{0}"}),
            json!({"value": "a\u{0}"}),
            json!({"name": "x".repeat(10_000)}),
            json!({"value": "x".repeat(100_000)}),
            json!({"description": "x".repeat(10_000)}),
        ] {
            admin.refused(&add, data(change.clone()), "wrong data").await;
            admin.refused(&update, data(change), "wrong data").await;
        }
        for event in [&add, &update] {
            admin.refused(event, json!({}), "wrong data").await;
        }
        admin.refused(&add, data(json!({"name": "taken"})), "can't add").await;
        admin.refused(&add, data(json!({"parent": {"id": 4711}})), "can't add").await;
        admin.refused(&update, data(json!({"name": "taken"})), "can't get").await;
        admin.refused(&update, data(json!({"id": 4711})), "can't get").await;
        admin.refused(&update, data(json!({"id": null})), "no id").await;
        admin.refused(&update, data(json!({"parent": {"id": 4711}})), "can't get").await;
        admin
            .refused(&format!("GetWebDirectoryUsersTemplate{kind}s"), json!({"id": 4711}), "can't get")
            .await;
        admin.refused(&format!("DelWebDirectoryUsersTemplate{kind}"), json!({"id": 4711}), "can't del").await;
        // A parameter is no variable.
        let wrong = if kind == "Parameter" { "Variable" } else { "Parameter" };
        admin
            .refused(&format!("DelWebDirectoryUsersTemplate{wrong}"), json!({ "id": taken }), "can't del")
            .await;
        for id in [taken, other] {
            admin.ask(&format!("DelWebDirectoryUsersTemplate{kind}"), json!({ "id": id })).await;
        }
    }
    let create = "CreateWebDirectoryUsersByTemplate";
    for (data, text) in [
        (json!({}), "wrong data"),
        (json!({"data": {"id": id}}), "no name"),
        (json!({"data": {"id": id, "name": " "}}), "no name"),
        (json!({"data": {"id": id, "name": 7001}}), "no name"),
        (json!({"data": {"id": 4711, "name": "7001"}}), "can't get"),
        (json!({"data": {"id": id, "name": "1000"}}), "can't add"),
        (json!({"data": {"id": id, "name": "x".repeat(10_000)}}), "wrong data"),
        (json!({"data": {"id": id, "name": "a\u{0}b"}}), "wrong data"),
        (json!({"data": {"id": id, "name": "7001", "parameters": {}}}), "wrong data"),
        (json!({"data": {"id": id, "name": "7001", "parameters": [1]}}), "wrong data"),
        (json!({"data": {"id": id, "name": "7001", "parameters": [{"id": 1}]}}), "wrong data"),
        (
            json!({"data": {"id": id, "name": "7001", "variables": [{"id": 4711, "value": "x"}]}}),
            "wrong data",
        ),
    ] {
        admin.refused(create, data, text).await;
    }
    assert_eq!(admin.ask("GetWebDirectoryUsersTemplates", json!({})).await, before);
    assert!(try_find(&pbx.tree().await, "section/directory domain/a users user/7001").is_none());
    pbx.stop().await;
}

async fn a_user_from_a_template(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOMAINS).await;
    let admin = Client::by(&pbx, Role::Admin, Way::Socket).await;
    let id = template(&admin, "phone", domain(&pbx, "a").await).await;
    let on = |name: &str, value: &str| json!({"name": name, "value": value, "enabled": true});
    let with = |mut data: Value, names: &[&str]| {
        names.iter().for_each(|name| data[*name] = true.into());
        data
    };
    let context =
        field(&admin, "Variable", id, with(on("user_context", "default"), &["editable", "show"])).await;
    field(&admin, "Variable", id, on("toll_allow", "local")).await;
    field(&admin, "Variable", id, json!({"name": "unused", "value": "x"})).await;
    let mailbox =
        field(&admin, "Parameter", id, with(on("vm-password", ""), &["editable", "show", "required"])).await;

    let form = admin.ask("GetWebDirectoryUsersTemplateForm", json!({ "id": id })).await["data"].clone();
    let shown = |id: i64, name: &str, value: &str, required: bool| json!({"id": id, "name": name, "value": value, "description": "", "editable": true, "required": required});
    assert_eq!(form["parameters"], json!([shown(mailbox, "vm-password", "", true)]));
    assert_eq!(form["variables"], json!([shown(context, "user_context", "default", false)]));

    let event = "CreateWebDirectoryUsersByTemplate";
    let given = |value: &str| json!([{"id": mailbox, "value": value}]);
    // What is required is required here too, not by the form only.
    admin.refused(event, json!({"data": {"id": id, "name": "7001"}}), "wrong data").await;
    admin
        .refused(event, json!({"data": {"id": id, "name": "7001", "parameters": given(" ")}}), "wrong data")
        .await;
    let variables = json!([{"id": context, "value": "vip & \"co\""}]);
    let data = json!({"id": id, "name": " 7001 ", "parameters": given("1234"), "variables": variables});
    let created = admin.ask(event, json!({ "data": data })).await["data"].clone();
    let tree = pbx.tree().await;
    let user = find(&tree, "section/directory domain/a users user/7001");
    let expected = json!({
        "id": user.id, "position": 2, "enabled": true, "name": "7001", "cache": 1000, "cidr": "", "number_alias": "",
        "description": "", "parent": {"id": domain(&pbx, "a").await}, "call_date": 0, "in_call": false, "talking": false,
        "last_uuid": "", "call_direction": "", "sip_register": false, "verto_register": false,
    });
    assert_eq!(created, expected);
    let values = |list: &str| -> Vec<(String, String, bool)> {
        let list = user.child(list).unwrap().children.iter();
        list.map(|item| {
            let text = |name| item.attribute(name).unwrap().to_owned();
            (text("name"), text("value"), item.enabled)
        })
        .collect()
    };
    assert_eq!(
        values("variables"),
        [("user_context".into(), "vip & \"co\"".into(), true), ("toll_allow".into(), "local".into(), true)]
    );
    let params = values("params");
    assert_eq!(params[0], ("vm-password".into(), "1234".into(), true));
    assert_eq!((&*params[1].0, params[1].1.chars().count(), params.len()), ("password", 10, 2));
    // FreeSWITCH gets it at once, and it is one revision with a name.
    let form = "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=a&user=7001&domain=a";
    assert!(pbx.ask(form).await.text().contains(&params[1].1));
    let instance = pbx.pbx.default_instance().await.unwrap();
    let last = pbx.pbx.store().unwrap().revisions(instance.id, None, 1).await.unwrap().items.remove(0);
    assert_eq!((&*last.summary, &*last.actor, &*last.origin), ("add user 7001", &*admin.person.login, "api"));

    // A password of the template, or of the form, is taken.
    let password =
        field(&admin, "Parameter", id, with(on("password", "of the template"), &["editable", "show"])).await;
    for (name, value, expected) in
        [("7002", None, "of the template"), ("7003", Some("of the form"), "of the form")]
    {
        let mut parameters = vec![json!({"id": mailbox, "value": "1"})];
        parameters.extend(value.map(|value| json!({"id": password, "value": value})));
        admin.ask(event, json!({"data": {"id": id, "name": name, "parameters": parameters}})).await;
        let tree = pbx.tree().await;
        let way = format!("section/directory domain/a users user/{name} params param/password");
        assert_eq!(find(&tree, &way).attribute("value"), Some(expected));
    }
    pbx.stop().await;
}

async fn managers_have_their_own_domain(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOMAINS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let (mine, others) = (
        template(&admin, "mine", domain(&pbx, "a").await).await,
        template(&admin, "theirs", domain(&pbx, "b").await).await,
    );
    let manager = Client::by(&pbx, Role::Manager, Way::Socket).await;
    let create = |id: i64, name: &str| json!({"data": {"id": id, "name": name}});
    let (list, form, new) = (
        "GetWebDirectoryUsersTemplatesList",
        "GetWebDirectoryUsersTemplateForm",
        "CreateWebDirectoryUsersByTemplate",
    );
    // Nobody knows which domain is theirs.
    manager.refused(list, json!({}), "no directory sip user").await;
    manager.refused(form, json!({ "id": mine }), "no directory sip user").await;
    manager.refused(new, create(mine, "7001"), "no directory sip user").await;
    let user = find(&pbx.tree().await, "section/directory domain/a users user/1000").id.0;
    admin
        .ask("[Settings][Users][Update] Sip user", json!({"id": manager.id().await, "param_id": user}))
        .await;

    let listed = manager.ask(list, json!({})).await["data"].clone();
    assert_eq!(listed.as_object().unwrap().keys().collect::<Vec<_>>(), [&mine.to_string()]);
    assert_eq!(admin.ask(list, json!({})).await["data"].as_object().unwrap().len(), 2);
    manager.refused(form, json!({ "id": others }), "no access").await;
    manager.refused(new, create(others, "7001"), "no access").await;
    assert_eq!(manager.ask(form, json!({ "id": mine })).await["data"]["id"], mine);
    assert_eq!(manager.ask(new, create(mine, "7001")).await["data"]["name"], "7001");
    // A disabled one is for admins only.
    let switched =
        admin.ask("SwitchWebDirectoryUsersTemplate", json!({"data": {"id": mine, "enabled": true}})).await;
    assert_eq!((&switched["data"]["id"], switched["data"].get("enabled")), (&json!(mine), None));
    manager.refused(new, create(mine, "7002"), "no access").await;
    assert_eq!(manager.ask(list, json!({})).await["data"], json!({}));
    assert_eq!(admin.ask(new, create(mine, "7002")).await["data"]["name"], "7002");
    // What is sent is how it is; it becomes the opposite.
    let switched =
        admin.ask("SwitchWebDirectoryUsersTemplate", json!({"data": {"id": mine, "enabled": false}})).await;
    assert_eq!(switched["data"]["enabled"], true);

    let person = Client::new(&pbx, Role::User).await;
    for event in [list, form, new] {
        person.no_access(event, json!({"id": mine, "data": {"id": mine, "name": "7003"}})).await;
    }
    for event in [
        "GetWebDirectoryUsersTemplates",
        "AddWebDirectoryUsersTemplate",
        "UpdateWebDirectoryUsersTemplate",
        "SwitchWebDirectoryUsersTemplate",
        "DelWebDirectoryUsersTemplate",
        "GetWebDirectoryUsersTemplateParameters",
        "AddWebDirectoryUsersTemplateVariable",
        "UpdateWebDirectoryUsersTemplateVariable",
        "SwitchWebDirectoryUsersTemplateParameter",
        "DelWebDirectoryUsersTemplateVariable",
    ] {
        for other in [&manager, &person] {
            other.no_access(event, json!({ "id": mine })).await;
        }
    }
    pbx.stop().await;
}

async fn they_go_with_the_domain(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOMAINS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let (a, b) = (domain(&pbx, "a").await, domain(&pbx, "b").await);
    let id = template(&admin, "phone", a).await;
    let field = field(&admin, "Parameter", id, json!({"name": "x"})).await;
    pbx.change(vec![custompbx_model::Edit::Delete { id: custompbx_model::NodeId(a) }]).await;
    assert_eq!(admin.ask("GetWebDirectoryUsersTemplates", json!({})).await["data"], json!({}));
    admin.refused("GetWebDirectoryUsersTemplateForm", json!({ "id": id }), "can't get").await;
    admin
        .refused(
            "SwitchWebDirectoryUsersTemplateParameter",
            json!({"data": {"id": field, "enabled": true}}),
            "can't get",
        )
        .await;
    // Its name is free.
    let again = template(&admin, "phone", b).await;
    assert!(again > id);
    pbx.stop().await;
}

async fn by_rest(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOMAINS).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let a = domain(&pbx, "a").await;
    let made =
        admin.rest("POST", "/templates", &json!({"name": "phone", "domain_id": a, "cache": 500})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_i64().unwrap();
    let path = format!("/templates/{id}");
    assert_eq!(made.header("location"), Some(&*format!("/api/v2{path}")));
    let param = json!({"name": "password", "value": "x", "editable": true, "show": true});
    let made = admin.rest("POST", &format!("{path}/params"), &param).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let param = made.header("location").unwrap().strip_prefix("/api/v2").unwrap().to_owned();
    let variable = admin.rest("POST", &format!("{path}/variables"), &json!({"name": "v"})).await;
    assert_eq!(variable.status, 201);
    let whole = admin.get(&path).await;
    assert_eq!(
        (&whole["cache"], &whole["params"][0]["name"], &whole["variables"][0]["name"]),
        (&json!(500), &json!("password"), &json!("v"))
    );
    assert_eq!(admin.rest("PATCH", &path, &json!({"name": "desk"})).await.json()["cache"], 500);
    let patched = admin.rest("PATCH", &param, &json!({"placeholder": "Password"})).await.json();
    assert_eq!((&patched["value"], &patched["placeholder"]), (&json!("x"), &json!("Password")));
    let form = admin.get(&format!("{path}/form")).await;
    assert_eq!((&form["params"][0]["name"], &form["variables"]), (&json!("Password"), &json!([])));
    let values = json!([{"id": patched["id"], "value": "mine"}]);
    let user = admin.rest("POST", &format!("{path}/users"), &json!({"name": "7001", "params": values})).await;
    assert_eq!((user.status, &user.json()["name"]), (201, &json!("7001")), "{}", user.text());
    let tree = pbx.tree().await;
    let password = find(&tree, "section/directory domain/a users user/7001 params param/password");
    assert_eq!(password.attribute("value"), Some("mine"));

    for (method, path, body, status) in [
        ("POST", "/templates", json!({"name": "desk", "domain_id": a}), 409),
        ("POST", "/templates", json!({"name": "x"}), 404),
        ("POST", "/templates", json!({"name": "", "domain_id": a}), 422),
        ("POST", "/templates", json!({"name": "x", "domain_id": a, "cache": -1}), 422),
        ("POST", "/templates", json!({"name": "x", "domain_id": a, "colour": 1}), 422),
        ("POST", "/templates", json!(null), 400),
        ("PATCH", &path, json!({"domain_id": 999_999}), 404),
        ("POST", &format!("{path}/params"), json!({"name": "password"}), 409),
        ("POST", &format!("{path}/params"), json!({}), 422),
        ("POST", &format!("{path}/users"), json!({"name": "7001"}), 409),
        ("POST", &format!("{path}/users"), json!({"name": ""}), 422),
        ("POST", &format!("{path}/users"), json!({"name": "1", "params": [{"id": 4711, "value": ""}]}), 422),
        ("PATCH", "/templates/4711/params/1", json!({}), 404),
        ("PATCH", &format!("{path}/nothing/1"), json!({}), 404),
        ("PATCH", &format!("{path}/params/x"), json!({}), 404),
        ("GET", "/templates/x", Value::Null, 404),
        ("DELETE", "/templates/-1", Value::Null, 404),
    ] {
        admin.rest_refused(method, path, &body, status).await;
    }
    // A manager sees the form, and not what is behind it.
    let manager = Client::new(&pbx, Role::Manager).await;
    manager.rest_refused("GET", "/templates", &Value::Null, 409).await;
    let own = find(&tree, "section/directory domain/a users user/1000").id.0;
    let link = json!({ "sip_id": own });
    admin.rest("PATCH", &format!("/web-users/{}", manager.id().await), &link).await;
    assert_eq!(manager.get("/templates").await["items"][0]["id"], id);
    assert_eq!(manager.get(&format!("{path}/form")).await["id"], id);
    assert_eq!(manager.rest("POST", &format!("{path}/users"), &json!({"name": "7002"})).await.status, 201);
    manager.rest_refused("GET", &path, &Value::Null, 403).await;
    manager.rest_refused("DELETE", &path, &Value::Null, 403).await;
    assert_eq!(admin.rest("DELETE", &param, &Value::Null).await.status, 204);
    admin.rest_refused("DELETE", &param, &Value::Null, 404).await;
    assert_eq!(admin.rest("DELETE", &path, &Value::Null).await.status, 204);
    admin.rest_refused("GET", &path, &Value::Null, 404).await;
    pbx.stop().await;
}

async fn the_same_user_twice_at_once(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOMAINS).await;
    let (a, b) = (Client::new(&pbx, Role::Admin).await, Client::by(&pbx, Role::Admin, Way::Socket).await);
    let id = template(&a, "phone", domain(&pbx, "a").await).await;
    let data = json!({"data": {"id": id, "name": "7001"}});
    let event = "CreateWebDirectoryUsersByTemplate";
    let (one, other) = tokio::join!(a.ask(event, data.clone()), b.ask(event, data));
    let refused = [&one, &other].iter().filter(|reply| reply["error"] == "can't add").count();
    assert_eq!(refused, 1, "{one} {other}");
    let tree = pbx.tree().await;
    assert_eq!(find(&tree, "section/directory domain/a users").children.len(), 2);
    pbx.stop().await;
}
