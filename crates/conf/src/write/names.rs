//! File names for things that may be called anything.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// In bytes, with the extension.
const LONGEST: usize = 120;
const EXTENSION: &str = ".xml";
/// Windows takes these for devices, whatever follows the first dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Names that are taken, each with its directory and in lower case, because not every file system tells `a` from
/// `A`.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<PathBuf>);

impl Names {
    /// A path for a document called `name` in `dir`.
    pub(super) fn file(&mut self, dir: &Path, name: &str) -> PathBuf {
        self.unique(dir, name, EXTENSION)
    }

    /// A path for a directory called `name` in `dir`.
    pub(super) fn directory(&mut self, dir: &Path, name: &str) -> PathBuf {
        self.unique(dir, name, "")
    }

    /// Takes a name out of the game.
    pub(super) fn reserve(&mut self, path: &str) {
        self.0.insert(path.to_ascii_lowercase().into());
    }

    fn unique(&mut self, dir: &Path, name: &str, extension: &str) -> PathBuf {
        let plain = safe(name);
        let altered = plain != name || plain.len() + extension.len() > LONGEST;
        let mut attempt = 0_u32;
        loop {
            let suffix = match (attempt, altered) {
                (0, false) => String::new(),
                (0, true) | (1, false) => format!("-{:08x}", hash(name)),
                _ => format!("-{:08x}-{attempt}", hash(name)),
            };
            let room = LONGEST - extension.len() - suffix.len();
            let stem: String = plain.chars().take(room).collect();
            let file = format!("{stem}{suffix}{extension}");
            if self.0.insert(dir.join(file.to_ascii_lowercase())) {
                return dir.join(file);
            }
            attempt += 1;
        }
    }
}

/// The name with nothing in it that a file system, a shell, `glob(3)` or FreeSWITCH's preprocessor takes for more
/// than a letter. What is left is ASCII.
fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '@' | '+' => safe.push(c),
            _ if c == '_' || !safe.ends_with('_') => safe.push('_'),
            _ => {}
        }
    }
    let first = safe.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = DEVICES.iter().any(|device| {
        first
            .strip_prefix(device)
            .is_some_and(|rest| rest.is_empty() || rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    });
    if device || safe.is_empty() || safe.starts_with(['.', '-']) {
        safe.insert(0, '_');
    }
    if safe.ends_with('.') {
        safe.push('_');
    }
    safe
}

/// FNV-1a: the same name has the same file in every version.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(names: &mut Names, name: &str) -> String {
        names.file(Path::new(""), name).to_str().unwrap().to_owned()
    }

    #[test]
    fn ordinary_names_stay() {
        let mut names = Names::default();
        for name in ["acl.conf", "default", "example.com", "10.0.0.1", "a_b-c", "pt_BR", "user@host"] {
            assert_eq!(file(&mut names, name), format!("{name}.xml"));
        }
    }

    #[test]
    fn others_become_harmless_and_stay_apart() {
        let mut names = Names::default();
        let long = "x".repeat(10_000);
        let bad = [
            "..",
            ".",
            "",
            "../../etc/passwd",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "con",
            "NUL.conf",
            "com1",
            "-rf",
            "a b",
            "$${domain}",
            "*",
            "[a]",
            "?",
            "a\nb",
            "é",
            "😀",
            "😁",
            ".hidden",
            "a.",
            "\0",
            "{a}",
            "a\"b",
            &long,
        ];
        let mut seen = HashSet::new();
        for name in bad {
            let file = file(&mut names, name);
            assert!(file.len() <= LONGEST && !file.starts_with('.') && file.ends_with(".xml"), "{file}");
            assert!(file.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@+".contains(&b)), "{file}");
            assert!(seen.insert(file.to_ascii_lowercase()), "{file}");
        }
        assert_eq!(file(&mut Names::default(), "$${domain}"), "_domain_-b8863e09.xml");
    }

    #[test]
    fn names_that_differ_only_in_case_get_files_of_their_own() {
        let mut names = Names::default();
        assert_eq!(file(&mut names, "Default"), "Default.xml");
        let second = file(&mut names, "default");
        let third = file(&mut names, "default");
        assert!(second.starts_with("default-") && third.starts_with("default-") && second != third);
    }
}
