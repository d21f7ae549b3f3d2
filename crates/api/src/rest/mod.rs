//! REST: `/api/v2`.

pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod tokens;
pub(crate) mod tree;
