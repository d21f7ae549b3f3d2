//! A server from its start to its end, as those see it who run it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{PATIENCE, Place, SWITCH_CREDENTIALS, send, text};

#[test]
fn a_log_for_machines_is_an_object_a_line() {
    let place = Place::new();
    let server = place.serve_with(place.command(&["serve"]).env("CUSTOMPBX__LOG__FORMAT", "json"));
    // What came from outside breaks no line.
    place.ask("section=directory&hostname=a%0Ab&tag_name=domain&key_name=name&key_value=x%22%0A%1b");
    let (ended_well, log) = server.stop();
    assert!(ended_well, "{log}");
    let mut messages = Vec::new();
    for line in log.lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(object["timestamp"].is_string() && object["level"].is_string(), "{line}");
        messages.push(object["message"].as_str().unwrap().to_owned());
    }
    assert!(messages.len() > 2, "{messages:?}");
}

#[test]
fn who_is_being_answered_when_it_stops_gets_the_answer() {
    let place = Place::new();
    let server = place.serve();
    let form = "section=dialplan&hostname=a";
    let mut asking = TcpStream::connect(("127.0.0.1", place.xml)).unwrap();
    asking.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /conf/config HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {SWITCH_CREDENTIALS}\r\n\
         Content-Length: {}\r\n\r\n{}",
        form.len(),
        &form[..5]
    );
    asking.write_all(head.as_bytes()).unwrap();
    // It has the first half once it has answered to somebody else who came later.
    assert!(place.ask(form).starts_with("HTTP/1.1 200"));
    server.ask_to_stop();
    assert!(server.logs("stop"), "{}", server.logged());
    asking.write_all(&form.as_bytes()[5..]).unwrap();
    let mut answer = Vec::new();
    asking.read_to_end(&mut answer).unwrap();
    let answer = text(&answer);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("</document>"), "{answer}");
    assert!(TcpStream::connect(("127.0.0.1", place.xml)).is_err(), "nobody else is let in");
}

#[test]
fn a_new_password_is_the_one_that_counts() {
    let place = Place::new();
    place.ok(&["user", "add", "anna"]);
    let mut command = place.command(&["user", "passwd", "anna", "--password-stdin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"another one\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("another one"), "it is not shown");
    let _server = place.serve();
    let sign_in = |password: &str| {
        send(place.web, "POST", "session", "", &format!(r#"{{"login":"anna","password":"{password}"}}"#))
    };
    assert!(sign_in("another one").starts_with("HTTP/1.1 20"), "{}", sign_in("another one"));
    assert!(sign_in("another").starts_with("HTTP/1.1 401"));
}
