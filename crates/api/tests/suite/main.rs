//! The outside, over real sockets: what FreeSWITCH asks, and what people and programs may do.
//!
//! Every test starts a server of its own ([`custompbx_testkit::server`]); those in [`engines`] run on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and so do its helpers")]

mod asking;
mod engines;

mod administration;
mod beside;
mod boot;
mod contract;
mod dashboard;
mod database;
mod dialplan;
mod dialplan_settings;
mod expected;
mod hostile_calls;
mod instances;
mod messages;
mod objects;
mod page;
mod real_switch;
mod recorded;
mod rest;
mod routes;
mod served;
mod settings;
mod sign_in;
mod socket;
mod switches;
mod templates;
mod tls;
mod tokens;
mod tree;
mod web;
mod web_settings;
mod web_users;
mod xml_curl;
