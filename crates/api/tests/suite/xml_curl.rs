//! The listener for mod_xml_curl: who may ask, what is no question, and what is noticed.

use std::time::{Duration, Instant};

use custompbx_testkit::freeswitch::{parse, section};
use custompbx_testkit::server::{
    Engine, PASS, ROUTE, Reply, Setup, TestPbx, USER, authorization, http, log, question,
};

use crate::engines::on_both_engines;

on_both_engines!(
    wrong_credentials_get_nothing,
    wrong_addresses_get_nothing,
    what_is_no_question,
    the_largest_question,
    an_answer_that_is_too_long_is_none,
    a_user_without_a_secret_is_left_out,
    unknown_switches_get_the_default_instance,
);

const ACL: &str =
    "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value=acl.conf";
const DOCUMENT: &str = r#"<document type="freeswitch/xml"><section name="configuration"><configuration name="acl.conf"><network-lists/></configuration></section></document>"#;

fn found(reply: &Reply) -> bool {
    assert_eq!(reply.status, 200, "{}", reply.text());
    section(&parse(&reply.body)).is_some()
}

/// 401, and nothing that tells whether there is something.
fn is_nothing(reply: &Reply, case: &str) {
    assert_eq!(reply.status, 401, "{case}");
    assert!(reply.body.is_empty(), "{case}: {}", reply.text());
    assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"xml_curl\""), "{case}");
}

async fn wrong_credentials_get_nothing(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOCUMENT).await;
    let right = authorization(USER, PASS);
    assert!(found(&pbx.ask_raw(&question(ACL, &format!("Authorization: {right}\r\n"))).await));
    // The scheme is a word like any other, the rest is not.
    let lower = right.replace("Basic", "basic");
    assert!(found(&pbx.ask_raw(&question(ACL, &format!("authorization: {lower}\r\n"))).await));
    let bearer = right.replace("Basic", "Bearer");
    let wrong = [
        String::new(),
        authorization(USER, ""),
        authorization(USER, "wrong"),
        authorization("", PASS),
        authorization("admin", PASS),
        authorization(USER, &format!("{PASS}x")),
        authorization(USER, &PASS[..PASS.len() - 1]),
        bearer,
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic \u{fc}".to_owned(),
        format!("{right}="),
        format!("Basic  {}", &right[6..]),
    ];
    for wrong in &wrong {
        let header = if wrong.is_empty() { String::new() } else { format!("Authorization: {wrong}\r\n") };
        let by_form = pbx.ask_raw(&question(ACL, &header)).await;
        is_nothing(&by_form, wrong);
        for path in [&*format!("{ROUTE}?{ACL}"), ROUTE, "/", "/conf", "/conf/config/", "/healthz", "/cweb/"] {
            for method in ["GET", "PUT", "OPTIONS"] {
                let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n");
                let reply = pbx.ask_raw(request.as_bytes()).await;
                let names = |reply: &Reply| -> Vec<String> {
                    let names = reply.headers.iter().map(|(name, _)| name.clone());
                    names.filter(|name| name != "connection").collect()
                };
                assert_eq!(names(&reply), names(&by_form), "{method} {path}");
                is_nothing(&reply, path);
            }
        }
    }
    // Nothing of the credentials is in the log.
    assert!(log::lines_with(&[PASS]).is_empty());
    pbx.stop().await;
}

async fn wrong_addresses_get_nothing(engine: Engine) {
    for networks in [&["192.0.2.7/32"][..], &["192.0.2.0/24", "::1/128"]] {
        let pbx = Setup::on(engine).allowing(networks).start().await;
        pbx.import_xml(DOCUMENT).await;
        is_nothing(&pbx.ask(ACL).await, "right credentials from elsewhere");
        let path =
            format!("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\r\n", authorization(USER, PASS));
        is_nothing(&pbx.ask_raw(path.as_bytes()).await, "another path");
        // What a proxy would say counts nothing.
        let header = format!(
            "Authorization: {}\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n",
            authorization(USER, PASS)
        );
        is_nothing(&pbx.ask_raw(&question(ACL, &header)).await, "a forwarded address");
        pbx.stop().await;
    }
}

fn signed(method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let authorization = authorization(USER, PASS);
    format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n{length}\r\n{body}")
        .into_bytes()
}

