//! The event socket's protocol: frames, and a connection that has signed in.
//!
//! Why this is not a library says `docs/decisions/0040-the-event-socket-by-hand.md`.

mod connection;
mod frame;

pub(crate) use connection::{Connection, Lost, Reader};
#[cfg(fuzzing)]
pub(crate) use frame::Decoder;
pub(crate) use frame::{Content, Frame};
