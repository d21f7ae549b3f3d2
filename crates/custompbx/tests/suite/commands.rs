//! Configuration, web users, export, doctor.

use std::os::unix::fs::PermissionsExt as _;

use crate::program::{Place, exchange, text, vanilla};

fn with_config(content: &str) -> String {
    let place = Place::new();
    std::fs::create_dir_all(place.path("data")).unwrap();
    std::fs::write(place.path("data/config.json"), content).unwrap();
    place.fails(&["user", "list"])
}

#[test]
fn a_configuration_that_is_wrong_names_the_key() {
    assert!(
        with_config(r#"{"webserver": {"port": "8080"}}"#).contains("webserver.port: invalid type: string")
    );
    assert!(with_config(r#"{"webserver": {"prot": 8080}}"#).contains("webserver.prot: unknown field `prot`"));
    assert!(
        with_config(r#"{"database": {"engine": "oracle"}}"#)
            .contains("database.engine: unknown variant `oracle`")
    );
    assert!(with_config("{").contains("EOF while parsing"));
    assert!(with_config(r#"{"log": {"level": "loud=?"}}"#).contains("log.level"));
}

#[test]
fn an_unknown_variable_of_the_environment_is_named() {
    let place = Place::new();
    let output = place.command(&["user", "list"]).env("CUSTOMPBX__WEBSERVER__PROT", "1").output().unwrap();
    assert!(
        text(&output.stderr).contains("CUSTOMPBX__WEBSERVER__PROT names no key"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn data_is_for_its_owner_only() {
    let place = Place::new();
    place.ok(&["user", "list"]);
    let mode = |name: &str| std::fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("data/config.json"), 0o600);
}

#[test]
fn web_users_come_and_go() {
    let place = Place::new();
    assert!(place.ok(&["user", "add", "anna", "--role", "manager"]).contains("the password is "));
    assert!(place.fails(&["user", "add", "Anna"]).contains("the web user Anna exists already"));
    assert_eq!(
        place.ok(&["user", "list"]).split_whitespace().collect::<Vec<_>>(),
        ["anna", "manager", "enabled"]
    );
    place.ok(&["user", "disable", "anna"]);
    assert!(place.ok(&["user", "list"]).contains("disabled"));
    place.ok(&["user", "enable", "anna"]);
    assert!(place.fails(&["user", "passwd", "nobody"]).contains("there is no web user nobody"));
    let output = place.command(&["user", "passwd", "anna", "--password-stdin"]).output().unwrap();
    assert!(text(&output.stderr).contains("password: has 6 to 1024 characters"), "{}", text(&output.stderr));
}

#[test]
fn tokens_come_and_go() {
    let place = Place::new();
    let server = place.serve();
    place.ok(&["user", "add", "anna", "--role", "manager"]);
    let made = place.ok(&["token", "add", "ANNA", "--scope", "read", "--scope", "directory:write"]);
    assert!(made.starts_with("token 1 of anna, good until 20"), "{made}");
    assert!(
        made.contains(" for read directory:write\n") && made.contains("(shown only this once)"),
        "{made}"
    );
    let token = made.lines().nth(1).unwrap().split(' ').next().unwrap();
    let get = |path: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        exchange(place.web, &request).unwrap()
    };
    assert!(get("/api/v2/session").starts_with("HTTP/1.1 200"));
    // A manager is no admin, whatever the token says.
    assert!(get("/api/v2/instances").starts_with("HTTP/1.1 403"));
    let list = place.ok(&["token", "list"]);
    let words: Vec<&str> = list.split_whitespace().collect();
    assert_eq!((words[0], words[1], words[2]), ("1", "anna", "api"), "{list}");
    assert!(list.trim_end().ends_with("read directory:write") && !list.contains(token), "{list}");
    assert_eq!(place.ok(&["token", "list", "anna"]), list);
    assert!(place.ok(&["token", "revoke", "1"]).contains("token 1 of anna is none any more"));
    assert!(get("/api/v2/session").starts_with("HTTP/1.1 401"));
    assert_eq!(place.ok(&["token", "list", "anna"]), "");
    assert!(place.fails(&["token", "revoke", "1"]).contains("there is no token 1"));
    assert!(place.fails(&["token", "list", "nobody"]).contains("there is no web user nobody"));
    assert!(place.fails(&["token", "add", "anna", "--scope", "all"]).contains("\"all\" is no scope"));
    assert!(!server.logged().contains(token));
}

#[test]
fn an_export_is_imported_again_without_a_change() {
    let place = Place::new();
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let conf = place.path("conf");
    place.ok(&["export", conf.to_str().unwrap()]);
    let again = place.ok(&["import", conf.to_str().unwrap()]);
    assert!(again.contains("holds all of it already; nothing was written"), "{again}");
    assert!(place.fails(&["export", conf.to_str().unwrap()]).contains("--overwrite"));
    place.ok(&["export", conf.to_str().unwrap(), "--overwrite"]);
    assert!(place.fails(&["export", "/x", "--instance", "none"]).contains("there is no instance none"));
}

#[test]
fn the_bootstrap_has_what_the_switch_needs_to_ask() {
    let place = Place::new();
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let conf = place.path("bootstrap");
    place.ok(&["export", "--bootstrap", conf.to_str().unwrap()]);
    let binding = std::fs::read_to_string(conf.join("autoload_configs/xml_curl.conf.xml")).unwrap();
    assert!(binding.contains(&format!("http://127.0.0.1:{}/conf/config", place.xml)), "{binding}");
    assert!(binding.contains("freeswitch:switch-password"));
    let modules = std::fs::read_to_string(conf.join("autoload_configs/modules.conf.xml")).unwrap();
    assert!(modules.find("mod_xml_curl").unwrap() < modules.find("mod_sofia").unwrap());
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_paste() {
    let place = Place::new();
    let output = place.run(&["doctor"]);
    let report = text(&output.stdout);
    assert!(!output.status.success(), "{report}");
    for expected in [
        "ok    data directory",
        "note  instance        default is empty",
        "-> custompbx import /etc/freeswitch",
        "BAD   web interface",
        "-> start the server: custompbx serve",
        "BAD   xml_curl",
        "BAD   event socket    127.0.0.1:",
        ": nothing listens there",
        "<param name=\"gateway-credentials\" value=\"freeswitch:switch-password\"/>",
        "<configuration name=\"event_socket.conf\"",
        "3 of ",
    ] {
        assert!(report.contains(expected), "{expected} is not in\n{report}");
    }
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let server = place.serve();
    let report = text(&place.run(&["doctor"]).stdout);
    assert!(report.contains("ok    web interface") && report.contains("ok    xml_curl"), "{report}");
    assert!(report.contains("ok    instance        default, 24 users"), "{report}");
    let undecided = "ok    dialplan        context default of default (whole): only the switch can decide ";
    let line = report.lines().find(|line| line.starts_with(undecided)).unwrap_or_else(|| panic!("{report}"));
    assert!(line.contains("enum"), "{line}");
    drop(server);
}
