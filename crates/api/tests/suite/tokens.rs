//! Tokens: by message and by REST, one's own and others'.

use std::time::Duration;

use custompbx_pbx::account::TOKEN_MS;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Reply, START_MS, Setup, SignedIn, Socket, TestPbx, log};
use serde_json::{Value, json};

use crate::engines::on_both_engines;

on_both_engines!(
    by_message,
    everybody_has_their_own,
    by_rest,
    a_token_lasts_for_ninety_days,
    ids_that_are_none
);

async fn standing(engine: Engine) -> TestPbx {
    Setup::on(engine).with_standing_clock().start().await
}

async fn id_of(pbx: &TestPbx, login: &str) -> i64 {
    pbx.pbx.store().unwrap().web_user_by_login(login).await.unwrap().unwrap().id.0
}

/// What is listed: id, purpose and scopes.
fn listed(reply: &Value) -> Vec<(i64, String, Value)> {
    let list = reply["tokens_list"].as_array().unwrap_or_else(|| panic!("{reply}"));
    list.iter()
        .map(|one| {
            (one["id"].as_i64().unwrap(), one["purpose"].as_str().unwrap().to_owned(), one["scopes"].clone())
        })
        .collect()
}

fn refusal(name: &str, text: &str, code: &str) -> Value {
    json!({"MessageType": name, "error": text, "error_code": code})
}

async fn add(socket: &mut Socket, who: &SignedIn, data: Value) -> (i64, String) {
    let reply = socket.ask_as(who, "AddUserToken", data).await;
    let made = &reply["tokens_list"][0];
    (made["id"].as_i64().unwrap_or_else(|| panic!("{reply}")), made["token"].as_str().unwrap().to_owned())
}

