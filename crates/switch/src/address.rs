//! Where an event socket is.

use std::fmt;
use std::time::Duration;

/// An event socket and what opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Address or name of the machine.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The password of `event_socket.conf`.
    pub pass: String,
    /// How long all of it may take: connecting, signing in and every question.
    pub timeout: Duration,
}

/// Without the password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, timeout, pass: _ } = self;
        f.debug_struct("Address")
            .field("host", host)
            .field("port", port)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_password() {
        let address = Address {
            host: "pbx".into(),
            port: 8021,
            pass: "geheim".into(),
            timeout: Duration::from_secs(1),
        };
        let shown = format!("{address:?}");
        assert!(shown.contains("8021") && !shown.contains("geheim"), "{shown}");
    }
}
