//! The web interface's files, health, metrics, and what every answer of the web listener has.

pub(crate) mod assets;
pub(crate) mod avatar;
pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod log;
