//! Every kind of edit, and what happens when it cannot be made.

use crate::fixture::{Home, author, directory, edit, find, named, names, on_both_engines, start, user};
use crate::memory::assert_children;
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{Error, InstanceId, Store, UserFilter};

on_both_engines!(
    nodes_go_where_they_should,
    content_is_kept_as_it_is,
    updates_and_switching_off,
    moves_among_siblings_and_elsewhere,
    deleting_takes_everything_below,
    what_cannot_be_is_refused,
    another_instances_nodes_do_not_exist,
    edits_that_change_nothing_leave_no_trace,
    a_failure_leaves_nothing,
    many_editors_lose_nothing,
    progress_is_told,
    what_comes_back_is_what_it_was,
    many_updates_are_recorded_as_if_they_were_made_one_by_one
);

/// A list of five, `a` to `e`.
async fn five(store: &Store) -> (InstanceId, NodeId, Vec<NodeId>) {
    let (instance, root) = start(store).await;
    let nodes = ["a", "b", "c", "d", "e"].map(|name| named("p", name));
    let list = named("section", "x").containing(nodes);
    edit(store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![list] }])
        .await
        .unwrap();
    let tree = store.tree(instance).await.unwrap();
    let list = find(&tree, "section/x");
    (instance, list.id, list.children.iter().map(|child| child.id).collect())
}

async fn order(store: &Store, list: NodeId) -> String {
    let found = store.subtree(list).await.unwrap().unwrap();
    let page = store.children(list, None, None, 1_000).await.unwrap();
    let positions: Vec<i64> = page.items.iter().map(|row| row.position).collect();
    assert_eq!(positions, (1..=page.total).collect::<Vec<_>>());
    names(&found.node).concat()
}

async fn nodes_go_where_they_should(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let insert = |at, names: &[&str]| {
        let nodes = names.iter().map(|name| named("p", name)).collect();
        vec![Edit::Insert { parent: list, at, nodes }]
    };
    let applied = edit(&store, instance, insert(At::First, &["1", "2"])).await.unwrap();
    assert_eq!(applied.inserted.len(), 2);
    assert_eq!(order(&store, list).await, "12abcde");
    edit(&store, instance, insert(At::Last, &["8", "9"])).await.unwrap();
    edit(&store, instance, insert(At::After(ids[2]), &["4", "5"])).await.unwrap();
    assert_eq!(order(&store, list).await, "12abc45de89");
    let first = store.children(list, None, None, 1).await.unwrap().items.remove(0);
    assert_eq!(first.node.id, applied.inserted[0]);
}

async fn content_is_kept_as_it_is(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let odd = "<&>\"' \\ % _ 😀 ü \u{1} \t\r\n $${x} ]]> ', \"";
    let node = Node {
        enabled: false,
        text: Some(odd.into()),
        ..Node::new("odd").with(odd, odd).with("empty", "").with("twice", "1").with("twice", "2")
    };
    let node = node.containing([Node { text: Some(odd.into()), ..Node::new("#text") }, Node::new(odd)]);
    let nodes = vec![node.clone()];
    let applied =
        edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let found = store.subtree(applied.inserted[0]).await.unwrap().unwrap().node;
    let mut expected = node.clone();
    crate::memory::number(&mut expected, &mut applied.inserted[0].0.clone());
    assert_eq!(found, expected);
    let change = store.changes(applied.revision.unwrap()).await.unwrap().remove(0);
    assert_eq!(change.after.unwrap().nodes, [found]);
}

