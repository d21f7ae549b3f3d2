//! Signing in by message, whom a connection belongs to, and how it loses that.

use std::time::Duration;

use custompbx_pbx::By;
use custompbx_pbx::account::{self, Accounts, SESSION_MS, Wanted};
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASSWORD, Setup, SignedIn, Socket, TestPbx, log};
use serde_json::{Value, json};

use crate::engines::on_both_engines;

on_both_engines!(
    right_wrong_and_unknown,
    ten_tries_a_minute,
    a_connection_belongs_to_one_user,
    between_two_messages,
    who_loses_a_right_loses_it_on_open_connections,
    another_program_takes_the_right,
    signing_out_ends_everything,
);

pub(super) fn is_refused(reply: &Value) -> bool {
    reply["MessageType"] == "connection"
        && reply["no_token"] == true
        && reply["daemon"]["database_connection"] == true
        && reply.as_object().unwrap().len() == 3
}

/// Who changes web users here.
fn by() -> By {
    By { actor: "somebody".to_owned(), origin: "test".to_owned() }
}

/// Subscribes to something that everybody may hear of.
async fn subscribe(socket: &mut Socket, who: &SignedIn) {
    let reply = socket.ask_as(who, "SubscriptionList", json!({"values": ["NewMessage"]})).await;
    assert_eq!(reply, json!({"MessageType": "OK"}));
}

/// Whether a push arrives; nothing else may.
async fn hears(pbx: &TestPbx, socket: &mut Socket) -> bool {
    pbx.pbx.publish("NewMessage", json!({"data": 1}).as_object().unwrap().clone());
    let heard = !socket.is_silent_for(Duration::from_millis(300)).await;
    // A question after it: what comes first is its answer, or the push was late.
    heard
}

async fn standing(engine: Engine) -> TestPbx {
    Setup::on(engine).with_standing_clock().start().await
}

/// Faults 4, 6 and 23 of the reference implementation.
async fn right_wrong_and_unknown(engine: Engine) {
    let pbx = standing(engine).await;
    let store = pbx.pbx.store().unwrap();
    let mut socket = pbx.socket().await;
    for (role, group) in [(Role::Admin, 1), (Role::Manager, 2), (Role::User, 3)] {
        let login = pbx.add_web_user(role).await;
        let id = store.web_user_by_login(&login).await.unwrap().unwrap().id;
        let reply = socket.ask("login", json!({"login": format!(" {login} "), "password": PASSWORD})).await;
        let token = reply["token"].as_str().unwrap().to_owned();
        assert!(token.len() >= 43, "256 bits: {token}");
        let user = json!({
            "id": id, "login": login, "sip_id": {"Int64": 0, "Valid": false}, "webrtc_lib": "sipjs", "ws": "",
            "verto_ws": "", "stun": "", "avatar_format": "", "enabled": true, "lang": 0, "locale": "en",
            "group_id": group,
        });
        assert_eq!(reply, json!({"MessageType": "login", "token": token, "user": user}));
        let expected = json!({"MessageType": "relogin", "token": token, "user": user});
        assert_eq!(socket.ask("relogin", json!({"token": token})).await, expected);
        // As the documentation shows it.
        assert_eq!(socket.ask("login", json!({"token": token})).await, expected);
        assert!(log::lines_with(&[&token]).is_empty());
    }

    let refusal = |text: &str, code: &str| json!({"MessageType": "login", "error": text, "error_code": code});
    let (unknown, wrong) = (refusal("Unknown user", "unknown_user"), refusal("Wrong Login", "wrong_login"));
    let login = pbx.add_web_user(Role::Admin).await;
    let disabled = pbx.add_web_user(Role::Admin).await;
    pbx.set_enabled(&disabled, false).await;
    let blocked = pbx.add_web_user(Role::Blocked).await;
    for (login, password, expected) in [
        ("nobody", PASSWORD, &unknown),
        ("' OR 1=1 --", "x", &unknown),
        ("a\u{0}b", "x", &unknown),
        (&*login, "wrong", &wrong),
        (&*login, "", &wrong),
        (&*disabled, PASSWORD, &wrong),
        (&*blocked, PASSWORD, &wrong),
    ] {
        assert_eq!(
            &socket.ask("login", json!({"login": login, "password": password})).await,
            expected,
            "{login}"
        );
    }
    let empty = refusal("empty data", "empty_data");
    for data in [
        json!({}),
        json!({"login": login}),
        json!({"login": 1, "password": "x"}),
        json!({"password": "x"}),
        json!({"login": login, "password": null}),
        json!({"login": "", "password": "x"}),
    ] {
        assert_eq!(socket.ask("login", data.clone()).await, empty, "{data}");
    }
    pbx.stop().await;
}

