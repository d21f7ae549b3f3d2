//! Questions about configurations, contexts, languages and unknown sections.

use custompbx_xmlcurl::{Answer, Notice, Settings, Snapshot};

use crate::asking::{ask_with, text, tree};

const TREE: &str = r#"<document>
<section name="configuration" description="C">
  <configuration name="sofia.conf"><global_settings><param name="a" value="1"/></global_settings><profiles><profile name="internal"><settings/></profile><profile name="external"><settings/></profile></profiles></configuration>
  <configuration name="callcenter.conf"><settings/><queues><queue name="a@d"/><queue name="b@d"/></queues><agents/></configuration>
  <configuration name="my.conf"><thing profile="x">text</thing></configuration>
  <configuration name="my.conf"><second/></configuration>
</section>
<section name="dialplan"><context name="default"><extension name="x"/></context><context name="Public"/></section>
<section name="languages"><language name="en"><phrases/></language><language name="de"/></section>
<section name="chatplan"><context name="chat"/></section>
<section name="odd"><thing id="1"/><thing id="2"/></section>
</document>"#;

fn ask(form: &str) -> String {
    let snapshot = Snapshot::of(&tree(TREE));
    let snapshot = Snapshot::load(&snapshot.save()).unwrap();
    text(&snapshot, &format!("hostname=fs1&{form}"))
}

fn configuration(name: &str, rest: &str) -> String {
    ask(&format!("section=configuration&tag_name=configuration&key_name=name&key_value={name}&{rest}"))
}

#[test]
fn configurations_known_and_unknown() {
    assert_eq!(
        configuration("my.conf", "profile=x"),
        r#"<section name="configuration" description="C"><configuration name="my.conf"><thing profile="x">text</thing></configuration>"#
    );
    assert!(configuration("MY.conf", "").contains("text"), "FreeSWITCH compares names without case");
    assert_eq!(configuration("none.conf", ""), "NotFound");
}

#[test]
fn one_profile_one_queue() {
    let profile = configuration("sofia.conf", "profile=external&reconfig=true");
    assert!(
        profile.contains("external") && !profile.contains("internal") && profile.contains("global_settings")
    );
    let none = configuration("sofia.conf", "profile=nosuch");
    assert!(none.contains("<profiles></profiles>") || none.contains("<profiles/>"), "{none}");
    let queue = configuration("callcenter.conf", "CC-Queue=b%40d");
    assert!(queue.contains("b@d") && !queue.contains("a@d") && queue.contains("<agents/>"));
    // `profile` narrows sofia.conf, not every document.
    assert!(configuration("callcenter.conf", "profile=b").contains("a@d"));
}

#[test]
fn contexts() {
    let dialplan = |fields: &str| ask(&format!("section=dialplan&tag_name=&key_name=&key_value=&{fields}"));
    assert_eq!(
        dialplan("Caller-Context=default"),
        r#"<section name="dialplan"><context name="default"><extension name="x"/></context>"#
    );
    assert!(dialplan("Hunt-Context=public&Caller-Context=default").contains("Public"));
    assert_eq!(dialplan("Hunt-Context=none&Caller-Context=default"), "NotFound");
    assert!(dialplan("").contains("default") && dialplan("").contains("Public"), "no context: all of them");
    assert!(ask("section=dialplan&tag_name=context&key_name=name&key_value=default").contains("extension"));
    assert!(ask("section=chatplan&context=chat").contains("chat"));
}

#[test]
fn the_context_global_is_taken_where_none_is() {
    let tree = tree(
        "<document><section name='dialplan'><context name='global'/><context name='a'/></section></document>",
    );
    let snapshot = Snapshot::of(&tree);
    assert_eq!(
        text(&snapshot, "section=dialplan&Hunt-Context=zzz"),
        r#"<section name="dialplan"><context name="global"/>"#
    );
}

#[test]
fn languages_and_other_sections() {
    assert_eq!(
        ask("section=languages&lang=en&macro_name=x"),
        r#"<section name="languages"><language name="en"><phrases/></language>"#
    );
    assert_eq!(
        ask("section=languages&tag_name=language&key_name=name&key_value=de"),
        r#"<section name="languages"><language name="de"/>"#
    );
    assert_eq!(ask("section=languages&lang=fr"), "NotFound");
    assert_eq!(
        ask("section=odd&tag_name=thing&key_name=id&key_value=2"),
        r#"<section name="odd"><thing id="2"/>"#
    );
    assert_eq!(ask("section=none"), "NotFound");
    assert_eq!(ask("section=directory&user=1&domain=d"), "NotFound");
}

#[test]
fn the_switch_says_which_instance_it_wants() {
    let one = tree("<document><section name='odd'><one/></section></document>");
    let two = tree("<document><section name='odd'><two/></section></document>");
    let mut snapshot = Snapshot::of(&one);
    let second =
        custompbx_xmlcurl::snapshot::Instance::new(2, "second", &two, std::collections::HashMap::new());
    snapshot = snapshot.with_instance(second);
    snapshot.switches = std::sync::Arc::new([("fs2".to_owned(), 2)].into());
    let snapshot = Snapshot::load(&snapshot.save()).unwrap();
    let ask = |hostname: &str| {
        let (answer, notices) =
            ask_with(&snapshot, &Settings::default(), &format!("hostname={hostname}&section=odd"));
        let Answer::Found(bytes) = answer else { panic!() };
        (String::from_utf8(bytes).unwrap().contains("<two/>"), notices)
    };
    assert_eq!(ask("FS2"), (true, vec![]));
    assert_eq!(ask("fs3"), (false, vec![Notice::UnknownSwitch { hostname: "fs3".into() }]));
}

#[test]
fn a_document_above_a_mebibyte_is_refused_by_name() {
    let long = "x".repeat(1024 * 1024);
    let tree = tree(&format!(
        "<document><section name='configuration'><configuration name='big.conf' a='{long}'/></section></document>"
    ));
    let form = "section=configuration&tag_name=configuration&key_name=name&key_value=big.conf";
    let (answer, _) = ask_with(&Snapshot::of(&tree), &Settings::default(), form);
    assert_eq!(answer, Answer::TooLarge { document: "configuration key_value=big.conf".into() });
}

#[test]
fn damaged_snapshots_are_not_loaded() {
    let bytes = Snapshot::of(&tree(TREE)).save();
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(Snapshot::load(&damaged).is_err(), "byte {at}");
    }
    for end in (0..bytes.len()).step_by(11) {
        assert!(Snapshot::load(&bytes[..end]).is_err(), "cut at {end}");
    }
}
