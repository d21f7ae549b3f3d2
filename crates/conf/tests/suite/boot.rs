//! The real switch, where there is one.
