//! REST: `/api/v2`.

pub(crate) mod element;
pub(crate) mod schema;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod tree;
