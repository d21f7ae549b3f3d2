//! All of vanilla by addresses.

use custompbx_model::address::{Address, addresses};
use custompbx_model::{Node, NodeId};
use custompbx_pbx::element::Found;
use custompbx_testkit::server::Engine;

use super::{BASE, Rest};
use crate::engines::on_both_engines;

on_both_engines!(every_node_comes_and_goes_back_unchanged);

fn collect<'n>(node: &'n Node, into: &mut std::collections::HashMap<NodeId, &'n Node>) {
    into.insert(node.id, node);
    node.children.iter().for_each(|child| collect(child, into));
}

/// Every node is where the model says that it is; what is shown of it, sent back, changes nothing.
async fn every_node_comes_and_goes_back_unchanged(engine: Engine) {
    let rest = Rest::empty(engine).await;
    rest.pbx.import_vanilla().await;
    let tree = rest.pbx.tree().await;
    let mut nodes = std::collections::HashMap::new();
    collect(&tree, &mut nodes);
    let revision = rest.revision().await;
    let all: Vec<(NodeId, Address)> = addresses(&tree);
    assert!(all.len() > 3_000);
    let instance = rest.pbx.pbx.instance("default").await.unwrap().id;
    let (mut large, mut xml) = (0, 0);
    // What an engine changes of this is little, and a minute is long.
    let one_in = if engine == Engine::Sqlite { 1 } else { 5 };
    for (turn, (id, address)) in all.iter().enumerate().skip(1).step_by(one_in) {
        let found = rest.pbx.pbx.find(instance, address).await.unwrap();
        let Found::Element(element) = found else { panic!("{address} leads to {found:?}") };
        assert_eq!((element.id(), &element.address), (*id, address));
        // By HTTP, all of them would take minutes.
        if turn > 60 && turn % 11 != 0 {
            continue;
        }
        let address = address.to_string();
        let depth = turn % 4;
        let reply = rest.get(&format!("{address}?depth={depth}")).await;
        if reply.status == 422 {
            large += 1;
            continue;
        }
        assert_eq!(reply.status, 200, "{address}: {}", reply.text());
        let shown = reply.json();
        assert_eq!(shown["id"], id.0, "{address}");
        assert_eq!(shown["href"], format!("{BASE}{address}"));
        assert_eq!(shown["child_count"], nodes[id].children.len());
        let again = rest.send("PUT", &address, &shown).await;
        assert_eq!(again.status, 200, "{address}: {}", again.text());
        assert!(again.json()["revision"].is_null(), "{address}: {}", again.text());
        if turn % 3 == 0 && nodes[id].count() < 500 {
            let reply = rest.ask("GET", &address, &[("Accept", "application/xml")], b"").await;
            let again = rest.ask("PUT", &address, &[("Content-Type", "text/xml")], &reply.body).await;
            assert!(again.json()["revision"].is_null(), "{address}: {}", again.text());
            xml += 1;
        }
    }
    assert_eq!(rest.revision().await, revision);
    assert_eq!(rest.pbx.tree().await, tree);
    assert!(large < 3 && xml > 8, "{large} {xml}");
    rest.pbx.stop().await;
}
