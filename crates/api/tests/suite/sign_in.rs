//! Signing in and out.

use std::time::Duration;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, PASSWORD, Setup, TestPbx, log};
use serde_json::json;

use crate::engines::on_both_engines;

on_both_engines!(
    right_wrong_and_unknown,
    ten_tries_a_minute,
    a_session_ends_when_it_should,
    what_is_no_sign_in_is_refused,
);

const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn standing(engine: Engine) -> TestPbx {
    Setup::on(engine).with_standing_clock().start().await
}

async fn right_wrong_and_unknown(engine: Engine) {
    let pbx = standing(engine).await;
    let login = pbx.add_web_user(Role::Manager).await;
    let right = pbx.sign_in(&login, PASSWORD).await;
    assert_eq!(right.status, 200);
    assert_eq!(right.json()["user"]["login"], login);
    assert_eq!(right.json()["user"]["role"], "manager");
    assert!(!right.text().contains("password"), "{}", right.text());
    let cookie = right.header("set-cookie").unwrap();
    let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "Max-Age=86400", "HttpOnly", "SameSite=Strict"]);
    let token = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
    assert!(token.len() >= 43, "256 bits: {token}");
    let who = pbx.http("GET", "/api/v2/session", &[("Cookie", cookie.split(';').next().unwrap())], b"").await;
    assert_eq!(who.json(), right.json());

    // An unknown login, a wrong password and somebody who may not come in get the same answer.
    let disabled = pbx.add_web_user(Role::User).await;
    pbx.set_enabled(&disabled, false).await;
    let blocked = pbx.add_web_user(Role::Blocked).await;
    let wrong = pbx.sign_in(&login, "wrong password").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.is_problem() && wrong.header("set-cookie").is_none());
    for (login, password) in [
        ("nobody", PASSWORD),
        (&*disabled, PASSWORD),
        (&*blocked, PASSWORD),
        (&*login, ""),
        ("", ""),
        ("' OR 1=1 --", "x"),
        ("a\u{0}b", "x"),
    ] {
        let other = pbx.sign_in(login, password).await;
        assert_eq!((other.status, &other.body), (wrong.status, &wrong.body), "{login}");
        assert_eq!(other.headers.len(), wrong.headers.len());
    }
    // A login is the same in whatever case; a password is not.
    assert_eq!(pbx.sign_in(&login.to_uppercase(), PASSWORD).await.status, 200);
    assert_eq!(pbx.sign_in(&login, &PASSWORD.to_uppercase()).await.status, 401);
    // Nothing that was typed is in the log.
    assert!(log::lines_with(&[PASSWORD]).is_empty() && log::lines_with(&[token]).is_empty());
    pbx.stop().await;
}

async fn ten_tries_a_minute(engine: Engine) {
    let pbx = standing(engine).await;
    let login = pbx.add_web_user(Role::User).await;
    for _ in 0..10 {
        assert_eq!(pbx.sign_in(&login, "wrong password").await.status, 401);
        pbx.advance(Duration::from_secs(1));
    }
    let waiting = pbx.sign_in(&login, PASSWORD).await;
    assert_eq!(waiting.status, 429);
    assert!(waiting.is_problem());
    assert_eq!(waiting.header("retry-after"), Some("50"));
    assert!(waiting.header("set-cookie").is_none());
    // Those who are signed in notice nothing of it, and whoever waits gets in.
    pbx.advance(Duration::from_secs(50));
    assert_eq!(pbx.sign_in(&login, PASSWORD).await.status, 200);
    pbx.stop().await;
}

