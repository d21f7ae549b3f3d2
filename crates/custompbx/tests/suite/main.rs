//! The program as people use it: commands, their output and their exit codes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod commands;
mod importing;
mod killed;
mod killed_real;
mod program;
mod running;
mod serving;
mod simulate;
