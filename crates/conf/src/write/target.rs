//! Putting files into a directory so that it is either as it was, or complete.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::error::WriteError;

/// Lists what an export wrote.
pub(super) const MANIFEST: &str = ".custompbx-export";
/// There are passwords inside.
const FILE_MODE: u32 = 0o640;
const DIRECTORY_MODE: u32 = 0o750;

/// Writes the files beside the target, then puts them in its place.
pub(super) fn install(dir: &Path, files: &[(PathBuf, Vec<u8>)], overwrite: bool) -> Result<(), WriteError> {
    let dir = match fs::canonicalize(dir) {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => dir.to_owned(),
        Err(source) => return Err(io_error(dir, source)),
    };
    let known = existing(&dir, overwrite)?;
    let staging = Staging::new(&dir)?;
    for (path, bytes) in files {
        staging.file(path, bytes)?;
    }
    let mut list =
        String::from("# Written by custompbx export; an export with --overwrite replaces these files.\n");
    files.iter().for_each(|(path, _)| list = format!("{list}{}\n", path.display()));
    staging.file(Path::new(MANIFEST), list.as_bytes())?;
    if let Some(known) = known {
        carry_over(&dir, &staging.path, Path::new(""), &known)?;
        return staging.swap(&dir);
    }
    fs::rename(&staging.path, &dir).map_err(|source| io_error(&dir, source))
}

/// What an earlier export wrote, if there is anything in the target.
fn existing(dir: &Path, overwrite: bool) -> Result<Option<HashSet<PathBuf>>, WriteError> {
    if !dir.exists() {
        return Ok(None);
    }
    if !dir.is_dir() {
        return Err(WriteError::NotADirectory(dir.to_owned()));
    }
    if fs::read_dir(dir).map_err(|source| io_error(dir, source))?.next().is_none() {
        return Ok(None);
    }
    if !overwrite {
        return Err(WriteError::NotEmpty(dir.to_owned()));
    }
    match fs::read_to_string(dir.join(MANIFEST)) {
        Ok(list) => {
            let files = list.lines().filter(|line| !line.starts_with('#')).map(PathBuf::from);
            Ok(Some(files.chain([PathBuf::from(MANIFEST)]).collect()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(WriteError::NotOurs { dir: dir.to_owned() })
        }
        Err(source) => Err(io_error(&dir.join(MANIFEST), source)),
    }
}

/// Takes what no export wrote from the old directory into the new one, without moving it yet.
fn carry_over(old: &Path, new: &Path, below: &Path, known: &HashSet<PathBuf>) -> Result<(), WriteError> {
    let current = old.join(below);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| io_error(&path, source)
    };
    for entry in fs::read_dir(&current).map_err(failed(&current))? {
        let entry = entry.map_err(failed(&current))?;
        let path = below.join(entry.file_name());
        let (from, to) = (old.join(&path), new.join(&path));
        let kind = entry.file_type().map_err(failed(&from))?;
        if kind.is_dir() {
            if !to.exists() {
                // Only what an export left behind is in it, or something of others.
                if fs::read_dir(&from).map_err(failed(&from))?.next().is_some()
                    && only_known(old, &path, known)?
                {
                    continue;
                }
                make_directory(&to)?;
            }
            let mode = fs::metadata(&from).map_err(failed(&from))?.permissions();
            carry_over(old, new, &path, known)?;
            fs::set_permissions(&to, mode).map_err(failed(&to))?;
        } else if !known.contains(&path) {
            if to.symlink_metadata().is_ok() {
                return Err(WriteError::Foreign(from));
            }
            // A link is the same file; where that is not allowed, a copy must do.
            let linked = if kind.is_symlink() {
                fs::read_link(&from).and_then(|target| std::os::unix::fs::symlink(target, &to))
            } else {
                fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()))
            };
            linked.map_err(failed(&from))?;
        }
    }
    Ok(())
}

/// Whether every file below `path` was written by an export.
fn only_known(old: &Path, path: &Path, known: &HashSet<PathBuf>) -> Result<bool, WriteError> {
    let dir = old.join(path);
    for entry in fs::read_dir(&dir).map_err(|source| io_error(&dir, source))? {
        let entry = entry.map_err(|source| io_error(&dir, source))?;
        let inner = path.join(entry.file_name());
        let is_dir = entry.file_type().map_err(|source| io_error(&dir, source))?.is_dir();
        if if is_dir { !only_known(old, &inner, known)? } else { !known.contains(&inner) } {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A directory beside the target, which goes away again unless it takes the target's place.
struct Staging {
    path: PathBuf,
}

impl Staging {
    fn new(target: &Path) -> Result<Self, WriteError> {
        let parent =
            target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for attempt in 0_u32.. {
            let path = parent.join(format!(".{name}.custompbx-{}-{attempt}", std::process::id()));
            match DirBuilder::new().mode(DIRECTORY_MODE).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1_000 => {}
                Err(source) => return Err(io_error(&path, source)),
            }
        }
        Err(io_error(target, io::ErrorKind::AlreadyExists.into()))
    }

    fn file(&self, path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.path.join(path);
        if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
            make_directory(parent)?;
        }
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path)?;
            // The mode of opening is narrowed by the umask.
            file.set_permissions(fs::Permissions::from_mode(FILE_MODE))?;
            file.write_all(bytes)
        };
        write().map_err(|source| io_error(&path, source))
    }

    /// Takes the place of a directory that has something in it.
    fn swap(&self, target: &Path) -> Result<(), WriteError> {
        let old = self.path.with_extension("old");
        fs::rename(target, &old).map_err(|source| io_error(target, source))?;
        if let Err(source) = fs::rename(&self.path, target) {
            // As it was; should that fail too, both are still there beside each other.
            let _ = fs::rename(&old, target);
            return Err(io_error(target, source));
        }
        fs::remove_dir_all(&old).map_err(|source| io_error(&old, source))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn make_directory(path: &Path) -> Result<(), WriteError> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(DIRECTORY_MODE)))
        .map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> WriteError {
    WriteError::Io { path: path.to_owned(), source }
}