async fn what_is_no_question(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOCUMENT).await;
    assert!(found(&pbx.ask_raw(&signed("GET", &format!("{ROUTE}?{ACL}"), "")).await));
    // mod_xml_curl appends to whatever query the URL has.
    assert!(found(&pbx.ask_raw(&signed("GET", &format!("{ROUTE}?x=1&{ACL}"), "")).await));
    assert_eq!(pbx.ask_raw(&signed("HEAD", &format!("{ROUTE}?{ACL}"), "")).await.status, 200);
    let by_query_only = pbx.ask_raw(&signed("POST", &format!("{ROUTE}?{ACL}"), "x=1")).await;
    assert_eq!(by_query_only.status, 400, "a POST asks by its form");
    for (method, path, body, status) in [
        ("PUT", ROUTE, ACL, 405),
        ("DELETE", ROUTE, "", 405),
        ("PATCH", ROUTE, ACL, 405),
        ("POST", "/conf/config/", ACL, 404),
        ("POST", "/", ACL, 404),
        ("GET", "/healthz", "", 404),
        ("GET", "/cweb/", "", 404),
        ("GET", "/metrics", "", 404),
        ("GET", "/api/v2/session", "", 404),
        ("GET", ROUTE, "", 400),
        ("POST", ROUTE, "", 400),
        ("POST", ROUTE, "section", 400),
        ("POST", ROUTE, "section=", 400),
        ("POST", ROUTE, "hostname=fs1&key_value=acl.conf", 400),
        ("POST", ROUTE, "&&&===&&", 400),
        ("POST", ROUTE, r#"{"section": "configuration"}"#, 400),
    ] {
        let reply = pbx.ask_raw(&signed(method, path, body)).await;
        assert_eq!(reply.status, status, "{method} {path} {body}");
    }
    let put = pbx.ask_raw(&signed("PUT", ROUTE, ACL)).await;
    assert_eq!(put.header("allow"), Some("GET, HEAD, POST"));
    let many = format!("section=configuration&{}", "a=b&".repeat(20_001));
    assert_eq!(pbx.ask(&many).await.status, 400);
    // Bytes that are no text, in the middle of a form.
    let mut not_text = signed("POST", ROUTE, "section=configuration&x=??");
    let end = not_text.len();
    not_text[end - 2..].copy_from_slice(&[0xff, 0xfe]);
    assert_eq!(pbx.ask_raw(&not_text).await.status, 400);
    // What is not HTTP at all.
    assert_eq!(pbx.ask_raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").await.status, 400);
    assert_eq!(pbx.ask_raw(b"GET\r\n\r\n").await.status, 400);
    // A section that there is not is a question like any other.
    for form in ["section=nothing", "section=configuration&tag_name=a&key_name=b&key_value=c", "section=%00"]
    {
        assert!(!found(&pbx.ask(form).await), "{form}");
    }
    pbx.stop().await;
}

async fn the_largest_question(engine: Engine) {
    const LARGEST: usize = 1024 * 1024;
    let pbx = TestPbx::on(engine).await;
    pbx.import_xml(DOCUMENT).await;
    let filled = |length: usize| format!("{ACL}&x={}", "y".repeat(length - ACL.len() - 3));
    assert!(found(&pbx.ask(&filled(LARGEST)).await));
    assert_eq!(pbx.ask(&filled(LARGEST + 1)).await.status, 413);
    assert_eq!(pbx.ask(&filled(10 * LARGEST)).await.status, 413);
    pbx.stop().await;
}

/// A client that is slow with its question is not waited for.
#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_dropped() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let start = Instant::now();
    let mut silent = tokio::net::TcpStream::connect(pbx.xml_curl).await.unwrap();
    let mut slow = tokio::net::TcpStream::connect(pbx.xml_curl).await.unwrap();
    slow.write_all(b"POST /conf/config HTTP/1.1\r\nHost:").await.unwrap();
    for connection in [&mut silent, &mut slow] {
        let mut rest = Vec::new();
        let ended = connection.read_to_end(&mut rest);
        // An error ends the connection as well.
        let _ = tokio::time::timeout(Duration::from_secs(25), ended).await.expect("it is dropped");
    }
    assert!(start.elapsed() > Duration::from_secs(5), "but not at once");
    pbx.stop().await;
}

/// A form that never ends holds its connection no longer than a head does.
#[tokio::test(flavor = "multi_thread")]
async fn slow_forms_are_dropped() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let mut slow = tokio::net::TcpStream::connect(pbx.xml_curl).await.unwrap();
    let request = question(ACL, &format!("Authorization: {}\r\n", authorization(USER, PASS)));
    slow.write_all(&request[..request.len() - 1]).await.unwrap();
    let mut rest = Vec::new();
    let ended = slow.read_to_end(&mut rest);
    let _ = tokio::time::timeout(Duration::from_secs(25), ended).await.expect("it is dropped");
    pbx.stop().await;
}

/// Before there was ever a snapshot, FreeSWITCH is told to look elsewhere, loudly.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_snapshot_there_is_no_answer() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = Setup::on(engine).place().await;
        if engine == Engine::Sqlite {
            let pbx = place.start().await.kill().await;
            std::fs::remove_file(pbx.snapshot_file()).unwrap_or_default();
            pbx.take_database_away().await;
            let pbx = pbx.start().await;
            none_yet(pbx, true).await;
        } else {
            place.take_database_away().await;
            none_yet(place.start().await, true).await;
        }
    }
}

