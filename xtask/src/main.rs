//! Checks that lints cannot make.

fn main() {}
