//! What a revision says about itself.

use crate::fixture::{Home, author, directory, edit, find, named, on_both_engines, start, user};
use custompbx_model::{At, Edit, Node, NodeId, Part};
use custompbx_store::{Author, Op, RevisionId, Store, Which};

on_both_engines!(
    revisions_tell_who_and_what,
    revisions_come_in_pages,
    revisions_are_found_by_what_they_have_to_do_with,
    parts_name_what_to_rebuild,
);

async fn revisions_tell_who_and_what(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let head = store.head().await.unwrap();
    let nodes = vec![named("section", "configuration").containing([named("configuration", "acl.conf")])];
    let insert = vec![Edit::Insert { parent: root, at: At::Last, nodes }];
    let applied = store.apply(instance, &author(), "added a section", insert).await.unwrap();
    let revision = applied.revision.unwrap();
    assert_eq!(store.head().await.unwrap(), revision);
    let after = store.revisions_after(head).await.unwrap();
    let [only] = &after[..] else { panic!("{after:?}") };
    assert_eq!((only.id, only.instance, only.at_ms), (revision, instance, 2_000));
    assert_eq!((&*only.actor, &*only.origin, &*only.summary), ("alice", "test", "added a section"));
    assert_eq!((&only.parts, &applied.parts), (&vec![Part::Everything], &vec![Part::Everything]));

    let document = store.tree(instance).await.unwrap().children[0].children[0].id;
    let attributes = vec![("name".into(), "acl2.conf".into())];
    let update = vec![Edit::Update { id: document, attributes, text: None }, Edit::Delete { id: document }];
    let applied = edit(&store, instance, update).await.unwrap();
    assert_eq!(applied.parts, [Part::Document { id: document }]);
    let changes = store.changes(applied.revision.unwrap()).await.unwrap();
    let [update, delete] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((update.seq, update.op, update.node), (1, Op::Update, document));
    let name = |siblings: &Option<custompbx_store::Siblings>| {
        siblings.as_ref().map(|siblings| siblings.nodes[0].attribute("name").unwrap_or_default().to_owned())
    };
    assert_eq!(name(&update.before).as_deref(), Some("acl.conf"));
    assert_eq!(name(&update.after).as_deref(), Some("acl2.conf"));
    assert_eq!(
        (delete.op, name(&delete.before).as_deref(), name(&delete.after)),
        (Op::Delete, Some("acl2.conf"), None)
    );
    assert_eq!(store.changes(RevisionId(99)).await.unwrap(), []);
}

