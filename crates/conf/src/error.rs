//! Why nothing was read.
//!
//! Any of these means that there is no [`Reading`](crate::Reading): nothing is half imported. `Display` names the
//! file and the way out; the operating system's reason is in `source()`.

use std::io;
use std::path::PathBuf;

use custompbx_model::xml::XmlErrorKind;

use crate::report::{Place, size};

/// What stopped a reading.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There was nothing to read.
    #[error("no path was given")]
    NoPaths,
    /// Missing, not readable, or broken on the way.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A device, a pipe or a socket, which could keep the reader waiting for ever.
    #[error("cannot read {}: it is no regular file", path.display())]
    NotAFile {
        /// What was to be read.
        path: PathBuf,
    },
    /// One file is larger than all may be.
    #[error("{} has {}, more than the limit of {}; --max-size raises it", path.display(), size(*bytes), size(*limit))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// [`ReadOptions::max_bytes`](crate::ReadOptions::max_bytes).
        limit: u64,
    },
    /// The files together, or the text that they make, are larger than they may be.
    #[error("with {} it would be more than the limit of {} in all; --max-size raises it", path.display(), size(*limit))]
    TooMuch {
        /// The file that was one too many.
        path: PathBuf,
        /// [`ReadOptions::max_bytes`](crate::ReadOptions::max_bytes).
        limit: u64,
    },
    /// More files than any configuration has; includes that double at each level are how that happens.
    #[error("{place}: more than {limit} files are included")]
    TooManyFiles {
        /// The include that was one too many.
        place: Place,
        /// How many there may be.
        limit: usize,
    },
    /// A variable that doubles itself.
    #[error("{place}: the variable {name} grows beyond {}", size(*limit as u64))]
    VariableTooLarge {
        /// Where it is set.
        place: Place,
        /// Its name.
        name: String,
        /// Bytes that a value may have.
        limit: usize,
    },
    /// Not UTF-8, or a character that ends FreeSWITCH's strings.
    #[error("{place}: byte {offset} of the file {problem}")]
    Encoding {
        /// With the column.
        place: Place,
        /// From 0.
        offset: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Not XML, or more of it than is taken.
    #[error("{place}: {kind}{}\n    {line}", open.as_ref().map(|open| format!(" (inside of <{}>, which begins at {})", open.0, open.1)).unwrap_or_default())]
    Xml {
        /// In the file as it is on disk.
        place: Place,
        /// What is wrong.
        kind: XmlErrorKind,
        /// The element that was open there, and where it begins: when an end is missing, that is the one.
        open: Option<Box<(String, Place)>>,
        /// The line, shortened.
        line: String,
    },
    /// A file includes itself, by way of others.
    #[error("the files include each other in a circle:{}", chain.iter().map(|place| format!("\n    {place}")).collect::<String>())]
    Cycle {
        /// The includes, from the outermost to the one that closes the circle.
        chain: Vec<Place>,
    },
    /// FreeSWITCH gives up there too.
    #[error("{place}: includes are nested more than {limit} levels deep")]
    IncludesTooDeep {
        /// The include that was one too many.
        place: Place,
        /// How many there may be.
        limit: usize,
    },
    /// An include, or a link, that leads out of the directory that is read.
    #[error(
        "{}{include} leads to {}, which is outside of {}; --allow-outside DIR lets a directory in",
        place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default(), target.display(), root.display()
    )]
    Outside {
        /// The include, unless it is a link in the directory itself.
        place: Option<Place>,
        /// As it is written.
        include: String,
        /// Where it leads.
        target: PathBuf,
        /// The directory that is read.
        root: PathBuf,
    },
    /// A pasted text has no directory.
    #[error(
        "{place}: {include} cannot be included, because a pasted text has no directory; paste what is in it"
    )]
    NothingToInclude {
        /// The include.
        place: Place,
        /// As it is written.
        include: String,
    },
    /// An element that has no place of its own in the document.
    #[error("{place}: <{tag}> does not say where it belongs; give its place, for example --into {example}")]
    Fragment {
        /// Where it begins.
        place: Place,
        /// The element.
        tag: String,
        /// A place that such an element could have.
        example: &'static str,
    },
    /// [`ReadOptions::into`](crate::ReadOptions::into) leads nowhere.
    #[error("--into {into}: there is no {segment} in {within}; import that first, or correct the name")]
    Into {
        /// The whole of it.
        into: String,
        /// The part that is missing.
        segment: String,
        /// Where it was looked for.
        within: String,
    },
    /// A [`ReadOptions::section`](crate::ReadOptions::section) that holds no contexts.
    #[error("--section {0} holds no contexts; it must be dialplan or chatplan")]
    Section(String),
}