async fn none_yet(pbx: TestPbx, comes_back: bool) {
    assert_eq!(pbx.ask(ACL).await.status, 503);
    assert_eq!(pbx.get("/readyz").await.status, 503);
    assert_eq!(pbx.get("/healthz").await.status, 200);
    if comes_back {
        pbx.place().give_database_back().await;
        let deadline = Instant::now() + Duration::from_secs(10);
        while pbx.ask(ACL).await.status == 503 {
            assert!(Instant::now() < deadline, "the database is back, and not found");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(!found(&pbx.ask(ACL).await));
    }
    pbx.stop().await;
}

async fn an_answer_that_is_too_long_is_none(engine: Engine) {
    const LIMIT: usize = 1024 * 1024;
    let pbx = TestPbx::on(engine).await;
    let name = format!("long-{engine:?}.conf");
    let document = |length: usize| {
        format!(
            r#"<document type="freeswitch/xml"><section name="configuration"><configuration name="{name}" x="{}"/></section></document>"#,
            "y".repeat(length)
        )
    };
    let form =
        format!("hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value={name}");
    pbx.import_xml(&document(1_000_000)).await;
    let reply = pbx.ask(&form).await;
    assert!(found(&reply));
    // To the byte what FreeSWITCH takes, and one more.
    let frame = reply.body.len() - 1_000_000;
    pbx.import_xml(&document(LIMIT - frame)).await;
    let reply = pbx.ask(&form).await;
    assert!(found(&reply));
    assert_eq!(reply.body.len(), LIMIT);
    pbx.import_xml(&document(LIMIT - frame + 1)).await;
    let reply = pbx.ask(&form).await;
    assert_eq!(reply.status, 503);
    assert!(reply.body.is_empty());
    let lines = log::lines_with(&["ERROR", &name, "longer than FreeSWITCH takes"]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    pbx.stop().await;
}

async fn a_user_without_a_secret_is_left_out(engine: Engine) {
    let pbx = Setup::on(engine).with_standing_clock().start().await;
    let domain = format!("secrets.{}.example", format!("{engine:?}").to_lowercase());
    pbx.import_xml(&format!(
        r#"<document type="freeswitch/xml"><section name="directory"><domain name="{domain}"><users>
        <user id="open"><params><param name="vm-password" value="1"/></params></user>
        <user id="empty"><params><param name="password" value=""/></params></user>
        <user id="pass"><params><param name="password" value="x"/></params></user>
        <user id="hash"><params><param name="a1-hash" value="dcc903131467b6fd67c31e7534be08fd"/></params></user>
        </users></domain></section></document>"#
    ))
    .await;
    let ask = async |user: &str, action: &str| {
        let form = format!(
            "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value={domain}&Event-Name=R&action={action}&key=id&user={user}&domain={domain}"
        );
        found(&pbx.ask(&form).await)
    };
    for user in ["open", "empty"] {
        assert!(!ask(user, "sip_auth").await, "{user}");
        assert!(ask(user, "user_call").await, "{user} can be called");
        for _ in 0..5 {
            ask(user, "sip_auth").await;
        }
        let lines = log::lines_with(&["WARN", &format!("user=\"{user}\""), &domain, "password"]);
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
    pbx.advance(Duration::from_secs(60));
    ask("open", "sip_auth").await;
    assert_eq!(log::lines_with(&["WARN", "user=\"open\"", &domain]).len(), 2);
    for user in ["pass", "hash"] {
        assert!(ask(user, "sip_auth").await, "{user}");
    }
    pbx.stop().await;
}

async fn unknown_switches_get_the_default_instance(engine: Engine) {
    let pbx = Setup::on(engine).with_standing_clock().start().await;
    pbx.import_xml(DOCUMENT).await;
    let switch = format!("unknown-{}", format!("{engine:?}").to_lowercase());
    for name in [switch.clone(), switch.to_uppercase()] {
        assert!(found(&pbx.ask(&ACL.replace("fs1", &name)).await));
    }
    for _ in 0..10 {
        assert!(found(&pbx.ask(&ACL.replace("fs1", &switch)).await));
    }
    let lines = || log::lines_with(&["WARN", &format!("switch=\"{switch}\"")]).len();
    assert_eq!(lines(), 1, "at most once a minute");
    pbx.advance(Duration::from_secs(59));
    pbx.ask(&ACL.replace("fs1", &switch)).await;
    assert_eq!(lines(), 1);
    pbx.advance(Duration::from_secs(1));
    pbx.ask(&ACL.replace("fs1", &switch)).await;
    assert_eq!(lines(), 2);
    // A name that would write lines of its own into the log.
    pbx.ask(&ACL.replace("fs1", &format!("{switch}%0aERROR forged"))).await;
    assert!(log::lines_with(&[&switch]).iter().all(|line| !line.contains('\n')));
    pbx.stop().await;
}

/// One connection can ask more than once; FreeSWITCH does not, others may.
#[tokio::test(flavor = "multi_thread")]
async fn many_ask_at_once() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    pbx.import_xml(DOCUMENT).await;
    let request = question(ACL, &format!("Authorization: {}\r\n", authorization(USER, PASS)));
    let asking: Vec<_> = (0..200)
        .map(|_| {
            let (address, request) = (pbx.xml_curl, request.clone());
            tokio::spawn(async move { http::exchange(address, &request).await.unwrap() })
        })
        .collect();
    for asking in asking {
        assert!(found(&asking.await.unwrap()));
    }
    pbx.stop().await;
}
