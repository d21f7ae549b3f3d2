//! API server and web interface for FreeSWITCH.

fn main() {}
