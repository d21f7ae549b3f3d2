//! How long large things take. Nothing is asserted: `cargo test --release -p custompbx-store figures -- --ignored
//! --nocapture` prints it.

use std::time::Instant;

use crate::fixture::{Home, author, directory, start, user};
use custompbx_model::{At, Edit, NodeId};
use custompbx_store::{Store, UserCursor, UserFilter};

const USERS: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute, and prints figures"]
async fn figures() {
    for home in [Home::sqlite(), Home::postgres()] {
        let store = home.open().await;
        println!("{}", store.engine_name());
        measure(&store).await;
    }
}

async fn measure(store: &Store) {
    let (instance, root) = start(store).await;
    let nodes = vec![directory("example.com", (0..USERS).map(|id| user(&format!("{id:06}"))))];
    println!("  {} nodes", nodes[0].count());
    let watch = Instant::now();
    let edits = vec![Edit::Insert { parent: root, at: At::Last, nodes }];
    let mut marks = Vec::new();
    let mut mark = |rows: u64| {
        if rows / 350_000 > marks.len() as u64 {
            marks.push(format!("{:.1}", watch.elapsed().as_secs_f64()));
        }
    };
    store.apply_with_progress(instance, &author(), "import", edits, &mut mark).await.unwrap();
    println!("  insert everything: {:.2?} (nodes at {} s)", watch.elapsed(), marks.join(", "));
    timed("tree", async || drop(store.tree(instance).await.unwrap())).await;
    timed("outline", async || drop(store.outline(instance).await.unwrap())).await;
    let ids = store.user_ids(instance).await.unwrap();
    timed("users in chunks of 1,000", async || {
        for chunk in ids.chunks(1_000) {
            store.subtrees(chunk).await.unwrap();
        }
    })
    .await;
    let all = UserFilter::default();
    timed("first page of users", async || drop(store.users(instance, &all, None, 50).await.unwrap())).await;
    let cursor = UserCursor { user: "090000".into(), id: NodeId(0) };
    timed("late page of users", async || drop(store.users(instance, &all, Some(&cursor), 50).await.unwrap()))
        .await;
    let some = UserFilter { text: Some("9999".into()), domain: None };
    timed("filtered page of users", async || drop(store.users(instance, &some, None, 50).await.unwrap()))
        .await;
    let domain = store.users(instance, &all, None, 1).await.unwrap().items[0].domain_id;
    let some = UserFilter { text: None, domain: Some(domain) };
    timed("page of a domain's users", async || drop(store.users(instance, &some, None, 50).await.unwrap()))
        .await;
    let list = store.node(ids[0]).await.unwrap().unwrap().0.parent.unwrap();
    let middle = store.subtrees(&[ids[50_000]]).await.unwrap()[0].order;
    timed("page of children", async || drop(store.children(list, None, Some(middle), 50).await.unwrap()))
        .await;
    timed("filtered page of children", async || {
        drop(store.children(list, Some("77"), Some(middle), 50).await.unwrap());
    })
    .await;
    timed("node", async || drop(store.node(ids[50_000]).await.unwrap())).await;
    let apply = async |edit: Edit| drop(store.apply(instance, &author(), "edit", vec![edit]).await.unwrap());
    let value = |text: &str| vec![("id".into(), "x".into()), ("cidr".into(), text.into())];
    timed("update one user", async || {
        apply(Edit::Update { id: ids[7], attributes: value(&format!("{:?}", Instant::now())), text: None })
            .await;
    })
    .await;
    timed("append one user", async || {
        apply(Edit::Insert { parent: list, at: At::Last, nodes: vec![user("new")] }).await;
    })
    .await;
    timed("insert one user before all", async || {
        apply(Edit::Insert { parent: list, at: At::First, nodes: vec![user("new")] }).await;
    })
    .await;
    timed("insert one user in the middle", async || {
        apply(Edit::Insert { parent: list, at: At::After(ids[49_000]), nodes: vec![user("new")] }).await;
    })
    .await;
    let mut movers = ids.iter().skip(40_000);
    timed("move one user within the middle", async || {
        apply(Edit::Move { id: *movers.next().unwrap(), parent: list, at: At::After(ids[60_000]) }).await;
    })
    .await;
    timed("move one user from the middle to the front", async || {
        apply(Edit::Move { id: *movers.next().unwrap(), parent: list, at: At::First }).await;
    })
    .await;
    timed_once("insert 1,000 users in the middle at once", async || {
        let nodes = (0..1_000).map(|id| user(&format!("m{id}"))).collect();
        apply(Edit::Insert { parent: list, at: At::After(ids[45_000]), nodes }).await;
    })
    .await;
    timed_once("update 10,000 users at once", async || {
        let update = |id: &NodeId| Edit::Update { id: *id, attributes: value("10.0.0.0/8"), text: None };
        let edits = ids[20_000..30_000].iter().map(update).collect();
        store.apply(instance, &author(), "edit", edits).await.unwrap();
    })
    .await;
    let mut victims = ids.iter().skip(50_000);
    timed("delete one user in the middle", async || {
        apply(Edit::Delete { id: *victims.next().unwrap() }).await;
    })
    .await;
    timed_once("delete all users", async || apply(Edit::Delete { id: list }).await).await;
}

/// The median of five.
async fn timed(what: &str, mut work: impl AsyncFnMut()) {
    let mut times = Vec::new();
    for _ in 0..5 {
        let watch = Instant::now();
        work().await;
        times.push(watch.elapsed());
    }
    times.sort_unstable();
    println!("  {what}: {:.2?}", times[2]);
}

async fn timed_once(what: &str, mut work: impl AsyncFnMut()) {
    let watch = Instant::now();
    work().await;
    println!("  {what}: {:.2?}", watch.elapsed());
}
