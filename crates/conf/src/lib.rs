//! FreeSWITCH's configuration directory, in and out.
//!
//! - [`read`](read()) makes one document of directories and files, as FreeSWITCH's own preprocessor and parser would, and
//!   says in a [`Report`] what FreeSWITCH throws away or sees otherwise than it looks. Nothing is ever executed, and
//!   nothing outside of the given directory is opened;
//! - [`write`](write()) makes a directory of a document, from which FreeSWITCH boots;
//!   [`write_bootstrap`] only the files it needs to ask for the rest by mod_xml_curl;
//! - [`snippets`] are the two documents to paste into a FreeSWITCH that is already there.
//!
//! Reading what was written gives the same tree. Everything here is plain, blocking file I/O.

mod error;
mod options;
mod read;
mod report;
pub mod snippets;
mod write;

pub use error::ReadError;
pub use options::{Progress, ReadOptions};
pub use read::{Reading, read, read_text};
pub use report::{Counts, Finding, Place, Report, Severity};
pub use write::{Bootstrap, WriteError, WriteOptions, WriteReport, write, write_bootstrap};
