//! What the store promises, on both engines, always.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and so do its helpers")]
#![expect(clippy::print_stdout, reason = "figures are printed")]

mod accounts;
mod below;
mod edits;
mod figures;
mod fixture;
mod memory;
mod opening;
mod order;
mod pages;
mod random;
mod revisions;
mod signal;
mod switches;
mod users;
