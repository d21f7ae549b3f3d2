//! One file for each command.

pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod token;
pub(crate) mod user;