async fn ten_tries_a_minute(engine: Engine) {
    let pbx = standing(engine).await;
    let login = pbx.add_web_user(Role::User).await;
    let mut socket = pbx.socket().await;
    for _ in 0..10 {
        let reply = socket.ask("login", json!({"login": login, "password": "wrong"})).await;
        assert_eq!(reply["error"], "Wrong Login");
        pbx.advance(Duration::from_secs(1));
    }
    for name in [&*login, "nobody"] {
        let reply = socket.ask("login", json!({"login": name, "password": PASSWORD})).await;
        let text = "too many tries; wait 50 seconds";
        assert_eq!(reply, json!({"MessageType": "login", "error": text, "error_code": "too_many_tries"}));
    }
    // The other way in counts the same tries.
    assert_eq!(pbx.sign_in(&login, PASSWORD).await.status, 429);
    pbx.advance(Duration::from_secs(50));
    assert!(socket.ask("login", json!({"login": login, "password": PASSWORD})).await["token"].is_string());
    pbx.stop().await;
}

async fn a_connection_belongs_to_one_user(engine: Engine) {
    let pbx = standing(engine).await;
    let (one, other) = (pbx.sign_in_as(Role::Admin).await, pbx.sign_in_as(Role::Admin).await);
    let mut socket = pbx.socket().await;
    assert_eq!(socket.ask_as(&one, "relogin", json!({})).await["MessageType"], "relogin");
    for event in ["relogin", "[Auth] Logout", "UserGetOwnTokens", "SubscriptionList"] {
        assert!(
            is_refused(&socket.ask_as(&other, event, json!({"values": ["NewMessage"]})).await),
            "{event}"
        );
    }
    // What the other one has was not touched, and this one is still who it was.
    assert_eq!(pbx.get_as(&other, "/api/v2/session").await.status, 200);
    subscribe(&mut socket, &one).await;
    // Another token of the same user is as good.
    let again = pbx.sign_in(&one.login, PASSWORD).await;
    let cookie = again.header("set-cookie").unwrap().split([';', '=']).nth(1).unwrap().to_owned();
    assert_eq!(socket.ask("relogin", json!({"token": cookie})).await["MessageType"], "relogin");
    assert!(hears(&pbx, &mut socket).await);

    assert_eq!(
        socket.ask("[Auth] Logout", json!({"token": cookie})).await,
        json!({"MessageType": "[Auth] Logout"})
    );
    assert_eq!(socket.ask_as(&other, "relogin", json!({})).await["MessageType"], "relogin");
    // Nothing of what the first one subscribed to is left.
    assert!(!hears(&pbx, &mut socket).await);
    assert!(is_refused(&socket.ask_as(&one, "relogin", json!({})).await));
    // Signing in makes it somebody else's, who hears nothing of what was subscribed to either.
    subscribe(&mut socket, &other).await;
    let reply = socket.ask("login", json!({"login": one.login, "password": PASSWORD})).await;
    assert_eq!(reply["user"]["login"], one.login);
    assert!(!hears(&pbx, &mut socket).await);
    assert!(is_refused(&socket.ask_as(&other, "relogin", json!({})).await));
    pbx.stop().await;
}

