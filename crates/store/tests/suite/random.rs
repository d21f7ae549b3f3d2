//! Edits at random: the store does what the tree in memory does, and what it records leads all the way back.

use crate::fixture::{Home, edit, find, named, on_both_engines, start, user};
use crate::memory::{self, assert_children};
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{RevisionId, Store};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

on_both_engines!(random_edits_and_back, a_large_subtree_goes_and_comes_back);

const REVISIONS: usize = 150;

async fn random_edits_and_back(home: Home) {
    let store = home.open().await;
    for seed in 0..3 {
        let mut random = StdRng::seed_from_u64(seed);
        let name = format!("random {seed}");
        let instance = store.create_instance(&name, "", &crate::fixture::author()).await.unwrap().id;
        let mut tree = store.tree(instance).await.unwrap();
        let mut states: Vec<(RevisionId, Node)> = Vec::new();
        let mut restored = 0;
        for _ in 0..REVISIONS {
            let mut edits: Vec<Edit> =
                (0..random.random_range(1..5)).map(|_| random_edit(&mut random, &tree)).collect();
            if random.random_bool(0.2)
                && let Some(restore) = random_restore(&mut random, &tree, &states)
            {
                restored += 1;
                edits = vec![restore];
            }
            let mut expected = tree.clone();
            match edit(&store, instance, edits.clone()).await {
                Ok(applied) => {
                    let mut ids = applied.inserted.iter();
                    for edit in &edits {
                        let mut next = 0;
                        if let Edit::Restore { nodes, .. } = edit {
                            let expected: Vec<NodeId> = nodes.iter().map(|node| node.id).collect();
                            assert_eq!(ids.by_ref().take(nodes.len()).copied().collect::<Vec<_>>(), expected);
                        } else if let Edit::Insert { nodes, .. } = edit {
                            next = ids.next().unwrap().0;
                            ids.by_ref().take(nodes.len() - 1).for_each(drop);
                        }
                        assert!(memory::apply(&mut expected, edit, &mut next), "{edit:?}");
                    }
                    if let Some(revision) = applied.revision {
                        states.push((revision, tree.clone()));
                    } else {
                        assert_eq!(expected, tree);
                    }
                    tree = expected;
                }
                Err(error) => {
                    let made = edits.iter().all(|edit| {
                        let impossible = matches!(edit, Edit::Delete { id } | Edit::Move { id, .. } if *id == tree.id)
                            || matches!(edit, Edit::Move { id, at: At::After(after), .. } if id == after);
                        !impossible && memory::apply(&mut expected, edit, &mut 1_000_000)
                    });
                    assert!(!made, "seed {seed}: {edits:?}: {error}");
                }
            }
            assert_eq!(store.tree(instance).await.unwrap(), tree, "seed {seed}: {edits:?}");
            look_at_some(&store, &tree, &mut random).await;
        }
        assert!(states.len() > REVISIONS / 2 && restored > 5, "{} {restored}", states.len());
        for (revision, before) in states.into_iter().rev() {
            for change in store.changes(revision).await.unwrap().iter().rev() {
                memory::undo(&mut tree, change);
            }
            assert_eq!(tree, before, "seed {seed}");
        }
    }
}

/// A node's children are on the places that they have in memory, and so is one that is read alone.
async fn look_at_some(store: &Store, tree: &Node, random: &mut StdRng) {
    let mut parents = Vec::new();
    tree.walk(&mut |node| parents.extend((!node.children.is_empty()).then_some(node)));
    for _ in 0..parents.len().min(3) {
        let parent = parents[random.random_range(0..parents.len())];
        let ids: Vec<NodeId> = parent.children.iter().map(|child| child.id).collect();
        assert_children(store, parent.id, &ids).await;
        let at = random.random_range(0..ids.len());
        let position = at as i64 + 1;
        assert_eq!(store.node(ids[at]).await.unwrap().unwrap().0.position, position);
        assert_eq!(store.subtree(ids[at]).await.unwrap().unwrap().position, position);
    }
}