async fn updates_and_switching_off(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let attributes = vec![("name".into(), "B".into()), ("value".into(), "1".into())];
    let update = Edit::Update { id: ids[1], attributes, text: Some("t".into()) };
    edit(&store, instance, vec![update, Edit::Enable { id: ids[2], enabled: false }]).await.unwrap();
    assert_eq!(order(&store, list).await, "aBcde");
    let (row, path) = store.node(ids[1]).await.unwrap().unwrap();
    assert_eq!(
        (row.node.text.as_deref(), row.position, row.parent, row.child_count),
        (Some("t"), 2, Some(list), 0)
    );
    assert_eq!(path.iter().map(|step| &*step.tag).collect::<Vec<_>>(), ["document", "section", "p"]);
    assert!(!store.node(ids[2]).await.unwrap().unwrap().0.node.enabled);
    edit(&store, instance, vec![Edit::Enable { id: ids[2], enabled: true }]).await.unwrap();
    assert!(store.node(ids[2]).await.unwrap().unwrap().0.node.enabled);
    assert_eq!(store.node(list).await.unwrap().unwrap().0.child_count, 5);
}

async fn moves_among_siblings_and_elsewhere(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let to = |id: usize, at| vec![Edit::Move { id: ids[id], parent: list, at }];
    for (id, at, expected) in [
        (0, At::Last, "bcdea"),
        (0, At::First, "abcde"),
        (3, At::After(ids[0]), "adbce"),
        (3, At::After(ids[2]), "abcde"),
        (1, At::After(ids[4]), "acdeb"),
        (4, At::First, "eacdb"),
        (4, At::First, "eacdb"),
    ] {
        edit(&store, instance, to(id, at)).await.unwrap();
        assert_eq!(order(&store, list).await, expected);
    }
    let elsewhere = Edit::Move { id: ids[2], parent: ids[0], at: At::Last };
    let then = Edit::Move { id: ids[3], parent: ids[0], at: At::First };
    edit(&store, instance, vec![elsewhere, then]).await.unwrap();
    assert_eq!(order(&store, list).await, "eab");
    assert_eq!(order(&store, ids[0]).await, "dc");
}

async fn deleting_takes_everything_below(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let below = named("q", "below").containing([named("r", "deeper")]);
    let insert = Edit::Insert { parent: ids[1], at: At::Last, nodes: vec![below] };
    let inserted = edit(&store, instance, vec![insert]).await.unwrap().inserted;
    edit(&store, instance, vec![Edit::Delete { id: ids[1] }, Edit::Delete { id: ids[3] }]).await.unwrap();
    assert_eq!(order(&store, list).await, "ace");
    assert_eq!(store.node(inserted[0]).await.unwrap(), None);
    assert_eq!(store.subtree(inserted[0]).await.unwrap(), None);
    // Ids are never used again.
    let insert = Edit::Insert { parent: list, at: At::Last, nodes: vec![named("p", "f")] };
    assert!(edit(&store, instance, vec![insert]).await.unwrap().inserted[0].0 > inserted[0].0 + 1);
    assert_eq!(store.tree(instance).await.unwrap().count(), 6);
}

async fn what_cannot_be_is_refused(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let (_, root) = start(&store).await;
    let child = Edit::Insert { parent: ids[0], at: At::Last, nodes: vec![named("q", "inner")] };
    let inner = edit(&store, instance, vec![child]).await.unwrap().inserted[0];
    let before = store.tree(instance).await.unwrap();
    let head = store.head().await.unwrap();
    let nothing = NodeId(1_000_000);
    let p = || vec![named("p", "new")];
    let missing = [
        Edit::Insert { parent: nothing, at: At::Last, nodes: p() },
        Edit::Insert { parent: list, at: At::After(nothing), nodes: p() },
        Edit::Update { id: nothing, attributes: vec![], text: None },
        Edit::Enable { id: nothing, enabled: false },
        Edit::Move { id: nothing, parent: list, at: At::Last },
        Edit::Move { id: ids[0], parent: nothing, at: At::Last },
        Edit::Delete { id: nothing },
    ];
    let invalid = [
        Edit::Insert { parent: list, at: At::After(inner), nodes: p() },
        Edit::Insert { parent: list, at: At::Last, nodes: vec![named("p", "zero\0")] },
        Edit::Insert { parent: list, at: At::Last, nodes: vec![Node::new("")] },
        Edit::Update { id: ids[0], attributes: vec![], text: Some("\0".into()) },
        Edit::Move { id: list, parent: inner, at: At::Last },
        Edit::Move { id: list, parent: list, at: At::Last },
        Edit::Move { id: ids[0], parent: list, at: At::After(ids[0]) },
        Edit::Move { id: root, parent: list, at: At::Last },
        Edit::Delete { id: root },
    ];
    let good = Edit::Delete { id: ids[4] };
    for refused in missing {
        let error = edit(&store, instance, vec![good.clone(), refused.clone()]).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { what: "node", .. }), "{refused:?}: {error:?}");
    }
    for refused in invalid {
        let error = edit(&store, instance, vec![good.clone(), refused.clone()]).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{refused:?}: {error:?}");
    }
    assert_eq!(store.tree(instance).await.unwrap(), before);
    assert_eq!(store.head().await.unwrap(), head);
    let error = edit(&store, InstanceId(77), vec![good]).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot change instance 77 (a change): there is no instance 77");
}

