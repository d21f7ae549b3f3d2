//! The preprocessor's habits, and what is said about them.

use std::fs;

use custompbx_conf::{ReadOptions, Severity, read};
use custompbx_model::Node;

use crate::support::{files, findings, main_file, pasted, read_one};

fn variables(document: &Node) -> Vec<String> {
    let variables =
        document.child("variables").map(|variables| variables.children.as_slice()).unwrap_or_default();
    let show = |node: &Node| {
        let part = |name: &str| node.attribute(name).unwrap_or("?").to_owned();
        let off = if node.enabled { "" } else { " off" };
        format!("{} {}={}{off}", part("cmd"), part("name"), part("value"))
    };
    variables.iter().map(show).collect()
}

#[test]
fn variables_are_kept_as_they_are_written() {
    let text = "<X-PRE-PROCESS cmd=\"set\" data=\"a = 1 \"/>\n\
                <x-pre-process CMD=\"SET\" DATA=\"b=$${a}&lt;\"/>\n\
                <X-PRE-PROCESS cmd=\"env-set\" data=\"home=$HOME\"/>\n\
                <X-PRE-PROCESS cmd=\"stun-set\" data=\"ip = stun:x\"/>\n\
                <!--#set \"c=d\"-->\n\
                <!--#set e=f\n still a comment\n <X-PRE-PROCESS cmd=\"set\" data=\"no=1\"/>\n-->\n";
    let reading = pasted(text).unwrap();
    let expected =
        ["set a=1 ", "set b=$${a}&lt;", "env-set home=$HOME", "stun-set ip=stun:x", "set c=d", "set e=f"];
    assert_eq!(variables(&reading.document), expected);
    assert_eq!(findings(&reading), Vec::<String>::new());
    assert_eq!(reading.report.counts.variables, 6);
}

#[test]
fn the_last_value_stays() {
    let text = "<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/>\n<X-PRE-PROCESS cmd=\"set\" data=\"A=2\"/>\n<X-PRE-PROCESS cmd=\"set\" data=\"b=1\"/>\n<X-PRE-PROCESS cmd=\"set\" data=\"b=1\"/>\n";
    let reading = pasted(text).unwrap();
    assert_eq!(variables(&reading.document), ["set A=2", "set b=1"]);
    assert_eq!(findings(&reading), ["pasted:2: A is set to 2 here and to 1 at pasted:1; this one stays"]);
}

/// The command would leave a file behind.
#[test]
fn nothing_is_executed() {
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("executed");
    let touch = format!("touch {}", mark.display());
    let text = format!(
        "<document>\n<X-PRE-PROCESS cmd=\"exec\" data=\"{touch}\"/>\n<X-PRE-PROCESS cmd=\"exec-set\" data=\"x={touch}\"/>\n\
         <!--#exec \"{touch}\"-->\n<!--#exec-set \"y={touch}\"-->\n\
         <section name=\"configuration\"/>\n</document>\n"
    );
    let (_dir, reading) = main_file(&text, &[]);
    let reading = reading.unwrap();
    assert!(!mark.exists());
    assert_eq!(
        variables(&reading.document),
        [format!("exec-set x={touch} off"), format!("exec-set y={touch} off")]
    );
    let found = findings(&reading);
    assert_eq!(found.len(), 4);
    assert!(
        found[0].starts_with(
            "freeswitch.xml:2: exec is never carried out, and what it prints is not here: touch"
        )
    );
    assert!(found[1].starts_with(
        "freeswitch.xml:3: exec-set is never carried out, and kept as a disabled variable: x=touch"
    ));
    assert!(found[3].starts_with("freeswitch.xml:5: exec-set"));
}

