//! Reading the tree, page by page.

use custompbx_model::xml::escape::escape_into;
use custompbx_store::{Author, Role};
use custompbx_testkit::server::{Engine, SignedIn, TestPbx, find};
use serde_json::{Value, json};

use crate::engines::on_both_engines;

on_both_engines!(
    the_tree_from_the_top,
    pages_and_filters,
    cursors_that_were_never_given_out,
    nodes_of_other_instances_do_not_exist,
    a_subtree_that_is_too_large,
    hostile_names_are_names,
    a_hundred_users_in_pages,
);

const TREE: &str = "/api/v2/instances/default";

async fn json_of(pbx: &TestPbx, who: &SignedIn, path: &str) -> Value {
    let reply = pbx.get_as(who, path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.json()
}

async fn vanilla(engine: Engine) -> (TestPbx, SignedIn) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    (pbx, admin)
}

async fn the_tree_from_the_top(engine: Engine) {
    let (pbx, admin) = vanilla(engine).await;
    let instances = json_of(&pbx, &admin, "/api/v2/instances").await;
    let names: Vec<&Value> =
        instances["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
    assert_eq!(names, ["default"]);
    let top = json_of(&pbx, &admin, &format!("{TREE}/tree")).await;
    let sections: Vec<&str> =
        top["sections"].as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(sections, ["configuration", "dialplan", "chatplan", "directory", "languages"]);
    assert!(top["revision"].as_i64().unwrap() > 0);

    // Every node of a document, by itself, as a child and as a part of the whole.
    let tree = pbx.tree().await;
    let acl = find(&tree, "section/configuration configuration/acl.conf");
    let whole = json_of(&pbx, &admin, &format!("{TREE}/nodes/{}/subtree", acl.id)).await;
    assert_eq!(whole["node"]["name"], "acl.conf");
    let list = &whole["node"]["children"][0]["children"][0];
    assert_eq!(list["name"], "lan");
    let alone = json_of(&pbx, &admin, &format!("{TREE}/nodes/{}", list["id"])).await;
    assert_eq!(alone["node"]["attributes"], list["attributes"]);
    let path: Vec<&Value> = alone["path"].as_array().unwrap().iter().map(|step| &step["tag"]).collect();
    assert_eq!(path, ["document", "section", "configuration", "network-lists"]);
    let children = json_of(&pbx, &admin, &format!("{TREE}/nodes/{}/children", list["id"])).await;
    assert_eq!(children["total"], list["children"].as_array().unwrap().len());
    pbx.stop().await;
}

async fn pages_and_filters(engine: Engine) {
    let (pbx, admin) = vanilla(engine).await;
    let tree = pbx.tree().await;
    let section = find(&tree, "section/configuration");
    let list = format!("{TREE}/nodes/{}/children", section.id);
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json_of(&pbx, &admin, &format!("{list}?limit=7{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 7);
        assert_eq!(page["total"], section.children.len());
        names.extend(items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let expected: Vec<&str> =
        section.children.iter().map(|child| child.natural_name().unwrap_or_default()).collect();
    assert_eq!(names, expected);

    let found = json_of(&pbx, &admin, &format!("{list}?q=SOFIA.conf")).await;
    assert_eq!(
        found["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect::<Vec<_>>(),
        ["sofia.conf"]
    );
    for (query, total) in [("q=%25", 0), ("q=nothing-like-this", 0), ("q='", 0), ("q=%22", 0), ("q=%5C", 0)] {
        let found = json_of(&pbx, &admin, &format!("{list}?{query}")).await;
        assert_eq!(found["total"], total, "{query}");
    }
    // What makes no sense is said, and a limit is kept.
    for (query, status) in [
        ("limit=0", 200),
        ("limit=1000000", 200),
        ("limit=-1", 400),
        ("limit=x", 400),
        ("sort=name", 400),
        ("limit=1&limit=2", 400),
        ("cursor=", 400),
        (&*format!("q={}", "x".repeat(2000)), 400),
        ("q=%00", 400),
    ] {
        let reply = pbx.get_as(&admin, &format!("{list}?{query}")).await;
        assert_eq!(reply.status, status, "{query:.40}: {}", reply.text());
        assert!(status == 200 || reply.is_problem());
    }
    pbx.stop().await;
}

async fn cursors_that_were_never_given_out(engine: Engine) {
    let (pbx, admin) = vanilla(engine).await;
    let directory = find(&pbx.tree().await, "section/directory").id;
    for cursor in [
        "x",
        "1.5",
        "1%20OR%201=1",
        "99999999999999999999",
        "%00",
        "WyJhIl0",
        "bnVsbA",
        "eyJ1c2VyIjoxfQ",
        "%F0%9F%98%80",
    ] {
        for list in [format!("{TREE}/nodes/{directory}/children"), format!("{TREE}/users")] {
            let reply = pbx.get_as(&admin, &format!("{list}?cursor={cursor}")).await;
            assert_eq!(reply.status, 400, "{list} {cursor}: {}", reply.text());
            assert!(reply.is_problem());
        }
    }
    pbx.stop().await;
}

async fn nodes_of_other_instances_do_not_exist(engine: Engine) {
    let (pbx, admin) = vanilla(engine).await;
    let store = pbx.pbx.store().unwrap();
    let author = Author { actor: "test".into(), origin: "test".into(), at_ms: 1 };
    let other = store.create_instance("other", "", &author).await.unwrap();
    let theirs = store.tree(other.id).await.unwrap().id;
    let ours = pbx.tree().await.id;
    for rest in ["", "/children", "/subtree"] {
        for (instance, node, status) in [
            ("default", ours.0.to_string(), if rest == "/subtree" { 422 } else { 200 }),
            ("other", theirs.0.to_string(), 200),
            ("default", theirs.0.to_string(), 404),
            ("other", ours.0.to_string(), 404),
            ("none", ours.0.to_string(), 404),
            ("default", "0".to_owned(), 404),
            ("default", "-1".to_owned(), 404),
            ("default", i64::MAX.to_string(), 404),
            ("default", "99999999999999999999".to_owned(), 404),
            ("default", "x".to_owned(), 404),
            ("default", "%00".to_owned(), 404),
            ("%FF", ours.0.to_string(), 404),
        ] {
            let path = format!("/api/v2/instances/{instance}/nodes/{node}{rest}");
            let reply = pbx.get_as(&admin, &path).await;
            assert_eq!(reply.status, status, "{path}: {}", reply.text());
            assert!(status == 200 || reply.is_problem(), "{path}: {}", reply.text());
        }
    }
    for instance in ["none", "DEFAULT", "default%2F..", "%00", "'"] {
        for rest in ["tree", "users"] {
            let reply = pbx.get_as(&admin, &format!("/api/v2/instances/{instance}/{rest}")).await;
            assert_eq!(reply.status, 404, "{instance}/{rest}: {}", reply.text());
        }
    }
    pbx.stop().await;
}

async fn a_subtree_that_is_too_large(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let items = |count: usize| (0..count).map(|at| format!("<p name=\"{at}\"/>")).collect::<String>();
    pbx.import_xml(&format!(
        "<document type=\"freeswitch/xml\"><section name=\"configuration\">\
         <configuration name=\"fits\">{}</configuration><configuration name=\"large\">{}</configuration>\
         </section></document>",
        items(4_999),
        items(5_001)
    ))
    .await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let tree = pbx.tree().await;
    let id = |name: &str| find(&tree, &format!("section/configuration configuration/{name}")).id;
    let fits = json_of(&pbx, &admin, &format!("{TREE}/nodes/{}/subtree", id("fits"))).await;
    assert_eq!(fits["node"]["children"].as_array().unwrap().len(), 4_999);
    let reply = pbx.get_as(&admin, &format!("{TREE}/nodes/{}/subtree", id("large"))).await;
    assert_eq!(reply.status, 422);
    assert!(reply.is_problem() && reply.text().contains("children page by page"), "{}", reply.text());
    pbx.stop().await;
}

async fn hostile_names_are_names(engine: Engine) {
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; DROP TABLE node; --",
        "../../etc/passwd",
        "%00%0a%s%n",
        "${system(reboot)}",
        "\u{202e}gnp.exe",
        "😀 ü \u{feff}",
        "a\nb\tc",
        "\\\"\\",
        "-->]]>",
    ];
    let pbx = TestPbx::on(engine).await;
    let users: String = names
        .iter()
        .map(|name| {
            let mut escaped = Vec::new();
            escape_into(&mut escaped, name);
            format!("<user id=\"{}\"/>", String::from_utf8(escaped).unwrap())
        })
        .collect();
    pbx.import_xml(&format!(
        "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"><users>{users}</users></domain></section></document>"
    ))
    .await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let holder = find(&pbx.tree().await, "section/directory domain/d users").id;
    let children = json_of(&pbx, &admin, &format!("{TREE}/nodes/{holder}/children")).await;
    let shown: Vec<&str> =
        children["items"].as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(shown, names);
    let users = json_of(&pbx, &admin, &format!("{TREE}/users")).await;
    assert_eq!(users["total"], names.len());
    // Each can be looked for, and is found alone.
    for name in names {
        let query: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let found = json_of(&pbx, &admin, &format!("{TREE}/users?q={query}")).await;
        let found: Vec<&Value> =
            found["items"].as_array().unwrap().iter().map(|item| &item["user"]).collect();
        assert_eq!(found, [name], "{name}");
    }
    pbx.stop().await;
}

async fn a_hundred_users_in_pages(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let users: String =
        (0..100).map(|at| format!("<user id=\"{}\" number-alias=\"n{at}\"/>", at * 7 % 100)).collect();
    pbx.import_xml(&format!(
        "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"><groups><group name=\"g\"><users>{users}</users></group></groups></domain></section></document>"
    ))
    .await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    for limit in [1, 7, 50, 100, 101] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = json_of(&pbx, &admin, &format!("{TREE}/users?limit={limit}{cursor}")).await;
            pages += 1;
            assert_eq!(page["total"], 100);
            for user in page["items"].as_array().unwrap() {
                assert_eq!(
                    (&user["domain"], &user["group"], &user["enabled"]),
                    (&json!("d"), &json!("g"), &json!(true))
                );
                seen.push(user["user"].as_str().unwrap().to_owned());
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut expected: Vec<String> = (0..100).map(|at: u32| at.to_string()).collect();
        expected.sort();
        assert_eq!(seen, expected, "pages of {limit}");
        assert!(pages <= 100 / limit + 1, "{pages} pages of {limit}");
    }
    let found = json_of(&pbx, &admin, &format!("{TREE}/users?q=N42")).await;
    assert_eq!(found["total"], 1);
    pbx.stop().await;
}
