//! Nodes found by tags, users and pointers found by name, settings of an instance.

use std::collections::BTreeMap;

use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{Below, UserCursor};

use crate::fixture::{Home, author, directory, edit, find, named, on_both_engines, start, user};

on_both_engines!(
    nodes_are_found_by_the_tags_on_the_way,
    users_and_pointers_are_found_by_name,
    heads_of_users_come_page_by_page,
    settings_of_instances,
);

fn names(found: &[Below]) -> Vec<&str> {
    found.iter().map(|below| below.node.natural_name().unwrap_or_default()).collect()
}

async fn nodes_are_found_by_the_tags_on_the_way(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes = vec![directory("one", [user("2"), user("1")])];
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let tree = store.tree(instance).await.unwrap();
    let domain = find(&tree, "section/directory domain/one");
    let users = store.below(&[domain.id], &["groups", "group", "users", "user"]).await.unwrap();
    assert_eq!(names(&users), ["2", "1", "2"], "in the order of groups, then of places");
    assert_eq!(users.iter().map(|below| below.position).collect::<Vec<_>>(), [1, 2, 1]);
    assert!(users.iter().all(|below| below.owner == domain.id && below.node.children.is_empty()));
    let holder = find(domain, "groups group/all users").id;
    assert_eq!(users[1].parent, holder);

    // In the order of the owners, each once.
    let owners = [users[1].node.id, users[0].node.id, users[1].node.id, NodeId(i64::MAX)];
    let params = store.below(&owners, &["params", "param"]).await.unwrap();
    assert_eq!(names(&params), ["password", "vm-password", "password", "vm-password"]);
    assert_eq!((params[0].owner, params[3].owner), (owners[0], owners[1]));
    assert_eq!(store.below(&owners, &["gateways", "gateway"]).await.unwrap(), []);
    assert_eq!(store.below(&[], &["x"]).await.unwrap(), []);
    assert_eq!(store.below(&[root], &[]).await.unwrap(), []);
}

async fn users_and_pointers_are_found_by_name(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let pointer = |id: &str| Node::new("user").with("id", id).with("type", "pointer");
    let mut nodes = directory("one", [user("Anna"), user("bob")]);
    nodes.children.push(named("domain", "two").containing([
        user("anna"),
        Node::new("groups").containing([
            named("group", "g").containing([Node::new("users").containing([pointer("ANNA"), pointer("x")])]),
        ]),
    ]));
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![nodes] }])
        .await
        .unwrap();
    let tree = store.tree(instance).await.unwrap();
    let one = find(&tree, "section/directory domain/one");
    let two = find(&tree, "section/directory domain/two");
    let found = store.users_named(one.id, &["ANNA"]).await.unwrap();
    assert_eq!(names(&found), ["Anna"]);
    assert_eq!(found[0].parent, find(one, "groups group/all users").id);
    assert!(store.users_named(one.id, &["x", "\0"]).await.unwrap().is_empty());
    assert_eq!(names(&store.users_named(one.id, &["bob", "anna", "x"]).await.unwrap()), ["Anna", "bob"]);

    let pointers = store.pointers_to(instance, two.id, "anna").await.unwrap();
    assert_eq!(names(&pointers), ["ANNA"]);
    assert_eq!(names(&store.pointers_to(instance, one.id, "anna").await.unwrap()), ["Anna"]);
    assert!(store.pointers_to(instance, one.id, "bob").await.unwrap().is_empty());

    // A pointer that becomes a user is one, and the other way round; another name is another name.
    let id = pointers[0].node.id;
    let attributes = vec![("id".into(), "carl".into())];
    edit(&store, instance, vec![Edit::Update { id, attributes, text: None }]).await.unwrap();
    assert!(store.pointers_to(instance, two.id, "anna").await.unwrap().is_empty());
    assert_eq!(store.users_named(two.id, &["CARL"]).await.unwrap()[0].node.id, id);
    let attributes = vec![("id".into(), "dora".into()), ("type".into(), "pointer".into())];
    edit(&store, instance, vec![Edit::Update { id, attributes, text: None }]).await.unwrap();
    assert!(store.users_named(two.id, &["carl"]).await.unwrap().is_empty());
    assert_eq!(store.pointers_to(instance, two.id, "dora").await.unwrap()[0].node.id, id);
    let attributes = vec![("id".into(), "emil".into()), ("type".into(), "pointer".into())];
    edit(&store, instance, vec![Edit::Update { id, attributes, text: None }]).await.unwrap();
    assert!(store.pointers_to(instance, two.id, "dora").await.unwrap().is_empty());
    assert_eq!(store.pointers_to(instance, two.id, "emil").await.unwrap()[0].node.id, id);
}

async fn heads_of_users_come_page_by_page(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes = vec![directory("one", ["3", "1", "2"].map(user))];
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let domain = find(&store.tree(instance).await.unwrap(), "section/directory domain/one").id;
    let first = store.user_heads(domain, None, 2).await.unwrap();
    assert_eq!(names(&first), ["1", "2"]);
    assert_eq!((first[0].owner, first[0].position, first[1].position), (domain, 2, 3));
    let after = UserCursor { user: "2".into(), id: first[1].node.id };
    assert_eq!(names(&store.user_heads(domain, Some(&after), 2).await.unwrap()), ["3"]);
}

async fn settings_of_instances(home: Home) {
    let store = home.open().await;
    let (instance, _) = start(&store).await;
    let other = store.create_instance("other", "", &author()).await.unwrap().id;
    let one = |value: &str| BTreeMap::from([("x".to_owned(), value.to_owned())]);
    assert!(store.instance_settings(instance).await.unwrap().is_empty());
    for value in ["a", "b"] {
        store.set_instance_settings(instance, "test.save", &one(value), &author()).await.unwrap();
        assert_eq!(store.instance_settings(instance).await.unwrap(), one(value));
    }
    assert!(store.instance_settings(other).await.unwrap().is_empty());
    store.set_instance_settings(instance, "test.save", &one(""), &author()).await.unwrap();
    assert!(store.instance_settings(instance).await.unwrap().is_empty(), "empty is none");
    let nowhere = custompbx_store::InstanceId(99);
    assert!(store.set_instance_settings(nowhere, "test.save", &one("a"), &author()).await.is_err());
}
