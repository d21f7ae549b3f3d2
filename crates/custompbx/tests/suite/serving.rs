//! The server as a process.

use std::time::{Duration, Instant};

use crate::program::{Place, USER_1000, get, send, send_as, text, vanilla};

#[test]
fn the_first_password_is_shown_once() {
    let place = Place::new();
    let server = place.serve();
    let printed = server.printed();
    assert!(printed.contains(&format!("http://127.0.0.1:{}/cweb/", place.web)), "{printed}");
    assert!(printed.contains("its password"), "{printed}");
    let (clean, logged) = server.stop();
    assert!(clean, "{logged}");
    let password = printed
        .lines()
        .find(|line| line.contains("its password"))
        .unwrap()
        .split_whitespace()
        .nth(2)
        .unwrap();
    assert!(!logged.contains(password), "the password is in the log");
    let again = place.serve();
    assert!(!again.printed().contains("password "), "{}", again.printed());
}

#[test]
fn a_given_password_is_not_shown() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    let server = place.serve_with(command.env("CUSTOMPBX_ADMIN_PASSWORD", "given-password"));
    let body = r#"{"login":"admin","password":"given-password"}"#;
    let answer = send(place.web, "POST", "session", "", body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!server.printed().contains("given-password") && !server.logged().contains("given-password"));
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let place = Place::new();
    let server = place.serve();
    let mut second = place.command(&["serve"]);
    second.env("CUSTOMPBX__WEBSERVER__PORT", "0").env("CUSTOMPBX__XML_CURL_SERVER__PORT", "0");
    let output = second.output().unwrap();
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("another custompbx serves from") && said.contains("--data-dir"), "{said}");
    drop(server);
    place.serve();
}

#[test]
fn a_port_in_use_is_named_with_its_key() {
    let place = Place::new();
    for (port, key) in [(place.xml, "xml_curl_server.port"), (place.web, "webserver.port")] {
        let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        let said = place.fails(&["serve"]);
        assert!(said.contains(&format!("port {port}")), "{said}");
        assert!(said.contains(key) && said.contains("another program uses"), "{said}");
    }
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let place = Place::new();
    place.ok(&["user", "list"]);
    make_too_new(&place.path("data/custompbx.db"));
    for arguments in [&["serve"][..], &["import", "/x"], &["user", "list"]] {
        let said = place.fails(arguments);
        assert!(said.contains("schema version 9999"), "{arguments:?}: {said}");
    }
}

/// A killed server has written what it answered; the next one starts from the saved snapshot and the revisions since.
#[test]
fn a_killed_server_starts_again() {
    let place = Place::new();
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let mut server = place.serve();
    assert!(place.ask(USER_1000).contains("Extension 1000"));
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let again = place.serve();
    assert!(place.ask(USER_1000).contains("Extension 1000"));
    let (clean, logged) = again.stop();
    assert!(clean, "{logged}");
    assert!(place.path("data/snapshot.bin").exists());
}