async fn another_instances_nodes_do_not_exist(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let other = store.create_instance("other", "", &author()).await.unwrap().id;
    let root = store.tree(other).await.unwrap().id;
    for foreign in [
        Edit::Delete { id: ids[0] },
        Edit::Insert { parent: list, at: At::Last, nodes: vec![named("p", "x")] },
        Edit::Move { id: ids[0], parent: root, at: At::Last },
    ] {
        let error = edit(&store, other, vec![foreign]).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    }
    assert_eq!(store.tree(other).await.unwrap().count(), 1);
    assert_eq!(store.tree(instance).await.unwrap().count(), 7);
}

async fn edits_that_change_nothing_leave_no_trace(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let head = store.head().await.unwrap();
    let same = vec![("name".into(), "a".into())];
    for nothing in [
        vec![],
        vec![Edit::Update { id: ids[0], attributes: same, text: None }],
        vec![
            Edit::Enable { id: ids[0], enabled: true },
            Edit::Move { id: ids[0], parent: list, at: At::First },
        ],
        vec![Edit::Insert { parent: list, at: At::First, nodes: vec![] }],
    ] {
        let applied = edit(&store, instance, nothing).await.unwrap();
        assert_eq!((applied.revision, applied.parts, applied.inserted), (None, vec![], vec![]));
    }
    assert_eq!(store.head().await.unwrap(), head);
}

/// The error comes late, from the database itself; SQLite even ends the transaction by itself then.
async fn a_failure_leaves_nothing(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let before = store.tree(instance).await.unwrap();
    let head = store.head().await.unwrap();
    home.sql(match store.engine_name() {
        "sqlite" => {
            "CREATE TRIGGER broken BEFORE INSERT ON change BEGIN SELECT RAISE(ROLLBACK, 'broken'); END"
        }
        _ => {
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$; \
             CREATE TRIGGER broken BEFORE INSERT ON change FOR EACH ROW EXECUTE FUNCTION broken()"
        }
    })
    .await;
    let edits = || {
        let nodes = vec![directory("d", (0..100).map(|id| user(&id.to_string())))];
        vec![Edit::Delete { id: ids[0] }, Edit::Insert { parent: list, at: At::First, nodes }]
    };
    let error = edit(&store, instance, edits()).await.unwrap_err();
    match store.engine_name() {
        "sqlite" => assert!(matches!(error, Error::Failed { .. }), "{error:?}"),
        _ => assert!(matches!(error, Error::Full { .. }), "{error:?}"),
    }
    assert_eq!(store.tree(instance).await.unwrap(), before);
    assert_eq!(store.head().await.unwrap(), head);
    home.sql(match store.engine_name() {
        "sqlite" => "DROP TRIGGER broken",
        _ => "DROP TRIGGER broken ON change",
    })
    .await;
    edit(&store, instance, edits()).await.unwrap();
}

