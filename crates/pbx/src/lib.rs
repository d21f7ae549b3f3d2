//! Use cases: change, import, export, sign in, the served snapshot.
