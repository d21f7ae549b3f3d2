//! The directory's users.

use crate::fixture::{Home, author, directory, edit, find, named, on_both_engines, start, user};
use custompbx_model::{At, Edit, Node};
use custompbx_store::{UserCursor, UserFilter};

on_both_engines!(
    users_are_listed,
    a_hundred_thousand_users,
    trees_without_users,
    users_of_other_instances_are_not_seen,
    whoever_inserts_users_has_them_as_they_are_stored
);

async fn users_are_listed(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let special = user("o'brien \"%_\\<ü>").with("cidr", "10.0.0.0/8");
    let nodes = vec![
        directory("one", [user("1001"), user("1000").with("number-alias", "77"), special]),
        // Users outside of the directory are not its users.
        named("section", "configuration").containing([named("configuration", "x").containing([user("9")])]),
    ];
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let tree = store.tree(instance).await.unwrap();
    let section = find(&tree, "section/directory").id;
    let loose = named("domain", "two").containing([user("1000"), Node::new("user")]);
    let two =
        edit(&store, instance, vec![Edit::Insert { parent: section, at: At::Last, nodes: vec![loose] }]);
    let two = two.await.unwrap().inserted[0];
    let group = find(&tree, "section/directory domain/one groups group/all").id;
    edit(&store, instance, vec![Edit::Enable { id: group, enabled: false }]).await.unwrap();

    let all = UserFilter::default();
    let page = store.users(instance, &all, None, 100).await.unwrap();
    let lines: Vec<_> = page
        .items
        .iter()
        .map(|row| {
            let group = row.group.as_deref().unwrap_or("-");
            let alias = row.number_alias.as_deref().unwrap_or("-");
            let cidr = row.cidr.as_deref().unwrap_or("-");
            format!("{}@{} {group} {alias} {cidr} {}", row.user, row.domain, row.enabled)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "@two - - - true",
            "1000@one all 77 - false",
            "1000@two - - - true",
            "1001@one all - - false",
            "o'brien \"%_\\<ü>@one all - 10.0.0.0/8 false",
        ]
    );
    assert_eq!((page.total, page.next), (5, None));
    let mut cursor: Option<UserCursor> = None;
    let mut one_by_one = Vec::new();
    loop {
        let page = store.users(instance, &all, cursor.as_ref(), 1).await.unwrap();
        one_by_one.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(one_by_one, page.items);

    let count = async |text: Option<&str>, domain| {
        let filter = UserFilter { text: text.map(str::to_owned), domain };
        let page = store.users(instance, &filter, None, 100).await.unwrap();
        assert_eq!(page.total, page.items.len() as i64);
        page.total
    };
    assert_eq!(count(Some("%"), None).await, 1);
    assert_eq!(count(Some("O'Brien \"%_\\<"), None).await, 1);
    assert_eq!(count(Some("1000"), None).await, 2);
    assert_eq!(count(Some("77"), None).await, 1);
    assert_eq!(count(None, Some(two)).await, 2);
    assert_eq!(count(Some("1000"), Some(two)).await, 1);
    assert_eq!(count(None, Some(section)).await, 0);
    // A user moves to another domain.
    let one = page.items[1].id;
    edit(&store, instance, vec![Edit::Move { id: one, parent: two, at: At::First }]).await.unwrap();
    assert_eq!(count(None, Some(two)).await, 3);
}

async fn users_of_other_instances_are_not_seen(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let insert = vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![directory("d", [user("1")])] }];
    edit(&store, instance, insert).await.unwrap();
    let domain = find(&store.tree(instance).await.unwrap(), "section/directory domain/d").id;
    let other = store.create_instance("other", "", &author()).await.unwrap().id;
    for domain in [None, Some(domain)] {
        let filter = UserFilter { text: None, domain };
        assert_eq!(store.users(other, &filter, None, 10).await.unwrap().total, 0);
    }
}

