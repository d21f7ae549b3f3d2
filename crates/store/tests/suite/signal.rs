//! Hearing of revisions.

use std::time::Duration;

use crate::fixture::{Home, edit, named, on_both_engines, start};
use custompbx_model::{At, Edit};
use custompbx_store::Store;
use tokio::time::timeout;

on_both_engines!(others_hear_of_a_revision, listening_survives_a_lost_connection);

async fn insert(store: &Store) -> custompbx_store::RevisionId {
    let (instance, root) = start(store).await;
    let nodes = vec![named("section", "x")];
    let applied =
        edit(store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    applied.revision.unwrap()
}

/// In the writing process at once, in another within two seconds.
async fn others_hear_of_a_revision(home: Home) {
    let (writer, other) = (home.open().await, home.open().await);
    let (mut here, mut there) = (writer.changes_signal(), other.changes_signal());
    assert_eq!(*here.borrow_and_update(), writer.head().await.unwrap());
    there.mark_unchanged();
    for _ in 0..3 {
        let revision = insert(&writer).await;
        assert!(here.has_changed().unwrap());
        assert_eq!(*here.borrow_and_update(), revision);
        timeout(Duration::from_secs(2), there.wait_for(|head| *head == revision)).await.unwrap().unwrap();
    }
    // What fails is not told.
    let (instance, root) = start(&writer).await;
    edit(&writer, instance, vec![Edit::Delete { id: root }]).await.unwrap_err();
    assert!(!here.has_changed().unwrap());
    // A store that is gone does not listen any more.
    drop(other);
    timeout(Duration::from_secs(5), async { while there.changed().await.is_ok() {} }).await.unwrap();
}

async fn listening_survives_a_lost_connection(home: Home) {
    let (writer, other) = (home.open().await, home.open().await);
    let mut there = other.changes_signal();
    if writer.engine_name() == "postgres" {
        home.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    }
    let revision = insert(&writer).await;
    timeout(Duration::from_secs(10), there.wait_for(|head| *head == revision)).await.unwrap().unwrap();
    let revision = insert(&writer).await;
    timeout(Duration::from_secs(2), there.wait_for(|head| *head == revision)).await.unwrap().unwrap();
}
