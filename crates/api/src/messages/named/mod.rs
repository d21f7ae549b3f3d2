//! The messages that are code of their own, by what they are about.

pub(crate) mod auth;
pub(crate) mod status;
pub(crate) mod subscriptions;
pub(crate) mod tokens;