async fn revisions_come_in_pages(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    store.create_instance("other", "", &author()).await.unwrap();
    for number in 0..5 {
        let nodes = vec![named("section", &number.to_string())];
        edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut next = None;
    loop {
        let page = store.revisions(instance, next, 4).await.unwrap();
        assert_eq!(page.total, 6);
        seen.extend(page.items.iter().map(|revision| revision.id));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let ids: Vec<_> =
        store.revisions_after(RevisionId(0)).await.unwrap().iter().map(|found| found.id).collect();
    assert_eq!(ids.len(), 7);
    assert!(ids.is_sorted());
}

async fn revisions_are_found_by_what_they_have_to_do_with(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let mut at_ms = 10_000;
    let mut made = Vec::new();
    let mut by = async |actor: &str, edits| {
        at_ms += 1_000;
        let author = Author { actor: actor.into(), origin: "test".into(), at_ms };
        let applied = store.apply(instance, &author, "x", edits).await.unwrap();
        made.push(applied.revision.unwrap());
        applied.inserted
    };
    let nodes =
        vec![named("section", "a"), named("section", "b").containing([named("p", "1"), named("p", "2")])];
    let sections = by("alice", vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await;
    let tree = store.tree(instance).await.unwrap();
    let second = find(&tree, "section/b p/2").id;
    by("bob", vec![Edit::Delete { id: second }]).await;
    by("alice", vec![Edit::Enable { id: sections[0], enabled: false }]).await;
    by("bob", vec![Edit::Insert { parent: sections[1], at: At::Last, nodes: vec![named("p", ",3,\"")] }])
        .await;
    let find = async |which: Which| {
        let page = store.revisions_of(instance, &which, None, 10).await.unwrap();
        assert_eq!(page.items.len() as i64, page.total);
        let ids: Vec<_> = page.items.iter().map(|found| found.id).collect();
        assert!(ids.is_sorted_by(|a, b| a > b));
        made.iter().enumerate().filter(|(_, id)| ids.contains(id)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let all = Which::default();
    assert_eq!(find(all.clone()).await, [0, 1, 2, 3]);
    assert_eq!(find(Which { actor: Some("bob".into()), ..all.clone() }).await, [1, 3]);
    assert_eq!(find(Which { actor: Some("b\0b".into()), ..all.clone() }).await, [0; 0]);
    let times = Which { since_ms: Some(12_000), until_ms: Some(14_000), ..all.clone() };
    assert_eq!(find(times).await, [1, 2]);
    let about = |ids: &[NodeId]| Which { nodes: Some(ids.to_vec()), ..Which::default() };
    assert_eq!(find(about(&[second])).await, [0, 1], "made with others, and deleted");
    assert_eq!(find(about(&[sections[0]])).await, [0, 2]);
    assert_eq!(find(about(&[sections[1]])).await, [0, 1, 3], "what is in it");
    assert_eq!(find(about(&[NodeId(3_000_000)])).await, [0; 0]);
    assert_eq!(store.revisions_of(instance, &all, Some(made[2]), 1).await.unwrap().next, Some(made[1]));
    assert_eq!(store.touched_since(second, made[0]).await.unwrap(), Some(made[1]));
    assert_eq!(store.touched_since(second, made[1]).await.unwrap(), None);
    assert_eq!(store.made_in(second).await.unwrap(), Some(made[0]));
    assert_eq!(store.gone_in(second).await.unwrap(), Some(made[1]));
    assert_eq!(store.gone_in(sections[0]).await.unwrap(), None);
    assert_eq!(store.revision(made[1]).await.unwrap().unwrap().actor, "bob");
    assert_eq!(store.revision(RevisionId(-1)).await.unwrap(), None);
    let at = async |ms| store.revision_at(instance, ms).await.unwrap().map(|found| found.id);
    assert_eq!(
        (at(12_999).await, at(13_000).await, at(i64::MIN).await),
        (Some(made[1]), Some(made[2]), None)
    );
}

async fn parts_name_what_to_rebuild(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let section = directory("d", [user("1000").with("number-alias", "77"), user("1001")]);
    let nodes = vec![section, Node::new("variables").containing([named("variable", "v")])];
    edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let tree = store.tree(instance).await.unwrap();
    let at = |way: &str| find(&tree, way).id;
    let domain = at("section/directory domain/d");
    let group = at("section/directory domain/d groups group/all");
    let users = at("section/directory domain/d groups group/all users");
    let first = at("section/directory domain/d groups group/all users user/1000");
    let second = at("section/directory domain/d groups group/all users user/1001");
    let variable = at("variables variable/v");
    let user_part = |id, names: &[&str]| Part::User {
        domain,
        id,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let head = Part::DomainHead { domain };
    let parts = async |store: &Store, one: Edit| edit(store, instance, vec![one]).await.unwrap().parts;
    let set = |id: NodeId, attributes: &[(&str, &str)]| {
        let attributes = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Edit::Update { id, attributes, text: None }
    };

    assert_eq!(parts(&store, Edit::Enable { id: variable, enabled: false }).await, [Part::Variables]);
    assert_eq!(parts(&store, set(domain, &[("name", "e")])).await, [Part::Domain { id: domain }]);
    // The names before and after.
    let expected = [user_part(first, &["1000", "77"]), user_part(first, &["1002", "77"])];
    assert_eq!(parts(&store, set(first, &[("id", "1002"), ("number-alias", "77")])).await, expected);
    let params = at("section/directory domain/d groups group/all users user/1001 params");
    assert_eq!(parts(&store, Edit::Delete { id: params }).await, [user_part(second, &["1001"])]);
    // A user that becomes a pointer is one no more.
    let expected = [head.clone(), user_part(second, &["1001"])];
    assert_eq!(parts(&store, set(second, &[("id", "1001"), ("type", "pointer")])).await, expected);
    assert_eq!(store.user_ids(instance).await.unwrap(), [first]);
    assert_eq!(parts(&store, set(second, &[("id", "1001")])).await, expected, "and one again");
    assert_eq!(
        parts(&store, Edit::Enable { id: second, enabled: false }).await,
        [user_part(second, &["1001"])]
    );
    assert_eq!(
        parts(&store, Edit::Enable { id: second, enabled: true }).await,
        [user_part(second, &["1001"])]
    );
    assert_eq!(store.user_ids_of_domain(domain).await.unwrap(), [first, second]);
    // What is done to a group is done to its users.
    let both = [head.clone(), user_part(first, &["1002", "77"]), user_part(second, &["1001"])];
    assert_eq!(parts(&store, Edit::Enable { id: group, enabled: false }).await, both);
    assert_eq!(parts(&store, Edit::Move { id: users, parent: domain, at: At::First }).await, both);
    let more = Node::new("groups").containing([named("group", "new").containing([user("2000")])]);
    let insert = Edit::Insert { parent: domain, at: At::Last, nodes: vec![more] };
    let new = parts(&store, insert).await;
    assert!(
        matches!(&new[..], [Part::DomainHead { .. }, Part::User { names, .. }] if names == &["2000"]),
        "{new:?}"
    );
    assert_eq!(parts(&store, Edit::Delete { id: users }).await, both);
    // A section that is no directory any more has no users.
    assert_eq!(store.user_ids(instance).await.unwrap().len(), 1);
    let section = at("section/directory");
    assert_eq!(parts(&store, set(section, &[("name", "x")])).await, [Part::Everything]);
    assert_eq!(store.user_ids(instance).await.unwrap(), []);
    parts(&store, set(section, &[("name", "directory")])).await;
    assert_eq!(store.user_ids(instance).await.unwrap().len(), 1);
}
