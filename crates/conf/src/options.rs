//! What a caller can say about a reading.

use std::path::PathBuf;
use std::sync::Arc;

use custompbx_model::Node;
use custompbx_model::xml::Limits;
use serde::Serialize;

/// How to read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Where an element goes that does not say so itself (`user`, `extension`, `gateway`, ...): names from the
    /// section down, such as `directory/example.com/default`. Each is a tag or a natural name; elements that only
    /// group others (`groups`, `users`, ...) may be left out.
    pub into: Option<String>,
    /// The stored document. [`ReadOptions::into`] is looked up in what was read, then here, and what it names is
    /// taken over as a whole, so that a merge does not take the fragment for all there is.
    pub base: Option<Arc<Node>>,
    /// The section of a `context`, where the directory of its file does not tell.
    pub section: Option<String>,
    /// Replaces the global variables that are known in everything that is read.
    pub resolve: bool,
    /// Values of variables that FreeSWITCH finds out itself (`sounds_dir`, `local_ip_v4`). `conf_dir` in the path
    /// of an include is always the directory that is read.
    pub define: Vec<(String, String)>,
    /// Directories outside of the one that is read from which files may be included all the same.
    pub allow_outside: Vec<PathBuf>,
    /// The most bytes of one file, of all files together, and of the text they make.
    pub max_bytes: u64,
    /// The most levels and elements.
    pub limits: Limits,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            into: None,
            base: None,
            section: None,
            resolve: false,
            define: Vec::new(),
            allow_outside: Vec::new(),
            max_bytes: 128 * 1024 * 1024,
            limits: Limits::default(),
        }
    }
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Files read.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Elements understood; rises when a whole text has been parsed.
    pub elements: usize,
}
