//! What is in the way to a switch, and what to do about it.

/// What is in the way to an event socket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing listens there.
    #[error("nothing listens there")]
    Refused,
    /// There is no way there: an unknown name, no route.
    #[error("there is no way there: {reason}")]
    Unreachable {
        /// The system's words.
        reason: String,
    },
    /// Nobody answered in time, or not to the end.
    #[error("it does not answer")]
    NoAnswer,
    /// FreeSWITCH does not let this machine in.
    #[error("FreeSWITCH does not let this machine in")]
    Denied,
    /// FreeSWITCH does not take the password.
    #[error("FreeSWITCH does not take the password")]
    WrongPassword,
    /// The connection was closed from the other side.
    #[error("FreeSWITCH closed the connection")]
    Closed,
    /// Something else answered, or FreeSWITCH in a way that is not known.
    #[error("{reason}")]
    Failed {
        /// What was not as it should be.
        reason: String,
    },
}

impl Trouble {
    pub(crate) fn stranger() -> Self {
        Self::Failed { reason: "what answered does not speak the event socket's protocol".to_owned() }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Refused => {
                "start FreeSWITCH; load mod_event_socket there; compare `listen-ip` and `listen-port` of its \
                 event_socket.conf with freeswitch.esl here"
            }
            Self::Unreachable { .. } => {
                "compare freeswitch.esl.host with the name or address of FreeSWITCH's machine"
            }
            Self::NoAnswer => {
                "FreeSWITCH may be stuck, or a firewall drops what is sent there; try fs_cli on its machine"
            }
            Self::Denied => {
                "let this machine in by `apply-inbound-acl` of FreeSWITCH's event_socket.conf, then `reload mod_event_socket`"
            }
            Self::WrongPassword => {
                "set freeswitch.esl.pass to the `password` of FreeSWITCH's event_socket.conf"
            }
            Self::Closed => {
                "it is tried again by itself; if this goes on, FreeSWITCH's log says why it closes"
            }
            Self::Failed { .. } => "see that freeswitch.esl.port is the one of FreeSWITCH's event socket",
        }
    }
}
