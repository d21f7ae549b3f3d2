//! That no line for the event socket is made but where lines are declared, or taken from somebody who may type them.

use std::path::{Path, PathBuf};

/// What makes a command of a text, and the files that may.
const MAKERS: [(&str, &[&str]); 5] = [
    // The one place where a line is sent.
    ("\"api {", &["switch/src/commands.rs"]),
    ("\"bgapi ", &[]),
    // A typed line, and an offer that was made by a declaration and is sent as it was shown.
    ("Command::typed(", &["pbx/src/switches/command.rs", "pbx/src/switches/effects/accepted.rs"]),
    // Questions that are written there, each in full, but for the name of a queue that the switch told.
    ("Command::query(", &["switch/src/commands.rs", "switch/src/probe.rs"]),
    (".send(&format!", &["switch/src/commands.rs", "switch/src/log.rs", "switch/src/wire/connection.rs"]),
];

/// FreeSWITCH's words that a line would begin with.
const COMMANDS: [&str; 10] = [
    "uuid_",
    "originate {",
    "sofia profile",
    "callcenter_config ",
    "conference {",
    "global_setvar",
    "xml_flush_cache ",
    "xml_locate ",
    "system ",
    "expand ",
];

/// Where such a text may be put together.
const MAY: [&str; 2] = ["switch/src/command/declared.rs", "switch/src/live/part.rs"];

#[test]
fn lines_are_made_in_one_place() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates").to_owned();
    let mut seen = 0;
    for file in sources(&crates) {
        let name = file.strip_prefix(&crates).expect("a crate").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a source");
        // Tests come last, and say what is expected.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (maker, may) in MAKERS {
            assert!(!code.contains(maker) || may.contains(&&*name), "{maker:?} in {name}");
            seen += usize::from(code.contains(maker));
        }
        for (at, _) in code.match_indices("format!(") {
            let made: String = code[at..].chars().take(80).collect();
            let Some(text) = made.split('"').nth(1) else { continue };
            let is_command = COMMANDS.iter().any(|command| text.starts_with(command));
            assert!(!is_command || MAY.contains(&&*name), "{text:?} in {name}");
        }
    }
    assert!(seen >= 5, "the files were not found: {seen}");
}

/// The sources of the crates that are in the program, without their tests.
fn sources(crates: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories: Vec<PathBuf> = std::fs::read_dir(crates)
        .expect("crates")
        .map(|entry| entry.expect("a crate").path())
        // It plays the switch.
        .filter(|path| !path.ends_with("testkit"))
        .map(|path| path.join("src"))
        .collect();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                directories.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" && name != "read_back.rs" {
                found.push(path);
            }
        }
    }
    found
}
