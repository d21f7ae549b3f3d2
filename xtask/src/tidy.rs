//! Files: not too long, nothing left behind, nothing of one machine.

use std::fs;
use std::path::Path;

use crate::sources::files;

/// Lines that a source file may have. A longer one is split before it hurts.
const LONGEST_SOURCE: usize = 500;
/// Tests may be longer: they are read one at a time.
const LONGEST_TEST: usize = 900;

/// Words that promise something for later, written so that this file does not complain of itself.
const PROMISES: [&str; 4] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("HA", "CK:")];

pub(crate) fn complaints(root: &Path) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files(root, &[".rs", ".ts", ".tsx", ".css", ".sql"]) {
        let shown = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        let Ok(text) = fs::read_to_string(&file) else {
            complaints.push(format!("{shown} is not UTF-8"));
            continue;
        };
        let lines = text.lines().count();
        let is_test = ["/tests/", "/e2e/", ".test.", ".spec."].iter().any(|part| shown.contains(part));
        let most = if is_test { LONGEST_TEST } else { LONGEST_SOURCE };
        if lines > most {
            complaints.push(format!("{shown} has {lines} lines; split it, {most} are the most"));
        }
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(word) = PROMISES.iter().find(|word| line.contains(*word)) {
                complaints.push(format!("{shown}:{number}: {word}; do it, or write an issue"));
            }
            if line.ends_with([' ', '\t']) {
                complaints.push(format!("{shown}:{number}: blank at the end of the line"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            complaints.push(format!("{shown}: no line break at the end"));
        }
    }
    complaints.extend(lock_file(root));
    complaints.extend(crate_pages(root));
    complaints
}

/// A lock file that names a registry's host works only where that host is reached.
fn lock_file(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join("ui/package-lock.json")).ok()?;
    text.contains("\"resolved\"")
        .then(|| "ui/package-lock.json names download addresses; see ui/.npmrc".to_owned())
}

/// Each crate says on its first page what it is for.
fn crate_pages(root: &Path) -> Vec<String> {
    let pages = files(&root.join("crates"), &["lib.rs", "main.rs"]);
    let pages = pages.into_iter().filter(|page| page.parent().is_some_and(|parent| parent.ends_with("src")));
    let silent = pages.filter(|page| !fs::read_to_string(page).unwrap_or_default().starts_with("//! "));
    silent.map(|page| format!("{} does not begin with what the crate is for", page.display())).collect()
}
