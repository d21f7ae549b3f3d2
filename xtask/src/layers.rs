//! Layers: which crate may know which, and what only one may know.

use std::fs;
use std::path::Path;

use crate::sources::files;

/// A crate, and the crates of ours that it may depend on. `docs/architecture.md` says why.
const MAY_KNOW: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("conf", &["model"]),
    ("dialplan", &["model"]),
    ("xmlcurl", &["model"]),
    ("store", &["model"]),
    ("switch", &["model"]),
    ("pbx", &["model", "conf", "dialplan", "xmlcurl", "store", "switch"]),
    ("api", &["model", "pbx", "store"]),
    ("custompbx", &["model", "conf", "dialplan", "xmlcurl", "store", "switch", "pbx", "api"]),
    // For tests only, so it may know all.
    ("testkit", &["model", "conf", "xmlcurl", "store", "switch", "pbx", "api"]),
];

/// Words that may stand in the sources of some crates only, with the reason.
const BELONGS_TO: [(&str, &[&str], &str); 4] = [
    ("sqlx::", &["store", "testkit"], "only store knows SQL"),
    ("axum::", &["api", "testkit"], "only api knows HTTP"),
    (
        "tokio::",
        &["store", "switch", "pbx", "api", "custompbx", "testkit"],
        "model, conf, xmlcurl and dialplan do not wait",
    ),
    ("SystemTime", &["pbx", "testkit"], "the time comes from custompbx_pbx::Clock"),
];

pub(crate) fn complaints(root: &Path) -> Vec<String> {
    let mut complaints = Vec::new();
    let crates = root.join("crates");
    let Ok(entries) = fs::read_dir(&crates) else { return vec!["there is no crates folder".to_owned()] };
    for name in entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()) {
        match MAY_KNOW.iter().find(|(known, _)| *known == name) {
            Some((_, allowed)) => complaints.extend(dependencies(&crates.join(&name), &name, allowed)),
            None => complaints.push(format!("the crate {name} has no place in xtask/src/layers.rs")),
        }
        for file in files(&crates.join(&name).join("src"), &[".rs"]) {
            let text = fs::read_to_string(&file).unwrap_or_default();
            for (word, owners, reason) in BELONGS_TO {
                if text.contains(word) && !owners.contains(&name.as_str()) {
                    complaints.push(format!("{} uses {word}: {reason}", file.display()));
                }
            }
        }
    }
    complaints
}

/// The dependencies of a crate; those for its tests do not count.
fn dependencies(directory: &Path, name: &str, allowed: &[&str]) -> Vec<String> {
    let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
    let mut complaints = Vec::new();
    let mut counts = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            counts = line == "[dependencies]";
        }
        let ours = line.strip_prefix("custompbx-").filter(|_| counts);
        let Some(known) = ours.and_then(|line| line.split(['.', ' ', '=']).next()) else { continue };
        if !allowed.contains(&known) {
            complaints.push(format!("{name} depends on {known}, which is not below it"));
        }
    }
    complaints
}