/// A token is looked at for each message.
async fn between_two_messages(engine: Engine) {
    let pbx = standing(engine).await;
    let store = pbx.pbx.store().unwrap();
    let mut socket = pbx.socket().await;
    for token in [json!("nonsense"), json!(""), json!(null), json!(1), json!(["x"]), json!("a\u{0}")] {
        assert!(is_refused(&socket.ask("relogin", json!({"token": token})).await), "{token}");
    }
    assert!(is_refused(&socket.ask("relogin", json!({})).await));

    let expired = pbx.sign_in_as(Role::User).await;
    let mut on = pbx.socket().await;
    assert_eq!(on.ask_as(&expired, "relogin", json!({})).await["MessageType"], "relogin");
    pbx.advance(Duration::from_millis(u64::try_from(SESSION_MS).unwrap() - 1));
    assert_eq!(on.ask_as(&expired, "relogin", json!({})).await["MessageType"], "relogin");
    pbx.advance(Duration::from_millis(u64::try_from(SESSION_MS).unwrap()));
    assert!(is_refused(&on.ask_as(&expired, "relogin", json!({})).await));

    // What was told without having been asked, and the answer, look the same: both are refusals.
    let refused = async |who: &SignedIn, socket: &mut Socket, what: &str| {
        assert!(is_refused(&socket.ask_as(who, "relogin", json!({})).await), "{what}");
    };
    let signed_in = async || {
        let (who, mut socket) = (pbx.sign_in_as(Role::Manager).await, pbx.socket().await);
        assert_eq!(socket.ask_as(&who, "relogin", json!({})).await["MessageType"], "relogin");
        let id = store.web_user_by_login(&who.login).await.unwrap().unwrap().id;
        (who, socket, id)
    };
    let (who, mut socket, _) = signed_in().await;
    pbx.pbx.sign_out(&who.token).await.unwrap();
    refused(&who, &mut socket, "a revoked token").await;
    let (who, mut socket, _) = signed_in().await;
    pbx.set_enabled(&who.login, false).await;
    refused(&who, &mut socket, "a disabled user").await;
    let (who, mut socket, _) = signed_in().await;
    pbx.set_role(&who.login, Role::Blocked).await;
    refused(&who, &mut socket, "a blocked user").await;
    let (who, mut socket, id) = signed_in().await;
    Accounts::new(&store, &by(), pbx.pbx.now()).remove(id).await.unwrap();
    refused(&who, &mut socket, "a removed user").await;
    pbx.stop().await;
}

/// Whoever lost a right is told at once, and hears nothing any more; nobody else notices.
async fn who_loses_a_right_loses_it_on_open_connections(engine: Engine) {
    let pbx = standing(engine).await;
    let store = pbx.pbx.store().unwrap();
    let bystander = pbx.sign_in_as(Role::Admin).await;
    let mut unconcerned = pbx.socket().await;
    subscribe(&mut unconcerned, &bystander).await;
    let (by, now) = (by(), pbx.pbx.now());
    let accounts = Accounts::new(&store, &by, now);
    for what in ["disabled", "blocked", "role", "removed", "password", "signed out", "token", "time"] {
        let who = pbx.sign_in_as(Role::Manager).await;
        let id = store.web_user_by_login(&who.login).await.unwrap().unwrap().id;
        let mut sockets = [pbx.socket().await, pbx.socket().await];
        for socket in &mut sockets {
            subscribe(socket, &who).await;
            let persistent = json!({"values": ["NewMessage"]});
            assert_eq!(
                socket.ask_as(&who, "PersistentSubscription", persistent).await,
                json!({"MessageType": "PersistentSubscription"})
            );
            assert!(hears(&pbx, socket).await || what.is_empty());
        }
        // The pushes for one were for the other one too.
        while !sockets[0].is_silent_for(Duration::from_millis(50)).await {}
        match what {
            "disabled" => pbx.set_enabled(&who.login, false).await,
            "blocked" => pbx.set_role(&who.login, Role::Blocked).await,
            "role" => pbx.set_role(&who.login, Role::User).await,
            "removed" => accounts.remove(id).await.unwrap(),
            "password" => pbx.set_password(&who.login, "another password").await,
            "signed out" => pbx.pbx.sign_out(&who.token).await.unwrap(),
            "token" => {
                let session = pbx.pbx.signed_in(&who.token).await.unwrap().id;
                account::remove_token(&store, session, &by, now).await.unwrap();
            }
            _ => {
                // The bystander uses theirs in between.
                pbx.advance(Duration::from_millis(u64::try_from(SESSION_MS).unwrap() - 1));
                assert_eq!(
                    unconcerned.ask_as(&bystander, "relogin", json!({})).await["MessageType"],
                    "NewMessage"
                );
                pbx.advance(Duration::from_millis(1));
            }
        }
        for socket in &mut sockets {
            assert!(is_refused(&socket.next().await), "{what}");
            assert!(!hears(&pbx, socket).await, "{what}");
        }
        if what == "role" {
            // The session itself goes on, with the new role.
            let reply = sockets[0].ask_as(&who, "relogin", json!({})).await;
            assert_eq!(reply["user"]["group_id"], 3);
            assert!(!hears(&pbx, &mut sockets[0]).await, "subscriptions do not come back");
        }
    }
    pbx.stop().await;
}

