//! Siblings keep their order in gaps that are used up now and then.

use std::collections::HashMap;

use crate::fixture::{Home, directory, edit, find, named, on_both_engines, start, user};
use crate::memory::{self, assert_children};
use custompbx_model::{At, Edit, Node, NodeId, Part};
use custompbx_store::{InstanceId, RevisionId, Store};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

on_both_engines!(
    who_comes_goes_or_moves_changes_no_other,
    the_same_place_again_and_again,
    many_at_once_share_a_gap,
    one_revision_with_many_edits,
    editors_at_the_same_place,
    a_domain_is_read_again_when_its_users_are_numbered_anew,
);

/// A list of so many, which are numbered from 0.
async fn list(store: &Store, names: usize) -> (InstanceId, NodeId, Vec<NodeId>) {
    let (instance, root) = start(store).await;
    let nodes = (0..names).map(|name| named("p", &name.to_string()));
    let list = named("section", "x").containing(nodes);
    let insert = vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![list] }];
    edit(store, instance, insert).await.unwrap();
    let tree = store.tree(instance).await.unwrap();
    let list = find(&tree, "section/x");
    (instance, list.id, list.children.iter().map(|child| child.id).collect())
}

async fn orders(store: &Store, ids: &[NodeId]) -> HashMap<NodeId, i64> {
    store.subtrees(ids).await.unwrap().iter().map(|found| (found.node.id, found.order)).collect()
}

/// Takes back all revisions behind this one.
async fn walk_back(store: &Store, instance: InstanceId, to: RevisionId, expected: &Node) {
    let mut tree = store.tree(instance).await.unwrap();
    for revision in store.revisions_after(to).await.unwrap().iter().rev() {
        for change in store.changes(revision.id).await.unwrap().iter().rev() {
            memory::undo(&mut tree, change);
        }
    }
    assert_eq!(tree, *expected);
}

fn p(name: &str) -> Vec<Node> {
    vec![named("p", name)]
}

async fn who_comes_goes_or_moves_changes_no_other(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = list(&store, 6).await;
    let before = orders(&store, &ids).await;
    let insert = |at| Edit::Insert { parent: list, at, nodes: p("new") };
    let mut expected = ids.clone();
    for at in [At::First, At::Last, At::After(ids[0]), At::After(ids[5]), At::First] {
        let new = edit(&store, instance, vec![insert(at)]).await.unwrap().inserted[0];
        let place = match at {
            At::First => 0,
            At::Last => expected.len(),
            At::After(id) => expected.iter().position(|one| *one == id).unwrap() + 1,
        };
        expected.insert(place, new);
        assert_children(&store, list, &expected).await;
    }
    for (moved, at) in [(ids[1], At::First), (ids[2], At::Last), (ids[1], At::After(ids[3]))] {
        edit(&store, instance, vec![Edit::Move { id: moved, parent: list, at }]).await.unwrap();
    }
    edit(&store, instance, vec![Edit::Delete { id: expected[0] }, Edit::Delete { id: ids[0] }])
        .await
        .unwrap();
    let after = orders(&store, &ids).await;
    for stayed in &ids[3..] {
        assert_eq!(after[stayed], before[stayed]);
    }
    assert_eq!(after.len(), 5);
}

/// Each one halves the gap that is left, until all are numbered anew.
async fn the_same_place_again_and_again(home: Home) {
    let store = home.open().await;
    let (instance, list, mut expected) = list(&store, 40).await;
    let (head, tree) = (store.head().await.unwrap(), store.tree(instance).await.unwrap());
    let (first, second) = (expected[0], expected[1]);
    let mut anew = 0;
    for round in 0..120 {
        let before = orders(&store, &[second]).await;
        let made = match round % 6 {
            3 => {
                let id = expected.pop().unwrap();
                expected.insert(1, id);
                Edit::Move { id, parent: list, at: At::After(first) }
            }
            // What came just now goes again.
            5 => Edit::Delete { id: expected.remove(1) },
            _ => Edit::Insert { parent: list, at: At::After(first), nodes: p(&round.to_string()) },
        };
        let inserted = edit(&store, instance, vec![made]).await.unwrap().inserted;
        expected.splice(1..1, inserted);
        assert_children(&store, list, &expected).await;
        anew += usize::from(orders(&store, &[second]).await != before);
    }
    assert_eq!(anew, 2, "80 came to stay, and a gap has room for 32");
    walk_back(&store, instance, head, &tree).await;
}

