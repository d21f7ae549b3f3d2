//! Several servers on one database, and others who write to it.

use std::time::{Duration, Instant};

use custompbx_model::{At, Edit, Node};
use custompbx_store::Author;
use custompbx_testkit::server::{Engine, Setup, TestPbx, find, named};

use super::edits::{DIRECTORY, set_password, user_answer};
use crate::engines::on_both_engines;

on_both_engines!(
    what_another_program_writes_is_served,
    what_was_written_in_between_is_served_after_a_start,
    a_switch_that_another_program_assigns_is_served,
);

/// Waits until a user's password is the new one; how long it took.
pub(crate) async fn until_password(pbx: &TestPbx, user: &str, password: &str, limit: Duration) -> Duration {
    let start = Instant::now();
    loop {
        if user_answer(pbx, user).await.contains(&format!("value=\"{password}\"")) {
            return start.elapsed();
        }
        assert!(start.elapsed() < limit, "{password} is not served after {:?}", start.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn what_another_program_writes_is_served(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let other = pbx.another_store().await;
    for password in ["first", "second", "third"] {
        write(&pbx, &other, password).await;
        until_password(&pbx, "1000", password, Duration::from_secs(2)).await;
    }
    other.close().await;
    pbx.stop().await;
}

async fn write(pbx: &TestPbx, store: &custompbx_store::Store, password: &str) {
    let instance = pbx.pbx.instance("default").await.unwrap();
    let tree = store.tree(instance.id).await.unwrap();
    let edit = set_password(&tree, "1000", password);
    let author = Author { actor: "another".into(), origin: "test".into(), at_ms: pbx.pbx.now() };
    store.apply(instance.id, &author, "another program", vec![edit]).await.unwrap();
}

/// A change on one node is answered by the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_database() {
    let one = TestPbx::on(Engine::Postgres).await;
    one.import_xml(DIRECTORY).await;
    let two = one.beside().await;
    for (at, (from, to)) in [(&one, &two), (&two, &one)].into_iter().cycle().take(20).enumerate() {
        let password = format!("password {at}");
        let tree = from.tree().await;
        from.change(vec![set_password(&tree, "1000", &password)]).await;
        assert!(user_answer(from, "1000").await.contains(&password), "one's own at once");
        until_password(to, "1000", &password, Duration::from_secs(1)).await;
    }
    // Both edit the same tree at the same time, and end with the same.
    let tree = one.tree().await;
    let edit = |pbx: &TestPbx, user: &str, password: String| {
        let (pbx, edit) = (pbx.pbx.clone(), set_password(&tree, user, &password));
        async move {
            let instance = pbx.instance("default").await.unwrap().id;
            let (actor, origin, summary) = ("test".into(), "test".into(), "at once".into());
            pbx.change(custompbx_pbx::Change { instance, actor, origin, summary, edits: vec![edit] })
                .await
                .unwrap();
        }
    };
    for round in 0..10 {
        tokio::join!(
            edit(&one, "1000", format!("left {round}")),
            edit(&two, "1001", format!("right {round}"))
        );
    }
    for pbx in [&one, &two] {
        until_password(pbx, "1000", "left 9", Duration::from_secs(1)).await;
        until_password(pbx, "1001", "right 9", Duration::from_secs(1)).await;
    }
    one.stop().await;
    two.stop().await;
}

async fn what_was_written_in_between_is_served_after_a_start(engine: Engine) {
    let pbx = Setup::on(engine).start().await;
    pbx.import_xml(DIRECTORY).await;
    let other = pbx.another_store().await;
    let place = pbx.stop().await;
    assert!(place.snapshot_file().exists());
    let instance = other.instance_by_name("default").await.unwrap().unwrap();
    let tree = other.tree(instance.id).await.unwrap();
    let author = Author { actor: "another".into(), origin: "test".into(), at_ms: 1 };
    let edits = vec![
        set_password(&tree, "1000", "while it was off"),
        Edit::Delete {
            id: find(&tree, "section/directory domain/example.com groups group/default users user/1001").id,
        },
    ];
    other.apply(instance.id, &author, "in between", edits).await.unwrap();
    other.close().await;
    let pbx = place.start().await;
    assert!(user_answer(&pbx, "1000").await.contains("while it was off"));
    assert!(!user_answer(&pbx, "1001").await.contains("password"));
    pbx.stop().await;
}

async fn a_switch_that_another_program_assigns_is_served(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let other = pbx.another_store().await;
    let author = Author { actor: "another".into(), origin: "test".into(), at_ms: 1 };
    let second = other.create_instance("second", "", &author).await.unwrap();
    let root = other.tree(second.id).await.unwrap().id;
    let document =
        Node::new("section").with("name", "configuration").containing([named("configuration", "my.conf")]);
    let insert = Edit::Insert { parent: root, at: At::Last, nodes: vec![document] };
    other.apply(second.id, &author, "a document", vec![insert]).await.unwrap();
    let ask = async || {
        let form =
            "hostname=FS-7&section=configuration&tag_name=configuration&key_name=name&key_value=my.conf";
        pbx.ask(form).await.text().contains("my.conf")
    };
    assert!(!ask().await);
    other.assign_switch("fs-7", second.id, &author).await.unwrap();
    let start = Instant::now();
    while !ask().await {
        assert!(start.elapsed() < Duration::from_secs(2), "the switch is not known");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // And away again, with an edit in the same breath.
    let default = pbx.pbx.instance("default").await.unwrap().id;
    other.assign_switch("fs-7", default, &author).await.unwrap();
    pbx.change(vec![set_password(&pbx.tree().await, "1000", "at once")]).await;
    assert!(!ask().await);
    other.close().await;
    pbx.stop().await;
}

/// Which switches there are is asked for when one is assigned, and not at each edit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_does_not_ask_for_switches() {
    let pbx = TestPbx::on(Engine::Postgres).await;
    pbx.import_xml(DIRECTORY).await;
    let mut outsider = pbx.place().outsider().await;
    outsider.run("ALTER TABLE switch RENAME TO elsewhere").await;
    let changed = pbx.change(vec![set_password(&pbx.tree().await, "1000", "without switches")]).await;
    assert!(changed.served);
    assert!(user_answer(&pbx, "1000").await.contains("without switches"));
    outsider.close().await;
    pbx.stop().await;
}
