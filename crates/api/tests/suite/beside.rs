//! Several who change the same at once, and what must not be lost by it.

use custompbx_conf::{ReadOptions, Reading};
use custompbx_model::{Edit, Node};
use custompbx_store::{NewSession, Role};
use custompbx_testkit::recorded::fixtures;
use custompbx_testkit::server::{Engine, INSTANCE, TestPbx, find, log};

use crate::engines::on_both_engines;

on_both_engines!(
    imports_at_once_double_nothing,
    a_bearer_token_is_ended_by_its_owner,
    a_domain_is_disabled_changed_and_enabled_again,
    expired_sessions_do_not_stay,
);

fn vanilla() -> Reading {
    let paths = [fixtures().join("vanilla-conf")];
    custompbx_conf::read(&paths, &ReadOptions::default(), &mut |_| {}).unwrap()
}

fn count(node: &Node) -> usize {
    1 + node.children.iter().map(count).sum::<usize>()
}

async fn imports_at_once_double_nothing(engine: Engine) {
    let alone = TestPbx::on(engine).await;
    alone.import_vanilla().await;
    let expected = count(&alone.tree().await);
    alone.stop().await;

    let pbx = TestPbx::on(engine).await;
    let beside = pbx.beside().await;
    let (mut one, mut two, mut three) = (|_| {}, |_| {}, |_| {});
    let (one, two, three) = tokio::join!(
        pbx.pbx.import(INSTANCE, vanilla(), "one", &mut one),
        beside.pbx.import(INSTANCE, vanilla(), "two", &mut two),
        pbx.pbx.import(INSTANCE, vanilla(), "three", &mut three),
    );
    let done = [one, two, three].map(|imported| imported.unwrap_or_else(|error| panic!("{}", error.chain())));
    assert!(done.iter().all(|imported| imported.served));
    assert_eq!(done.iter().filter(|imported| imported.revision.is_some()).count(), 1);
    assert_eq!(count(&pbx.tree().await), expected);
    // The same for an instance that is made by it.
    let (mut one, mut two) = (|_| {}, |_| {});
    let (one, two) = tokio::join!(
        pbx.pbx.import("new", vanilla(), "one", &mut one),
        beside.pbx.import("new", vanilla(), "two", &mut two),
    );
    assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|done| done.revision.is_some()).count(), 1);
    beside.stop().await;
    pbx.stop().await;
}

async fn a_bearer_token_is_ended_by_its_owner(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let person = pbx.sign_in_as(Role::User).await;
    let another = pbx.sign_in_as(Role::User).await;
    let bearer = [("Authorization", &*person.bearer()), ("Cookie", &*another.cookie())];
    assert_eq!(pbx.http("DELETE", "/api/v2/session", &bearer, b"").await.status, 204);
    assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 401);
    assert_eq!(pbx.get_as(&another, "/api/v2/session").await.status, 200, "the token that counts is ended");
    pbx.stop().await;
}

async fn a_domain_is_disabled_changed_and_enabled_again(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let users = || pbx.pbx.snapshot().unwrap().users();
    let before = users();
    let tree = pbx.tree().await;
    let section = find(&tree, "section/directory");
    let domain = section.children.iter().find(|child| &*child.tag == "domain").unwrap();
    let user = find(domain, "groups group/default users user/1001");
    pbx.change(vec![Edit::Enable { id: domain.id, enabled: false }]).await;
    assert_eq!(users(), 0);
    assert!(pbx.change(vec![Edit::Delete { id: user.id }]).await.served);
    assert_eq!(users(), 0);
    pbx.change(vec![Edit::Enable { id: section.id, enabled: false }]).await;
    pbx.change(vec![Edit::Enable { id: domain.id, enabled: true }]).await;
    assert_eq!(users(), 0);
    pbx.change(vec![Edit::Enable { id: section.id, enabled: true }]).await;
    assert_eq!(users(), before - 1);
    pbx.stop().await;
}

async fn expired_sessions_do_not_stay(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let store = pbx.pbx.store().unwrap();
    let person = pbx.sign_in_as(Role::User).await;
    let user = store.web_user_by_login(&person.login).await.unwrap().unwrap().id;
    let expired = NewSession {
        token_hash: "expired",
        user,
        purpose: "gui",
        scopes: None,
        now_ms: 1,
        expires_at: 2,
        author: None,
    };
    store.add_session(expired).await.unwrap();
    let place = pbx.stop().await;
    // It is done once at the start.
    let pbx = place.start().await;
    let store = pbx.pbx.store().unwrap();
    for _ in 0..100 {
        if store.session("expired", 1).await.unwrap().is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(store.session("expired", 1).await.unwrap().is_none());
    assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 200);
    pbx.stop().await;
}

/// A switch with a wrong password asks many times a second.
#[tokio::test(flavor = "multi_thread")]
async fn refused_questions_are_logged_once() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let refused: std::net::IpAddr = "192.0.2.77".parse().unwrap();
    for _ in 0..10 {
        pbx.pbx.question_refused(refused);
    }
    assert_eq!(log::lines_with(&["questions are refused", "192.0.2.77"]).len(), 1);
    pbx.stop().await;
}
