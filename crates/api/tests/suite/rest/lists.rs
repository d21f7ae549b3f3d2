//! Collections page by page.

use custompbx_model::{At, Edit, Node};
use custompbx_testkit::server::{Engine, find};
use serde_json::{Value, json};

use super::{BASE, Rest, members, problem};
use crate::engines::on_both_engines;

on_both_engines!(
    collections,
    pages_are_the_whole_list_once,
    filters_and_orders,
    what_a_list_does_not_know,
    cursors_of_others,
    a_domain_with_many_users,
);

const USERS: &str = "directory/domains/example.com/users";

async fn collections(engine: Engine) {
    let rest = Rest::small(engine).await;
    let users = rest.json(USERS).await;
    assert_eq!(members(&users["items"], "key"), ["1000", "1001", "2000"]);
    assert_eq!((&users["total"], &users["next"]), (&json!(3), &Value::Null));
    assert_eq!(users["href"], format!("{BASE}{USERS}"));
    assert_eq!(users["items"][0]["child_count"], 2);
    assert_eq!(users["items"][0].get("children"), None);
    let deep = rest.json(&format!("{USERS}?depth=2")).await;
    assert_eq!(deep["items"][0]["children"][0]["children"][0]["attributes"]["value"], "secret");
    let contexts = rest.json("dialplan/contexts").await;
    assert_eq!(members(&contexts["items"], "key"), ["public"]);
    let actions = rest.json("dialplan/contexts/public/extensions/one/conditions/1/actions").await;
    assert_eq!(members(&actions["items"], "key"), ["1", "2", "3"]);
    // The children of an element, as a list.
    let children = rest.json("dialplan/contexts/public/extensions/one/conditions/1?limit=2").await;
    assert_eq!((&children["total"], children["items"].as_array().unwrap().len()), (&json!(4), 2));
    let xml = rest.ask("GET", USERS, &[("Accept", "application/xml")], b"").await;
    problem(&xml, 406, "a collection as XML");
    rest.pbx.stop().await;
}

/// Follows `next` to the end.
async fn all(rest: &Rest, list: &str) -> Vec<Value> {
    let mut items: Vec<Value> = Vec::new();
    let separator = if list.contains('?') { '&' } else { '?' };
    let mut cursor = String::new();
    loop {
        let page = rest.json(&format!("{list}{separator}limit=3{cursor}")).await;
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= 3);
        items.extend(found.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(page["total"], items.len(), "{list}");
                return items;
            }
        }
    }
}

/// Ten users, two of them with the same id.
async fn ten(rest: &Rest) {
    let tree = rest.pbx.tree().await;
    let users = find(&tree, "section/directory domain/example.com users");
    let ids = ["2001", "a", "B", "c/d", "1000", "~", "😀"];
    let nodes = ids.iter().enumerate().map(|(at, id)| {
        Node::new("user")
            .with("id", *id)
            .with("cidr", format!("10.0.{}.0/24", at % 2))
            .with("number-alias", at.to_string())
    });
    rest.pbx.change(vec![Edit::Insert { parent: users.id, at: At::Last, nodes: nodes.collect() }]).await;
}

async fn pages_are_the_whole_list_once(engine: Engine) {
    let rest = Rest::small(engine).await;
    ten(&rest).await;
    for query in [
        "",
        "?sort=key",
        "?sort=-key",
        "?sort=cidr,-number-alias",
        "?sort=enabled",
        "?filter=cidr*=10",
        "?q=0",
    ] {
        let items = all(&rest, &format!("{USERS}{query}")).await;
        let mut hrefs: Vec<&str> = items.iter().map(|item| item["href"].as_str().unwrap()).collect();
        let count = hrefs.len();
        hrefs.sort_unstable();
        hrefs.dedup();
        assert_eq!(hrefs.len(), count, "{query}");
        assert!(query.contains("filter") || query.contains('q') || count == 10, "{query}: {count}");
        // Each leads to its own user.
        for item in &items {
            let address = item["href"].as_str().unwrap().strip_prefix(BASE).unwrap();
            assert_eq!(rest.json(address).await["id"], item["id"], "{address}");
        }
    }
    let actions = "dialplan/contexts/public/extensions/one/conditions/1";
    assert_eq!(all(&rest, actions).await.len(), 4);
    rest.pbx.stop().await;
}

