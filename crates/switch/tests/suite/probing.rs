//! Each way in which a switch can be there, or not.

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use custompbx_switch::{Address, Switch, Trouble, probe};
use custompbx_testkit::event_socket::{EventSocket, Manner, PASS};

fn at(socket: SocketAddr, pass: &str) -> Address {
    Address {
        host: socket.ip().to_string(),
        port: socket.port(),
        pass: pass.to_owned(),
        timeout: Duration::from_secs(5),
    }
}

/// A switch with these modules.
fn with_modules(modules: &'static [&str]) -> EventSocket {
    let socket = EventSocket::start();
    socket.answer_with("module_exists ", move |module| modules.contains(&module).to_string());
    socket
}

fn answering() -> EventSocket {
    with_modules(&["mod_sofia", "mod_xml_curl"])
}

fn behaving(manner: Manner) -> EventSocket {
    let socket = answering();
    socket.behave(manner);
    socket
}

async fn connected(stand_in: &EventSocket) -> Switch {
    probe(&at(stand_in.address(), PASS)).await.expect("the stand-in answers")
}

/// A failure shows nothing of the password, whatever it is.
async fn failed(address: &Address) -> Trouble {
    let trouble = probe(address).await.expect_err("something is in the way");
    assert!(!format!("{trouble:?}{trouble}").contains(&address.pass), "{trouble:?}");
    trouble
}

#[tokio::test]
async fn a_switch_says_what_it_is() {
    let stand_in = answering();
    let switch = connected(&stand_in).await;
    assert_eq!(
        switch,
        Switch {
            version: "FreeSWITCH Version 1.11.1-release+git~20260526T204126Z~c2c59645f6~64bit (git c2c5964 2026-05-26 20:41:26Z 64bit)".into(),
            switchname: "fs1".into(),
            hostname: "fs1".into(),
            uptime: switch.uptime.clone(),
            has_xml_curl: true,
            has_sofia: true,
        }
    );
    assert!(switch.uptime.starts_with("UP 0 years, 0 days, "), "{}", switch.uptime);
}

/// One connection signs in once, asks, and says goodbye.
#[tokio::test]
async fn one_connection_does_it() {
    let stand_in = answering();
    connected(&stand_in).await;
    assert_eq!(
        stand_in.heard(),
        [
            "auth ClueCon",
            "api version",
            "api switchname",
            "api hostname",
            "api status",
            "api module_exists mod_xml_curl",
            "api module_exists mod_sofia",
            "exit"
        ]
    );
}

#[tokio::test]
async fn modules_that_are_missing_are_seen() {
    let switch = connected(&with_modules(&["mod_sofia"])).await;
    assert!(!switch.has_xml_curl && switch.has_sofia);
    let switch = connected(&with_modules(&["mod_xml_curl"])).await;
    assert!(switch.has_xml_curl && !switch.has_sofia);
}

#[tokio::test]
async fn nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(failed(&at(address, "geheim")).await, Trouble::Refused);
}

#[tokio::test]
async fn the_access_list_refuses() {
    let stand_in = behaving(Manner::Rude);
    assert_eq!(failed(&at(stand_in.address(), "geheim")).await, Trouble::Denied);
}

#[tokio::test]
async fn the_password_is_wrong() {
    let stand_in = answering();
    assert_eq!(failed(&at(stand_in.address(), "geheim")).await, Trouble::WrongPassword);
}

/// A line break in the password would be another command.
#[tokio::test]
async fn a_password_is_one_line() {
    let stand_in = answering();
    let outcome = failed(&at(stand_in.address(), "ClueCon\n\napi fsctl shutdown")).await;
    assert!(matches!(outcome, Trouble::Failed { .. }), "{outcome:?}");
    assert!(stand_in.heard().iter().all(|command| !command.contains("shutdown")), "{:?}", stand_in.heard());
}

#[tokio::test]
async fn no_answer_takes_no_longer_than_it_may() {
    for stand_in in [behaving(Manner::Silent), behaving(Manner::SilentOnceSignedIn)] {
        let address = Address { timeout: Duration::from_millis(200), ..at(stand_in.address(), PASS) };
        let start = Instant::now();
        assert_eq!(failed(&address).await, Trouble::NoAnswer);
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn what_is_no_switch_is_told_apart() {
    for stand_in in [behaving(Manner::Stranger), behaving(Manner::HangsUp)] {
        let outcome = failed(&at(stand_in.address(), PASS)).await;
        assert!(matches!(outcome, Trouble::Failed { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_unreachable() {
    let address =
        Address { host: "no.such.host.invalid".into(), ..at(([127, 0, 0, 1], 8021).into(), "geheim") };
    let outcome = failed(&address).await;
    assert!(matches!(outcome, Trouble::Unreachable { .. }), "{outcome:?}");
}
