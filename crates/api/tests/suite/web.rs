//! The listener for people and programs: headers, health, the interface's files.

use custompbx_api::routes;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Reply, TestPbx};

use crate::engines::on_both_engines;

on_both_engines!(every_answer_has_the_security_headers, health_and_metrics);

async fn every_answer_has_the_security_headers(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let node = pbx.tree().await.id;
    let mut replies = Vec::new();
    for route in routes::all() {
        let path = route.path.replace("{instance}", "default").replace("{node}", &node.to_string());
        let path = path.replace("{*path}", "users/1000").replace("{*address}", "directory");
        let path = path.replace("{user}", "1").replace("{token}", "1");
        replies.push((path.clone(), pbx.http(route.method.as_str(), &path, &[], b"").await));
        if route.method == "GET" {
            replies.push((path.clone(), pbx.get_as(&admin, &path).await));
            replies.push((path.clone(), pbx.http("HEAD", &path, &[], b"").await));
        }
    }
    for (method, path) in [("GET", "/nothing"), ("POST", "/healthz"), ("GET", "/cweb/assets/none.js")] {
        replies.push((path.to_owned(), pbx.http(method, path, &[], b"").await));
    }
    for (path, reply) in replies {
        let header = |name: &str| reply.header(name).unwrap_or_else(|| panic!("{path} has no {name}"));
        let csp = header("content-security-policy");
        assert!(csp.starts_with("default-src 'none'; script-src 'self';"), "{path}: {csp}");
        assert!(!csp.contains("unsafe") && csp.contains("frame-ancestors 'none'"), "{path}: {csp}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("geolocation=()"), "{path}");
        let cache = header("cache-control");
        // What is the same for everybody may be kept.
        let is_ours = ["/cweb", "/api/v2/docs", "/api/v2/openapi.json"].iter().any(|it| path.starts_with(it));
        assert!(is_ours || cache == "no-store", "{path}: {cache}");
        assert!(reply.header("strict-transport-security").is_none(), "{path}: this is not TLS");
        assert!(reply.header("access-control-allow-origin").is_none(), "{path}");
        assert!(reply.header("server").is_none() && reply.header("x-powered-by").is_none(), "{path}");
    }
    pbx.stop().await;
}

async fn health_and_metrics(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let alive = pbx.get("/healthz").await;
    assert_eq!((alive.status, alive.text()), (200, "ok\n"));
    let ready = pbx.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json(), serde_json::json!({"ready": true, "database": "up"}));

    pbx.ask("hostname=fs1&section=configuration").await;
    pbx.ask("no question").await;
    let metrics = pbx.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4"));
    for name in [
        "custompbx_xml_curl_questions_total{outcome=\"not_found\"}",
        "custompbx_xml_curl_questions_total{outcome=\"bad\"}",
        "custompbx_xml_curl_answer_seconds",
        "custompbx_xml_curl_refused_total",
        "custompbx_snapshot_users",
        "custompbx_snapshot_revision",
        "custompbx_sip_auth_without_secret_total",
        "custompbx_unknown_switch_total",
    ] {
        assert!(metrics.text().contains(name), "{name} is missing in\n{}", metrics.text());
    }

    let person = pbx.sign_in_as(Role::User).await;
    let status = pbx.get_as(&person, "/api/v2/status").await.json();
    assert_eq!(status["database"], "up");
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert!(status["snapshot"]["revision"].is_i64() && status["snapshot"]["users"] == 0);
    pbx.stop().await;
}

/// `/` leads to the interface, and below `/cweb/` every path that is no file is the interface's own.
#[tokio::test(flavor = "multi_thread")]
async fn the_interface() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    for path in ["/", "/cweb"] {
        let reply = pbx.get(path).await;
        assert_eq!((reply.status, reply.header("location")), (307, Some("/cweb/")), "{path}");
    }
    let index = pbx.get("/cweb/").await;
    if index.status == 404 {
        assert!(index.text().contains("was not built") && index.text().contains("make build"));
        assert_eq!(pbx.get("/cweb/users").await.text(), index.text());
        pbx.stop().await;
        return;
    }
    assert_eq!(index.status, 200);
    assert_eq!(index.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(index.header("cache-control"), Some("no-cache"));
    for path in ["/cweb/users", "/cweb/a/b/c", "/cweb/directory/example.com", "/cweb/1000@example.com"] {
        let reply = pbx.get(path).await;
        assert_eq!((reply.status, &reply.body), (200, &index.body), "{path}");
    }
    for path in ["/cweb/assets/none.js", "/cweb/assets/../../etc/passwd", "/cweb/assets/%2e%2e/index.html"] {
        assert_eq!(pbx.get(path).await.status, 404, "{path}");
    }
    let script = attribute(index.text(), "src=\"");
    let plain = pbx.get(script).await;
    assert_eq!(plain.status, 200, "{script}");
    assert_eq!(plain.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"));
    is_cached_and_compressed(&pbx, script, &plain).await;
    is_cached_and_compressed(&pbx, "/cweb/", &index).await;
    pbx.stop().await;
}

fn attribute<'t>(text: &'t str, start: &str) -> &'t str {
    let from = text.find(start).expect("the page has a script") + start.len();
    text[from..].split('"').next().unwrap()
}

async fn is_cached_and_compressed(pbx: &TestPbx, path: &str, plain: &Reply) {
    let etag = plain.header("etag").unwrap();
    assert_eq!(plain.header("vary"), Some("accept-encoding"));
    assert!(plain.header("content-encoding").is_none());
    let known = pbx.http("GET", path, &[("If-None-Match", etag)], b"").await;
    assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
    assert_eq!(pbx.http("GET", path, &[("If-None-Match", "\"other\"")], b"").await.status, 200);
    let packed = pbx.http("GET", path, &[("Accept-Encoding", "gzip, br")], b"").await;
    if packed.header("content-encoding").is_some() {
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert!(packed.body.starts_with(&[0x1f, 0x8b]) && packed.body.len() < plain.body.len());
    }
    let refused = pbx.http("GET", path, &[("Accept-Encoding", "gzip;q=0")], b"").await;
    assert_eq!(refused.body, plain.body, "{path}");
}

/// What is no request, or too much of one, ends the connection and not the server.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request() {
    use custompbx_testkit::server::http::exchange;
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(500_000));
    let many: String = (0..1000).map(|at| format!("X-{at}: y\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    let twice =
        "POST /api/v2/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}{";
    for request in [&*long, &many, twice, "\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n"] {
        if let Ok(reply) = exchange(pbx.web, request.as_bytes()).await {
            assert!((400..=431).contains(&reply.status), "{request:.40}: {}", reply.status);
        }
        assert_eq!(pbx.get("/healthz").await.status, 200);
    }
    pbx.stop().await;
}
