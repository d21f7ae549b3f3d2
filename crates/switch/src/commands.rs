//! Sending commands.
//!
//! FreeSWITCH works off the commands of a connection one after the other, and a slow one keeps back everything behind
//! it. So each command has a connection to itself until its reply is there: a command that never ends holds up
//! nothing else, and a reply cannot be taken for that of another. The connection that events come by is none of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::command::{BadCommand, Command, verdict};
use crate::live::Ask;
use crate::wire::{Connection, Content, Lost};
use crate::{Address, Trouble};

/// How many commands are under way at once; others wait.
const MOST_AT_ONCE: usize = 8;
/// How many connections are kept for the next command.
const MOST_IDLE: usize = 2;
/// How long.
const KEPT_FOR: Duration = Duration::from_secs(20);
/// How long an answer may still come after the switch said no: a reply that nobody asked for is no reason to give up.
const GRACE: Duration = Duration::from_millis(250);

/// What came of a command that did not do what it was meant to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It was not sent.
    #[error("`{command}` was not sent: {trouble}")]
    NotSent {
        /// The line.
        command: String,
        /// What is in the way.
        trouble: Trouble,
    },
    /// FreeSWITCH refused it, or could not do it.
    #[error("FreeSWITCH could not do `{command}`: {reason}")]
    Refused {
        /// The line.
        command: String,
        /// FreeSWITCH's words.
        reason: String,
        /// All that it said.
        reply: String,
    },
    /// It was sent, and nobody knows whether it was done.
    #[error("`{command}` was sent, and it is not known whether it was done: {reason}")]
    Unknown {
        /// The line.
        command: String,
        /// Why not.
        reason: String,
    },
}

/// What sends commands to one switch. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Commands(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: watch::Receiver<Address>,
    idle: Mutex<Vec<Idle>>,
    permits: Semaphore,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
    address: Address,
}

impl Commands {
    /// For the switch whose address is this, which may change.
    pub(crate) fn new(address: watch::Receiver<Address>) -> Self {
        Self(Arc::new(Inner { address, idle: Mutex::default(), permits: Semaphore::new(MOST_AT_ONCE) }))
    }

    /// For a switch whose address does not change.
    pub fn to(address: Address) -> Self {
        Self::new(watch::channel(address).1)
    }

    /// Has a command carried out, and gives what FreeSWITCH says to it.
    ///
    /// # Errors
    /// [`CommandError`]; no later than [`Command::deadline`].
    pub async fn run(&self, command: &Command) -> Result<String, CommandError> {
        let reply = self.reply(command).await?;
        match verdict(&reply) {
            Ok(_) => Ok(reply),
            Err(reason) => Err(CommandError::Refused { command: command.line().to_owned(), reason, reply }),
        }
    }

    /// What FreeSWITCH says to a command, good or bad.
    ///
    /// # Errors
    /// Those of [`Commands::run`], but for what it says.
    pub async fn reply(&self, command: &Command) -> Result<String, CommandError> {
        let deadline = Instant::now() + command.deadline();
        let not_sent = |trouble| CommandError::NotSent { command: command.line().to_owned(), trouble };
        let permit = timeout_at(deadline, self.0.permits.acquire()).await;
        // An error would mean that the semaphore was closed, which nobody does.
        let _permit =
            permit.map_err(|_| not_sent(Trouble::Failed { reason: "too many commands wait".to_owned() }))?;
        // A connection that was kept may have been closed in the meantime, without a sign of it. What may be asked
        // twice is asked again by a new one.
        if command.is_repeatable()
            && let Some(connection) = self.idle()
            && let Ok(reply) = self.ask(connection, command, deadline).await
        {
            return Ok(reply);
        }
        let address = self.0.address.borrow().clone();
        let connection = timeout_at(deadline, Connection::open(&address)).await;
        let connection = connection.unwrap_or(Err(Trouble::NoAnswer)).map_err(not_sent)?;
        self.ask(connection, command, deadline).await
    }

    async fn ask(
        &self,
        mut connection: Connection,
        command: &Command,
        deadline: Instant,
    ) -> Result<String, CommandError> {
        let line = command.line();
        let unknown = |reason: String| CommandError::Unknown { command: line.to_owned(), reason };
        let answered = timeout_at(deadline, answer(&mut connection, line)).await;
        let reply = match answered {
            Ok(Ok(Answered::Text(reply))) => reply,
            Ok(Ok(Answered::No(reason))) => {
                let (command, reply) = (line.to_owned(), reason.clone());
                return Err(CommandError::Refused { command, reason, reply });
            }
            Ok(Err(lost)) => return Err(unknown(lost.trouble().to_string())),
            Err(_) => {
                let seconds = command.deadline().as_secs();
                return Err(unknown(format!("FreeSWITCH did not answer in {seconds} s")));
            }
        };
        self.keep(connection);
        Ok(reply)
    }

    fn idle(&self) -> Option<Connection> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let address = self.0.address.borrow();
        idle.retain(|one| one.since.elapsed() < KEPT_FOR && one.address == *address);
        while let Some(mut one) = idle.pop() {
            if one.connection.reader.is_quiet() {
                return Some(one.connection);
            }
        }
        None
    }

    fn keep(&self, connection: Connection) {
        let address = self.0.address.borrow().clone();
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(Idle { connection, since: Instant::now(), address });
        }
    }

    /// Closes the connections that are kept, as a client does that has no more to say.
    pub(crate) async fn say_goodbye(&self) {
        let idle = std::mem::take(&mut *self.0.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for mut one in idle {
            // The switch answers with a farewell, or is gone.
            if one.connection.writer.send("exit").await.is_ok() {
                let _ = timeout(GRACE, one.connection.reader.frame()).await;
            }
        }
    }

    /// Closes the connections that are kept.
    pub(crate) fn forget(&self) {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What came back.
enum Answered {
    Text(String),
    /// The command is not allowed on this connection, or there is none.
    No(String),
}

async fn answer(connection: &mut Connection, line: &str) -> Result<Answered, Lost> {
    connection.writer.send(&format!("api {line}")).await?;
    let mut refusal: Option<String> = None;
    loop {
        let frame = match &refusal {
            None => connection.reader.frame().await?,
            Some(reason) => match timeout(GRACE, connection.reader.frame()).await {
                Ok(frame) => frame?,
                Err(_) => return Ok(Answered::No(reason.clone())),
            },
        };
        match frame.content {
            Content::Answer => return Ok(Answered::Text(text(frame.body))),
            Content::Reply => {
                refusal =
                    frame.reply().strip_prefix("-ERR").map(|reason| reason.trim().to_owned()).or(refusal);
            }
            Content::Goodbye | Content::Rejection => return Err(Lost::Closed),
            Content::AuthRequest | Content::Event | Content::Log | Content::Other => {}
        }
    }
}

/// Without a copy where it is text.
fn text(body: bytes::Bytes) -> String {
    String::from_utf8(body.into())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Why something could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The question cannot be asked.
    #[error(transparent)]
    Bad(#[from] BadCommand),
    /// It was not answered.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl Ask for Commands {
    type Error = AskError;

    /// What FreeSWITCH says, good or bad.
    async fn ask(&self, command: &str) -> Result<String, AskError> {
        Ok(self.reply(&Command::query(command)?).await?)
    }
}
