//! Sending commands.
//!
//! FreeSWITCH works off the commands of a connection one after the other, and a slow one keeps back everything behind
//! it. So each command has a connection to itself until its reply is there: a command that never ends holds up
//! nothing else, and a reply cannot be taken for that of another. The connection that events come by is none of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::command::{BadCommand, Command, verdict};
use crate::live::Ask;
use crate::wire::{Connection, Content, Lost};
use crate::{Address, Trouble};

/// How many commands are under way at once; others wait.
const MOST_AT_ONCE: usize = 8;
/// The same for the questions that the state is read by: commands that hang do not keep it from being read.
const QUESTIONS_AT_ONCE: usize = 2;
/// How many connections are kept for the next command.
const MOST_IDLE: usize = 2;
/// How long.
const KEPT_FOR: Duration = Duration::from_secs(20);
/// How long the answer to a question is waited for where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(20);
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
        /// The connection ended before its time was up: maybe the switch did too.
        lost: bool,
    },
}

/// What sends commands to one switch. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Commands(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: watch::Receiver<Address>,
    patience: Duration,
    kept: Mutex<Kept>,
    permits: Semaphore,
    questions: Semaphore,
}

/// The connections that are kept for the next command.
#[derive(Debug, Default)]
struct Kept {
    idle: Vec<(Link, Instant)>,
    /// How often all of them were forgotten: one that was opened before that is not kept after it.
    forgotten: u64,
    /// None is kept.
    closed: bool,
}

/// A connection, and to where it is: the address may be another one by now.
#[derive(Debug)]
struct Link {
    connection: Connection,
    address: Address,
    forgotten: u64,
}

impl Commands {
    /// For the switch whose address is this, which may change.
    pub(crate) fn new(address: watch::Receiver<Address>, patience: Duration) -> Self {
        Self(Arc::new(Inner {
            address,
            patience,
            kept: Mutex::default(),
            permits: Semaphore::new(MOST_AT_ONCE),
            questions: Semaphore::new(QUESTIONS_AT_ONCE),
        }))
    }

    /// For a switch whose address does not change.
    pub fn to(address: Address) -> Self {
        Self::new(watch::channel(address).1, PATIENCE)
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
        self.reply_among(command, &self.0.permits).await
    }

    async fn reply_among(&self, command: &Command, permits: &Semaphore) -> Result<String, CommandError> {
        let deadline = Instant::now() + command.deadline();
        let not_sent = |trouble| CommandError::NotSent { command: command.line().to_owned(), trouble };
        let permit = timeout_at(deadline, permits.acquire()).await;
        // An error would mean that the semaphore was closed, which nobody does.
        let _permit =
            permit.map_err(|_| not_sent(Trouble::Failed { reason: "too many commands wait".to_owned() }))?;
        // A connection that was kept may have been closed in the meantime, without a sign of it. What may be asked
        // twice is asked again by a new one.
        let mut sent = None;
        if command.is_repeatable()
            && let Some(link) = self.idle()
        {
            match self.ask(link, command, deadline).await {
                Err(unknown @ CommandError::Unknown { .. }) if Instant::now() < deadline => {
                    sent = Some(unknown);
                }
                told => return told,
            }
        }
        let opened = timeout_at(deadline, self.open()).await.unwrap_or(Err(Trouble::NoAnswer));
        match opened {
            Ok(link) => self.ask(link, command, deadline).await,
            // That it cannot be sent again does not say that it was not sent.
            Err(trouble) => Err(sent.unwrap_or_else(|| not_sent(trouble))),
        }
    }

    async fn open(&self) -> Result<Link, Trouble> {
        let address = self.0.address.borrow().clone();
        let forgotten = self.kept().forgotten;
        let connection = Connection::open(&address).await?;
        Ok(Link { connection, address, forgotten })
    }

    async fn ask(
        &self,
        mut link: Link,
        command: &Command,
        deadline: Instant,
    ) -> Result<String, CommandError> {
        let line = command.line();
        let unknown = |reason, lost| CommandError::Unknown { command: line.to_owned(), reason, lost };
        let answered = timeout_at(deadline, answer(&mut link.connection, line)).await;
        let reply = match answered {
            Ok(Ok(Answered::Text(reply))) => reply,
            Ok(Ok(Answered::No(reason))) => {
                let (command, reply) = (line.to_owned(), reason.clone());
                return Err(CommandError::Refused { command, reason, reply });
            }
            Ok(Err(lost)) => return Err(unknown(lost.trouble().to_string(), true)),
            Err(_) => {
                return Err(unknown(format!("FreeSWITCH did not answer in {:?}", command.deadline()), false));
            }
        };
        self.keep(link);
        Ok(reply)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> Option<Link> {
        let mut kept = self.kept();
        let address = self.0.address.borrow();
        kept.idle.retain(|(link, since)| since.elapsed() < KEPT_FOR && link.address == *address);
        while let Some((mut link, _)) = kept.idle.pop() {
            if link.connection.reader.is_quiet() {
                return Some(link);
            }
        }
        None
    }

    fn keep(&self, link: Link) {
        let mut kept = self.kept();
        if !kept.closed && link.forgotten == kept.forgotten && kept.idle.len() < MOST_IDLE {
            kept.idle.push((link, Instant::now()));
        }
    }

    /// Closes the connections that are kept, as a client does that has no more to say.
    pub(crate) async fn say_goodbye(&self) {
        let idle = std::mem::take(&mut self.kept().idle);
        for (mut link, _) in idle {
            // The switch answers with a farewell, or is gone.
            if link.connection.writer.send("exit").await.is_ok() {
                let _ = timeout(GRACE, link.connection.reader.frame()).await;
            }
        }
    }

    /// Closes the connections that are kept, and in their time those that are in use.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.idle.clear();
        kept.forgotten += 1;
    }

    /// Whether connections are kept from now on; those that were are forgotten.
    pub(crate) fn keep_connections(&self, keep: bool) {
        self.forget();
        self.kept().closed = !keep;
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
        let question = Command::query(command)?.within(self.0.patience);
        Ok(self.reply_among(&question, &self.0.questions).await?)
    }
}
