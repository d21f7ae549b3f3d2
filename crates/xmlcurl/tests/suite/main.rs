//! Questions and answers of mod_xml_curl.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod asking;
mod changes;
mod directory;
mod documents;
mod recorded;
mod search;
