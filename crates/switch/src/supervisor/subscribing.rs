//! What is asked for at the beginning of a connection.

use std::time::Duration;

use tokio::time::timeout;

use super::session::EXECUTE;
use crate::Trouble;
use crate::live;
use crate::wire::{Connection, Content, Lost};

/// The log is only for what is critical, among which is that events were lost.
pub(super) const LOG: &str = "log 2";

/// Subscribes to what the state is made of. Lines of the log may come in between, and replies that nobody asked for.
/// Events may come as well: what they tell is in what is read afterwards.
pub(super) async fn subscribe(
    mut connection: Connection,
    longest: Duration,
    executions: bool,
) -> Result<Connection, Trouble> {
    let mut events = live::EVENTS.join(" ");
    if executions {
        events = format!("{events} {EXECUTE}");
    }
    // Those of CUSTOM come last: what follows that word is a subclass.
    let command = format!("event json {events} CUSTOM {}", live::CUSTOM.join(" "));
    for (command, accepted) in [(&*command, "+OK event listener enabled"), (LOG, "+OK log level")] {
        let agreed = async {
            connection.writer.send(command).await?;
            loop {
                let frame = connection.reader.frame().await?;
                match frame.content {
                    Content::Reply if frame.reply().starts_with(accepted) => return Ok(Ok(())),
                    Content::Reply if frame.reply().starts_with("-ERR") => {
                        return Ok(Err(Trouble::Failed {
                            reason: format!("FreeSWITCH refused a subscription: {}", frame.reply()),
                        }));
                    }
                    Content::Goodbye => return Ok(Err(Trouble::Closed)),
                    Content::Rejection => return Ok(Err(Trouble::Denied)),
                    _ => {}
                }
            }
        };
        let agreed = timeout(longest, agreed).await.map_err(|_| Trouble::NoAnswer)?;
        agreed.map_err(Lost::trouble)??;
    }
    Ok(connection)
}