#[test]
fn what_freeswitch_drops_is_said() {
    let text = "<include><context name=\"lost\"/>\n\
                <context name=\"a\"/>\n\
                <lost/><X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/><lost too=\"1\"/>\n\
                <X-PRE-PROCESS cmd='set' data='b=1'/>\n\
                <X-PRE-PROCESS cmd=\"set\" data=\"novalue\"/>\n\
                <X-PRE-PROCESS cmd=\"sett\" data=\"a=1\"/>\n\
                text with X-PRE-PROCESS in it\n\
                <X-PRE-PROCESS cmd=\"set\" data=\"c=1\"/> <!-- a comment is no loss -->\n\
                <X-PRE-PROCESS cmd=\"env-set\" data=\"d=HOME\"/>\n\
                <XX-PRE-PROCESS cmd=\"set\" data=\"off=1\"/>\n\
                <a v=\"$${open\"/>\n\
                </include><context name=\"lost\"/>\n";
    let options = ReadOptions { into: Some("configuration/params".into()), ..Default::default() };
    let reading = custompbx_conf::read_text("pasted", text.as_bytes(), &options).unwrap();
    assert_eq!(variables(&reading.document), ["set a=1", "set c=1"]);
    assert_eq!(
        findings(&reading),
        [
            "pasted:1: FreeSWITCH drops the whole line with <include>, </include> or <? on it, and so loses: <context name=\"lost\"/>",
            "pasted:3: FreeSWITCH drops the whole line with X-PRE-PROCESS on it, and so loses: <lost/><lost too=\"1\"/>",
            "pasted:4: FreeSWITCH does not understand this command, and drops it",
            "pasted:5: set does nothing with: novalue",
            "pasted:6: FreeSWITCH has no command sett",
            "pasted:7: FreeSWITCH drops the whole line with X-PRE-PROCESS on it, and so loses: text with X-PRE-PROCESS in it",
            "pasted:9: env-set does nothing with: d=HOME",
            "pasted:10: FreeSWITCH drops the whole line with X-PRE-PROCESS on it, and so loses: <XX-PRE-PROCESS cmd=\"set\" data=\"off=1\"/>",
            "pasted:11: a $${ has no closing brace on its line",
            "pasted:12: FreeSWITCH drops the whole line with <include>, </include> or <? on it, and so loses: <context name=\"lost\"/>",
        ]
    );
    assert_eq!(reading.report.count(Severity::Notice), 1);
}

#[test]
fn commands_in_comments_act() {
    let text = "<document>\n<!--\n<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/>\nX-PRE-PROCESS is a word here\n<include>\n-->\n<!-- <X-PRE-PROCESS cmd=\"include\" data=\"x.xml\"/> -->\n</document>";
    let (_dir, reading) = main_file(text, &[("x.xml", "<section name=\"directory\"/>\n")]);
    let reading = reading.unwrap();
    assert_eq!(variables(&reading.document), ["set a=1"]);
    assert!(reading.document.child("section").is_some());
    let note = "stands in a comment, and FreeSWITCH carries it out all the same";
    assert_eq!(
        findings(&reading),
        [format!("freeswitch.xml:3: set {note}"), format!("freeswitch.xml:7: include {note}")]
    );
}

#[test]
fn a_comment_whose_end_is_dropped_is_said() {
    let text = "<document>\n<!-- open\n<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/> -->\n<section name=\"a\"/>\n-->\n<section name=\"b\"/>\n</document>";
    let reading = pasted(text).unwrap();
    assert_eq!(reading.document.children.len(), 2, "the variables and the section behind the second end");
    assert_eq!(
        findings(&reading)[0],
        "pasted:3: FreeSWITCH drops the whole line with X-PRE-PROCESS on it, and so loses: -->"
    );
}

#[test]
fn patterns_are_relative_to_their_file_and_sorted() {
    let main = "<document>\n<section name=\"dialplan\">\n<X-PRE-PROCESS cmd=\"include\" data=\"plan/*.xml\"/>\n<!--#include \"none/*.xml\"-->\n</section>\n</document>";
    let (_dir, reading) = main_file(
        main,
        &[
            ("plan/b.xml", "<context name=\"b\"/>"),
            (
                "plan/a.xml",
                "<include>\n<context name=\"a\">\n<X-PRE-PROCESS cmd=\"include\" data=\"sub/*.xml\"/>\n</context>\n</include>",
            ),
            ("plan/B.xml", "<context name=\"B1\"/>"),
            ("plan/sub/x.xml", "<extension name=\"x\"/>"),
            ("plan/.hidden.xml", "<broken"),
            ("plan/other.txt", "<broken"),
        ],
    );
    let reading = reading.unwrap();
    let section = &reading.document.children[0];
    let names: Vec<_> = section.children.iter().filter_map(Node::natural_name).collect();
    assert_eq!(names, ["B1", "a", "b"]);
    assert_eq!(section.children[1].children[0].attribute("name"), Some("x"));
    assert_eq!(findings(&reading), ["freeswitch.xml:4: there is nothing to include at none/*.xml"]);
    assert_eq!(reading.report.files, 5);
}

