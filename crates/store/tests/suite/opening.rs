//! Opening: new databases, known ones, too new ones, none at all.

use std::error::Error as _;

use crate::fixture::{Home, author, on_both_engines, start};
use custompbx_model::{At, Edit, Node};
use custompbx_store::{Engine, Error, SCHEMA_VERSION, Store};

on_both_engines!(
    a_new_database_has_a_default_instance,
    a_database_keeps_what_it_has,
    two_programs_may_open_a_new_database_at_once,
    a_newer_database_is_refused,
    names_of_instances_are_unique,
    switches_are_assigned,
    a_closed_store_says_so,
    edits_for_another_state_are_refused,
);

async fn a_new_database_has_a_default_instance(home: Home) {
    let store = home.open().await;
    assert_eq!(store.schema_version().await.unwrap(), SCHEMA_VERSION);
    store.ping().await.unwrap();
    let instances = store.instances().await.unwrap();
    let [only] = &instances[..] else { panic!("{instances:?}") };
    assert!(only.is_default && only.enabled);
    assert_eq!((only.name.as_str(), only.created_at), ("default", 1_000));
    let root = store.tree(only.id).await.unwrap();
    assert!(root.same_content(&Node::new("document").with("type", "freeswitch/xml")));
    let revisions = store.revisions(only.id, None, 10).await.unwrap();
    assert_eq!(revisions.total, 1);
    assert_eq!(store.changes(revisions.items[0].id).await.unwrap().len(), 1);
}

async fn a_database_keeps_what_it_has(home: Home) {
    let store = home.open().await;
    let identity = store.identity().to_owned();
    let other = store.create_instance("second", "for tests", &author()).await.unwrap();
    store.close().await;
    let store = home.open().await;
    assert_eq!(store.identity(), identity);
    assert_eq!(identity.len(), 32);
    assert_eq!(store.instances().await.unwrap().len(), 2);
    assert_eq!(store.instance_by_name("second").await.unwrap(), Some(other));
    assert_eq!(store.instance_by_name("third").await.unwrap(), None);
}

async fn two_programs_may_open_a_new_database_at_once(home: Home) {
    let open = || Store::open(&home.engine, 1_000);
    let (one, two, three) = tokio::join!(open(), open(), open());
    let identity = one.unwrap().identity().to_owned();
    assert_eq!(two.unwrap().identity(), identity);
    assert_eq!(three.unwrap().instances().await.unwrap().len(), 1);
}

async fn a_newer_database_is_refused(home: Home) {
    home.open().await.close().await;
    home.sql("UPDATE meta SET value = '99' WHERE key = 'schema_version'").await;
    let error = Store::open(&home.engine, 1_000).await.err().unwrap();
    assert!(matches!(error, Error::TooNew { found: 99, known: SCHEMA_VERSION }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("the database has schema version 99, this program knows versions up to {SCHEMA_VERSION}")
    );
    home.sql("UPDATE meta SET value = 'ninety' WHERE key = 'schema_version'").await;
    let error = Store::open(&home.engine, 1_000).await.err().unwrap();
    assert!(matches!(error, Error::Corrupt { table: "meta", .. }), "{error:?}");
}

async fn names_of_instances_are_unique(home: Home) {
    let store = home.open().await;
    let error = store.create_instance("default", "", &author()).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(error.to_string(), "cannot create instance default: the name is taken");
    assert_eq!(store.instances().await.unwrap().len(), 1);
}

async fn switches_are_assigned(home: Home) {
    let store = home.open().await;
    let second = store.create_instance("second", "", &author()).await.unwrap().id;
    let default = store.instance_by_name("default").await.unwrap().unwrap().id;
    assert!(store.assign_switch("FS1", default, &author()).await.unwrap().is_some());
    let revision = store.assign_switch("fs1", second, &author()).await.unwrap().unwrap();
    assert_eq!(store.assign_switch("Fs1", second, &author()).await.unwrap(), None);
    assert_eq!(store.switches().await.unwrap(), [("fs1".to_owned(), second)]);
    let last = store.revisions(second, None, 1).await.unwrap().items.remove(0);
    assert_eq!((last.id, last.parts), (revision, vec![]));
    let missing = store.assign_switch("fs2", custompbx_store::InstanceId(77), &author()).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound { what: "instance", .. }), "{missing:?}");
}

async fn edits_for_another_state_are_refused(home: Home) {
    let store = home.open().await;
    let (instance, root) = start(&store).await;
    let since = store.head_of(instance).await.unwrap();
    let insert = || vec![Edit::Insert { parent: root, at: At::Last, nodes: vec![Node::new("section")] }];
    let apply =
        async || store.apply_if_unchanged(instance, since, &author(), "s", insert(), &mut |_| {}).await;
    let (one, two) = tokio::join!(apply(), apply());
    let (good, refused): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), refused.len()), (1, 1));
    assert!(matches!(refused[0], Err(Error::Changed { .. })), "{refused:?}");
    assert_eq!(store.tree(instance).await.unwrap().children.len(), 1);
    // What happens to others does not count.
    let since = store.head_of(instance).await.unwrap();
    store.create_instance("second", "", &author()).await.unwrap();
    store.apply_if_unchanged(instance, since, &author(), "s", insert(), &mut |_| {}).await.unwrap();
}

async fn a_closed_store_says_so(home: Home) {
    let store = home.open().await;
    store.close().await;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(matches!(store.instances().await.unwrap_err(), Error::Unavailable { .. }));
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    let engine = Engine::Postgres {
        host: "127.0.0.1".into(),
        port: 1,
        user: "u".into(),
        pass: "very secret".into(),
        name: "n".into(),
    };
    let error = Store::open(&engine, 0).await.err().unwrap();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "cannot open the database Postgres(u@127.0.0.1:1/n): the database is not available"
    );
    assert!(error.source().unwrap().to_string().contains("refused"));
    assert!(!format!("{engine:?}").contains("secret"));
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_unavailable() {
    let engine = Engine::Sqlite { path: "/nonexistent/custompbx.sqlite".into() };
    let error = Store::open(&engine, 0).await.err().unwrap();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

/// An import takes its time.
#[tokio::test]
async fn who_writes_keeps_nobody_from_opening() {
    let home = Home::sqlite();
    home.open().await.close().await;
    let mut outsider = home.outsider().await;
    outsider.run("BEGIN IMMEDIATE").await;
    let store = home.open().await;
    assert_eq!(store.instances().await.unwrap().len(), 1);
    store.close().await;
    outsider.run("ROLLBACK").await;
}

#[tokio::test]
async fn another_file_in_the_same_place_is_noticed() {
    let (home, other) = (Home::sqlite(), Home::sqlite());
    let (store, another) = (home.open().await, other.open().await);
    let identity = another.identity().to_owned();
    another.close().await;
    assert_eq!(store.identity_now().await.unwrap(), store.identity());
    let (Engine::Sqlite { path }, Engine::Sqlite { path: restored }) = (&home.engine, &other.engine) else {
        panic!()
    };
    for companion in ["sqlite-wal", "sqlite-shm"] {
        std::fs::remove_file(path.with_extension(companion)).unwrap();
    }
    std::fs::rename(restored, path).unwrap();
    assert_eq!(store.identity_now().await.unwrap(), identity);
    assert_ne!(store.identity(), identity);
}

/// The file has the passwords of all users in it.
#[tokio::test]
async fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::sqlite();
    let store = home.open().await;
    let Engine::Sqlite { path } = &home.engine else { panic!() };
    for file in [path.clone(), path.with_extension("sqlite-wal"), path.with_extension("sqlite-shm")] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    drop(store);
}