/// Eight editors at the same list; half of them over a connection of their own, as another program.
async fn many_editors_lose_nothing(home: Home) {
    let store = home.open().await;
    let second = home.open().await;
    let (instance, list, ids) = five(&store).await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = if task % 2 == 0 { store.clone() } else { second.clone() };
            let ids = ids.clone();
            tokio::spawn(async move {
                for round in 0..10_usize {
                    let node = named("p", &format!("{task}-{round}"));
                    let at = [At::First, At::Last, At::After(ids[round % 5])][round % 3];
                    let insert = Edit::Insert { parent: list, at, nodes: vec![node] };
                    let id = edit(&store, instance, vec![insert]).await.unwrap().inserted[0];
                    let at = [At::Last, At::After(ids[(round + task) % 5]), At::First][round % 3];
                    let moves = vec![
                        Edit::Move { id, parent: list, at },
                        Edit::Move { id: ids[(round * task) % 5], parent: list, at: At::First },
                    ];
                    edit(&store, instance, moves).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let tree = store.tree(instance).await.unwrap();
    let list = find(&tree, "section/x");
    let mut found = names(list);
    found.sort_unstable();
    let mut expected: Vec<String> =
        (0..8).flat_map(|task| (0..10).map(move |round| format!("{task}-{round}"))).collect();
    expected.extend(["a", "b", "c", "d", "e"].map(str::to_owned));
    expected.sort_unstable();
    assert_eq!(found, expected);
    let ids: Vec<NodeId> = list.children.iter().map(|child| child.id).collect();
    assert_children(&store, list.id, &ids).await;
}

async fn progress_is_told(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes = vec![directory("d", (0..200).map(|id| user(&id.to_string())))];
    let count = nodes[0].count() as u64;
    let mut told = Vec::new();
    let edits = vec![Edit::Insert { parent: root, at: At::Last, nodes }];
    store
        .apply_with_progress(instance, &author(), "import", edits, &mut |rows| told.push(rows))
        .await
        .unwrap();
    assert!(told.is_sorted() && told.len() > 3, "{told:?}");
    assert_eq!(told.last(), Some(&count));
}

async fn what_comes_back_is_what_it_was(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let section = directory("d", [user("1000").with("number-alias", "77"), user("1001"), user("1002")]);
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![section] }])
        .await
        .unwrap();
    let before = store.tree(instance).await.unwrap();
    let users = find(&before, "section/directory domain/d groups group/all users");
    let [first, second, _] = &users.children[..] else { panic!("{users:?}") };
    let restore = |at, nodes: &[&Node]| Edit::Restore {
        parent: users.id,
        at,
        nodes: nodes.iter().map(|node| (*node).clone()).collect(),
    };
    edit(&store, instance, vec![Edit::Delete { id: second.id }, Edit::Delete { id: first.id }])
        .await
        .unwrap();
    let without = store.tree(instance).await.unwrap();
    let applied = edit(&store, instance, vec![restore(At::First, &[first, second])]).await.unwrap();
    assert_eq!(applied.inserted, [first.id, second.id]);
    assert_eq!(applied.parts.len(), 2, "two users: {:?}", applied.parts);
    assert_eq!(store.tree(instance).await.unwrap(), before);
    assert_eq!(store.user_ids(instance).await.unwrap().len(), 3);
    // It is recorded as what came, so that it can be taken back like that.
    let mut tree = before.clone();
    for change in store.changes(applied.revision.unwrap()).await.unwrap().iter().rev() {
        crate::memory::undo(&mut tree, change);
    }
    assert_eq!(tree, without);

    let mut inner = first.clone();
    inner.id = NodeId(1_000_000);
    for (nodes, why) in [
        (vec![first], format!("node {} is there", first.id)),
        (vec![&inner], "node 1000000 never was".to_owned()),
    ] {
        let error = edit(&store, instance, vec![restore(At::Last, &nodes)]).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { why: told, .. } if told.contains(&why)), "{error:?}");
    }
    edit(&store, instance, vec![Edit::Delete { id: first.id }]).await.unwrap();
    for (nodes, why) in [(vec![first, first], "twice"), (vec![&Node::new("x")], "never was")] {
        let error = edit(&store, instance, vec![restore(At::Last, &nodes)]).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { why: told, .. } if told.contains(why)), "{error:?}");
    }
    // New nodes get ids behind those that came back.
    let insert = Edit::Insert { parent: users.id, at: At::Last, nodes: vec![user("1003")] };
    let new = edit(&store, instance, vec![restore(At::First, &[first]), insert]).await.unwrap().inserted;
    assert!(new[1] > first.id && !before.children.iter().any(|node| node.id == new[1]));
}

