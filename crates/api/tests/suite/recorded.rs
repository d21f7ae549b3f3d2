//! Every recorded question of FreeSWITCH, answered from the imported vanilla configuration: the answer holds what
//! FreeSWITCH finds in its own files.

use std::collections::BTreeMap;

use custompbx_model::Node;
use custompbx_testkit::freeswitch::{Globals, parse_with, printed, section};
use custompbx_testkit::recorded::{api_answer, bytes, fixtures, questions};
use custompbx_testkit::server::{Engine, Reply, TestPbx};

use crate::engines::on_both_engines;
use crate::expected::{Expected, Needed, Vanilla, difference, gateways, is_part, located_section, networks};

on_both_engines!(
    every_recorded_question,
    every_configuration_of_vanilla,
    messages_and_everything_at_once,
    accepted_documents_keep_everything,
);

/// How many requests were recorded. Whoever adds some sees them compared.
const RECORDED: usize = 403;

/// How many configurations vanilla has.
const CONFIGURATIONS: usize = 79;

/// Questions about what vanilla does not have.
const NOT_IN_VANILLA: &[&str] = &["loopback.conf", "post_load_switch.conf"];

/// With mod_xml_curl's `enable-post-var`, which was recorded without `FreeSWITCH-IPv4`, nobody knows that the domain
/// that vanilla names by `$${local_ip_v4}` is the one that is asked for (README). It is compared under a name of its
/// own.
const WITHOUT_ADDRESS: &str = "08-options/enable-post-var";

/// Variables that vanilla asks a STUN server for. The switch that `vanilla-flat.xml` and `xml_locate` are from had
/// nobody to ask, so that they were empty; the one that the other variables are from had them set by hand.
const FROM_STUN: &[&str] = &["external_rtp_ip", "external_sip_ip"];

/// The global variables of the switch that `vanilla-flat.xml` and `xml_locate` are from.
pub(crate) fn globals() -> Globals {
    let mut globals = Globals::recorded();
    FROM_STUN.iter().for_each(|name| globals.set(name, ""));
    globals
}

/// The section of an answer; `None`: not found.
pub(crate) fn answered(reply: &Reply) -> Option<Node> {
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/xml; charset=utf-8"));
    section(&parse_with(&reply.body, &globals())).cloned()
}

/// Panics with the first difference.
pub(crate) fn compare(name: &str, expected: &Expected, found: Option<&Node>) {
    let Some(found) = found else {
        assert!(matches!(expected, Expected::NotFound), "{name} was not found");
        return;
    };
    match expected {
        Expected::NotFound => panic!("{name} was found"),
        Expected::Elements(elements) => {
            assert_eq!(elements.len(), found.children.len(), "{name}");
            for (expected, found) in elements.iter().zip(&found.children) {
                if let Some(difference) = difference(expected, found) {
                    panic!("{name}: {difference}");
                }
            }
        }
        Expected::Part { directory, needed } => {
            assert!(is_part(found, directory), "{name} has something that vanilla has not");
            match needed {
                Needed::Networks => assert_eq!(networks(found), networks(directory), "{name}"),
                Needed::Gateways => assert_eq!(gateways(found), gateways(directory), "{name}"),
            }
        }
    }
}