async fn many_at_once_share_a_gap(home: Home) {
    let store = home.open().await;
    let (instance, list, mut expected) = list(&store, 10).await;
    let before = orders(&store, &expected).await;
    let (head, tree) = (store.head().await.unwrap(), store.tree(instance).await.unwrap());
    let many = async |expected: &mut Vec<NodeId>, at: usize, count: usize| {
        let nodes = (0..count).map(|name| named("q", &name.to_string())).collect();
        let insert = Edit::Insert { parent: list, at: At::After(expected[at - 1]), nodes };
        let new = edit(&store, instance, vec![insert]).await.unwrap().inserted;
        expected.splice(at..at, new);
        assert_children(&store, list, expected).await;
    };
    many(&mut expected, 4, 1_000).await;
    let after = orders(&store, &expected).await;
    assert!(before.iter().all(|(id, order)| after[id] == *order));
    // A part of a part, and so on, of which the fourth is too small.
    for _ in 0..4 {
        many(&mut expected, 500, 300).await;
    }
    let after = orders(&store, &expected).await;
    assert!(before.iter().any(|(id, order)| after[id] != *order));
    walk_back(&store, instance, head, &tree).await;
}

/// So many that places are not counted any more but known, and so many at one place that all are numbered anew.
async fn one_revision_with_many_edits(home: Home) {
    let store = home.open().await;
    let (instance, list, ids) = list(&store, 1_500).await;
    let other = Edit::Insert { parent: ids[0], at: At::Last, nodes: (0..200).flat_map(|_| p("o")).collect() };
    edit(&store, instance, vec![other]).await.unwrap();
    for seed in 0..3 {
        let mut random = StdRng::seed_from_u64(seed);
        // Ids are given in the order of the edits, from the one behind this on.
        let insert = Edit::Insert { parent: list, at: At::First, nodes: p("last id") };
        let mut next = edit(&store, instance, vec![insert]).await.unwrap().inserted[0].0 + 1;
        let (head, before) = (store.head().await.unwrap(), store.tree(instance).await.unwrap());
        let mut expected = before.clone();
        let mut edits = Vec::new();
        while edits.len() < 600 {
            let list = memory::find(&mut expected, list).unwrap();
            let holder = memory::find(list, ids[0]).unwrap().clone();
            let one_of = |random: &mut StdRng, parent: &Node| {
                parent.children[random.random_range(0..parent.children.len())].id
            };
            let (from, to) = if random.random_bool(0.8) { (&*list, &*list) } else { (&*list, &holder) };
            let (from, to) = if random.random_bool(0.5) { (from, to) } else { (to, from) };
            let id = one_of(&mut random, from);
            let at = match random.random_range(0..5) {
                0 => At::First,
                1 => At::Last,
                // Always the same place.
                2 => At::After(to.children[to.children.len() / 2].id),
                _ => At::After(one_of(&mut random, to)),
            };
            let made = match random.random_range(0..10) {
                0..=4 => {
                    let nodes = (0..random.random_range(1..4)).flat_map(|_| p("new")).collect();
                    Edit::Insert { parent: to.id, at, nodes }
                }
                5..=6 if id != ids[0] && at != At::After(id) => Edit::Move { id, parent: to.id, at },
                7 if id != ids[0] => Edit::Delete { id },
                8 => Edit::Enable { id, enabled: random.random() },
                _ => Edit::Update { id, attributes: named("p", "updated").attributes, text: None },
            };
            assert!(memory::apply(&mut expected, &made, &mut next), "seed {seed}: {made:?}");
            edits.push(made);
        }
        edit(&store, instance, edits).await.unwrap();
        assert_eq!(store.tree(instance).await.unwrap(), expected, "seed {seed}");
        for holder in [list, ids[0]] {
            let children = &memory::find(&mut expected, holder).unwrap().children;
            let children: Vec<NodeId> = children.iter().map(|child| child.id).collect();
            assert_children(&store, holder, &children).await;
        }
        walk_back(&store, instance, head, &before).await;
    }
}

