//! The database goes away and comes back.

use std::time::{Duration, Instant};

use custompbx_pbx::Error;
use custompbx_store::{Author, Role};
use custompbx_testkit::server::{Engine, Setup, TestPbx, log};

use super::edits::{DIRECTORY, set_password, user_answer};
use super::nodes::until_password;
use crate::engines::on_both_engines;

on_both_engines!(
    answers_go_on_without_the_database,
    a_start_without_the_database_serves_what_was_saved,
    a_damaged_snapshot_is_made_anew,
);

async fn answers_go_on_without_the_database(engine: Engine) {
    let mut pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let tree = pbx.tree().await;
    let before = user_answer(&pbx, "1000").await;
    assert!(before.contains("pw-1000"));
    // Longer than one try to connect again.
    for round in 0..2 {
        pbx.take_database_away().await;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            assert_eq!(user_answer(&pbx, "1000").await, before);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let refused = pbx.try_change(vec![set_password(&tree, "1000", "lost")]).await.unwrap_err();
        assert!(matches!(refused, Error::DatabaseDown(_)), "{refused:?}");
        for path in ["/api/v2/instances", "/api/v2/session"] {
            let reply = pbx.get_as(&admin, path).await;
            assert_eq!(reply.status, 503, "{path}: {}", reply.text());
            assert!(reply.is_problem());
            assert_eq!(reply.header("retry-after"), Some("5"));
        }
        let sign_in = pbx.sign_in(&admin.login, "x").await;
        assert_eq!(sign_in.status, 503, "{}", sign_in.text());
        let ready = pbx.get("/readyz").await;
        assert_eq!((ready.status, &ready.json()["database"]), (200, &"down".into()));

        pbx.give_database_back().await;
        if engine == Engine::Sqlite {
            // A file that is open does not go away; that it was closed is what a stop does.
            pbx = pbx.restart().await;
        }
        let password = format!("again {round}");
        let other = pbx.another_store().await;
        let instance = other.instance_by_name("default").await.unwrap().unwrap();
        let author = Author { actor: "another".into(), origin: "test".into(), at_ms: 1 };
        let edit = set_password(&tree, "1000", &password);
        other.apply(instance.id, &author, "after it came back", vec![edit]).await.unwrap();
        until_password(&pbx, "1000", &password, Duration::from_secs(2)).await;
        other.close().await;
        pbx.change(vec![set_password(&pbx.tree().await, "1001", "and ours")]).await;
        assert!(user_answer(&pbx, "1001").await.contains("and ours"));
        assert_eq!(pbx.get("/readyz").await.json()["database"], "up");
        pbx.change(vec![set_password(&pbx.tree().await, "1000", "pw-1000")]).await;
    }
    pbx.stop().await;
}

async fn a_start_without_the_database_serves_what_was_saved(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DIRECTORY).await;
    let before = [user_answer(&pbx, "1000").await, user_answer(&pbx, "1001").await];
    let place = pbx.stop().await;
    place.take_database_away().await;
    let pbx = place.start().await;
    assert_eq!([user_answer(&pbx, "1000").await, user_answer(&pbx, "1001").await], before);
    assert_eq!(pbx.get("/readyz").await.status, 200);
    pbx.place().give_database_back().await;
    let mut tries = 0;
    while !pbx.pbx.is_connected().await {
        tries += 1;
        assert!(tries < 100, "it is not connected again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    pbx.change(vec![set_password(&pbx.tree().await, "1000", "back again")]).await;
    assert!(user_answer(&pbx, "1000").await.contains("back again"));
    pbx.stop().await;
}

async fn a_damaged_snapshot_is_made_anew(engine: Engine) {
    let pbx = Setup::on(engine).start().await;
    pbx.import_xml(DIRECTORY).await;
    let before = user_answer(&pbx, "1000").await;
    let mut place = pbx.stop().await;
    let good = std::fs::read(place.snapshot_file()).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let cases: [Vec<u8>; 5] = [
        Vec::new(),
        b"not a snapshot".to_vec(),
        good[..good.len() / 2].to_vec(),
        [&*good, b"more"].concat(),
        flipped,
    ];
    for damaged in cases {
        std::fs::write(place.snapshot_file(), &damaged).unwrap();
        let file = place.snapshot_file().display().to_string();
        let logged = log::lines_with(&["WARN", &file]).len();
        let pbx = place.start().await;
        assert_eq!(user_answer(&pbx, "1000").await, before);
        assert_eq!(log::lines_with(&["WARN", &file]).len(), logged + 1, "{} bytes", damaged.len());
        place = pbx.stop().await;
    }
    // A snapshot of another database is not served.
    let other = TestPbx::on(engine).await.stop().await;
    std::fs::write(other.snapshot_file(), &good).unwrap();
    let pbx = other.start().await;
    assert!(!user_answer(&pbx, "1000").await.contains("pw-1000"));
    pbx.stop().await;
}
