//! The files of a directory that has no main file.

use std::fs;
use std::path::{Path, PathBuf};

use super::sources::{MOST_FILES, Sources, io};
use crate::error::ReadError;
use crate::report::{Place, Severity};

/// Every `*.xml` below `dir` in the order of their paths, but `vars.xml` first, because the others use what it sets.
pub(super) fn files(dir: &Path, sources: &mut Sources<'_>) -> Result<Vec<PathBuf>, ReadError> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(current) = waiting.pop() {
        for entry in fs::read_dir(&current).map_err(|source| io(&current, source))? {
            let entry = entry.map_err(|source| io(&current, source))?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type().map_err(|source| io(&path, source))?;
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_symlink() && path.is_dir() {
                // It could lead back here.
                let message = format!("the link {} to a directory is not followed", path.display());
                sources.finding(Severity::Notice, None, message);
            } else if path.extension().is_some_and(|extension| extension == "xml") {
                found.push(path);
            }
            if found.len() + waiting.len() > MOST_FILES {
                return Err(ReadError::TooManyFiles { place: Place::line(&current, 1), limit: MOST_FILES });
            }
        }
    }
    found.sort_by(|a, b| {
        let later = |path: &PathBuf| *path != dir.join("vars.xml");
        (later(a), a.as_os_str().as_encoded_bytes()).cmp(&(later(b), b.as_os_str().as_encoded_bytes()))
    });
    Ok(found)
}
