//! Whether a switch is there, and what it is.
//!
//! One connection that signs in, as any client does. A connection that is only opened and closed would tell less, and
//! FreeSWITCH writes a warning for each.

use std::io::ErrorKind;

use freeswitch_esl_tokio::{EslClient, EslConnectOptions, EslError};
use tokio::time::timeout;

use crate::Address;
use crate::command::{Module, Query};

/// What came of trying an event socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Nothing listens there: FreeSWITCH does not run, has no mod_event_socket, or uses another port.
    Refused,
    /// There is no way there: an unknown name, no route.
    Unreachable {
        /// The system's words.
        reason: String,
    },
    /// Nobody answered in time, or not to the end.
    NoAnswer,
    /// FreeSWITCH does not let this machine in (`apply-inbound-acl` of `event_socket.conf`).
    Denied,
    /// FreeSWITCH does not take the password.
    WrongPassword,
    /// Something else answered, or FreeSWITCH in a way that is not known.
    Failed {
        /// What was not as it should be.
        reason: String,
    },
    /// The switch is there.
    Connected(Switch),
}

/// What a switch says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The line of `version`.
    pub version: String,
    /// How it calls itself; mod_xml_curl sends this as `FreeSWITCH-Switchname`.
    pub switchname: String,
    /// Its machine; mod_xml_curl sends this as `hostname`.
    pub hostname: String,
    /// The first line of `status`: how long it runs.
    pub uptime: String,
    /// Whether mod_xml_curl is loaded.
    pub has_xml_curl: bool,
    /// Whether mod_sofia is loaded; it is not if it could not get its configuration when FreeSWITCH started.
    pub has_sofia: bool,
}

/// Tries an event socket. Never takes much longer than [`Address::timeout`].
pub async fn probe(address: &Address) -> Probe {
    match timeout(address.timeout, ask(address)).await {
        Ok(Ok(switch)) => Probe::Connected(switch),
        Ok(Err(error)) => failure(error),
        Err(_) => Probe::NoAnswer,
    }
}

async fn ask(address: &Address) -> Result<Switch, EslError> {
    let options = EslConnectOptions::new().with_connect_timeout(address.timeout);
    let (client, _events) =
        EslClient::connect_with_options(&address.host, address.port, &address.pass, options).await?;
    client.set_command_timeout(address.timeout);
    let switch = Switch {
        version: answer(&client, Query::Version).await?,
        switchname: answer(&client, Query::Switchname).await?,
        hostname: answer(&client, Query::Hostname).await?,
        uptime: answer(&client, Query::Status).await?,
        has_xml_curl: answer(&client, Query::ModuleExists(Module::XML_CURL)).await? == "true",
        has_sofia: answer(&client, Query::ModuleExists(Module::SOFIA)).await? == "true",
    };
    // The switch answers with a farewell; everything that was asked is known already.
    let _ = client.exit().await;
    Ok(switch)
}

/// The first line of the answer.
async fn answer(client: &EslClient, query: Query) -> Result<String, EslError> {
    let response = client.api(&query.to_string()).await?;
    Ok(response.api_result()?.lines().next().unwrap_or_default().trim().to_owned())
}

/// No error text of the client library holds the password, but only the ones that are needed are shown at all.
fn failure(error: EslError) -> Probe {
    match error {
        EslError::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Probe::Refused,
            ErrorKind::TimedOut => Probe::NoAnswer,
            _ => Probe::Unreachable { reason: error.to_string() },
        },
        EslError::Timeout { .. } | EslError::HeartbeatExpired { .. } => Probe::NoAnswer,
        EslError::AccessDenied { .. } => Probe::Denied,
        EslError::AuthenticationFailed { .. } => Probe::WrongPassword,
        EslError::ConnectionClosed | EslError::NotConnected => {
            Probe::Failed { reason: "the connection was closed before everything was answered".to_owned() }
        }
        EslError::CommandFailed { reply_text } => {
            Probe::Failed { reason: format!("FreeSWITCH refused a question: {reply_text}") }
        }
        _ => Probe::Failed { reason: "what answered does not speak the event socket's protocol".to_owned() },
    }
}
