//! Whether a switch is there, and what it is.
//!
//! One connection that signs in, as any client does. A connection that is only opened and closed would tell less, and
//! FreeSWITCH writes a warning for each.

use crate::command::Command;
use crate::commands::{CommandError, Commands};
use crate::{Address, Trouble};

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
///
/// # Errors
/// What is in the way.
pub async fn probe(address: &Address) -> Result<Switch, Trouble> {
    let commands = Commands::to(address.clone());
    let asked = async {
        let answer = async |question: &str| -> Result<String, Trouble> {
            let query =
                Command::query(question).map_err(|error| Trouble::Failed { reason: error.to_string() })?;
            let answer = commands.run(&query).await.map_err(trouble)?;
            Ok(answer.lines().next().unwrap_or_default().trim().to_owned())
        };
        let switch = Switch {
            version: answer("version").await?,
            switchname: answer("switchname").await?,
            hostname: answer("hostname").await?,
            uptime: answer("status").await?,
            has_xml_curl: answer("module_exists mod_xml_curl").await? == "true",
            has_sofia: answer("module_exists mod_sofia").await? == "true",
        };
        // Everything that was asked is known already.
        commands.say_goodbye().await;
        Ok(switch)
    };
    tokio::time::timeout(address.timeout, asked).await.unwrap_or(Err(Trouble::NoAnswer))
}

fn trouble(error: CommandError) -> Trouble {
    match error {
        CommandError::NotSent { trouble, .. } => trouble,
        CommandError::Refused { reason, .. } => {
            Trouble::Failed { reason: format!("FreeSWITCH refused a question: {reason}") }
        }
        CommandError::Unknown { reason, .. } => Trouble::Failed { reason },
    }
}
