//! File name patterns as `glob(3)` understands them: `*`, `?`, `[...]` and `\`, nothing else, and the result in the
//! order of its bytes.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// More names than this are no pattern but an attack.
const MOST_NAMES: usize = 1_000_000;

/// Whether a name without its special characters would be another.
fn is_pattern(name: &[u8]) -> bool {
    name.iter().any(|byte| b"*?[\\".contains(byte))
}

/// Every path below `base` that fits, or from the root for an absolute pattern. `may_list` is asked before a directory
/// is listed, and can refuse.
pub(super) fn glob<E>(
    base: &Path,
    pattern: &str,
    may_list: &mut dyn FnMut(&Path) -> Result<(), E>,
    failed: &dyn Fn(&Path, io::Error) -> E,
) -> Result<Vec<PathBuf>, E> {
    let base = if pattern.starts_with('/') { Path::new("/") } else { base };
    let mut found: Vec<Vec<u8>> = vec![base.as_os_str().as_bytes().to_vec()];
    for part in pattern.as_bytes().split(|&byte| byte == b'/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for parent in found {
            if is_pattern(part) {
                let parent_path =
                    Path::new(if parent.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(&parent) });
                if !parent_path.is_dir() {
                    continue;
                }
                may_list(parent_path)?;
                for entry in std::fs::read_dir(parent_path).map_err(|error| failed(parent_path, error))? {
                    let name = entry.map_err(|error| failed(parent_path, error))?.file_name();
                    if fits(part, name.as_bytes()) {
                        next.push(joined(&parent, name.as_bytes()));
                    }
                }
            } else {
                let path = joined(&parent, part);
                if Path::new(OsStr::from_bytes(&path)).exists() {
                    next.push(path);
                }
            }
            if next.len() > MOST_NAMES {
                let path = PathBuf::from(OsStr::from_bytes(&parent));
                return Err(failed(&path, io::Error::other("too many files fit the pattern")));
            }
        }
        found = next;
    }
    found.sort();
    Ok(found.into_iter().map(|path| PathBuf::from(OsStr::from_bytes(&path))).collect())
}

fn joined(parent: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = parent.to_vec();
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Whether `name` fits the pattern; a dot at its beginning must be written out.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && pattern.first() != Some(&b'.') {
        return false;
    }
    // Going back to the last star is enough: an earlier one could only take what the last one can.
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
            continue;
        }
        if let Some(next) = one(&pattern[p..], name[n]) {
            (p, n) = (p + next, n + 1);
            continue;
        }
        match star {
            Some((at, from)) => {
                (p, n) = (at + 1, from + 1);
                star = Some((at, from + 1));
            }
            None => return false,
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// How long the first item of the pattern is, if `byte` fits it.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [] => None,
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', ..] => match set(pattern, byte) {
            Some((length, fits)) => fits.then_some(length),
            // Without its end it is a bracket.
            None => (byte == b'[').then_some(1),
        },
        [plain, ..] => (*plain == byte).then_some(1),
    }
}

/// The length of the set `[...]` and whether `byte` is in it; none if it has no end.
fn set(pattern: &[u8], byte: u8) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let first = if negated { 2 } else { 1 };
    let mut at = first;
    let mut within = false;
    loop {
        let low = *pattern.get(at)?;
        if low == b']' && at > first {
            return Some((at + 1, within != negated));
        }
        if pattern.get(at + 1) == Some(&b'-') && pattern.get(at + 2).is_some_and(|&high| high != b']') {
            within |= (low..=pattern[at + 2]).contains(&byte);
            at += 3;
        } else {
            within |= low == byte;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_in_fnmatch() {
        for (pattern, name) in [
            ("*.xml", "a.xml"),
            ("*", "a"),
            ("**", "ab"),
            ("a?c", "abc"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[^a]", "b"),
            ("[]a]", "]"),
            ("a[", "a["),
            ("\\*", "*"),
            ("*-es-ES.xml", "demo-ivr-es-ES.xml"),
            ("*a*b*c", "xaxbxc"),
        ] {
            assert!(fits(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.xml", ".xml"),
            ("?", ""),
            ("a", "A"),
            ("[a-c]", "d"),
            ("\\*", "a"),
            ("*.xml", "a.xml~"),
            ("{a,b}", "a"),
        ] {
            assert!(!fits(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!fits("*a".repeat(500).as_bytes(), "a".repeat(400).as_bytes()));
    }

    #[test]
    fn paths_come_in_the_order_of_their_bytes() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b/x.xml", "b-1/x.xml", "a.xml", "B.xml", ".hidden.xml"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let find = |pattern: &str| {
            let found = glob(dir.path(), pattern, &mut |_| Ok(()), &|_, error| error).unwrap();
            let base = dir.path().to_str().unwrap().len() + 1;
            found.iter().map(|path| path.to_str().unwrap()[base..].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(find("*.xml"), ["B.xml", "a.xml"]);
        assert_eq!(find("*/*.xml"), ["b-1/x.xml", "b/x.xml"]);
        assert_eq!(find("b/../a.xml"), ["b/../a.xml"]);
        assert_eq!(find("a.xml/*"), Vec::<String>::new());
        assert_eq!(find("missing.xml"), Vec::<String>::new());
    }

    #[test]
    fn a_directory_can_be_refused() {
        let refused =
            glob(Path::new("x"), "/*", &mut |path| Err(path.to_owned()), &|path, _| path.to_owned());
        assert_eq!(refused, Err(PathBuf::from("/")));
    }
}
