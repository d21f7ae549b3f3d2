//! What lives in a switch, as rows.
//!
//! The names are those of FreeSWITCH's own answers where it has one. Times end in `_s`, `_ms` or `_epoch`; a time
//! that FreeSWITCH writes as 0 is no time.

pub mod callcenter;
pub mod channel;
pub mod conference;
pub mod host;
pub mod module;
pub mod registration;
pub mod sofia;
pub mod verto;

pub use callcenter::{Agent, Member, Queue, Tier};
pub use channel::Channel;
pub use conference::{Conference, ConferenceMember, Flags};
pub use host::Host;
pub use module::Module;
pub use registration::Registration;
pub use sofia::{Gateway, Profile};
pub use verto::VertoClient;

pub use super::told::{Shared, Word};