/// Eight at once, half of them as another program, until there is no room between the first two.
async fn editors_at_the_same_place(home: Home) {
    let store = home.open().await;
    let second = home.open().await;
    let (instance, list, ids) = list(&store, 5).await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = if task % 2 == 0 { store.clone() } else { second.clone() };
            let (first, last) = (ids[0], ids[4]);
            tokio::spawn(async move {
                let mut mine = Vec::new();
                for round in 0..12 {
                    let nodes = p(&format!("{task}-{round}"));
                    let insert = Edit::Insert { parent: list, at: At::After(first), nodes };
                    mine.extend(edit(&store, instance, vec![insert]).await.unwrap().inserted);
                    // One goes away, and three go to the end.
                    let made = match round {
                        1 => Edit::Delete { id: mine.pop().unwrap() },
                        4 | 7 | 10 => {
                            Edit::Move { id: *mine.last().unwrap(), parent: list, at: At::After(last) }
                        }
                        _ => continue,
                    };
                    edit(&store, instance, vec![made]).await.unwrap();
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    let tree = store.tree(instance).await.unwrap();
    let found: Vec<NodeId> = find(&tree, "section/x").children.iter().map(|child| child.id).collect();
    assert_children(&store, list, &found).await;
    assert_eq!(found.len(), 5 + all.iter().map(Vec::len).sum::<usize>());
    let place = |id: &NodeId| found.iter().position(|one| one == id).unwrap();
    for mine in &all {
        // Who came later stands before, in both places.
        let (stayed, moved): (Vec<usize>, Vec<usize>) =
            mine.iter().map(place).partition(|at| *at < place(&ids[4]));
        assert!(stayed.is_sorted_by(|a, b| a > b) && moved.is_sorted_by(|a, b| a > b));
        assert_eq!((stayed.len(), moved.len()), (8, 3));
    }
    assert!(ids.iter().map(place).is_sorted());
}

async fn a_domain_is_read_again_when_its_users_are_numbered_anew(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let nodes = vec![directory("d", [user("1"), user("2")]), named("section", "x").containing(p("a"))];
    let list =
        edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    let list = list.inserted[1];
    let tree = store.tree(instance).await.unwrap();
    let domain = find(&tree, "section/directory domain/d").id;
    let users = find(&tree, "section/directory domain/d groups group/all users");
    let insert = async |parent, after, node| {
        let insert = Edit::Insert { parent, at: At::After(after), nodes: vec![node] };
        edit(&store, instance, vec![insert]).await.unwrap().parts
    };
    let mut whole = Vec::new();
    for round in 0..40 {
        let parts = insert(users.id, users.children[0].id, user(&format!("new {round}"))).await;
        match &parts[..] {
            [Part::User { .. }] => {}
            [Part::Domain { id }] if *id == domain => whole.push(round),
            _ => panic!("{parts:?}"),
        }
    }
    assert_eq!(whole, [32], "a gap has room for 32");
    // Elsewhere nobody keeps the orders.
    let first = find(&tree, "section/x p/a").id;
    insert(list, first, named("p", "z")).await;
    for round in 0..40 {
        let parts = insert(list, first, named("p", &round.to_string())).await;
        assert!(matches!(parts[..], [Part::Document { .. }]), "{parts:?}");
    }
}