/// What a bulk request would write is there whole or not at all, whenever the server is killed; and FreeSWITCH is told
/// what is in the database.
#[test]
fn a_server_that_is_killed_in_a_bulk_request_leaves_no_part_of_it() {
    const ROWS: usize = 5_000;
    let rows: String = (0..ROWS).map(|at| format!("{{\"key\": \"{at}\"}}\n")).collect();
    let place = Place::new();
    let serve =
        || place.serve_with(place.command(&["serve"]).env("CUSTOMPBX_ADMIN_PASSWORD", "the password"));
    let cookie = || {
        let answer = send(place.web, "POST", "session", "", r#"{"login":"admin","password":"the password"}"#);
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
    };
    let mut server = serve();
    let domain = "instances/default/directory/domains/example.com";
    let made = send(place.web, "PUT", domain, &cookie(), "{}");
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    for milliseconds in [0, 200, 600, 1_500] {
        let more = format!("{}Prefer: respond-async\r\n", cookie());
        let bulk = "instances/default/bulk/directory/domains/example.com/users";
        let answer = send_as(place.web, "POST", bulk, &more, "application/x-ndjson", &rows);
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
        std::thread::sleep(Duration::from_millis(milliseconds));
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        server = serve();
        let page = send(place.web, "GET", &format!("{domain}/users?limit=1"), &cookie(), "");
        let there = page.contains(&format!("\"total\":{ROWS}"));
        assert!(there || page.contains("\"total\":0"), "after {milliseconds} ms: {page}");
        let question = "hostname=default&section=directory&tag_name=domain&key_name=name&key_value=example.com\
                        &action=user_call&key=id&user=4999&domain=example.com";
        assert_eq!(place.ask(question).contains("id=\"4999\""), there, "after {milliseconds} ms");
        let gone = send(place.web, "DELETE", domain, &cookie(), "");
        assert!(gone.starts_with("HTTP/1.1 204"), "{gone}");
        let made = send(place.web, "PUT", domain, &cookie(), "{}");
        assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    }
}

#[test]
fn an_import_beside_the_running_server_is_served() {
    let place = Place::new();
    let server = place.serve();
    assert!(place.ask(USER_1000).contains("not found"));
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let start = Instant::now();
    while !place.ask(USER_1000).contains("Extension 1000") {
        assert!(start.elapsed() < Duration::from_secs(5), "{}", server.logged());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn metrics_count_questions() {
    let place = Place::new();
    let _server = place.serve();
    place.ask(USER_1000);
    place.ask("nonsense");
    let metrics = get(place.web, "/metrics").unwrap();
    for expected in [
        "outcome=\"not_found\"} 1",
        "outcome=\"bad\"} 1",
        "custompbx_snapshot_users 0",
        "custompbx_xml_curl_answer_seconds_bucket",
    ] {
        assert!(metrics.contains(expected), "{expected} is not in\n{metrics}");
    }
    assert!(get(place.web, "/healthz").unwrap().ends_with("ok\n"));
}

/// Without a configuration, a database or a server.
#[test]
fn the_description_of_the_api_is_printed_as_it_is_served() {
    let place = Place::new();
    let printed = place.ok(&["openapi"]);
    assert!(!place.path("data").exists(), "it needs nothing, and makes nothing");
    let _server = place.serve();
    let served = get(place.web, "/api/v2/openapi.json").unwrap();
    assert!(served.ends_with(&printed));
}

/// The commands of a page of `docs`, as somebody would paste them; what they print.
fn printed_by_the_examples_of(page: &str) -> String {
    let page = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/{}"), page);
    let page = std::fs::read_to_string(page).unwrap();
    let examples: Vec<&str> =
        page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    let place = Place::new();
    let _server = place.serve_with(place.command(&["serve"]).env("CUSTOMPBX_ADMIN_PASSWORD", "the password"));
    let script = format!("set -euxo pipefail\n{}", examples.join("\n"));
    let script = script.replace("http://pbx:8080", &format!("http://127.0.0.1:{}", place.web));
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(place.directory.path())
        .output()
        .unwrap();
    let (printed, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}\n{said}");
    printed
}

#[test]
fn the_examples_of_the_page_about_rest_work() {
    let printed = printed_by_the_examples_of("rest.md");
    assert!(printed.contains("<action application=\"answer\"/>"), "{printed}");
}

#[test]
fn the_examples_of_the_page_of_the_messages_work() {
    let printed = printed_by_the_examples_of("messages.md");
    assert!(printed.contains(r#""MessageType":"GetDirectoryDomains""#), "{printed}");
    assert!(printed.contains(r#""name":"example.org""#), "{printed}");
}

/// Writes a version into the database that no program has yet.
fn make_too_new(database: &std::path::Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", database.display())).await.unwrap();
        let changed = sqlx::query("UPDATE meta SET value = '9999' WHERE key = 'schema_version'")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1);
        pool.close().await;
    });
}
