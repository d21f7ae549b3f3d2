//! REST: `/api/v2`.

mod object;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod tokens;
pub(crate) mod tree;
