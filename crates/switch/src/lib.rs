//! One FreeSWITCH, over its event socket.
//!
//! - [`Address`]: where the event socket is, and its password;
//! - [`Supervisor`]: keeps a connection to it and what is known of it, [`live`];
//! - [`Commands`]: has it do something, by [`command`]s that can hold nothing but what they were made for;
//! - [`LogStream`]: its log;
//! - [`probe`](probe()): whether it is there, as `custompbx doctor` wants to know it.

mod address;
pub mod command;
mod commands;
mod event;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod live;
mod log;
mod probe;
mod supervisor;
mod trouble;
mod wire;

pub use address::Address;
pub use commands::{AskError, CommandError, Commands};
pub use event::Event;
pub use log::{LogLine, LogStream};
pub use probe::{Switch, probe};
pub use supervisor::{Executed, Figures, Phase, Status, Supervisor, Timing};
pub use trouble::Trouble;