async fn by_message(engine: Engine) {
    let pbx = standing(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let login = pbx.add_web_user(Role::Manager).await;
    let user = id_of(&pbx, &login).await;
    let mut socket = pbx.socket().await;
    assert_eq!(START_MS, 1_795_392_000_000);
    let reply = socket.ask_as(&admin, "AddUserToken", json!({"id": user})).await;
    let (id, token) = (&reply["tokens_list"][0]["id"], &reply["tokens_list"][0]["token"]);
    let expected = json!({
        "MessageType": "AddUserToken",
        "tokens_list": [{
            "id": id, "login": "", "token": token, "created": "2026-11-23 00:00:00.000", "purpose": "api",
            "expires": "2027-02-21 00:00:00.000",
        }],
        "id": user,
    });
    assert_eq!(reply, expected);
    let (id, token) = (id.as_i64().unwrap(), token.as_str().unwrap().to_owned());
    assert!(token.len() >= 43 && log::lines_with(&[&token]).is_empty());

    // It is good for what its user may, by each way.
    pbx.advance(Duration::from_millis(1_234));
    let mut theirs = pbx.socket().await;
    let reply = theirs.ask("relogin", json!({"token": token})).await;
    assert_eq!((&reply["user"]["login"], &reply["token"]), (&json!(login), &json!(token)));
    let bearer = format!("Bearer {token}");
    assert_eq!(pbx.http("GET", "/api/v2/session", &[("Authorization", &bearer)], b"").await.status, 200);

    let reply = socket.ask_as(&admin, "GetUserTokens", json!({"id": user})).await;
    let expected = json!({
        "MessageType": "GetUserTokens",
        "tokens_list": [{
            "id": id, "login": "", "created": "2026-11-23 00:00:00.000", "purpose": "api",
            "expires": "2027-02-21 00:00:00.000", "last_used": "2026-11-23 00:00:01.234",
        }],
        "id": user,
    });
    assert_eq!(reply, expected);
    // One's own are listed under the documented name, the session that asks among them.
    let own = socket.ask_as(&admin, "UserGetOwnTokens", json!({})).await;
    assert_eq!(own["MessageType"], "GetUserTokens");
    assert_eq!(own["id"], id_of(&pbx, &admin.login).await);
    let [(_, purpose, scopes)] = &listed(&own)[..] else { panic!("{own}") };
    assert_eq!((&**purpose, scopes), ("gui", &Value::Null));
    assert!(!own.to_string().contains(&admin.token));

    // Both forms of the answer at once.
    let reply = socket.ask_as(&admin, "RemoveUserToken", json!({"id": id})).await;
    let expected = json!({
        "MessageType": "RemoveUserToken", "event": "RemoveUserToken", "data": {"token": admin.token, "id": id},
        "id": user, "affected_id": id,
    });
    assert_eq!(reply, expected);
    // The connection that stood on it is told at once.
    assert_eq!(theirs.next().await["no_token"], true);
    assert_eq!(pbx.http("GET", "/api/v2/session", &[("Authorization", &bearer)], b"").await.status, 401);
    let again = socket.ask_as(&admin, "RemoveUserToken", json!({"id": id})).await;
    assert_eq!(again, refusal("RemoveUserToken", "wrong id", "wrong_id"));
    pbx.stop().await;
}

/// Fault 23: those who are no admins have tokens too, and only their own.
async fn everybody_has_their_own(engine: Engine) {
    let pbx = standing(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let others = id_of(&pbx, &admin.login).await;
    let mut admins = pbx.socket().await;
    let (not_theirs, _) = add(&mut admins, &admin, json!({"id": others})).await;
    for role in [Role::User, Role::Manager] {
        let who = pbx.sign_in_as(role).await;
        let own = id_of(&pbx, &who.login).await;
        let mut socket = pbx.socket().await;
        let (id, _) = add(&mut socket, &who, json!({"id": own})).await;
        assert_eq!(listed(&socket.ask_as(&who, "GetUserTokens", json!({"id": own})).await).len(), 2);
        assert_eq!(listed(&socket.ask_as(&who, "UserGetOwnTokens", json!({})).await)[1].0, id);
        for event in ["AddUserToken", "GetUserTokens"] {
            for user in [others, 1_000_000] {
                let reply = socket.ask_as(&who, event, json!({"id": user})).await;
                assert_eq!(reply, refusal(event, "access denied", "access_denied"));
            }
        }
        for token in [not_theirs, 1_000_000] {
            let reply = socket.ask_as(&who, "RemoveUserToken", json!({"id": token})).await;
            assert_eq!(reply, refusal("RemoveUserToken", "wrong id", "wrong_id"));
        }
        assert_eq!(socket.ask_as(&who, "RemoveUserToken", json!({"id": id})).await["affected_id"], id);
        let path = format!("/api/v2/web-users/{others}/tokens");
        assert_eq!(pbx.get_as(&who, &path).await.status, 403);
        let made = post(&pbx, &who, &path, "{}").await;
        assert_eq!(made.status, 403);
        let removed = pbx
            .http("DELETE", &format!("{path}/{not_theirs}"), &[("Authorization", &who.bearer())], b"")
            .await;
        assert_eq!(removed.status, 404);
        let removed = format!("/api/v2/tokens/{not_theirs}");
        assert_eq!(pbx.http("DELETE", &removed, &[("Authorization", &who.bearer())], b"").await.status, 404);
    }
    // What nobody may, an admin may not either: tokens of somebody who is not there, or is kept out.
    let gone = pbx.add_web_user(Role::User).await;
    pbx.set_enabled(&gone, false).await;
    for (event, id) in [
        ("AddUserToken", 1_000_000),
        ("GetUserTokens", 1_000_000),
        ("AddUserToken", id_of(&pbx, &gone).await),
    ] {
        let reply = admins.ask_as(&admin, event, json!({"id": id})).await;
        assert_eq!(reply, refusal(event, "user not found", "not_found"), "{id}");
    }
    assert!(listed(&admins.ask_as(&admin, "GetUserTokens", json!({"id": others})).await).len() == 2);
    pbx.stop().await;
}

async fn post(pbx: &TestPbx, who: &SignedIn, path: &str, body: &str) -> Reply {
    let headers = [("Authorization", &*who.bearer()), ("Content-Type", "application/json")];
    pbx.http("POST", path, &headers, body.as_bytes()).await
}

async fn by_rest(engine: Engine) {
    let pbx = standing(engine).await;
    let who = pbx.sign_in_as(Role::User).await;
    let user = id_of(&pbx, &who.login).await;
    let made = post(&pbx, &who, "/api/v2/tokens", r#"{"scopes": ["directory:read", "read"]}"#).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let shown = made.json();
    let expected = json!({
        "id": shown["id"], "user": user, "purpose": "api", "scopes": ["directory:read", "read"],
        "created": "2026-11-23T00:00:00Z", "expires": "2027-02-21T00:00:00Z", "last_used": null, "current": false,
        "token": shown["token"],
    });
    assert_eq!(shown, expected);
    let theirs = SignedIn { login: who.login.clone(), token: shown["token"].as_str().unwrap().to_owned() };
    let list = pbx.get_as(&who, "/api/v2/tokens").await.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| &item["current"]).collect::<Vec<_>>(), [true, false]);
    assert!(items.iter().all(|item| item.get("token").is_none()));
    // It may look, and not change anything.
    assert_eq!(pbx.get_as(&theirs, "/api/v2/tokens").await.status, 200);
    let refused = post(&pbx, &theirs, "/api/v2/tokens", r#"{"scopes": ["read"]}"#).await;
    assert_eq!(refused.status, 403);
    assert!(refused.is_problem() && refused.text().contains("tokens:write"), "{}", refused.text());
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("null", 422),
        ("[]", 422),
        (r#"{"scope": []}"#, 422),
        (r#"{"scopes": "read"}"#, 422),
        (r#"{"scopes": [1]}"#, 422),
        (r#"{"scopes": ["own"]}"#, 422),
        (r#"{"scopes": ["directory:delete"]}"#, 422),
        (r#"{"scopes": []}"#, 201),
    ] {
        let reply = post(&pbx, &who, "/api/v2/tokens", body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
    }
    assert_eq!(
        pbx.http("POST", "/api/v2/tokens", &[("Authorization", &who.bearer())], b"{}").await.status,
        415
    );
    let path = format!("/api/v2/tokens/{}", shown["id"]);
    let remove = async |path: &str| pbx.http("DELETE", path, &[("Authorization", &who.bearer())], b"").await;
    assert_eq!(remove(&path).await.status, 204);
    assert_eq!(remove(&path).await.status, 404);
    assert_eq!(pbx.get_as(&theirs, "/api/v2/tokens").await.status, 401);
    for path in
        ["/api/v2/tokens/x", "/api/v2/tokens/-1", "/api/v2/tokens/9223372036854775808", "/api/v2/tokens/0"]
    {
        let reply = remove(path).await;
        assert_eq!((reply.status, reply.is_problem()), (404, true), "{path}");
    }

    let admin = pbx.sign_in_as(Role::Admin).await;
    let path = format!("/api/v2/web-users/{user}/tokens");
    let made = post(&pbx, &admin, &path, "{}").await;
    assert_eq!((made.status, &made.json()["user"]), (201, &json!(user)));
    assert_eq!(made.json()["scopes"], Value::Null);
    let count = pbx.get_as(&admin, &path).await.json()["items"].as_array().unwrap().len();
    assert_eq!(count, 3);
    // A token is found below its own user only.
    let elsewhere =
        format!("/api/v2/web-users/{}/tokens/{}", id_of(&pbx, &admin.login).await, made.json()["id"]);
    let remove =
        async |path: &str| pbx.http("DELETE", path, &[("Authorization", &admin.bearer())], b"").await;
    assert_eq!(remove(&elsewhere).await.status, 404);
    assert_eq!(remove(&format!("{path}/{}", made.json()["id"])).await.status, 204);
    assert_eq!(pbx.get_as(&admin, "/api/v2/web-users/1000000/tokens").await.status, 404);
    assert_eq!(pbx.get_as(&admin, "/api/v2/web-users/x/tokens").await.status, 404);
    pbx.stop().await;
}

/// Nobody makes a token that may more than the one that makes it.
#[tokio::test(flavor = "multi_thread")]
async fn scopes_do_not_grow() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let own = id_of(&pbx, &admin.login).await;
    let mut socket = pbx.socket().await;
    let token = async |socket: &mut Socket, who: &SignedIn, scopes: Value| {
        let (_, token) = add(socket, who, json!({"id": own, "scopes": scopes})).await;
        SignedIn { login: who.login.clone(), token }
    };
    let narrow = token(&mut socket, &admin, json!(["tokens:write", "directory:read"])).await;
    let mut theirs = pbx.socket().await;
    for scopes in [
        json!(null),
        json!([]),
        json!(["write"]),
        json!(["read"]),
        json!(["directory:write"]),
        json!(["tokens:write", "dialplan:read"]),
    ] {
        let reply = theirs.ask_as(&narrow, "AddUserToken", json!({"id": own, "scopes": scopes})).await;
        assert_eq!(reply, refusal("AddUserToken", "access denied", "out_of_scope"), "{scopes}");
        let body = json!({"scopes": scopes.as_array().cloned().unwrap_or_default()}).to_string();
        assert_eq!(post(&pbx, &narrow, "/api/v2/tokens", &body).await.status, 403, "{scopes}");
    }
    let narrower = token(&mut theirs, &narrow, json!(["tokens:read", "directory:read"])).await;
    let reply = pbx
        .socket()
        .await
        .ask_as(&narrower, "AddUserToken", json!({"id": own, "scopes": ["tokens:read"]}))
        .await;
    assert_eq!(reply["MessageType"], "no_access");
    for (scopes, text, code) in [
        (json!(["galaxy:read"]), "wrong data: \"galaxy:read\" is no scope", "unknown_scope"),
        (json!([""]), "wrong data: \"\" is no scope", "unknown_scope"),
        (json!([1]), "wrong data", "wrong_data"),
        (json!("read"), "wrong data", "wrong_data"),
        (json!({}), "wrong data", "wrong_data"),
    ] {
        let reply = socket.ask_as(&admin, "AddUserToken", json!({"id": own, "scopes": scopes})).await;
        assert_eq!(reply, refusal("AddUserToken", text, code), "{scopes}");
    }
    pbx.stop().await;
}

async fn a_token_lasts_for_ninety_days(engine: Engine) {
    let pbx = standing(engine).await;
    let who = pbx.sign_in_as(Role::User).await;
    let made = post(&pbx, &who, "/api/v2/tokens", "{}").await.json();
    let token = SignedIn { login: who.login.clone(), token: made["token"].as_str().unwrap().to_owned() };
    let status = async || pbx.get_as(&token, "/api/v2/session").await.status;
    // Its use neither shortens nor lengthens that.
    for _ in 0..89 {
        assert_eq!(status().await, 200);
        pbx.advance(Duration::from_secs(24 * 3600));
    }
    assert_eq!(status().await, 200);
    pbx.advance(Duration::from_secs(24 * 3600));
    assert_eq!(TOKEN_MS, 90 * 24 * 3600 * 1000);
    assert_eq!(status().await, 401);
    pbx.stop().await;
}

async fn ids_that_are_none(engine: Engine) {
    let pbx = standing(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    for event in ["AddUserToken", "GetUserTokens", "RemoveUserToken"] {
        for id in [
            "null",
            "0",
            "-1",
            "1.5",
            "1.0",
            "\"1\"",
            "[1]",
            "{}",
            "true",
            "9223372036854775808",
            "1e3",
            "-9223372036854775809",
        ] {
            let text = format!(r#"{{"event":"{event}","data":{{"token":"{}","id":{id}}}}}"#, admin.token);
            assert_eq!(socket.ask_raw(text).await, refusal(event, "wrong id", "wrong_id"), "{id}");
        }
        assert_eq!(socket.ask_as(&admin, event, json!({})).await, refusal(event, "wrong id", "wrong_id"));
        let unknown = socket.ask_as(&admin, event, json!({"id": i64::MAX})).await;
        assert!(unknown["error_code"] == "not_found" || unknown["error_code"] == "wrong_id", "{unknown}");
    }
    pbx.stop().await;
}

/// A user has so many tokens at once, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_bounded() {
    use custompbx_store::{NewSession, WebUserId};
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let own = id_of(&pbx, &admin.login).await;
    let (store, now) = (pbx.pbx.store().unwrap(), pbx.pbx.now());
    for at in 0..1_000 {
        let hash = format!("hash {at}");
        let new = NewSession {
            token_hash: &hash,
            user: WebUserId(own),
            purpose: "api",
            scopes: None,
            now_ms: now,
            expires_at: now + TOKEN_MS,
            author: None,
        };
        store.add_session(new).await.unwrap();
    }
    let reply = pbx.socket().await.ask_as(&admin, "AddUserToken", json!({"id": own})).await;
    assert_eq!(reply, refusal("AddUserToken", "Cant set token", "too_many"));
    assert_eq!(post(&pbx, &admin, "/api/v2/tokens", "{}").await.status, 409);
    pbx.stop().await;
}
