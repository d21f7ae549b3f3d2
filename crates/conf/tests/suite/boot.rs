//! The real switch, where `FREESWITCH_HOME` says that there is one: it boots from what was written, and its
//! preprocessor makes the same text of it.

use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use custompbx_conf::{ReadOptions, WriteOptions, write};
use custompbx_model::Node;

use crate::support::{differences, files, fixtures, node, read_one};

/// Lines that mean something else to the preprocessor than to the eye.
const QUIRKS: &str = "<include>\n\
    <kept n=\"1\"/>\n\
    <dropped/><include>\n\
    <X-PRE-PROCESS cmd=\"set\" data=\"q_one = 1 \"/><dropped/>\n\
    <kept n=\"$${Q_ONE}\"/> <!-- <include> behind a variable is not seen -->\n\
    <kept n=\"2\"/><!--#comment dropped --><kept n=\"3\"/>\n\
    <!--#comment\n</include> --> <dropped/>\n<dropped/>\n--><kept n=\"4\"/>\n\
    a word like X-PRE-PROCESS <dropped/>\n\
    <!-- <x-pre-process CMD=\"SET\" DATA=\"q_two=$${q_one}2\"/> -->\n\
    <X-PRE-PROCESS cmd=\"set\" data=\"q_two=$${q_two}3${channel}\"/>\n\
    <kept n=\"$${q_two}\" m=\"${channel}\"/>\n\
    <X-PRE-PROCESS cmd='set' data='q_one=no'/>\n\
    <X-PRE-PROCESS data=\"q_one=no\" cmd=\"set\"/>\n\
    <X-PRE-PROCESS cmd=\"set\" data=\"q_three=x/>y\"/>\n\
    <kept n=\"$${q_one}\" m='$${q_three}'/>\n\
    <!--#set \"q_four=4\"--><kept n=\"before\"/>\n\
    <kept n=\"$${q_four}\"/>\n\
    <!--#include \"quirks/*.xml\"--><kept n=\"behind comes first\"/>\n\
    <kept n=\"$${q_unknown}\"/>\n\
    </include>\n";

struct Switch {
    process: Child,
    home: PathBuf,
    port: u16,
}

impl Switch {
    /// Boots from `dir/conf`.
    fn boot(home: &Path, dir: &Path, port: u16) -> Self {
        let mut command = Command::new(home.join("bin/freeswitch"));
        command.args(["-nonat", "-np", "-nc", "-nf", "-conf"]).arg(dir.join("conf"));
        for name in ["log", "db", "run", "storage", "recordings", "cache", "temp", "scripts"] {
            fs::create_dir_all(dir.join(name)).unwrap();
            command.arg(format!("-{name}")).arg(dir.join(name));
        }
        let process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut switch = Self { process, home: home.to_owned(), port };
        let start = Instant::now();
        while !switch.ask("status").contains("is ready") {
            assert!(start.elapsed() < Duration::from_secs(60), "the switch does not answer");
            assert!(switch.process.try_wait().unwrap().is_none(), "the switch ended");
            sleep(Duration::from_millis(200));
        }
        switch
    }

