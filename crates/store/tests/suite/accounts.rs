//! Web users and sessions.

use crate::fixture::{Home, on_both_engines};
use custompbx_store::{Error, Role, WebUserId};

on_both_engines!(web_users_come_and_change, sessions_come_and_go);

async fn web_users_come_and_change(home: Home) {
    let store = home.open().await;
    assert_eq!(store.web_users().await.unwrap(), []);
    let root = store.add_web_user("Röot", "hash", Role::Admin, 5).await.unwrap();
    let alice = store.add_web_user("alice", "hash", Role::User, 6).await.unwrap();
    let error = store.add_web_user("rÖOT", "hash", Role::Admin, 7).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot add web user \"rÖOT\": the login is taken");
    assert!(matches!(error, Error::Conflict { .. }));
    let found = store.web_user_by_login("RÖOT").await.unwrap().unwrap();
    assert_eq!((found.id, &*found.login, found.role, found.created_at), (root, "Röot", Role::Admin, 5));
    assert!(found.enabled && found.last_login_at.is_none());
    assert!(!format!("{found:?}").contains("hash"));
    for nobody in ["nobody", "", "a\0", "alice' OR 1=1 --", "%"] {
        assert_eq!(store.web_user_by_login(nobody).await.unwrap(), None);
    }
    store.touch_login(alice, 9).await.unwrap();
    store.set_role(alice, Role::Manager).await.unwrap();
    let found = store.web_user_by_login("alice").await.unwrap().unwrap();
    assert_eq!((found.last_login_at, found.role), (Some(9), Role::Manager));
    let logins: Vec<_> = store.web_users().await.unwrap().into_iter().map(|user| user.login).collect();
    assert_eq!(logins, ["alice", "Röot"]);
    let error = store.set_role(WebUserId(77), Role::User).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { what: "web user", .. }), "{error:?}");
    home.sql("UPDATE web_user SET role = 'emperor'").await;
    let error = store.web_users().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot list the web users: column role of web_user is damaged in row {alice}")
    );
}

async fn sessions_come_and_go(home: Home) {
    let store = home.open().await;
    let alice = store.add_web_user("alice", "hash", Role::User, 0).await.unwrap();
    let bob = store.add_web_user("bob", "hash", Role::User, 0).await.unwrap();
    for (token, user) in [("a1", alice), ("a2", alice), ("b1", bob), ("b2", bob)] {
        store.add_session(token, user, "web", 100, 200).await.unwrap();
    }
    let session = store.session("a1", 150).await.unwrap().unwrap();
    assert_eq!((session.user.id, &*session.purpose), (alice, "web"));
    assert_eq!((session.created_at, session.expires_at, session.last_used_at), (100, 200, 100));
    assert_eq!(store.session("a1", 200).await.unwrap(), None);
    assert_eq!(store.session("a3", 150).await.unwrap(), None);
    store.touch_session("a1", 150, 300).await.unwrap();
    assert_eq!(store.session("a1", 250).await.unwrap().unwrap().last_used_at, 150);
    assert!(store.delete_session("a2").await.unwrap());
    assert!(!store.delete_session("a2").await.unwrap());
    assert_eq!(store.delete_expired_sessions(200).await.unwrap(), 2);
    assert!(store.session("a1", 250).await.unwrap().is_some());

    store.set_password_hash(alice, "other").await.unwrap();
    assert_eq!(store.session("a1", 250).await.unwrap(), None);
    store.add_session("b3", bob, "web", 100, 900).await.unwrap();
    store.set_web_user_enabled(bob, false).await.unwrap();
    assert_eq!(store.session("b3", 150).await.unwrap(), None);
    store.set_web_user_enabled(bob, true).await.unwrap();
    assert_eq!(store.session("b3", 150).await.unwrap(), None);
    store.set_web_user_enabled(bob, false).await.unwrap();
    let error = store.add_session("b4", bob, "web", 100, 900).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    store.add_session("a4", alice, "web", 100, 900).await.unwrap();
    assert_eq!(store.delete_sessions_of(alice).await.unwrap(), 1);
}
