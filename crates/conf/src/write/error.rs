//! Why nothing was written.

use std::io;
use std::path::PathBuf;

/// What stopped the writing of a directory. The target is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or directory could not be made.
    #[error("cannot write {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The target is a file.
    #[error("{} is no directory", .0.display())]
    NotADirectory(PathBuf),
    /// There is something in the target.
    #[error("{} is not empty; --overwrite replaces what an earlier export wrote there", .0.display())]
    NotEmpty(PathBuf),
    /// The target has files, and none of them are ours.
    #[error("{} was not written by an export (it has no {}), and is left alone", dir.display(), super::target::MANIFEST)]
    NotOurs {
        /// The target.
        dir: PathBuf,
    },
    /// A file would have to be replaced that no export wrote.
    #[error("{} was not written by an earlier export, and is left alone; move it away", .0.display())]
    Foreign(PathBuf),
    /// A variable that FreeSWITCH would read back as something else.
    #[error("the variable {name} cannot be written: {reason}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name that cannot stand in XML, or that FreeSWITCH would take for a command.
    #[error("{within} has an element or attribute with the name {name:?}, which cannot be written")]
    Name {
        /// The element, by names from the section down.
        within: String,
        /// The tag or the name of the attribute.
        name: String,
    },
    /// FreeSWITCH cuts such a line.
    #[error("{} has a line of {bytes} bytes; FreeSWITCH reads no more than {limit} at once", file.display())]
    LineTooLong {
        /// The file, in the target.
        file: PathBuf,
        /// The length of the line.
        bytes: usize,
        /// The longest that it may be.
        limit: usize,
    },
}
