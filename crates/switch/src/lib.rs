//! One FreeSWITCH, over its event socket.
//!
//! - [`Address`]: where the event socket is, and its password;
//! - [`live`]: what goes on in it now;
//! - [`probe`](probe()): whether the switch is there, as `custompbx doctor` wants to know it.
//!
//! The event socket itself is the crate `freeswitch-esl-tokio`; none of its types leave this crate. What is sent is
//! made of types that can hold nothing but a name ([`command`]), so that no value can add a line to a command.

mod address;
mod command;
mod event;
pub mod live;
mod probe;

pub use address::Address;
pub use event::Event;
pub use probe::{Probe, Switch, probe};