/// The command line, or another node.
async fn another_program_takes_the_right(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let other = pbx.another_store().await;
    let who = pbx.sign_in_as(Role::Manager).await;
    let mut socket = pbx.socket().await;
    subscribe(&mut socket, &who).await;
    let start = std::time::Instant::now();
    let id = account::by_login(&other, &who.login).await.unwrap().id;
    let wanted = Wanted { enabled: Some(false), ..Wanted::default() };
    Accounts::new(&other, &by(), pbx.pbx.now()).change(id, wanted, None).await.unwrap();
    assert!(is_refused(&socket.next().await));
    assert!(start.elapsed() < Duration::from_secs(2), "after {:?}", start.elapsed());
    other.close().await;
    pbx.stop().await;
}

async fn signing_out_ends_everything(engine: Engine) {
    let pbx = standing(engine).await;
    let who = pbx.sign_in_as(Role::User).await;
    let mut socket = pbx.socket().await;
    subscribe(&mut socket, &who).await;
    socket.ask_as(&who, "PersistentSubscription", json!({"values": ["NewMessage", "connection"]})).await;
    assert_eq!(
        socket.ask_as(&who, "[Auth] Logout", json!({})).await,
        json!({"MessageType": "[Auth] Logout"})
    );
    assert!(!hears(&pbx, &mut socket).await);
    assert_eq!(pbx.get_as(&who, "/api/v2/session").await.status, 401);
    assert!(is_refused(&socket.ask_as(&who, "[Auth] Logout", json!({})).await));
    pbx.stop().await;
}

/// A wrong token ends what the page subscribed to; the identity of the connection stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_empties_the_temporary_subscriptions() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let who = pbx.sign_in_as(Role::User).await;
    let mut socket = pbx.socket().await;
    subscribe(&mut socket, &who).await;
    assert!(hears(&pbx, &mut socket).await);
    assert!(is_refused(&socket.ask("relogin", json!({"token": "wrong"})).await));
    assert!(!hears(&pbx, &mut socket).await);
    socket.ask_as(&who, "PersistentSubscription", json!({"values": ["NewMessage"]})).await;
    assert!(is_refused(&socket.ask("relogin", json!({"token": "wrong"})).await));
    assert!(hears(&pbx, &mut socket).await);
    pbx.stop().await;
}

/// An unknown login is answered after the same time as a wrong password: both compare one.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_wrong_take_the_same_work() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let login = pbx.add_web_user(Role::Admin).await;
    let mut socket = pbx.socket().await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..4 {
        for (kind, name) in [(0, &*login), (1, "nobody")] {
            let start = std::time::Instant::now();
            socket.ask("login", json!({"login": name, "password": format!("x {round}")})).await;
            times[kind].push(start.elapsed());
        }
    }
    let least = times.map(|times| times.into_iter().min().unwrap());
    // Comparing a password takes milliseconds, finding out that nobody is called so takes none.
    assert!(least[1] * 3 > least[0], "{least:?}");
    pbx.stop().await;
}
