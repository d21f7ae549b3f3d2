//! The messages that are code of their own, by what they are about.

pub(crate) mod auth;
pub(crate) mod callcenter;
pub(crate) mod dashboard;
pub(crate) mod dialplan;
pub(crate) mod instances;
pub(crate) mod modules;
pub(crate) mod paste;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod subscriptions;
pub(crate) mod switch;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod web_settings;
pub(crate) mod web_users;
