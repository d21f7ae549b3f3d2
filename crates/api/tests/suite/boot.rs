//! A FreeSWITCH that starts: every document in the order in which it asks.

use custompbx_model::{At, Edit, Node};
use custompbx_testkit::server::{Engine, TestPbx, find};

use crate::engines::on_both_engines;
use crate::expected::{Expected, Vanilla};
use crate::recorded::{answered, compare};

on_both_engines!(a_boot_with_files, a_boot_with_everything_served);

async fn a_boot_with_files(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let vanilla = Vanilla::recorded();
    let answers = pbx.replay_all("01-boot-not-found").await;
    assert_eq!(answers.len(), 37);
    for (question, reply) in answers {
        compare(&question.name(), &vanilla.expect(&question), answered(&reply).as_ref());
    }
    pbx.stop().await;
}

/// As the recorded switch was: only mod_xml_curl comes from a file, all other modules from `post_load_modules.conf`.
async fn a_boot_with_everything_served(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let tree = pbx.tree().await;
    let modules = find(&tree, "section/configuration configuration/modules.conf");
    let served = find(&tree, "section/configuration configuration/post_load_modules.conf");
    let edits = served.children.iter().map(|child| Edit::Delete { id: child.id });
    let nodes = modules.children.clone();
    let insert = Edit::Insert { parent: served.id, at: At::Last, nodes };
    pbx.change(edits.chain([insert]).collect()).await;
    let served = Node { children: modules.children.clone(), ..served.clone() };

    let vanilla = Vanilla::recorded();
    let answers = pbx.replay_all("03-boot-all-from-xml_curl").await;
    assert_eq!(answers.len(), 38);
    for (question, reply) in answers {
        let expected = match question.field("key_value") {
            Some("post_load_modules.conf") => Expected::Elements(vec![served.clone()]),
            _ => vanilla.expect(&question),
        };
        compare(&question.name(), &expected, answered(&reply).as_ref());
    }
    pbx.stop().await;
}
