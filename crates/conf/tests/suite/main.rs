//! The crate from outside: real directories in, real directories out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and so do its helpers")]

mod boot;
mod bulk;
mod fragments;
mod nasty;
mod preprocessor;
mod refused;
mod support;
mod vanilla;
mod writing;
