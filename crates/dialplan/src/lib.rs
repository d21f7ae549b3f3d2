//! FreeSWITCH's XML dialplan, evaluated as `mod_dialplan_xml` does, so that a server can answer with the actions of one
//! extension, and a person can see why a call went where it went.
//!
//! - [`Context`] is a `<context>`, compiled once and shared by all calls;
//! - [`Call`] is what is known of a call: its profile, its variables, the moment, and what the switch has beside them;
//! - [`Context::evaluate`] brings the two together and gives an [`Outcome`], with a [`trace::Trace`] if it is wanted;
//! - [`check`] finds what is wrong in a context, or can be known to the switch only, without a call;
//! - [`simulate`] follows a call from extension to extension, and says why it did not come to one;
//! - [`raw`] reads an answer as the switch does, its preprocessor included.
//!
//! Where the switch would ask somebody else, or its own code does not say what happens, the outcome is *undecidable* from
//! there on, with the place and the reason; nothing is guessed. The same holds for what is too much to do: expressions,
//! expansions, loops and nested conditions all have an end here.
//!
//! The numbers of rules in comments are those of the list that the recorded cases in `tests/cases` were made with; it is
//! `tests/cases/README.md`. Nothing here waits, reads a clock or does I/O.

mod answer;
mod call;
mod captured;
pub mod check;
mod context;
mod evaluate;
mod expand;
mod extension;
mod form;
mod gate;
mod globals;
mod names;
mod needs;
mod outcome;
mod pattern;
mod profile;
pub mod raw;
mod scope;
pub mod simulate;
mod split;
mod substitute;
mod text;
mod time;
pub mod trace;
mod undecidable;
mod value;
mod variables;
mod words;

pub use answer::Untold;
pub use call::{Call, OtherLeg};
pub use context::Context;
pub use evaluate::Detail;
pub use extension::Extension;
pub use form::BadForm;
pub use globals::{Global, Globals};
pub use outcome::{Change, InlineRun, Outcome, Taken};
pub use profile::{Profile, ProfileField};
pub use time::{ProcessZone, Timezones};
pub use undecidable::{Place, Undecidable, Why};
pub use value::Value;
pub use variables::Variables;