#[test]
fn includes_know_variables_and_the_directory() {
    let main = "<document>\n<X-PRE-PROCESS cmd=\"set\" data=\"d=plan\"/>\n<X-PRE-PROCESS cmd=\"include\" data=\"$${conf_dir}/$${d}/a.xml\"/>\n<X-PRE-PROCESS cmd=\"include\" data=\"$${nobody}/a.xml\"/>\n</document>";
    let (_dir, reading) = main_file(main, &[("plan/a.xml", "<section name=\"a\"/>\n")]);
    let reading = reading.unwrap();
    assert_eq!(reading.document.children.len(), 2);
    assert_eq!(
        findings(&reading),
        ["freeswitch.xml:4: $${nobody}/a.xml is not included, because nobody is not known here"]
    );
}

#[test]
fn variables_are_replaced_when_that_is_wanted() {
    let text = "<!-- $${unseen} -->\n<X-PRE-PROCESS cmd=\"set\" data=\"a=$${b}1\"/>\n<X-PRE-PROCESS cmd=\"set\" data=\"c=$${a}2\"/>\n<X-PRE-PROCESS cmd=\"stun-set\" data=\"ip=stun:x\"/>\n<context name=\"$${C}$${ip}$${no}$${no}\" x=\"${c}\"/>\n";
    let options =
        ReadOptions { resolve: true, define: vec![("b".into(), "&lt;".into())], ..Default::default() };
    let reading = custompbx_conf::read_text("pasted", text.as_bytes(), &options).unwrap();
    let context = &reading.document.child("section").unwrap().children[0];
    assert_eq!(context.attribute("name"), Some("<12$${ip}$${no}$${no}"));
    assert_eq!(context.attribute("x"), Some("${c}"));
    assert_eq!(variables(&reading.document)[0], "set a=$${b}1");
    let unknown = |name: &str| format!("pasted:5: the variable {name} is not known, and stays");
    assert_eq!(findings(&reading), [unknown("ip"), unknown("no")]);
}

#[test]
fn what_the_switch_never_sees_is_said() {
    let users = |ids: &str| {
        ids.split(' ')
            .map(|id| {
                format!("<user id=\"{id}\"><params><param name=\"password\" value=\"x\"/></params></user>\n")
            })
            .collect::<String>()
    };
    let domain = format!(
        "<domain name=\"d\">\n<groups><group name=\"g\"><users>\n{}<user id=\"1\" type=\"pointer\"/>\n</users></group></groups>\n</domain>\n",
        users("1 2 A a 2")
    );
    let dir = files(&[
        ("a.xml", &domain),
        (
            "b.xml",
            "<domain name=\"D\"/>\n<context name=\"c\"/>\n<context name=\"c\"/>\n<configuration name=\"x.conf\"/>\n",
        ),
        (
            "c.xml",
            "<configuration name=\"X.conf\"/>\n<document><section name=\"s\"/>\n<section name=\"S\"/><stray/></document>",
        ),
    ]);
    let reading = read_one(dir.path(), &ReadOptions::default()).unwrap();
    let root = dir.path().display();
    let never = "stands here again; FreeSWITCH never sees it, and uses the one at";
    assert_eq!(
        findings(&reading),
        [
            "c.xml:1: <stray> between the sections is left out; FreeSWITCH never looks there".to_owned(),
            format!("c.xml:3: section S {never} {root}/c.xml:2"),
            format!("b.xml:1: domain D {never} {root}/a.xml:1"),
            format!("b.xml:3: context c {never} {root}/b.xml:2"),
            format!("c.xml:1: configuration X.conf {never} {root}/b.xml:4"),
            format!("a.xml:6: user a {never} {root}/a.xml:5"),
            format!("a.xml:7: user 2 {never} {root}/a.xml:4"),
        ]
    );
    assert_eq!(reading.report.counts.users, 5);
}