    fn ask(&self, command: &str) -> String {
        let port = self.port.to_string();
        let output = Command::new(self.home.join("bin/fs_cli"))
            .args(["-H", "127.0.0.1", "-P", &port, "-p", "ClueCon", "-x", command])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn shut_down(mut self) {
        self.ask("fsctl shutdown now");
        let start = Instant::now();
        while self.process.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < Duration::from_secs(60), "the switch does not end");
            sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Switch {
    /// After a failed assertion; one that has ended is not hurt.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_real_switch_boots_from_what_was_written() {
    let Some(home) = std::env::var_os("FREESWITCH_HOME").map(PathBuf::from) else {
        println!("skipped: FREESWITCH_HOME is not set");
        return;
    };
    let mut document = read_one(&fixtures().join("vanilla-conf"), &ReadOptions::default()).unwrap().document;
    let port = free_port();
    confine(&mut document, port);
    let dir = files(&[]);
    let conf = dir.path().join("conf");
    let report = write(&document, &conf, &WriteOptions::default()).unwrap();
    assert!(report.disabled > 0);
    document.drop_disabled();
    add_quirks(&conf);

    let switch = Switch::boot(&home, dir.path(), port);
    let globals: HashMap<String, String> = switch
        .ask("global_getvar")
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let sofia = switch.ask("xml_locate configuration configuration name sofia.conf");
    let status = switch.ask("sofia status");
    let domain = switch.ask("xml_locate directory domain name 127.0.0.1");
    let flat = fs::read_to_string(dir.path().join("log/freeswitch.xml.fsxml")).unwrap();
    switch.shut_down();

    assert!(status.contains("internal") && status.contains("RUNNING"), "{status}");
    let options = ReadOptions { resolve: true, define: globals.into_iter().collect(), ..Default::default() };
    let mut ours = read_one(&conf, &options).unwrap().document;
    ours.children.remove(0);
    without_unknown(&mut ours);
    same("log/freeswitch.xml.fsxml", &ours, &node(&flat));
    let located = |section: &str, name: &str| {
        let section = ours.child_with("section", "name", section).unwrap();
        section.children.iter().find(|child| child.attribute("name") == Some(name)).unwrap()
    };
    let quirks = ours.child_with("section", "name", "quirks").unwrap();
    assert!(quirks.children.iter().all(|child| &*child.tag != "dropped"));
    assert_eq!(quirks.children.len(), 16);
    same("sofia.conf", located("configuration", "sofia.conf"), &node(&sofia));
    same("the domain", located("directory", "127.0.0.1"), &node(&domain));
}

fn same(what: &str, ours: &Node, theirs: &Node) {
    let mut found = Vec::new();
    differences(ours, theirs, "", &mut found);
    assert_eq!(found, Vec::<String>::new(), "{what}");
}

/// A section more, behind the others.
fn add_quirks(conf: &Path) {
    let main = conf.join("freeswitch.xml");
    let text = fs::read_to_string(&main).unwrap();
    let section = "<section name=\"quirks\">\n<X-PRE-PROCESS cmd=\"include\" data=\"quirks.xml\"/>\n</section>\n</document>";
    fs::write(&main, text.replace("</document>", section)).unwrap();
    fs::write(conf.join("quirks.xml"), QUIRKS).unwrap();
    fs::create_dir(conf.join("quirks")).unwrap();
    for (name, content) in [
        (
            "a.xml",
            "<a/>\r\n<X-PRE-PROCESS cmd=\"include\" data=\"sub/*.xml\"/>\r\n<!--#comment\r\n--><b/>\r\n",
        ),
        ("B.xml", "<B/>"),
        ("a-b.xml", "<a-b/>"),
        (".hidden.xml", "<hidden/>"),
    ] {
        fs::write(conf.join("quirks").join(name), content).unwrap();
    }
    fs::create_dir(conf.join("quirks/sub")).unwrap();
    fs::write(conf.join("quirks/sub/x.xml"), "<x>\n</x>").unwrap();
}

/// FreeSWITCH puts nothing for a variable that is not set.
fn without_unknown(node: &mut Node) {
    for (_, value) in &mut node.attributes {
        while let Some(start) = value.find("$${") {
            let end = start + value[start..].find('}').unwrap();
            *value = format!("{}{}", &value[..start], &value[end + 1..]).into();
        }
    }
    node.children.iter_mut().for_each(without_unknown);
}

/// Everything on 127.0.0.1, at free ports, and nothing that asks the network.
fn confine(document: &mut Node, event_socket: u16) {
    let variables = &mut document.children[0].children;
    for variable in variables.iter_mut() {
        match variable.attribute("name").unwrap() {
            "internal_sip_port" | "internal_tls_port" | "external_sip_port" | "external_tls_port" => {
                variable.set_attribute("value", free_port().to_string());
            }
            "external_rtp_ip" | "external_sip_ip" => {
                variable.set_attribute("value", "127.0.0.1");
                variable.set_attribute("cmd", "set");
            }
            _ => {}
        }
    }
    let local =
        Node::new("variable").with("name", "local_ip_v4").with("value", "127.0.0.1").with("cmd", "set");
    variables.insert(0, local);
    adjust(document, event_socket);
}

fn adjust(node: &mut Node, event_socket: u16) {
    match (&*node.tag, node.natural_name()) {
        ("profile", Some("internal-ipv6" | "external-ipv6")) => node.enabled = false,
        ("param", Some("ws-binding" | "wss-binding")) => node.enabled = false,
        ("load", Some("mod_verto" | "mod_enum" | "mod_signalwire")) => node.enabled = false,
        ("gateway", _) => node.enabled = false,
        ("configuration", Some("event_socket.conf")) => {
            let settings = &mut node.children[0].children;
            for (name, value) in [("listen-ip", "127.0.0.1"), ("listen-port", &event_socket.to_string())] {
                let param = settings.iter_mut().find(|param| param.attribute("name") == Some(name)).unwrap();
                param.set_attribute("value", value);
            }
        }
        _ => {}
    }
    node.children.iter_mut().for_each(|child| adjust(child, event_socket));
}

/// Another process can take it meanwhile; then the test fails, and says that the switch does not answer.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
