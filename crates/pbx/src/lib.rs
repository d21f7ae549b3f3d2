//! Use cases.
pub mod config;
