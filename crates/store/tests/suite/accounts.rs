//! Web users and sessions.

use crate::fixture::{Home, author, edit, named, on_both_engines, start};
use custompbx_model::{At, Edit};
use std::time::Duration;

use custompbx_store::{Error, NewSession, Role, SessionId, Store, WebUserId};
use tokio::time::timeout;

on_both_engines!(
    web_users_come_and_change,
    a_web_user_has_a_telephone_and_a_picture,
    sessions_come_and_go,
    tokens_have_ids_and_scopes,
    others_hear_that_a_right_is_gone,
);

fn session<'a>(token_hash: &'a str, user: WebUserId, expires_at: i64) -> NewSession<'a> {
    NewSession { token_hash, user, purpose: "gui", scopes: None, now_ms: 100, expires_at, author: None }
}

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

async fn a_web_user_has_a_telephone_and_a_picture(home: Home) {
    let store = home.open().await;
    let id = store.add_web_user("alice", "hash", Role::User, 0).await.unwrap();
    let new = store.web_user(id).await.unwrap().unwrap();
    assert_eq!((new.sip_id, &*new.webrtc_lib, &*new.ws, &*new.verto_ws), (None, "sipjs", "", ""));
    assert_eq!((&*new.stun, new.lang, &*new.locale, &*new.avatar_format), ("", 0, "en", ""));
    assert_eq!(store.web_user_by_login("ALICE").await.unwrap(), Some(new));
    assert_eq!(store.web_user(WebUserId(77)).await.unwrap(), None);

    // The link to a user of the directory ends with that user.
    let (instance, root) = start(&store).await;
    let nodes = vec![named("section", "x")];
    let inserted =
        edit(&store, instance, vec![Edit::Insert { parent: root, at: At::Last, nodes }]).await.unwrap();
    home.sql("UPDATE web_user SET sip_id = (SELECT max(id) FROM node), lang = 1, locale = 'ru'").await;
    let linked = store.web_user(id).await.unwrap().unwrap();
    assert_eq!((linked.sip_id, linked.lang, &*linked.locale), (Some(inserted.inserted[0]), 1, "ru"));
    edit(&store, instance, vec![Edit::Delete { id: inserted.inserted[0] }]).await.unwrap();
    assert_eq!(store.web_user(id).await.unwrap().unwrap().sip_id, None);

    assert_eq!(store.avatar(id).await.unwrap(), None);
    let picture = [0, 255, 10, 13, 0, 39];
    store.set_avatar(id, Some(("png", &picture))).await.unwrap();
    assert_eq!(store.avatar(id).await.unwrap(), Some(("png".to_owned(), picture.to_vec())));
    assert_eq!(store.web_user(id).await.unwrap().unwrap().avatar_format, "png");
    store.set_avatar(id, None).await.unwrap();
    assert_eq!(store.avatar(id).await.unwrap(), None);
    assert_eq!(store.web_user(id).await.unwrap().unwrap().avatar_format, "");
    let error = store.set_avatar(WebUserId(77), None).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

async fn sessions_come_and_go(home: Home) {
    let store = home.open().await;
    let alice = store.add_web_user("alice", "hash", Role::User, 0).await.unwrap();
    let bob = store.add_web_user("bob", "hash", Role::User, 0).await.unwrap();
    for (token, user) in [("a1", alice), ("a2", alice), ("b1", bob), ("b2", bob)] {
        store.add_session(session(token, user, 200)).await.unwrap();
    }
    let found = store.session("a1", 150).await.unwrap().unwrap();
    assert_eq!((found.user.id, &*found.purpose), (alice, "gui"));
    assert_eq!((found.created_at, found.expires_at, found.last_used_at), (100, 200, None));
    assert_eq!(store.session("a1", 200).await.unwrap(), None);
    assert_eq!(store.session("a3", 150).await.unwrap(), None);
    store.touch_session("a1", 150, 300).await.unwrap();
    assert_eq!(store.session("a1", 250).await.unwrap().unwrap().last_used_at, Some(150));
    assert!(store.delete_session("a2").await.unwrap());
    assert!(!store.delete_session("a2").await.unwrap());
    assert_eq!(store.delete_expired_sessions(200).await.unwrap(), 2);
    assert!(store.session("a1", 250).await.unwrap().is_some());

    store.set_password_hash(alice, "other").await.unwrap();
    assert_eq!(store.session("a1", 250).await.unwrap(), None);
    store.add_session(session("b3", bob, 900)).await.unwrap();
    store.set_web_user_enabled(bob, false).await.unwrap();
    assert_eq!(store.session("b3", 150).await.unwrap(), None);
    store.set_web_user_enabled(bob, true).await.unwrap();
    assert_eq!(store.session("b3", 150).await.unwrap(), None);
    store.set_web_user_enabled(bob, false).await.unwrap();
    let error = store.add_session(session("b4", bob, 900)).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    store.add_session(session("a4", alice, 900)).await.unwrap();
    assert_eq!(store.delete_sessions_of(alice).await.unwrap(), 1);

    store.add_session(session("a5", alice, 900)).await.unwrap();
    store.delete_web_user(alice).await.unwrap();
    assert_eq!(store.session("a5", 150).await.unwrap(), None);
    let error = store.delete_web_user(alice).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

async fn tokens_have_ids_and_scopes(home: Home) {
    let store = home.open().await;
    let alice = store.add_web_user("alice", "hash", Role::User, 0).await.unwrap();
    let bob = store.add_web_user("bob", "hash", Role::User, 0).await.unwrap();
    let gui = store.add_session(session("a1", alice, 200)).await.unwrap();
    let limited = NewSession { scopes: Some("read directory:write"), ..session("a2", alice, 900) };
    let author = author();
    let limited = NewSession { purpose: "api", author: Some(&author), ..limited };
    let limited = store.add_session(limited).await.unwrap();
    let other = store.add_session(session("b1", bob, 900)).await.unwrap();
    assert!(gui < limited && limited < other);
    let listed = store.sessions_of(alice, 150).await.unwrap();
    let shown: Vec<_> = listed.iter().map(|one| (one.id, &*one.purpose, one.scopes.as_deref())).collect();
    assert_eq!(shown, [(gui, "gui", None), (limited, "api", Some("read directory:write"))]);
    let ids = async |wanted: &[SessionId], now| {
        let mut ids: Vec<_> =
            store.sessions_among(wanted, now).await.unwrap().into_iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids
    };
    let all = [gui, limited, other, SessionId(77)];
    assert_eq!(ids(&all, 150).await, [gui, limited, other]);
    assert_eq!(ids(&all, 200).await, [limited, other]);
    assert_eq!(ids(&[], 150).await, []);
    assert_eq!(store.session_by_id(limited, 150).await.unwrap().unwrap().user.id, alice);
    assert!(store.delete_session_by_id(limited, &author).await.unwrap());
    assert!(!store.delete_session_by_id(limited, &author).await.unwrap());
    // Who made and ended a token is written down; signing in is not.
    let noted: Vec<_> = store.audit(None, 10).await.unwrap().items.into_iter().rev().collect();
    let noted: Vec<_> =
        noted.iter().map(|act| (&*act.actor, &*act.action, &*act.target, &*act.detail)).collect();
    let made = format!("{limited}: read directory:write");
    let ended = limited.to_string();
    assert_eq!(noted, [("alice", "token.add", "alice", &*made), ("alice", "token.end", "alice", &*ended)]);
    assert_eq!(store.session_by_id(limited, 150).await.unwrap(), None);
    store.set_web_user_enabled(bob, false).await.unwrap();
    assert_eq!(ids(&all, 150).await, [gui]);
    // An id is not given out again.
    assert!(store.add_session(session("a3", alice, 900)).await.unwrap() > other);
}

/// In the writing process at once, in another within two seconds.
async fn others_hear_that_a_right_is_gone(home: Home) {
    let (writer, other) = (home.open().await, home.open().await);
    let alice = writer.add_web_user("alice", "hash", Role::User, 0).await.unwrap();
    let (mut here, mut there) = (writer.accounts_signal(), other.accounts_signal());
    let mut heard = async |what: &str| {
        assert!(here.has_changed().unwrap(), "{what}");
        let change = *here.borrow_and_update();
        let told = timeout(Duration::from_secs(2), there.wait_for(|known| *known >= change)).await;
        assert_eq!(*told.unwrap().unwrap(), change, "{what}");
    };
    let begin =
        async |store: &Store, token: &str| store.add_session(session(token, alice, 900)).await.unwrap();
    writer.set_role(alice, Role::Manager).await.unwrap();
    heard("a role").await;
    begin(&writer, "a1").await;
    writer.delete_session("a1").await.unwrap();
    heard("a session").await;
    let id = begin(&writer, "a2").await;
    writer.delete_session_by_id(id, &author()).await.unwrap();
    heard("a token").await;
    writer.set_password_hash(alice, "other").await.unwrap();
    heard("a password").await;
    writer.set_web_user_enabled(alice, false).await.unwrap();
    heard("a disabled user").await;
    writer.delete_web_user(alice).await.unwrap();
    heard("a user").await;
}
