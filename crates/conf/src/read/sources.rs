//! Opening files: which may be opened, how much of them, and what they are called.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use custompbx_model::xml::line_and_column;

use super::flat::{FileId, Files};
use crate::error::ReadError;
use crate::options::{Progress, ReadOptions};
use crate::report::{Place, Report, Severity};

/// More includes than any configuration has.
pub(super) const MOST_FILES: usize = 1_000_000;
/// Findings beyond these are only counted, so that a hostile file cannot fill the memory with them.
const MOST_FINDINGS: usize = 5_000;

/// The directory that is read.
#[derive(Debug)]
struct Root {
    /// As the caller named it.
    given: PathBuf,
    real: PathBuf,
}

/// Everything that concerns the file system, and the report that grows meanwhile.
pub(super) struct Sources<'a> {
    pub(super) options: &'a ReadOptions,
    pub(super) files: Files,
    pub(super) report: Report,
    progress: &'a mut dyn FnMut(Progress),
    root: Option<Root>,
    allowed: Vec<PathBuf>,
    elements: usize,
    untold: usize,
}

impl<'a> Sources<'a> {
    pub(super) fn new(options: &'a ReadOptions, progress: &'a mut dyn FnMut(Progress)) -> Self {
        let allowed = options.allow_outside.iter().filter_map(|dir| fs::canonicalize(dir).ok()).collect();
        Self {
            options,
            files: Files::default(),
            report: Report::default(),
            progress,
            root: None,
            allowed,
            elements: 0,
            untold: 0,
        }
    }

    /// From now on, this is the directory that is read.
    pub(super) fn enter(&mut self, given: &Path) -> Result<(), ReadError> {
        let real = fs::canonicalize(given).map_err(|source| io(given, source))?;
        self.root = Some(Root { given: given.to_owned(), real });
        Ok(())
    }

    /// The directory that is read, without links; none for a pasted text.
    pub(super) fn root(&self) -> Option<&Path> {
        self.root.as_ref().map(|root| root.real.as_path())
    }

    /// The path without links, if it may be opened.
    pub(super) fn inside(
        &self,
        path: &Path,
        include: &str,
        place: Option<Place>,
    ) -> Result<PathBuf, ReadError> {
        let real = fs::canonicalize(path).map_err(|source| io(path, source))?;
        let Some(root) = &self.root else { return Ok(real) };
        if real.starts_with(&root.real) || self.allowed.iter().any(|dir| real.starts_with(dir)) {
            return Ok(real);
        }
        Err(ReadError::Outside { place, include: include.to_owned(), target: real, root: root.given.clone() })
    }

    /// The name of a file below the directory as the caller named it.
    pub(super) fn shown(&self, real: &Path) -> PathBuf {
        let below =
            self.root.as_ref().and_then(|root| Some(root.given.join(real.strip_prefix(&root.real).ok()?)));
        below.unwrap_or_else(|| real.to_owned())
    }

    /// The whole text of a file, with its byte order mark.
    pub(super) fn open(&mut self, path: &Path, shown: PathBuf) -> Result<(FileId, String), ReadError> {
        let limit = self.options.max_bytes;
        let failed = |source| io(&shown, source);
        let meta = fs::metadata(path).map_err(failed)?;
        if !meta.is_file() {
            return Err(ReadError::NotAFile { path: shown });
        }
        self.fits(&shown, meta.len())?;
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
        // It may have grown meanwhile.
        File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(failed)?;
        self.take(shown, bytes)
    }

    /// A text that is there already.
    pub(super) fn take(&mut self, shown: PathBuf, bytes: Vec<u8>) -> Result<(FileId, String), ReadError> {
        self.fits(&shown, bytes.len() as u64)?;
        self.report.files += 1;
        self.report.bytes += bytes.len() as u64;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let utf16 = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
                let problem = if utf16 { "is not UTF-8 but UTF-16" } else { "is not UTF-8" };
                return Err(encoding(
                    shown,
                    &String::from_utf8_lossy(error.as_bytes()[..offset].as_ref()),
                    problem,
                ));
            }
        };
        if let Some(offset) = text.find('\0') {
            return Err(encoding(shown, &text[..offset], "is NUL, which ends FreeSWITCH's strings"));
        }
        self.tell();
        Ok((self.files.add(shown), text))
    }

    fn fits(&self, shown: &Path, bytes: u64) -> Result<(), ReadError> {
        let limit = self.options.max_bytes;
        if bytes > limit {
            return Err(ReadError::TooLarge { path: shown.to_owned(), bytes, limit });
        }
        if self.report.bytes + bytes > limit {
            return Err(ReadError::TooMuch { path: shown.to_owned(), limit });
        }
        Ok(())
    }

    /// So many elements more have been understood.
    pub(super) fn understood(&mut self, elements: usize) {
        self.elements += elements;
        self.tell();
    }

    fn tell(&mut self) {
        let progress =
            Progress { files: self.report.files, bytes: self.report.bytes, elements: self.elements };
        (self.progress)(progress);
    }

    pub(super) fn finding(&mut self, severity: Severity, place: Option<Place>, message: impl Into<String>) {
        if self.report.findings.len() < MOST_FINDINGS {
            self.report.add(severity, place, message);
        } else {
            self.untold += 1;
        }
    }

    /// The report, complete.
    pub(super) fn finish(mut self) -> Report {
        // A file that is included twice is remarked on once.
        let mut seen = HashSet::new();
        self.report.findings.retain(|finding| seen.insert((finding.place.clone(), finding.message.clone())));
        if self.untold > 0 {
            self.report.add(Severity::Warning, None, format!("{} findings more are not shown", self.untold));
        }
        self.report
    }
}

pub(super) fn io(path: &Path, source: std::io::Error) -> ReadError {
    ReadError::Io { path: path.to_owned(), source }
}

fn encoding(file: PathBuf, before: &str, problem: &'static str) -> ReadError {
    let (line, column) = line_and_column(before, before.len());
    let offset = before.len();
    ReadError::Encoding { place: Place { file, line, column: Some(column) }, offset, problem }
}
