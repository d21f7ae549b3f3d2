//! FreeSWITCH's XML, in and out.
//!
//! Reading follows FreeSWITCH's own parser (`switch_xml.c`), which is more lenient than the standard: a lone `&` is
//! text, an unknown entity stays as it is written. Writing is strict, and safe against FreeSWITCH's line-wise
//! preprocessor as well ([`escape`]).

pub mod escape;
mod parse;
mod print;

pub use parse::{Limits, Note, Parsed, XmlError, XmlErrorKind, line_and_column, parse, parse_with_blanks};
pub use print::{Style, print, print_into};
