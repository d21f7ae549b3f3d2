//! For tests only: databases, recordings of a FreeSWITCH, and stand-ins for it.
//!
//! - [`postgres`]: a database of one's own;
//! - [`recorded`]: what FreeSWITCH asked and said, byte for byte;
//! - [`freeswitch`]: reads an answer as FreeSWITCH does;
//! - [`event_socket`]: a whole switch at its event socket, played from recordings.
//!
//! With the feature `sql`:
//!
//! - [`outsider`]: another program at a database.
//!
//! With the feature `server`, and only for tests of what the server is made of:
//!
//! - [`server`]: a whole server in the test's process;
//! - [`real_switch`]: a FreeSWITCH, where there is one;
//! - [`sip`]: a small telephone.

pub mod event_socket;
pub mod freeswitch;
#[cfg(feature = "sql")]
pub mod outsider;
pub mod postgres;
#[cfg(feature = "server")]
pub mod real_switch;
pub mod recorded;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod sip;
