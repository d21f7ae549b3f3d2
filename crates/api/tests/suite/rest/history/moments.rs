//! Going back to a moment.

use std::time::Duration;

use custompbx_model::{At, Edit, Node};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Setup, named};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::{CONDITIONS, DOMAIN, Rest, assert_same};
use crate::engines::on_both_engines;
use crate::rest::TREE;

on_both_engines!(to_a_time_and_to_a_revision, to_each_revision_of_a_random_history, what_is_no_moment,);

async fn to_a_time_and_to_a_revision(engine: Engine) {
    let pbx = Setup::on(engine).with_standing_clock().start().await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let rest = Rest { pbx, admin };
    let mut moments: Vec<(i64, String, Node)> = Vec::new();
    rest.pbx.import_xml(TREE).await;
    let step = async |moments: &mut Vec<(i64, String, Node)>| {
        let at = jiff::Timestamp::from_millisecond(rest.pbx.pbx.now()).unwrap();
        moments.push((rest.revision().await, at.to_string(), rest.pbx.tree().await));
        rest.pbx.advance(Duration::from_secs(60));
    };
    step(&mut moments).await;
    for (method, address, body) in [
        ("DELETE", format!("{DOMAIN}/users/1000"), json!({})),
        ("PUT", format!("{DOMAIN}/users/1000"), json!({ "params": { "password": "new" } })),
        ("POST", "dialplan/contexts/public/extensions/three:move".to_owned(), json!({ "position": 1 })),
        ("DELETE", format!("{CONDITIONS}/1"), json!({})),
        ("PATCH", DOMAIN.to_owned(), json!({ "attributes": { "name": "renamed.com" } })),
    ] {
        rest.revised(method, &address, &body).await;
        step(&mut moments).await;
    }
    // It replaces the document that it brings, adds a domain, and leaves the rest.
    rest.pbx
        .import_xml(
            "<document><section name='directory'><domain name='example.com'><users><user id='7'/></users></domain></section>\
             <section name='dialplan'><context name='public'><extension name='imported'/></context></section></document>",
        )
        .await;
    step(&mut moments).await;
    rest.revised("DELETE", "dialplan/contexts/public", &json!({})).await;
    step(&mut moments).await;
    rest.revised("DELETE", "directory/domains/renamed.com", &json!({})).await;
    step(&mut moments).await;

    // To and fro: each is a moment that can be gone back to.
    for at in [4, 0, 8, 6, 7, 2, 5, 1, 3, 8, 0] {
        let (revision, time, tree) = &moments[at];
        let to = if at % 2 == 0 { json!(revision) } else { json!(time) };
        let done = rest.go_back("restore", &json!({ "to": to })).await;
        assert_same(&rest.pbx.tree().await, tree, &format!("moment {at}"));
        assert_eq!(done["conflicts"], json!([]));
        assert!(done["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
        rest.pbx.advance(Duration::from_secs(60));
    }
    let nothing = rest.go_back("restore", &json!({ "to": moments[0].0 })).await;
    assert_eq!((&nothing["revision"], &nothing["total_steps"]), (&Value::Null, &json!(0)));
    // Between two revisions, the one before counts.
    let between: jiff::Timestamp = moments[3].1.parse().unwrap();
    let between = jiff::Timestamp::from_millisecond(between.as_millisecond() + 59_999).unwrap();
    rest.go_back("restore", &json!({ "to": between.to_string() })).await;
    assert_same(&rest.pbx.tree().await, &moments[3].2, "between two");
    rest.pbx.stop().await;
}

/// An edit that may be impossible.
fn random_edit(random: &mut StdRng, tree: &Node) -> Edit {
    let mut all = Vec::new();
    tree.walk(&mut |node| all.push(node));
    let node = all[random.random_range(0..all.len())];
    let parent = all[random.random_range(0..all.len())];
    let at = match (random.random_range(0..3), parent.children.is_empty()) {
        (0, _) => At::First,
        (1, false) => At::After(parent.children[random.random_range(0..parent.children.len())].id),
        _ => At::Last,
    };
    match random.random_range(0..10) {
        0..=2 => {
            let leaf = |random: &mut StdRng| named("x", &random.random_range(0..9).to_string());
            let nodes = 0..random.random_range(1..4);
            let nodes: Vec<Node> =
                nodes.map(|_| leaf(random).containing([leaf(random), leaf(random)])).collect();
            Edit::Insert { parent: parent.id, at, nodes }
        }
        3 => Edit::Delete { id: node.id },
        4 => Edit::Enable { id: node.id, enabled: random.random() },
        5 => {
            let mut attributes = node.attributes.clone();
            attributes.push(("more".into(), random.random_range(0..9).to_string().into()));
            attributes.reverse();
            Edit::Update { id: node.id, attributes, text: random.random_bool(0.5).then(|| "t".into()) }
        }
        _ => Edit::Move { id: node.id, parent: parent.id, at },
    }
}

async fn to_each_revision_of_a_random_history(engine: Engine) {
    let rest = Rest::empty(engine).await;
    for seed in 0..2 {
        let mut random = StdRng::seed_from_u64(seed);
        // Small, so that the same nodes are met again and again.
        rest.pbx.import_xml("<section name='things'><a><b/><c/><d><e/><f/></d></a><g/></section>").await;
        let mut states = vec![(rest.revision().await, rest.pbx.tree().await)];
        while states.len() < 25 {
            let tree = rest.pbx.tree().await;
            let edits = (0..random.random_range(1..5)).map(|_| random_edit(&mut random, &tree)).collect();
            let Ok(changed) = rest.pbx.try_change(edits).await else { continue };
            if let Some(revision) = changed.revision {
                states.push((revision.0, rest.pbx.tree().await));
            }
        }
        // Back step by step by taking single ones back, which is exact as long as each is the last one.
        for pair in states.windows(2).rev().take(10) {
            rest.undo(pair[1].0).await;
            assert_same(&rest.pbx.tree().await, &pair[0].1, &format!("seed {seed}, revision {}", pair[1].0));
        }
        for _ in 0..states.len() {
            let (revision, tree) = &states[random.random_range(0..states.len())];
            rest.go_back("restore", &json!({ "to": revision })).await;
            assert_same(&rest.pbx.tree().await, tree, &format!("seed {seed}, revision {revision}"));
        }
    }
    rest.pbx.stop().await;
}

async fn what_is_no_moment(engine: Engine) {
    let rest = Rest::small(engine).await;
    rest.revised("DELETE", DOMAIN, &json!({})).await;
    let tree = rest.pbx.tree().await;
    let revision = rest.revision().await;
    for (body, status) in [
        (json!({}), 422),
        (json!({ "to": null }), 422),
        (json!({ "to": true }), 422),
        (json!({ "to": [1] }), 422),
        (json!({ "to": 1.5 }), 422),
        (json!({ "to": 18_446_744_073_709_551_615_u64 }), 422),
        (json!({ "to": "yesterday" }), 422),
        (json!({ "to": "2026-11-25" }), 422),
        (json!({ "to": "1999-12-31T23:59:59Z" }), 400),
        (json!({ "to": 0 }), 404),
        (json!({ "to": -1 }), 404),
        (json!({ "to": i64::MAX }), 404),
        (json!({ "to": i64::MIN }), 404),
        (json!({ "to": revision, "force": true }), 422),
        (json!({ "to": revision, "preview": 1 }), 422),
        (json!([revision]), 422),
        (json!(null), 422),
    ] {
        rest.refused("POST", "restore", &body, status).await;
    }
    for (query, status) in [("?preview=maybe", 400), ("?x=1", 400)] {
        rest.refused("POST", &format!("restore{query}"), &json!({ "to": revision }), status).await;
    }
    for (kind, body, status) in [
        ("text/plain", &b"{}"[..], 415),
        ("application/json", b"{\"to\": 1", 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"{\"to\": 1, \"to\": 2}", 422),
    ] {
        let reply = rest.ask("POST", "restore", &[("Content-Type", kind)], body).await;
        crate::rest::problem(&reply, status, kind);
    }
    assert_same(&rest.pbx.tree().await, &tree, "nothing was done");
    assert_eq!(rest.revision().await, revision);
    rest.pbx.stop().await;
}