async fn many_updates_are_recorded_as_if_they_were_made_one_by_one(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes = vec![directory("d", (0..330).map(|id| user(&id.to_string()))), named("section", "other")];
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let before = store.tree(instance).await.unwrap();
    let update = |node: &Node, name: &str, value: &str| {
        let mut node = node.clone();
        node.set_attribute(name, value);
        Edit::Update { id: node.id, attributes: node.attributes, text: Some("a \"text\" of <ü>".into()) }
    };
    let mut edits = Vec::new();
    let users = &find(&before, "section/directory domain/d groups group/all users").children;
    for (index, user) in users.iter().enumerate() {
        // The user before what is in it, and behind it.
        let params = &user.children[0].children;
        match index % 3 {
            0 => edits.extend([update(user, "number-alias", "7"), update(&params[0], "value", "new")]),
            1 => edits.extend([update(&params[1], "value", "new"), update(user, "id", &format!("x{index}"))]),
            _ => edits.push(update(user, "type", "pointer")),
        }
        if index == 300 {
            edits.push(update(find(&before, "section/directory"), "name", "nothing"));
            edits.push(update(&params[0], "value", "newer"));
        }
    }
    edits.push(update(find(&before, "section/other"), "name", "directory"));
    edits.push(update(find(&before, "section/directory"), "name", "directory"));
    edits.push(update(find(&before, "section/directory"), "name", "directory"));

    let columns = async || {
        let all = UserFilter::default();
        store.users(instance, &all, None, 1_000).await.unwrap().items
    };
    let together = edit(&store, instance, edits.clone()).await.unwrap();
    let after = (store.tree(instance).await.unwrap(), columns().await);
    assert_eq!(after.1.len(), 220, "the others are pointers now");
    let at_once = store.changes(together.revision.unwrap()).await.unwrap();

    let mut back = Vec::new();
    before.walk(&mut |node| {
        let (attributes, text) = (node.attributes.clone(), node.text.clone());
        back.push(Edit::Update { id: node.id, attributes, text });
    });
    edit(&store, instance, back).await.unwrap();
    assert_eq!(store.tree(instance).await.unwrap(), before);
    let mut one_by_one = Vec::new();
    let mut parts = Vec::new();
    for edit in edits {
        let applied = self::edit(&store, instance, vec![edit]).await.unwrap();
        parts.extend(applied.parts);
        if let Some(revision) = applied.revision {
            one_by_one.extend(store.changes(revision).await.unwrap());
        }
    }
    assert_eq!((store.tree(instance).await.unwrap(), columns().await), after);
    assert_eq!(at_once.len(), one_by_one.len());
    for (at_once, alone) in at_once.iter().zip(&one_by_one) {
        assert_eq!((at_once.op, &at_once.before, &at_once.after), (alone.op, &alone.before, &alone.after));
    }
    assert_eq!(together.parts, custompbx_model::edit::collapse(parts));
    let gone = Edit::Update { id: NodeId(99_999), attributes: Vec::new(), text: None };
    let mut edits: Vec<_> = users.iter().take(20).map(|user| update(user, "number-alias", "8")).collect();
    edits.push(gone);
    assert!(matches!(edit(&store, instance, edits).await, Err(Error::NotFound { .. })));
    assert_eq!(store.tree(instance).await.unwrap(), after.0, "nothing of it");
}
