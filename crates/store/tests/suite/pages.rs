//! Reading nodes page by page.

use crate::fixture::{Home, edit, named, on_both_engines, start};
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::Error;

on_both_engines!(children_come_in_pages, filters_mean_what_they_say, subtrees_come_whole);

async fn children_come_in_pages(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes =
        (0..25).map(|number| named("section", &number.to_string()).containing([Node::new("x")])).collect();
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let (mut next, mut seen) = (None, Vec::new());
    loop {
        let page = store.children(root, None, next, 10).await.unwrap();
        assert_eq!(page.total, 25);
        assert!(page.items.iter().all(|row| row.child_count == 1 && row.parent == Some(root)));
        seen.extend(page.items.into_iter().map(|row| row.node.natural_name().unwrap().to_owned()));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..25).map(|number| number.to_string()).collect::<Vec<_>>());
    let third = store.children(root, None, None, 3).await.unwrap().next;
    let page = store.children(root, Some("2"), third, 2).await.unwrap();
    assert_eq!(page.total, 7);
    let found: Vec<_> =
        page.items.iter().map(|row| (row.node.natural_name().unwrap(), row.position)).collect();
    assert_eq!(found, [("12", 13), ("20", 21)]);
    let page = store.children(root, Some("2"), page.next, 2).await.unwrap();
    let found: Vec<_> =
        page.items.iter().map(|row| (row.node.natural_name().unwrap(), row.position)).collect();
    assert_eq!(found, [("21", 22), ("22", 23)]);
    assert_eq!(store.children(NodeId(99_999), None, None, 10).await.unwrap().total, 0);
}

async fn filters_mean_what_they_say(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let odd = [
        "50%",
        "5_0",
        "500",
        "back\\slash",
        "quote\"d",
        "it's",
        "<&>",
        "grüße 😀",
        "GRÜSSE",
        "Mixed Case",
        "a,b",
    ];
    let mut nodes: Vec<Node> = odd.iter().map(|name| named("param", name)).collect();
    nodes.push(Node { text: Some("Some TEXT".into()), ..Node::new("Special") });
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let found = async |filter: &str| {
        let page = store.children(root, Some(filter), None, 100).await.unwrap();
        assert_eq!(page.total, page.items.len() as i64);
        let names = page.items.iter().map(|row| row.node.natural_name().unwrap_or("text").to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(found("%").await, ["50%"]);
    assert_eq!(found("_").await, ["5_0"]);
    assert_eq!(found("5_0").await, ["5_0"]);
    assert_eq!(found("\\").await, ["back\\slash"]);
    assert_eq!(found("K\\S").await, ["back\\slash"]);
    assert_eq!(found("e\"D").await, ["quote\"d"]);
    assert_eq!(found("it's").await, ["it's"]);
    assert_eq!(found("<&>").await, ["<&>"]);
    assert_eq!(found("😀").await, ["grüße 😀"]);
    // Only ASCII letters are the same in both cases.
    assert_eq!(found("ü").await, ["grüße 😀"]);
    assert_eq!(found("mIXED").await, ["Mixed Case"]);
    assert_eq!(found("A,B").await, ["a,b"]);
    assert_eq!(found("some text").await, ["text"]);
    assert_eq!(found("SPECIAL").await, ["text"]);
    assert_eq!(found("param").await.len(), odd.len());
    assert_eq!(found("").await.len(), odd.len() + 1);
    assert_eq!(found("'; DROP TABLE node; --").await, [""; 0]);
    let error = store.children(root, Some(&"x".repeat(5_000)), None, 10).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
}

async fn subtrees_come_whole(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes = vec![
        named("a", "1").containing([named("b", "1").containing([named("c", "1")])]),
        named("a", "2").containing([named("b", "2"), named("b", "3")]),
    ];
    let ids = edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }])
        .await
        .unwrap()
        .inserted;
    let tree = store.tree(instance).await.unwrap();
    let inner = tree.children[0].children[0].id;
    let found = store.subtrees(&[ids[1], NodeId(99_999), ids[0], inner]).await.unwrap();
    let mut found: Vec<_> = found.into_iter().map(|one| (one.order, one.parent, one.node)).collect();
    found.sort_by_key(|one| one.0);
    let found: Vec<_> = found.into_iter().map(|(_, parent, node)| (parent, node)).collect();
    assert_eq!(found, [(Some(root), tree.children[0].clone()), (Some(root), tree.children[1].clone())]);
    let located = store.subtree(inner).await.unwrap().unwrap();
    assert_eq!(
        (located.instance, located.position, &located.node),
        (instance, 1, &tree.children[0].children[0])
    );
    assert_eq!(located.path.iter().map(|step| step.id).collect::<Vec<_>>(), [root, ids[0], inner]);
    assert_eq!(store.subtrees(&[]).await.unwrap(), []);
}
