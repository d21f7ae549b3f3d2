//! Workloads, each beside a reference in the same run.

fn main() {}
