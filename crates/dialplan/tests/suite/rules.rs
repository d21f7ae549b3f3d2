//! Each rule of `tests/cases/README.md` has code, and something that tests it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where each rule is tested beside the recorded cases as a whole: cases by what they are about, or tests by their name.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The numbers behind `Rule` or `Rules` in comments: `Rule 5`, `Rules 11 and 22`, `rules 21 to 27`, `Rules 12, 14 and 28`.
fn numbers(line: &str) -> Vec<u32> {
    let lower = line.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, word) in lower.match_indices("rule") {
        let rest = lower[at + word.len()..].trim_start_matches('s');
        let rest = rest.split(['(', ':', ';']).next().unwrap_or_default();
        let mut range = false;
        for word in rest.split_whitespace() {
            match word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u32>() {
                Ok(number) if range => found.extend(found.last().map_or(number, |last| last + 1)..=number),
                Ok(number) => found.push(number),
                Err(_) if !["and", "to"].contains(&word) => break,
                Err(_) => {}
            }
            range = word == "to";
        }
    }
    found
}

#[test]
fn every_rule_has_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut where_: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for file in files {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let Some((_, comment)) = line.split_once("//") else { continue };
            for number in numbers(comment) {
                where_.entry(number).or_default().push(file.display().to_string());
            }
        }
    }
    let missing: Vec<u32> = (1..=57).filter(|number| !where_.contains_key(number)).collect();
    assert!(missing.is_empty(), "no code names the rules {missing:?}");
    assert_eq!(where_.keys().next_back(), Some(&57));
}

#[test]
fn numbers_are_found_in_comments() {
    assert_eq!(numbers("/ Rules 12, 14 and 28 to 30."), [12, 14, 28, 29, 30]);
    assert_eq!(numbers("/ Rule 5: it is 3; as in rule 7"), [5, 7]);
    assert!(numbers("/ the rules of 3").is_empty());
}
