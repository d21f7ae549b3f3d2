//! FreeSWITCH's own configuration.

use std::path::{Path, PathBuf};

use custompbx_conf::{Counts, ReadError, ReadOptions};
use custompbx_model::Node;

use crate::support::{assert_comes_back, differences, findings, fixtures, node, read_one};

fn vanilla() -> PathBuf {
    fixtures().join("vanilla-conf")
}

#[test]
fn the_whole_directory_is_read_and_comes_back() {
    let reading = read_one(&vanilla(), &ReadOptions::default()).unwrap();
    assert_comes_back(&reading.document);
    assert_eq!(reading.report.files, 162);
    let expected = Counts {
        variables: 77,
        configurations: 79,
        contexts: 5,
        extensions: 95,
        domains: 1,
        users: 24,
        groups: 4,
        gateways: 2,
        languages: 7,
        macros: 378,
        others: 5654,
    };
    assert_eq!(reading.report.counts, expected);
    let open = "has no password and no a1-hash: not answered at sip_auth, because FreeSWITCH lets anybody register as such a user";
    assert_eq!(
        findings(&reading),
        [
            "vars.xml:369: FreeSWITCH drops the whole line with X-PRE-PROCESS on it, and so loses: <XX-PRE-PROCESS cmd=\"set\" data=\"digits_dialed_filter=(($${df_luhn})|($${df_us_ssn}))\"/>".to_owned(),
            format!("default.xml:2: user default {open}"),
            format!("skinny-example.xml:2: user SEP001120AABBCC {open}"),
            "vars.xml:15: default_password is 1234, which everybody knows".to_owned(),
        ]
    );
}

/// `vanilla-flat.xml` is what the real switch made of the directory.
#[test]
fn the_preprocessor_does_what_freeswitch_does() {
    let prefix = "/opt/freeswitch";
    let define = [
        ("cache_dir", "/var/cache/freeswitch"),
        ("certs_dir", "/etc/freeswitch/tls"),
        ("conf_dir", "/etc/freeswitch"),
        ("recordings_dir", "/var/lib/freeswitch/recordings"),
        ("script_dir", "/share/freeswitch/scripts"),
        ("sounds_dir", "/share/freeswitch/sounds"),
    ];
    let mut define = define.map(|(name, path)| (name.to_owned(), format!("{prefix}{path}"))).to_vec();
    for (name, value) in [("temp_dir", "/tmp"), ("local_ip_v4", "127.0.0.1"), ("local_ip_v6", "::1")] {
        define.push((name.to_owned(), value.to_owned()));
    }
    let options = ReadOptions { resolve: true, define, ..Default::default() };
    let mut ours = read_one(&vanilla(), &options).unwrap().document;
    assert_eq!(&*ours.children.remove(0).tag, "variables");
    let theirs = node(&std::fs::read_to_string(fixtures().join("vanilla-flat.xml")).unwrap());
    let mut found = Vec::new();
    differences(&ours, &theirs, "", &mut found);
    // The switch puts nothing for a variable that is not set, as after a stun-set without an answer.
    let expected = [
        ("external/settings/ext-rtp-ip", "external_rtp_ip"),
        ("external/settings/ext-sip-ip", "external_sip_ip"),
        ("internal-ipv6/settings/tls-cert-dir", "internal_ssl_dir"),
        ("internal/settings/ext-rtp-ip", "external_rtp_ip"),
        ("internal/settings/ext-sip-ip", "external_sip_ip"),
        ("default-v4/ext-rtp-ip", "external_rtp_ip"),
    ];
    let expected = expected.map(|(path, variable)| {
        let module = if path.starts_with("default-v4") { "verto.conf" } else { "sofia.conf" };
        format!("/document/configuration/{module}/profiles/{path}: value=$${{{variable}}} | value=")
    });
    assert_eq!(found, expected);
}

#[test]
fn the_flat_file_is_read_and_comes_back() {
    let path = fixtures().join("vanilla-flat.xml");
    let reading = read_one(&path, &ReadOptions::default()).unwrap();
    let parsed = node(&std::fs::read_to_string(path).unwrap());
    assert!(reading.document.same_content(&parsed));
    assert_comes_back(&reading.document);
    assert_eq!(reading.report.counts.users, 24);
    assert!(findings(&reading).iter().any(|finding| finding.contains("the password of 21 users is 1234")));
}

/// Every single file, alone; those that are parts of a document with a place to go to.
#[test]
fn every_file_alone_is_read_and_comes_back() {
    let mut files = Vec::new();
    below(&vanilla(), &mut files);
    assert_eq!(files.len(), 189);
    let base = node(
        "<document><section name='configuration'><configuration name='any'/></section>\
         <section name='dialplan'><context name='any'/></section>\
         <section name='directory'><domain name='any'/></section>\
         <section name='languages'><language name='any'/></section></document>",
    );
    let (mut whole, mut parts) = (0, 0);
    for file in &files {
        let mut options = ReadOptions { allow_outside: vec![vanilla()], ..Default::default() };
        let reading = match read_one(file, &options) {
            Ok(reading) => {
                whole += 1;
                reading
            }
            Err(ReadError::Fragment { tag, .. }) => {
                parts += 1;
                options.into = Some(home(&tag).to_owned());
                options.base = Some(base.clone().into());
                read_one(file, &options).unwrap()
            }
            Err(error) => panic!("{error}"),
        };
        assert_comes_back(&reading.document);
    }
    assert_eq!((whole, parts), (99, 90));
}

fn home(tag: &str) -> &'static str {
    match tag {
        "extension" => "dialplan/any",
        "user" => "directory/any",
        "macro" => "languages/any",
        "profile" | "gateway" | "menu" => "configuration/any",
        _ => panic!("<{tag}> in vanilla has no place"),
    }
}

fn below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            found.push(path);
        }
    }
}

/// A part of the directory is as good as the whole.
#[test]
fn directories_without_a_main_file_are_read_document_by_document() {
    let options = ReadOptions { allow_outside: vec![vanilla()], ..Default::default() };
    let whole = read_one(&vanilla(), &options).unwrap().document;
    let section =
        |name: &str, document: &Node| document.child_with("section", "name", name).unwrap().children.clone();
    for (dir, name) in
        [("directory", "directory"), ("autoload_configs", "configuration"), ("dialplan", "dialplan")]
    {
        let part = read_one(&vanilla().join(dir), &options).unwrap();
        let (part, whole) = (section(name, &part.document), section(name, &whole));
        assert_eq!(part.len(), whole.len(), "{dir}");
        assert!(part.iter().zip(&whole).all(|(a, b)| a.same_content(b)), "{dir}");
    }
    let chatplan = read_one(&vanilla().join("chatplan"), &options).unwrap();
    assert!(chatplan.document.child_with("section", "name", "chatplan").is_some());
}
