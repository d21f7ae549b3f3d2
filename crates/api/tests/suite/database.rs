//! What those who ask hear of a database that is busy, full or silent, or gone behind a commit.

use std::time::{Duration, Instant};

use custompbx_pbx::Error;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASSWORD, TestPbx, log};

use crate::served::edits::{DIRECTORY, set_password, user_answer};
use crate::served::nodes::until_password;

/// SQLite has one writer, and another program is it for longer than anybody waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_database_is_worth_another_try() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    pbx.import_xml(DIRECTORY).await;
    let login = pbx.add_web_user(Role::User).await;
    let mut outsider = pbx.place().outsider().await;
    outsider.run("BEGIN IMMEDIATE").await;
    let refused = pbx.sign_in(&login, PASSWORD).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.is_problem());
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(log::lines_with(&["ERROR", "begin a session of web user", "the database is busy"]).len(), 1);
    // Whoever only reads does not wait.
    assert_eq!(pbx.get("/readyz").await.json()["database"], "up");
    assert!(user_answer(&pbx, "1000").await.contains("pw-1000"));
    outsider.run("ROLLBACK").await;
    assert_eq!(pbx.sign_in(&login, PASSWORD).await.status, 200);
    outsider.close().await;
    pbx.stop().await;
}

/// PostgreSQL says that its disk is full as it says everything, by a code; here the code comes from a trigger.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_says_so() {
    let pbx = TestPbx::on(Engine::Postgres).await;
    pbx.import_xml(DIRECTORY).await;
    let login = pbx.add_web_user(Role::User).await;
    let mut outsider = pbx.place().outsider().await;
    outsider
        .run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON session EXECUTE FUNCTION full_disk(); \
             CREATE TRIGGER full_disk BEFORE INSERT ON change EXECUTE FUNCTION full_disk()",
        )
        .await;
    let refused = pbx.sign_in(&login, PASSWORD).await;
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(refused.is_problem());
    assert!(refused.json()["detail"].as_str().unwrap().contains("no space left"), "{}", refused.text());
    assert!(!refused.text().contains("extend file"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), None);
    let before = pbx.tree().await;
    let change = pbx.try_change(vec![set_password(&before, "1000", "no room")]).await.unwrap_err();
    assert!(matches!(change, Error::Full(_)), "{change:?}");
    assert_eq!(pbx.tree().await, before);
    outsider.run("DROP FUNCTION full_disk CASCADE").await;
    assert_eq!(pbx.sign_in(&login, PASSWORD).await.status, 200);
    outsider.close().await;
    pbx.stop().await;
}

/// Connections that say nothing any more: whoever looks at the server hears so long before these are given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_does_not_wait_for_a_silent_database() {
    let pbx = TestPbx::on(Engine::Postgres).await;
    pbx.import_xml(DIRECTORY).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    assert_eq!(pbx.get_as(&admin, "/api/v2/status").await.json()["database"], "up");
    pbx.place().stall_database();
    let start = Instant::now();
    let ready = pbx.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["database"]), (200, &"down".into()));
    // The ping has 300 ms; a connection is waited for for five seconds.
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(pbx.get("/healthz").await.status, 200);
    assert!(user_answer(&pbx, "1000").await.contains("pw-1000"));
    // Who is signed in only the database knows.
    let status = pbx.get_as(&admin, "/api/v2/status").await;
    assert_eq!((status.status, status.header("retry-after")), (503, Some("5")), "{}", status.text());
    pbx.place().let_database_go_on();
    let mut tries = 0;
    while pbx.get("/readyz").await.json()["database"] != "up" {
        tries += 1;
        assert!(tries < 100, "it is not up again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(pbx.get_as(&admin, "/api/v2/status").await.json()["database"], "up");
    pbx.stop().await;
}

/// The commit is answered, and with the answer the database is gone: what was stored is told as such, and served when
/// the database is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_stored_though_the_database_goes_away_behind_it() {
    let pbx = TestPbx::on(Engine::Postgres).await;
    pbx.import_xml(DIRECTORY).await;
    let edits = vec![set_password(&pbx.tree().await, "1000", "stored")];
    pbx.place().take_database_away_behind_a_commit();
    let changed = pbx.change(edits).await;
    assert!(changed.revision.is_some() && !changed.served, "{changed:?}");
    assert!(user_answer(&pbx, "1000").await.contains("pw-1000"));
    pbx.give_database_back().await;
    until_password(&pbx, "1000", "stored", Duration::from_secs(5)).await;
    // Nothing is stored twice.
    assert_eq!(pbx.pbx.snapshot().unwrap().revision, changed.revision.unwrap().0);

    // An import says the same.
    pbx.place().take_database_away_behind_a_commit();
    let imported = pbx.import_xml(&DIRECTORY.replace("pw-1001", "imported")).await;
    assert!(imported.revision.is_some() && !imported.served, "{imported:?}");
    assert!(user_answer(&pbx, "1001").await.contains("pw-1001"));
    pbx.give_database_back().await;
    until_password(&pbx, "1001", "imported", Duration::from_secs(5)).await;
    pbx.stop().await;
}
