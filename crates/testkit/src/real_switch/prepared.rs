//! A real FreeSWITCH that has vanilla's configuration from us, and nothing but the files of an export for starting.

use std::net::SocketAddr;
use std::path::Path;

use custompbx_conf::Bootstrap;
use custompbx_model::{At, Edit, Node};
use custompbx_pbx::export;
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{Switch, free_ports};
use crate::server::{INSTANCE, PASS, ROUTE, TestPbx, USER, find, named};

/// The password of its event socket.
pub const EVENT_SOCKET_PASS: &str = "not ClueCon";
/// Its domain, and where all its sockets are.
pub const DOMAIN: &str = "127.0.0.1";
/// What it calls itself.
pub const SWITCHNAME: &str = "real-switch";
/// The password of vanilla's users.
pub const USER_PASS: &str = "real switch";
/// The way to vanilla's users.
pub const USERS: &str = "section/directory domain/$${domain} groups group/default users";

/// Ports that nobody else has.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Of the event socket.
    pub event_socket: u16,
    /// Of the SIP profile `internal`.
    pub internal: u16,
}

impl Ports {
    /// Where the SIP profile `internal` is.
    pub fn sip(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.internal).into()
    }
}

/// Vanilla, with all sockets on this machine only, and a few things to try.
pub async fn prepare(pbx: &TestPbx, event_socket: Option<u16>) -> Ports {
    pbx.import_vanilla().await;
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
        ("variables variable/default_password".to_owned(), USER_PASS.to_owned()),
    ] {
        pbx.set(&way, "value", &value).await;
    }
    let tree = pbx.tree().await;
    let secure = find(&tree, &format!("{conf}/verto.conf profiles profile/default-v4"));
    let secure = secure.children.iter().find(|param| param.attribute("secure").is_some());
    let secure = secure.expect("vanilla has a secure one");
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

/// The files that it needs to ask for everything else at this address.
pub async fn files(pbx: &TestPbx, xml_curl: SocketAddr) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let bootstrap = Bootstrap {
        xml_curl_url: format!("http://{xml_curl}{ROUTE}"),
        user: USER.to_owned(),
        pass: PASS.to_owned(),
        timeout_s: 10,
        switchname: Some(SWITCHNAME.to_owned()),
        overwrite: false,
    };
    let store = pbx.pbx.store().expect("the database is there");
    let written = export::bootstrap(&store, INSTANCE, &directory.path().join("conf"), bootstrap).await;
    written.unwrap_or_else(|error| panic!("{}", error.chain()));
    directory
}

/// Starts it, and waits until its SIP profile `internal` runs.
///
/// # Panics
/// Shows the end of its log when it does not come up.
pub async fn boot(pbx: &TestPbx, home: &Path, ports: &Ports) -> Switch {
    let directory = files(pbx, pbx.xml_curl).await;
    block_in_place(|| {
        let mut switch = Switch::start(home, ports.event_socket, EVENT_SOCKET_PASS, directory);
        switch.wait_until(runs);
        switch
    })
}

/// Whether its SIP profile `internal` runs.
pub fn runs(switch: &Switch) -> bool {
    let status = switch.api("sofia status");
    status.lines().any(|line| line.trim_start().starts_with("internal") && line.contains("RUNNING"))
}
