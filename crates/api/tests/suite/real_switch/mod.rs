//! A real FreeSWITCH that has nothing but the files of an export for starting, and asks us for everything else.

mod both_ways;
mod driven;

use std::path::Path;
use std::time::Duration;

use custompbx_conf::Bootstrap;
use custompbx_model::{At, Edit, Node};
use custompbx_pbx::export;
use custompbx_switch::{Address, Trouble, probe};
use custompbx_testkit::real_switch::{Switch, free_ports, home};
use custompbx_testkit::server::{Engine, INSTANCE, PASS, ROUTE, TestPbx, USER, find, named, try_find};
use custompbx_testkit::sip::Phone;
use tokio::task::block_in_place;

const EVENT_SOCKET_PASS: &str = "not ClueCon";
const DOMAIN: &str = "127.0.0.1";
const USERS: &str = "section/directory domain/$${domain} groups group/default users";

/// Ports that nobody else has.
struct Ports {
    event_socket: u16,
    internal: u16,
}

/// Vanilla, with all sockets on this machine only, and a few things to try.
async fn prepare(pbx: &TestPbx, event_socket: Option<u16>) -> Ports {
    pbx.import_vanilla().await;
    pbx.import_xml(both_ways::DIALPLAN).await;
    let [other, internal, external, ws, wss, verto, verto_tls] = free_ports();
    let event_socket = event_socket.unwrap_or(other);
    let conf = "section/configuration configuration";
    for (way, value) in [
        (format!("{conf}/event_socket.conf settings param/listen-ip"), DOMAIN.to_owned()),
        (format!("{conf}/event_socket.conf settings param/listen-port"), event_socket.to_string()),
        (format!("{conf}/event_socket.conf settings param/password"), EVENT_SOCKET_PASS.to_owned()),
        (
            format!("{conf}/sofia.conf profiles profile/internal settings param/ws-binding"),
            format!("{DOMAIN}:{ws}"),
        ),
        (
            format!("{conf}/sofia.conf profiles profile/internal settings param/wss-binding"),
            format!("{DOMAIN}:{wss}"),
        ),
        (
            format!("{conf}/verto.conf profiles profile/default-v4 param/bind-local"),
            format!("{DOMAIN}:{verto}"),
        ),
        ("variables variable/internal_sip_port".to_owned(), internal.to_string()),
        ("variables variable/external_sip_port".to_owned(), external.to_string()),
        // With the one that everybody knows, vanilla's dialplan waits ten seconds before each call.
        ("variables variable/default_password".to_owned(), "real switch".to_owned()),
    ] {
        pbx.set(&way, "value", &value).await;
    }
    let tree = pbx.tree().await;
    let secure = find(&tree, &format!("{conf}/verto.conf profiles profile/default-v4"));
    let secure = secure.children.iter().find(|param| param.attribute("secure").is_some()).unwrap();
    let mut edits = vec![update(secure, "value", &format!("{DOMAIN}:{verto_tls}"))];
    for ipv6 in [
        "sofia.conf profiles profile/internal-ipv6",
        "sofia.conf profiles profile/external-ipv6",
        "verto.conf profiles profile/default-v6",
    ] {
        let id = find(&tree, &format!("{conf}/{ipv6}")).id;
        edits.push(Edit::Enable { id, enabled: false });
    }
    for stun in ["external_rtp_ip", "external_sip_ip"] {
        let mut variable = find(&tree, &format!("variables variable/{stun}")).clone();
        variable.set_attribute("cmd", "set");
        variable.set_attribute("value", DOMAIN);
        edits.push(Edit::Update { id: variable.id, attributes: variable.attributes, text: None });
    }
    let local = named("variable", "local_ip_v4").with("value", DOMAIN);
    let variables = find(&tree, "variables").id;
    edits.push(Edit::Insert { parent: variables, at: At::First, nodes: vec![local] });
    let lists = find(&tree, &format!("{conf}/acl.conf network-lists")).id;
    let node = Node::new("node").with("type", "allow").with("cidr", "203.0.113.0/24");
    let list = named("list", "from_us").with("default", "deny").containing([node]);
    edits.push(Edit::Insert { parent: lists, at: At::Last, nodes: vec![list] });
    let open = Node::new("user").with("id", "1500").containing([Node::new("variables").containing([named(
        "variable",
        "user_context",
    )
    .with("value", "default")])]);
    edits.push(Edit::Insert { parent: find(&tree, USERS).id, at: At::Last, nodes: vec![open] });
    pbx.change(edits).await;
    Ports { event_socket, internal }
}

fn update(node: &Node, name: &str, value: &str) -> Edit {
    let mut node = node.clone();
    node.set_attribute(name, value);
    Edit::Update { id: node.id, attributes: node.attributes, text: node.text }
}

async fn boot(pbx: &TestPbx, home: &Path, ports: &Ports) -> Switch {
    let directory = tempfile::tempdir().unwrap();
    let bootstrap = Bootstrap {
        xml_curl_url: format!("http://{}{ROUTE}", pbx.xml_curl),
        user: USER.to_owned(),
        pass: PASS.to_owned(),
        timeout_s: 10,
        switchname: Some("real-switch".to_owned()),
        overwrite: false,
    };
    let store = pbx.pbx.store().unwrap();
    export::bootstrap(&store, INSTANCE, &directory.path().join("conf"), bootstrap).await.unwrap();
    block_in_place(|| {
        let mut switch = Switch::start(home, ports.event_socket, EVENT_SOCKET_PASS, directory);
        switch.wait_until(|switch| {
            let status = switch.api("sofia status");
            status.lines().any(|line| line.trim_start().starts_with("internal") && line.contains("RUNNING"))
        });
        switch
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_boots_registers_and_calls_with_what_we_say() {
    let Some(home) = home() else { return };
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let ports = prepare(&pbx, None).await;
    let mut switch = boot(&pbx, &home, &ports).await;

    it_is_what_doctor_sees(&ports).await;
    everything_but_the_first_files_is_ours(&switch);
    let sip = ([127, 0, 0, 1], ports.internal).into();
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
    assert_eq!(seen.switchname, "real-switch");
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
