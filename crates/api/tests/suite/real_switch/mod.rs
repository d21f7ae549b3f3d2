//! A real FreeSWITCH that has nothing but the files of an export for starting, and asks us for everything else.

mod both_ways;
mod calls;
mod driven;
mod driving;
mod gateways;

use std::time::Duration;

use custompbx_model::Edit;
use custompbx_switch::{Address, Trouble, probe};
use custompbx_testkit::real_switch::prepared::{
    self, DOMAIN, EVENT_SOCKET_PASS, Ports, SWITCHNAME, USER_PASS, USERS, boot,
};
use custompbx_testkit::real_switch::{Switch, home};
use custompbx_testkit::server::{Engine, TestPbx, find, try_find};
use custompbx_testkit::sip::Phone;
use tokio::task::block_in_place;

/// Vanilla, with all sockets on this machine only, and a few things to try.
async fn prepare(pbx: &TestPbx, event_socket: Option<u16>) -> Ports {
    let ports = prepared::prepare(pbx, event_socket).await;
    pbx.import_xml(both_ways::DIALPLAN).await;
    ports
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_boots_registers_and_calls_with_what_we_say() {
    let Some(home) = home() else { return };
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let ports = prepare(&pbx, None).await;
    let mut switch = boot(&pbx, &home, &ports).await;

    it_is_what_doctor_sees(&ports).await;
    everything_but_the_first_files_is_ours(&switch);
    let sip = ports.sip();
    registrations(&pbx, sip).await;
    a_call(sip).await;
    a_change_counts_at_once(&pbx, sip, &switch).await;
    both_ways::leave_a_call_alike(&pbx, &mut switch).await;

    block_in_place(|| switch.stop());
    pbx.stop().await;
}

async fn it_is_what_doctor_sees(ports: &Ports) {
    let address = |pass: &str| Address {
        host: DOMAIN.to_owned(),
        port: ports.event_socket,
        pass: pass.to_owned(),
        timeout: Duration::from_secs(10),
    };
    assert_eq!(probe(&address("ClueCon")).await, Err(Trouble::WrongPassword));
    let seen = probe(&address(EVENT_SOCKET_PASS)).await.expect("it is seen");
    assert!(seen.version.starts_with("FreeSWITCH Version 1."), "{seen:?}");
    assert!(seen.has_xml_curl && seen.has_sofia && seen.uptime.starts_with("UP "), "{seen:?}");
    assert_eq!(seen.switchname, SWITCHNAME);
}

fn everything_but_the_first_files_is_ours(switch: &Switch) {
    let files = switch.files();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    for absent in ["sofia.conf.xml", "event_socket.conf.xml", "acl.conf.xml", "default.xml", "1000.xml"] {
        assert!(!names.contains(&absent), "{names:?}");
    }
    assert!(names.contains(&"xml_curl.conf.xml") && names.len() < 12, "{names:?}");
    let api = |command: &str| block_in_place(|| switch.api(command));
    assert_eq!(api("acl 203.0.113.7 from_us"), "true");
    assert_eq!(api("acl 198.51.100.7 from_us"), "false");
    // A user of the directory with a network of its own.
    assert_eq!(api("acl 192.0.2.9 domains"), "true");
    assert_eq!(api(&format!("domain_exists {DOMAIN}")), "true");
    assert_eq!(api(&format!("user_exists id 1019 {DOMAIN}")), "true");
    assert_eq!(api(&format!("user_exists id 4711 {DOMAIN}")), "false");
    assert_eq!(api(&format!("user_data 1000@{DOMAIN} var user_context")), "default");
    let sales = api(&format!("group_call sales@{DOMAIN}"));
    assert!(
        (1000..=1004).all(|user| sales.contains(&format!("{user}@{DOMAIN}"))) || sales.contains("error/"),
        "{sales}"
    );
    let located = api("xml_locate configuration configuration name acl.conf");
    assert!(located.contains("from_us"), "{located}");
    let profiles = api("sofia status");
    assert!(profiles.contains("external") && profiles.contains("example.com"), "{profiles}");
    assert!(!profiles.contains("internal-ipv6"), "{profiles}");
}

async fn registrations(pbx: &TestPbx, sip: std::net::SocketAddr) {
    let register =
        async |user: &str, password: &str| Phone::new(sip, DOMAIN, user, password).await.register().await;
    assert_eq!(register("1000", "real switch").await, 200);
    assert_eq!(register("1000", "wrong").await, 403);
    assert_eq!(register("4711", "real switch").await, 403, "nobody knows 4711");
    assert_eq!(register("1500", "").await, 403, "1500 has no password");
    assert_eq!(register("1500", "anything").await, 403);
    assert!(try_find(&pbx.tree().await, &format!("{USERS} user/1500")).is_some());
}

async fn a_call(sip: std::net::SocketAddr) {
    let mut caller = Phone::new(sip, DOMAIN, "1000", "real switch").await;
    let mut called = Phone::new(sip, DOMAIN, "1001", "real switch").await;
    assert_eq!(caller.register().await, 200);
    assert_eq!(called.register().await, 200);
    let answering = tokio::spawn(async move {
        let (_, from) = called.answer().await;
        called.wait_for_end().await;
        from
    });
    let call = caller.call("1001").await.expect("1001 answers");
    assert_eq!(caller.hang_up(&call).await, 200);
    let from = answering.await.unwrap();
    assert!(from.contains("Extension 1000"), "the caller's name is from the directory: {from}");
    // A stranger without credentials does not get in by claiming to be somebody.
    let mut stranger = Phone::new(sip, DOMAIN, "1000", "wrong").await;
    assert_eq!(stranger.call("1001").await.unwrap_err(), 403);
}

async fn a_change_counts_at_once(pbx: &TestPbx, sip: std::net::SocketAddr, switch: &Switch) {
    let mut phone = Phone::new(sip, DOMAIN, "1002", "real switch").await;
    assert_eq!(phone.register().await, 200);
    pbx.set(&format!("{USERS} user/1002 params param/password"), "value", "a new <one> & \"more\"").await;
    assert_eq!(phone.register().await, 403, "the old password");
    let mut phone = Phone::new(sip, DOMAIN, "1002", "a new <one> & \"more\"").await;
    assert_eq!(phone.register().await, 200, "the new password");
    // Away, and back.
    let id = find(&pbx.tree().await, &format!("{USERS} user/1002")).id;
    pbx.change(vec![Edit::Enable { id, enabled: false }]).await;
    assert_eq!(phone.register().await, 403);
    pbx.change(vec![Edit::Enable { id, enabled: true }]).await;
    assert_eq!(phone.register().await, 200);
    // A list of networks counts after the switch was told to read it again.
    let way = "section/configuration configuration/acl.conf network-lists list/from_us node";
    pbx.set(way, "cidr", "198.51.100.0/24").await;
    let api = |command: &str| block_in_place(|| switch.api(command));
    assert!(api("reloadacl").contains("+OK"));
    assert_eq!(api("acl 198.51.100.7 from_us"), "true");
    assert_eq!(api("acl 203.0.113.7 from_us"), "false");
}
