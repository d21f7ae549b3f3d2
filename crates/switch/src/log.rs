//! The log of a switch, line by line.

use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;

use crate::wire::{Connection, Content, Lost};
use crate::{Address, Trouble};

/// FreeSWITCH's levels, from the one that only it can be told to the one that tells everything.
const LEVELS: std::ops::RangeInclusive<u8> = 0..=10;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// 0 (console) to 7 (debug); 10 for debug of the highest level.
    pub level: u8,
    /// The file of FreeSWITCH's source.
    pub file: String,
    /// The function.
    pub function: String,
    /// The line in the file.
    pub line: u32,
    /// The call that it is about.
    pub uuid: Option<String>,
    /// What it says, with its time.
    pub text: String,
}

/// A connection of its own that lines come by, so that they hold up nothing.
#[derive(Debug)]
pub struct LogStream {
    connection: Connection,
}

impl LogStream {
    /// Asks for the lines up to a level.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn open(address: &Address, level: u8) -> Result<Self, Trouble> {
        let mut connection = Connection::open(address).await?;
        let level = level.clamp(*LEVELS.start(), *LEVELS.end());
        let agreed = async {
            connection.writer.send(&format!("log {level}")).await?;
            loop {
                let frame = connection.reader.frame().await?;
                match frame.content {
                    Content::Reply if frame.reply().starts_with("+OK") => return Ok(None),
                    Content::Reply if frame.reply().starts_with("-ERR") => {
                        return Ok(Some(frame.reply().into_owned()));
                    }
                    Content::Goodbye | Content::Rejection => return Err(Lost::Closed),
                    _ => {}
                }
            }
        };
        let agreed = timeout(address.timeout, agreed).await.map_err(|_| Trouble::NoAnswer)?;
        match agreed.map_err(Lost::trouble)? {
            None => Ok(Self { connection }),
            Some(reason) => Err(Trouble::Failed { reason: format!("FreeSWITCH refused its log: {reason}") }),
        }
    }

    /// The next line; `None` when there was none for so long.
    ///
    /// # Errors
    /// Why there are no more.
    pub async fn next(&mut self, patience: Duration) -> Result<Option<LogLine>, Trouble> {
        loop {
            let frame = match timeout(patience, self.connection.reader.frame()).await {
                Ok(frame) => frame.map_err(Lost::trouble)?,
                Err(_) => return Ok(None),
            };
            match frame.content {
                Content::Log => {
                    let header = |name: &str| frame.header(name).unwrap_or_default().into_owned();
                    return Ok(Some(LogLine {
                        level: header("Log-Level").parse().unwrap_or_default(),
                        file: header("Log-File"),
                        function: header("Log-Func"),
                        line: header("Log-Line").parse().unwrap_or_default(),
                        uuid: Some(header("User-Data")).filter(|uuid| !uuid.is_empty()),
                        text: frame.text().trim_end_matches('\n').to_owned(),
                    }));
                }
                Content::Goodbye | Content::Rejection => return Err(Trouble::Closed),
                _ => {}
            }
        }
    }
}