async fn a_session_ends_when_it_should(engine: Engine) {
    let pbx = standing(engine).await;

    let person = pbx.sign_in_as(Role::User).await;
    let another = pbx.sign_in_as(Role::User).await;
    let signed_out = pbx.http("DELETE", "/api/v2/session", &[("Cookie", &person.cookie())], b"").await;
    assert_eq!(signed_out.status, 204);
    assert!(signed_out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 401);
    assert_eq!(pbx.get_as(&another, "/api/v2/session").await.status, 200, "only one's own");

    pbx.set_enabled(&another.login, false).await;
    assert_eq!(pbx.get_as(&another, "/api/v2/session").await.status, 401);
    pbx.set_enabled(&another.login, true).await;
    assert_eq!(pbx.get_as(&another, "/api/v2/session").await.status, 401, "it does not come back");

    let person = pbx.sign_in_as(Role::User).await;
    pbx.set_password(&person.login, "another password").await;
    assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 401);
    assert_eq!(pbx.sign_in(&person.login, PASSWORD).await.status, 401);
    assert_eq!(pbx.sign_in(&person.login, "another password").await.status, 200);

    // Whoever uses it keeps it; whoever does not, loses it after a day.
    let person = pbx.sign_in_as(Role::User).await;
    for _ in 0..3 {
        pbx.advance(Duration::from_secs(23 * 3600));
        assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 200);
    }
    pbx.advance(Duration::from_secs(24 * 3600));
    assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 401);
    pbx.stop().await;
}

async fn what_is_no_sign_in_is_refused(engine: Engine) {
    let pbx = standing(engine).await;
    let login = pbx.add_web_user(Role::Admin).await;
    let right = json!({"login": login, "password": PASSWORD}).to_string();
    let host = pbx.web.to_string();
    let own = format!("http://{host}");
    let post = async |headers: &[(&str, &str)], body: &str| {
        pbx.http("POST", "/api/v2/session", headers, body.as_bytes()).await
    };
    // Pages of others cannot sign somebody in, and cannot use a session that is there.
    for origin in ["http://evil.example", "null", "https://127.0.0.1", ""] {
        let reply = post(&[JSON, ("Origin", origin)], &right).await;
        assert_eq!(reply.status, 400, "{origin}");
        assert!(reply.is_problem() && reply.header("set-cookie").is_none());
    }
    assert_eq!(post(&[JSON, ("Origin", &own)], &right).await.status, 200);
    let person = pbx.sign_in_as(Role::Admin).await;
    let foreign = [("Origin", "http://evil.example"), ("Cookie", &*person.cookie())];
    assert_eq!(pbx.http("DELETE", "/api/v2/session", &foreign, b"").await.status, 400);
    assert_eq!(pbx.get_as(&person, "/api/v2/session").await.status, 200);

    let extra = json!({"login": login, "password": PASSWORD, "role": "admin"}).to_string();
    let in_order = json!([login, PASSWORD]).to_string();
    let deep = "[".repeat(10_000);
    for (body, headers, status) in [
        ("", &[JSON][..], 400),
        ("{", &[JSON], 400),
        (&*deep, &[JSON], 422),
        ("{}", &[JSON], 422),
        ("null", &[JSON], 422),
        (&*in_order, &[JSON], 422),
        (&*extra, &[JSON], 422),
        (r#"{"login": 1, "password": 2}"#, &[JSON], 422),
        (&*right, &[], 415),
        (&*right, &[("Content-Type", "text/plain")], 415),
        ("login=a&password=b", &[("Content-Type", "application/x-www-form-urlencoded")], 415),
    ] {
        let reply = post(headers, body).await;
        assert_eq!(reply.status, status, "{body:.60} {headers:?}: {}", reply.text());
        assert!(reply.is_problem(), "{body:.60}");
        assert!(reply.header("set-cookie").is_none());
    }
    let large = json!({"login": login, "password": "x".repeat(100_000)}).to_string();
    let reply = post(&[JSON], &large).await;
    assert_eq!(reply.status, 413);
    assert!(reply.is_problem());
    pbx.stop().await;
}

/// Of a web user nothing is shown but what the interface needs.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_is_shown_and_no_more() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let person = pbx.sign_in_as(Role::Admin).await;
    let who = pbx.get_as(&person, "/api/v2/session").await;
    let user = who.json()["user"].clone();
    let keys: Vec<&String> = user.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "login", "role"]);
    pbx.stop().await;
}