async fn trees_without_users(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let outside = named("section", "dialplan").containing([named("context", "x").containing([user("9")])]);
    let nodes = vec![directory("d", (0..50).map(|id| user(&id.to_string()))), outside];
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let mut expected = store.tree(instance).await.unwrap();
    let users = find(&expected, "section/directory domain/d groups group/all users").clone();
    // A pointer among the users stays.
    let pointer = Node::new("user").with("id", "1").with("type", "pointer");
    let insert = Edit::Insert { parent: users.id, at: At::After(users.children[9].id), nodes: vec![pointer] };
    let pointer = edit(&store, instance, vec![insert]).await.unwrap().inserted[0];
    let pointer = store.subtree(pointer).await.unwrap().unwrap().node;
    let list = crate::memory::find(&mut expected, users.id).unwrap();
    list.children = vec![pointer.clone()];
    let outline = store.outline(instance).await.unwrap();
    assert_eq!(outline.node, expected);
    assert_eq!(outline.orders.len(), expected.count());
    let below = store.outline_of(users.id).await.unwrap().unwrap();
    assert_eq!(below.node.children.as_slice(), std::slice::from_ref(&pointer));
    assert_eq!(below.orders[&pointer.id], outline.orders[&pointer.id]);
    assert_eq!(store.outline_of(custompbx_model::NodeId(99_999)).await.unwrap(), None);
    assert_eq!(store.root(instance).await.unwrap(), root);
    assert_eq!(store.count_below(users.id, 10_000).await.unwrap(), 1 + 50 * 14 + 1);
    assert_eq!(store.count_below(users.id, 100).await.unwrap(), 100);

    let ids = store.user_ids(instance).await.unwrap();
    assert_eq!(ids.len(), 50);
    let mut found = Vec::new();
    for chunk in ids.chunks(20) {
        found.extend(store.subtrees(chunk).await.unwrap());
    }
    let domain = find(&expected, "section/directory domain/d").id;
    assert!(found.iter().all(|user| user.parent == Some(users.id) && user.domain == Some(domain)));
    found.sort_by_key(|user| user.order);
    let before = found.iter().filter(|user| user.order < outline.orders[&pointer.id]).count();
    assert_eq!(before, 10, "the orders of users and pointers are comparable");
    assert_eq!(found.into_iter().map(|user| user.node).collect::<Vec<_>>(), users.children);
}

async fn a_hundred_thousand_users(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let users = (0..100_000).map(|id| Node::new("user").with("id", format!("{id:06}")));
    let nodes = vec![directory("d", users)];
    let applied =
        edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    assert_eq!(applied.parts.len(), 1);
    let after = UserCursor { user: "049999".into(), id: custompbx_model::NodeId(i64::MAX) };
    let page = store.users(instance, &UserFilter::default(), Some(&after), 50).await.unwrap();
    assert_eq!((page.total, page.items.len()), (100_000, 50));
    assert_eq!((&*page.items[0].user, &*page.items[49].user), ("050000", "050049"));
    assert_eq!(page.next.unwrap().user, "050049");
    let filter = UserFilter { text: Some("0099".into()), domain: None };
    let page = store.users(instance, &filter, None, 10).await.unwrap();
    assert_eq!(&*page.items[9].user, "000998");
}

async fn whoever_inserts_users_has_them_as_they_are_stored(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let insert = |parent, at, nodes| Edit::Insert { parent, at, nodes };
    let check = async |applied: &custompbx_store::Applied, count: usize| {
        assert_eq!(applied.users.len(), count);
        let ids: Vec<_> = applied.users.iter().map(|user| user.node.id).collect();
        let mut stored = store.subtrees(&ids).await.unwrap();
        stored.sort_by_key(|user| ids.iter().position(|id| *id == user.node.id));
        assert_eq!(applied.users, stored);
    };

    let pointer = Node::new("user").with("id", "p").with("type", "pointer");
    let inner = user("outer").containing([user("inner")]);
    let loose = named("domain", "two").containing([user("1"), pointer, inner]);
    let mut sections = vec![directory("one", (0..600).map(|id| user(&id.to_string())))];
    sections[0].children.push(loose);
    sections.push(
        named("section", "configuration").containing([named("configuration", "x").containing([user("9")])]),
    );
    let applied = edit(&store, instance, vec![insert(root, At::Last, sections)]).await.unwrap();
    check(&applied, 602).await;

    // Between two that were inserted side by side there is room for 32, one after the other; then all get new keys.
    let users =
        find(&store.tree(instance).await.unwrap(), "section/directory domain/one groups group/all users")
            .clone();
    let place = At::After(users.children[0].id);
    let edits = (0..40).map(|id| insert(users.id, place, vec![user(&format!("between-{id}"))])).collect();
    let applied = edit(&store, instance, edits).await.unwrap();
    let ids: Vec<_> = applied.users.iter().map(|user| user.node.id).collect();
    assert!((1..40).contains(&ids.len()), "those before were numbered anew: {}", ids.len());
    check(&applied, ids.len()).await;

    // Another edit may have been about them.
    let last = *applied.inserted.last().unwrap();
    let edits =
        vec![insert(users.id, At::Last, vec![user("last")]), Edit::Enable { id: last, enabled: false }];
    check(&edit(&store, instance, edits).await.unwrap(), 0).await;
}
