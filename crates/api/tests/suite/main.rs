//! The outside, over real sockets: what FreeSWITCH asks, and what people and programs may do.
//!
//! Every test starts a server of its own ([`custompbx_testkit::server`]); those in [`engines`] run on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and so do its helpers")]

mod engines;

mod beside;
mod boot;
mod expected;
mod messages;
mod real_switch;
mod recorded;
mod routes;
mod served;
mod sign_in;
mod socket;
mod tls;
mod tokens;
mod tree;
mod web;
mod xml_curl;
