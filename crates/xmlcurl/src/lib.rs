//! mod_xml_curl's questions, answered from memory.
//!
//! [`Question`] reads the form that FreeSWITCH posts; [`Snapshot`] is everything that can be asked for, in a form that
//! is small to keep and quick to print; [`answer`] brings the two together. FreeSWITCH opens a connection for each
//! question and a thread of it waits, so nothing here does I/O, takes a lock or compiles anything.

pub mod answer;
mod question;
pub mod snapshot;

pub use answer::{Answer, Cacheable, MAX_ANSWER, NotCacheable, Notice, Selected, Settings, answer};
pub use question::{BadQuestion, Question};
pub use snapshot::Snapshot;