/// Something that was there in an older state and is gone comes back, to wherever it may.
fn random_restore(random: &mut StdRng, tree: &Node, states: &[(RevisionId, Node)]) -> Option<Edit> {
    let (_, old) = states.get(random.random_range(0..states.len().max(1)))?;
    let mut there = std::collections::BTreeSet::new();
    tree.walk(&mut |node| {
        there.insert(node.id);
    });
    let mut gone: Vec<&Node> = Vec::new();
    old.walk(&mut |node| {
        let mut all_gone = true;
        node.walk(&mut |node| all_gone &= !there.contains(&node.id));
        gone.extend(all_gone.then_some(node));
    });
    let node = (*gone.get(random.random_range(0..gone.len().max(1)))?).clone();
    let parents: Vec<NodeId> = there.into_iter().collect();
    let parent = parents[random.random_range(0..parents.len())];
    let at = if random.random() { At::First } else { At::Last };
    Some(Edit::Restore { parent, at, nodes: vec![node] })
}

fn random_edit(random: &mut StdRng, tree: &Node) -> Edit {
    let mut ids = Vec::new();
    tree.walk(&mut |node| ids.push(node));
    let any = |random: &mut StdRng| ids[random.random_range(0..ids.len())];
    let node = any(random);
    let at = |random: &mut StdRng, parent: &Node| match random.random_range(0..4) {
        0 => At::First,
        1 if !parent.children.is_empty() => {
            At::After(parent.children[random.random_range(0..parent.children.len())].id)
        }
        // Now and then of another parent.
        2 if random.random_bool(0.1) => At::After(any(random).id),
        _ => At::Last,
    };
    // Growth and loss should be even, around a hundred nodes.
    let kinds = if ids.len() < 100 { 0..10 } else { 3..11 };
    match random.random_range(kinds) {
        0..=4 => {
            let nodes = (0..random.random_range(1..4)).map(|_| random_node(random, 3)).collect();
            Edit::Insert { parent: node.id, at: at(random, node), nodes }
        }
        5 => Edit::Enable { id: node.id, enabled: random.random() },
        6 => {
            let text = random.random_bool(0.5).then(|| format!("text {}", random.random_range(0..3)).into());
            let Node { attributes, .. } = random_node(random, 0);
            Edit::Update { id: node.id, attributes, text }
        }
        7 | 8 => {
            let parent = any(random);
            Edit::Move { id: node.id, parent: parent.id, at: at(random, parent) }
        }
        _ => Edit::Delete { id: node.id },
    }
}

fn random_node(random: &mut StdRng, depth: u32) -> Node {
    let tags = ["section", "domain", "user", "groups", "param"];
    let names = ["directory", "dialplan", "1000", "b'\"\\", "😀"];
    let tag = tags[random.random_range(0..tags.len())];
    let mut node = named(tag, names[random.random_range(0..names.len())]);
    if random.random_bool(0.3) {
        node = node.with("type", "pointer");
    }
    node.enabled = random.random_bool(0.9);
    if depth > 0 {
        node.children = (0..random.random_range(0..3)).map(|_| random_node(random, depth - 1)).collect();
    }
    node
}

/// More than one step has room for, on several levels.
async fn a_large_subtree_goes_and_comes_back(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let users: Vec<Node> = (0..60).map(|id| user(&id.to_string())).collect();
    let wide = Node::new("wide").containing((0..700).map(|id| named("p", &id.to_string())));
    let mut deep = Node::new("deepest");
    for level in 0..150 {
        deep = named("level", &level.to_string()).containing([named("p", "a"), deep, named("p", "z")]);
    }
    let large = named("section", "large").containing(users).containing([wide, Node::new("small"), deep]);
    let nodes = vec![named("section", "first"), large.clone(), named("section", "last")];
    let insert = vec![Edit::Insert { parent: root, at: At::Last, nodes }];
    let inserted = edit(&store, instance, insert).await.unwrap();
    let with = store.tree(instance).await.unwrap();
    let stored = find(&with, "section/large");
    assert!(stored.same_content(&large));
    let deleted = edit(&store, instance, vec![Edit::Delete { id: stored.id }]).await.unwrap();
    let mut tree = store.tree(instance).await.unwrap();
    assert_eq!(tree.children.len(), 2);
    for (revision, before) in [(deleted.revision, Some(with)), (inserted.revision, None)] {
        let changes = store.changes(revision.unwrap()).await.unwrap();
        assert!(changes.len() > 5);
        for change in &changes {
            let siblings = change.after.as_ref().or(change.before.as_ref()).unwrap();
            assert!(siblings.nodes.iter().map(Node::count).sum::<usize>() <= 256);
            assert_ne!(change.node, NodeId::NEW);
        }
        changes.iter().rev().for_each(|change| memory::undo(&mut tree, change));
        assert_eq!(tree, before.unwrap_or_else(|| Node { children: vec![], ..tree.clone() }));
    }
}
