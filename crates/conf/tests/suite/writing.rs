//! Directories that are written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use custompbx_conf::{Bootstrap, ReadOptions, WriteError, WriteOptions, write, write_bootstrap};
use custompbx_model::Node;

use crate::support::{files, fixtures, node, read_one};

const OVERWRITE: WriteOptions = WriteOptions { overwrite: true };

fn document() -> Node {
    node(
        "<document type='freeswitch/xml'><variables><variable name='domain' value='$${local_ip_v4}' cmd='set'/></variables>\
         <section name='configuration' description='Various'><configuration name='acl.conf'><network-lists/></configuration>\
         <X-NO-PRE-PROCESS cmd='include' data='x'/><configuration name='a/b'/></section>\
         <section name='directory'><domain name='$${domain}'/></section>\
         <section name='languages'><language name='en'><phrases/></language></section></document>",
    )
}

fn tree(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(current) = waiting.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path.strip_prefix(dir).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_directory_looks_like_one_of_freeswitch() {
    let parent = files(&[]);
    let dir = parent.path().join("conf");
    let report = write(&document(), &dir, &WriteOptions::default()).unwrap();
    assert_eq!(
        fs::read_to_string(dir.join("freeswitch.xml")).unwrap(),
        r#"<?xml version="1.0"?>
<document type="freeswitch/xml">
  <X-PRE-PROCESS cmd="include" data="vars.xml"/>

  <section name="configuration" description="Various">
    <X-PRE-PROCESS cmd="include" data="autoload_configs/acl.conf.xml"/>
    <X-NO-PRE-PROCESS cmd="include" data="x"/>
    <X-PRE-PROCESS cmd="include" data="autoload_configs/a_b-3a8e75c1.xml"/>
  </section>

  <section name="directory">
    <X-PRE-PROCESS cmd="include" data="directory/_domain_-b8863e09.xml"/>
  </section>

  <section name="languages">
    <X-PRE-PROCESS cmd="include" data="lang/en/en.xml"/>
  </section>
</document>
"#
    );
    assert_eq!(
        fs::read_to_string(dir.join("vars.xml")).unwrap(),
        "<include>\n  <X-PRE-PROCESS cmd=\"set\" data=\"domain=$${local_ip_v4}\"/>\n</include>\n"
    );
    assert_eq!(
        fs::read_to_string(dir.join("autoload_configs/acl.conf.xml")).unwrap(),
        "<include>\n<configuration name=\"acl.conf\">\n  <network-lists/>\n</configuration>\n</include>\n"
    );
    assert_eq!(report.files.len(), 6);
    assert_eq!(report.files[0], Path::new("freeswitch.xml"));
    let mode = |path: &str| fs::metadata(dir.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(""), mode("lang/en"), mode("vars.xml"), mode("lang/en/en.xml")),
        (0o750, 0o750, 0o640, 0o640)
    );
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn what_is_disabled_is_left_out_and_counted() {
    let mut document = document();
    document.children[0].children[0].enabled = false;
    document.children[1].children[0].children[0].enabled = false;
    document.children[3].enabled = false;
    let dir = files(&[]);
    let report = write(&document, dir.path(), &WriteOptions::default()).unwrap();
    assert_eq!(report.disabled, 3);
    assert_eq!(
        report.disabled_names,
        ["variables/domain", "configuration/acl.conf/network-lists", "languages"]
    );
    assert!(!dir.path().join("lang").exists());
    document.drop_disabled();
    document.children.remove(0);
    assert!(read_one(dir.path(), &ReadOptions::default()).unwrap().document.same_content(&document));
}

#[test]
fn what_others_wrote_is_left_alone() {
    let dir = files(&[("mine.txt", "mine")]);
    let error = write(&document(), dir.path(), &WriteOptions::default()).unwrap_err();
    assert!(
        error.to_string().ends_with("is not empty; --overwrite replaces what an earlier export wrote there")
    );
    let error = write(&document(), dir.path(), &OVERWRITE).unwrap_err();
    assert!(
        error.to_string().contains("was not written by an export (it has no .custompbx-export)"),
        "{error}"
    );
    let file = dir.path().join("mine.txt");
    assert!(matches!(write(&document(), &file, &OVERWRITE), Err(WriteError::NotADirectory(_))));
    assert_eq!(tree(dir.path()), ["mine.txt"]);
}

#[test]
fn an_export_replaces_only_what_an_export_wrote() {
    let parent = files(&[]);
    let dir = parent.path().join("conf");
    write(&document(), &dir, &WriteOptions::default()).unwrap();
    fs::create_dir_all(dir.join("tls/deep")).unwrap();
    fs::write(dir.join("tls/deep/key.pem"), "secret").unwrap();
    fs::set_permissions(dir.join("tls"), fs::Permissions::from_mode(0o700)).unwrap();
    std::os::unix::fs::symlink("tls", dir.join("certs")).unwrap();
    fs::write(dir.join("lang/mine.txt"), "mine").unwrap();
    let small = node(
        "<document type='freeswitch/xml'><section name='dialplan'><context name='c'/></section></document>",
    );
    write(&small, &dir, &OVERWRITE).unwrap();
    let expected = [
        ".custompbx-export",
        "dialplan/c.xml",
        "freeswitch.xml",
        "lang/mine.txt",
        "tls/deep/key.pem",
        "vars.xml",
    ];
    let mut found = tree(&dir);
    found.retain(|path| !path.starts_with("certs"));
    assert_eq!(found, expected);
    assert_eq!(fs::read_link(dir.join("certs")).unwrap(), Path::new("tls"));
    assert_eq!(fs::metadata(dir.join("tls")).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(read_one(&dir, &ReadOptions::default()).unwrap().document.same_content(&small));
    // A file in the way that no export wrote.
    fs::create_dir_all(dir.join("chatplan")).unwrap();
    fs::write(dir.join("chatplan/c.xml"), "mine").unwrap();
    let chat = node("<document><section name='chatplan'><context name='c'/></section></document>");
    assert!(
        matches!(write(&chat, &dir, &OVERWRITE), Err(WriteError::Foreign(path)) if path.ends_with("chatplan/c.xml"))
    );
    assert!(dir.join("dialplan/c.xml").exists(), "it is as it was");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn a_failure_leaves_nothing_behind() {
    let parent = files(&[]);
    let dir = parent.path().join("conf");
    let mut document = document();
    document.children[0].children[0].set_attribute("value", "a\"b");
    let error = write(&document, &dir, &WriteOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the variable domain cannot be written: FreeSWITCH has no way to write a double quote or a line break in it"
    );
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    let nowhere = parent.path().join("no/such/parent");
    let error = write(&self::document(), &nowhere, &WriteOptions::default()).unwrap_err();
    assert!(matches!(error, WriteError::Io { .. }));
}

#[test]
fn a_bootstrap_holds_only_what_must_be_files() {
    let vanilla = read_one(&fixtures().join("vanilla-conf"), &ReadOptions::default()).unwrap().document;
    let dir = files(&[]);
    let bootstrap = Bootstrap {
        xml_curl_url: "http://127.0.0.1:8081/conf/config".into(),
        user: "switch".into(),
        pass: "a<$${b}>\"".into(),
        timeout_s: 5,
        switchname: Some("fs1".into()),
        overwrite: false,
    };
    let report = write_bootstrap(&vanilla, dir.path(), &bootstrap).unwrap();
    let configurations = ["switch", "modules", "console", "logfile", "xml_curl"];
    let configurations = configurations.map(|name| format!("autoload_configs/{name}.conf.xml"));
    let files: Vec<_> = report.files.iter().map(|path| path.display().to_string()).collect();
    assert_eq!(files[..2], ["freeswitch.xml", "vars.xml"]);
    assert_eq!(files[2..], configurations);
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap();
    let xml_curl = read("autoload_configs/xml_curl.conf.xml");
    assert!(xml_curl.contains("value=\"switch:a&lt;&#36;&#36;{b}&gt;&quot;\""), "{xml_curl}");
    let modules = read("autoload_configs/modules.conf.xml");
    let order: Vec<&str> = modules
        .lines()
        .filter_map(|line| line.split('"').nth(1).filter(|name| name.starts_with("mod_")))
        .collect();
    assert_eq!(order[..5], ["mod_console", "mod_logfile", "mod_xml_curl", "mod_enum", "mod_cdr_csv"]);
    assert!(read("autoload_configs/switch.conf.xml").contains("<param name=\"switchname\" value=\"fs1\"/>"));
    assert!(!format!("{bootstrap:?}").contains("a<"));
    let again = read_one(dir.path(), &ReadOptions::default()).unwrap().document;
    let sections: Vec<_> = again.children[1..].iter().filter_map(Node::natural_name).collect();
    assert_eq!(sections, ["configuration", "dialplan", "chatplan", "directory", "languages"]);
    assert_eq!(again.children[0].children.len(), 77);
}