async fn filters_and_orders(engine: Engine) {
    let rest = Rest::small(engine).await;
    ten(&rest).await;
    let keys = async |query: &str| -> Vec<String> {
        let page = rest.json(&format!("{USERS}?{query}")).await;
        assert_eq!(page["total"], page["items"].as_array().unwrap().len(), "{query}");
        members(&page["items"], "key").into_iter().map(str::to_owned).collect()
    };
    assert_eq!(keys("filter=cidr=10.0.1.0/24&sort=number-alias").await, ["a", "c/d", "~"]);
    assert_eq!(keys("filter=id^=200&sort=-key").await, ["2001", "2000"]);
    assert_eq!(keys("filter=id=1000&filter=cidr=10.0.0.0/8").await, ["1000"]);
    assert_eq!(keys("filter=key=1000&sort=cidr").await, ["1000", "1000"]);
    assert_eq!(keys("filter=id*=C/").await, ["c/d"]);
    assert_eq!(keys("filter=number-alias=").await, Vec::<String>::new());
    assert_eq!(keys("filter=cidr!=10.0.0.0/24&sort=key").await, ["1000", "1001", "2000", "a", "c/d", "~"]);
    assert_eq!(keys("q=C/D").await, ["c/d"]);
    assert_eq!(keys("q=%25").await, Vec::<String>::new());
    rest.send("PATCH", &format!("{USERS}/a"), &json!({"enabled": false})).await;
    assert_eq!(keys("filter=enabled=false").await, ["a"]);
    let settings =
        rest.json("configuration/sofia.conf/profiles/internal/settings?filter=name^=apply&sort=-value").await;
    assert_eq!(members(&settings["items"], "href")[0].rsplit('/').next(), Some("apply-candidate-acl~2"));
    // What is not declared has the attributes that are there.
    let things = rest.json("configuration/my.conf/things?filter=name=a").await;
    assert_eq!(things["total"], 1);
    rest.pbx.stop().await;
}

async fn what_a_list_does_not_know(engine: Engine) {
    let rest = Rest::small(engine).await;
    for (query, parameter) in [
        ("sort=password", "sort"),
        ("sort=", "sort"),
        ("sort=id,", "sort"),
        ("sort=(select%20pg_sleep(1))", "sort"),
        ("sort=id;drop%20table%20node", "sort"),
        ("sort=--id", "sort"),
        ("filter=password=x", "filter"),
        ("filter=1=1%20or%201=1", "filter"),
        ("filter=id", "filter"),
        ("filter=", "filter"),
        ("filter=%27%20or%20%27=x", "filter"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=99999999999", "limit"),
        ("q=%00", "q"),
        ("order=id", "order"),
        ("sort=position", "sort"),
        ("cursor=", "cursor"),
    ] {
        let reply = rest.get(&format!("{USERS}?{query}")).await;
        let problem = problem(&reply, 400, query);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}: {problem}");
        if (parameter == "sort" || query == "filter=password=x") && !query.contains('1') {
            assert!(problem["detail"].as_str().unwrap().contains("cidr"), "it says what there is: {problem}");
        }
    }
    assert_eq!(rest.get(&format!("{USERS}?q={}", "x".repeat(2_000))).await.status, 400);
    rest.pbx.stop().await;
}

async fn cursors_of_others(engine: Engine) {
    let rest = Rest::small(engine).await;
    ten(&rest).await;
    let next = async |list: &str| -> String { rest.json(list).await["next"].as_str().unwrap().to_owned() };
    let own = next(&format!("{USERS}?limit=2")).await;
    let sorted = next(&format!("{USERS}?limit=2&sort=cidr")).await;
    let other = next("dialplan/contexts/public?limit=2").await;
    assert_eq!(rest.get(&format!("{USERS}?limit=5&cursor={own}")).await.status, 200);
    let mut tampered = own.clone();
    tampered.replace_range(10..11, if &own[10..11] == "A" { "B" } else { "A" });
    for cursor in [&*sorted, &*other, &*tampered, &own[1..], "x", "WyJhIl0", "%F0%9F%98%80", "1%20OR%201=1"] {
        let reply = rest.get(&format!("{USERS}?cursor={cursor}")).await;
        assert_eq!(problem(&reply, 400, cursor)["errors"][0]["parameter"], "cursor");
    }
    rest.pbx.stop().await;
}

/// By id the index finds them; what is asked for decides how long it takes, not what there is.
async fn a_domain_with_many_users(engine: Engine) {
    let rest = Rest::small(engine).await;
    let tree = rest.pbx.tree().await;
    let users = find(&tree, "section/directory domain/example.com users");
    let nodes = (0..20_000).map(|at| Node::new("user").with("id", format!("u{at:05}"))).collect();
    rest.pbx.change(vec![Edit::Insert { parent: users.id, at: At::Last, nodes }]).await;
    let page = rest.json(&format!("{USERS}?limit=100")).await;
    assert_eq!((&page["total"], page["items"].as_array().unwrap().len()), (&json!(20_003), 100));
    let next = page["next"].as_str().unwrap();
    let page = rest.json(&format!("{USERS}?limit=1000&cursor={next}")).await;
    assert_eq!(members(&page["items"], "key")[0], "u00097");
    assert_eq!(rest.json(&format!("{USERS}/u19999")).await["tag"], "user");
    let last = rest.json(&format!("{USERS}?filter=id=u12345")).await;
    assert_eq!(last["total"], 1);
    // The whole is too much for one answer, and says so.
    let reply = rest.get("directory/domains/example.com?depth=3").await;
    let problem = problem(&reply, 422, "a large domain");
    assert_eq!(problem["code"], "too-many-nodes");
    assert_eq!(rest.json("directory/domains/example.com").await["child_count"], 3);
    let made = rest.send("PUT", &format!("{USERS}/new"), &json!({"params": {"password": "x"}})).await;
    assert_eq!(made.status, 201);
    rest.pbx.stop().await;
}