async fn every_recorded_question(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let vanilla = Vanilla::recorded();
    let mut compared = BTreeMap::<String, usize>::new();
    let mut not_found = Vec::new();
    let (bare, usual) =
        questions().into_iter().partition::<Vec<_>, _>(|question| question.folder == WITHOUT_ADDRESS);
    for question in bare.iter().filter(|question| question.field("section") == Some("directory")) {
        assert_eq!(answered(&pbx.replay(question).await), None, "{}", question.name());
    }
    for (at, question) in usual.iter().chain(&bare).enumerate() {
        if at == usual.len() {
            pbx.set("variables variable/domain", "value", "127.0.0.1").await;
        }
        let expected = vanilla.expect(question);
        let found = answered(&pbx.replay(question).await);
        compare(&question.name(), &expected, found.as_ref());
        if let Expected::NotFound = expected {
            not_found.push(question.field("user").or(question.field("key_value")).unwrap().to_owned());
        }
        *compared.entry(question.field("section").unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(compared.values().sum::<usize>(), RECORDED, "{compared:?}");
    assert_eq!(
        compared.into_iter().collect::<Vec<_>>(),
        [
            ("configuration".to_owned(), 230),
            ("dialplan".to_owned(), 38),
            ("directory".to_owned(), 126),
            ("languages".to_owned(), 9),
        ]
    );
    not_found.sort();
    not_found.dedup();
    assert_eq!(not_found, [&["4711"], NOT_IN_VANILLA].concat());
    pbx.stop().await;
}

/// Also those that nothing asked for while it was recorded.
async fn every_configuration_of_vanilla(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    let mut compared = 0;
    for entry in std::fs::read_dir(fixtures().join("esl/xml_locate/configuration")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".s2c") else { continue };
        let form = format!(
            "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value={name}"
        );
        let found = answered(&pbx.ask(&form).await);
        let expected = printed(&api_answer(&format!("xml_locate/configuration/{name}"))).unwrap();
        compare(name, &Expected::Elements(vec![expected]), found.as_ref());
        compared += 1;
    }
    assert_eq!(compared, CONFIGURATIONS);
    for missing in ["configuration-missing", "configuration-post_load_switch"] {
        let said = std::fs::read_to_string(fixtures().join(format!("esl/xml_locate/{missing}.c2s"))).unwrap();
        let name = said.lines().find_map(|line| line.rsplit_once(" name ")).unwrap().1;
        let form = format!(
            "hostname=fs1&section=configuration&tag_name=configuration&key_name=name&key_value={name}"
        );
        assert_eq!(answered(&pbx.ask(&form).await), None, "{name}");
    }
    pbx.stop().await;
}

/// What `xml_locate` shows of whole sections.
async fn messages_and_everything_at_once(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    pbx.import_vanilla().await;
    for (name, fields) in [("chatplan", ""), ("dialplan", ""), ("directory", "&FreeSWITCH-IPv4=127.0.0.1")] {
        let form = format!("hostname=fs1&section={name}&tag_name=&key_name=&key_value={fields}");
        let found = answered(&pbx.ask(&form).await);
        let expected = located_section(&format!("xml_locate/{name}"));
        assert_eq!(found.as_ref().and_then(|found| found.attribute("name")), Some(name));
        compare(name, &Expected::Elements(expected.children), found.as_ref());
    }
    // A message names its context.
    let form = "hostname=fs1&section=chatplan&tag_name=&key_name=&key_value=&context=default";
    let found = answered(&pbx.ask(form).await);
    let expected = located_section("xml_locate/chatplan");
    compare("chatplan", &Expected::Elements(expected.children), found.as_ref());
    pbx.stop().await;
}

/// Documents that FreeSWITCH took from mod_xml_curl come out of us with everything in them.
async fn accepted_documents_keep_everything(engine: Engine) {
    const HEAD: &str = "hostname=fs1&tag_name=&key_name=&key_value=&Event-Name=REQUEST_PARAMS";
    // The document, and the questions that were answered with it.
    let accepted: [(&str, &[&str]); 7] = [
        (
            "configuration-acl.conf",
            &["section=configuration&tag_name=configuration&key_name=name&key_value=acl.conf"],
        ),
        (
            "dialplan-bridge",
            &["section=dialplan&Hunt-Context=default", "section=dialplan&Hunt-Context=public"],
        ),
        ("directory-domains", &["section=directory&purpose=gateways&profile=internal"]),
        ("directory-gateways", &["section=directory&purpose=gateways&profile=external"]),
        ("directory-network-list", &["section=directory&purpose=network-list&domain=127.0.0.1"]),
        ("directory-user-flat", &["section=directory&action=sip_auth&key=id&user=1001&domain=127.0.0.1"]),
        ("directory-user", &["section=directory&action=sip_auth&key=id&user=1000&domain=127.0.0.1"]),
    ];
    let files = std::fs::read_dir(fixtures().join("xml_curl/accepted")).unwrap().count();
    assert_eq!(files, accepted.len() + 1, "not-found.xml is the other one");
    for (name, questions) in accepted {
        let pbx = TestPbx::on(engine).await;
        let text = String::from_utf8(bytes(&format!("xml_curl/accepted/{name}.xml"))).unwrap();
        pbx.import_xml(&text).await;
        let document = parse_with(text.as_bytes(), &globals());
        let mut wanted = section(&document).unwrap().clone();
        let mut found = Vec::new();
        for question in questions {
            // The five fields of mod_xml_curl come first; of those the first one counts.
            let form = format!("{question}&{HEAD}");
            let answer = answered(&pbx.ask(&form).await);
            found.extend(answer.unwrap_or_else(|| panic!("{name} is not answered")).children);
        }
        if name == "directory-network-list" {
            // A user without a network is no part of this answer.
            let mut path = &mut wanted;
            for tag in ["domain", "groups", "group", "users"] {
                path = path.children.iter_mut().find(|child| &*child.tag == tag).unwrap();
            }
            path.children.retain(|user| user.attribute("cidr").is_some());
        }
        compare(name, &Expected::Elements(wanted.children), Some(&Node::new("section").containing(found)));
        pbx.stop().await;
    }
}

/// "Not found" is, to the byte, what FreeSWITCH is known to take for it.
#[test]
fn not_found_is_the_recorded_one() {
    let ours = parse_with(custompbx_xmlcurl::answer::NOT_FOUND, &globals());
    let recorded = parse_with(&bytes("xml_curl/accepted/not-found.xml"), &globals());
    assert!(ours.same_content(&recorded));
    assert!(section(&ours).is_none());
}
