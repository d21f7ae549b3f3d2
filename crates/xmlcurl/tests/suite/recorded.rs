//! Every recorded question gets an answer that FreeSWITCH can read, from its own vanilla configuration.

use std::path::{Path, PathBuf};

use custompbx_conf::{ReadOptions, read};
use custompbx_xmlcurl::{Answer, Question, Settings, Snapshot, answer};

use crate::asking::{document, number};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/fixtures")
}

fn requests(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            requests(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "http") {
            into.push(path);
        }
    }
}

/// The form of a recorded request: its body, or for a GET the query.
fn form(raw: &[u8]) -> Vec<u8> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    if raw.starts_with(b"POST") {
        return raw[end..].to_vec();
    }
    let line = raw.split(|byte| *byte == b' ').nth(1).unwrap();
    line[line.iter().position(|byte| *byte == b'?').unwrap() + 1..].to_vec()
}

#[test]
fn all_recorded_questions_are_answered() {
    let mut vanilla =
        read(&[fixtures().join("vanilla-conf")], &ReadOptions::default(), &mut |_| {}).unwrap().document;
    number(&mut vanilla, &mut 1);
    let snapshot = Snapshot::of(&vanilla);
    let mut files = Vec::new();
    requests(&fixtures().join("xml_curl"), &mut files);
    assert!(files.len() > 400, "{}", files.len());
    let (mut found, mut missing) = (0, std::collections::BTreeSet::new());
    for file in files {
        let form = form(&std::fs::read(&file).unwrap());
        let question = Question::parse(&form).unwrap();
        match answer(&question, &snapshot, &Settings::default(), &mut |_| {}) {
            Answer::Found(bytes) => {
                let document = document(&bytes);
                let section = document.child("section").unwrap();
                assert_eq!(section.attribute("name"), Some(&*question.section()), "{}", file.display());
                found += 1;
            }
            Answer::NotFound => {
                missing.insert(question.describe());
            }
            Answer::TooLarge { document } => panic!("{}: {document}", file.display()),
        }
    }
    assert!(found > 350, "{found}");
    insta::assert_debug_snapshot!(missing);
}
