//! Questions and answers of mod_xml_curl.

mod asking;
mod changes;
mod directory;
mod documents;
mod recorded;