#[test]
fn users_that_anybody_could_be_are_said() {
    let text = "<section name=\"directory\">\n<domain name=\"a\"><users>\n\
        <user id=\"open\"/>\n\
        <user id=\"empty\"><params><param name=\"password\" value=\"\"/></params></user>\n\
        <user id=\"own\"><params><param name=\"Password\" value=\"1234\"/></params></user>\n\
        <user id=\"hash\"><params><param name=\"a1-hash\" value=\"x\"/></params></user>\n</users>\n\
        <groups><group name=\"g\"><params><param name=\"password\" value=\"x\"/></params><users><user id=\"group\"/></users></group></groups></domain>\n\
        <domain name=\"b\"><params><param name=\"password\" value=\"x\"/></params><users><user id=\"domain\"/></users></domain>\n</section>";
    let found = findings(&pasted(text).unwrap());
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(
        found[0].starts_with("pasted:3: user open has no password and no a1-hash: not answered at sip_auth")
    );
    assert!(found[1].starts_with("pasted:4: user empty has no password"));
    assert_eq!(found[2], "pasted:5: the password of user own is 1234, which everybody knows");
}

#[test]
fn remarks_of_the_parser_have_their_places() {
    let text = "<document>\n<section name=\"a\" name=\"b\"/>\n</document>\nstray\n";
    let found = findings(&pasted(text).unwrap());
    assert_eq!(found[0], "pasted:2: <section> has the attribute name twice; the first counts");
    assert_eq!(found[1], "pasted:3: text outside of every element was left out: stray");
}

/// Several paths make one document, in their order.
#[test]
fn paths_are_joined() {
    let dir = files(&[
        (
            "one/freeswitch.xml",
            "<document>\n<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/>\n<section name=\"configuration\" description=\"d\"><configuration name=\"a\"/></section>\n</document>",
        ),
        ("two.xml", "<configuration name=\"b\"/>"),
        ("three/autoload_configs/c.xml", "<configuration name=\"c\"/>"),
    ]);
    let paths = ["one", "two.xml", "three"].map(|path| dir.path().join(path));
    let mut steps = Vec::new();
    let reading = read(&paths, &ReadOptions::default(), &mut |progress| steps.push(progress)).unwrap();
    let section = reading.document.child("section").unwrap();
    assert_eq!(section.attribute("description"), Some("d"));
    assert_eq!(section.children.iter().filter_map(Node::natural_name).collect::<Vec<_>>(), ["a", "b", "c"]);
    let last = steps.last().unwrap();
    assert_eq!((last.files, last.elements, last.bytes), (3, 5, reading.report.bytes));
    assert!(steps.is_sorted_by_key(|step| (step.bytes, step.elements)));
}

/// In a directory without a main file, what another file includes is a part of that.
#[test]
fn included_files_are_taken_once() {
    let dir = files(&[
        ("a/part.xml", "<extension name=\"e\"/>\n"),
        ("z.xml", "<context name=\"c\">\n<X-PRE-PROCESS cmd=\"include\" data=\"a/*.xml\"/>\n</context>\n"),
        ("vars.xml", "<X-PRE-PROCESS cmd=\"set\" data=\"a=1\"/>\n"),
        ("readme.txt", "<broken"),
    ]);
    fs::create_dir(dir.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(dir.path(), dir.path().join("elsewhere/back")).unwrap();
    let reading = read_one(dir.path(), &ReadOptions::default()).unwrap();
    assert_eq!(reading.report.counts.extensions, 1);
    assert_eq!(variables(&reading.document), ["set a=1"]);
    assert!(findings(&reading)[0].ends_with("elsewhere/back to a directory is not followed"));
}
