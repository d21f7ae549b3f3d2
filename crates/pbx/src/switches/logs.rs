//! The log of a switch, for those who watch it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use custompbx_switch::{LogLine, LogStream, Trouble};

use crate::Pbx;
use crate::error::{Error, Result};

/// So many may watch logs at once; each has a connection to a switch of their own.
pub const MOST_LOG_WATCHES: usize = 16;

/// How many watch now.
#[derive(Default)]
pub(super) struct Watches(Arc<AtomicUsize>);

/// The log of a switch, line by line, until it is let go.
#[derive(Debug)]
pub struct LogWatch {
    stream: LogStream,
    watches: Arc<AtomicUsize>,
}

impl Pbx {
    /// Watches the log of a switch up to a level, 0 (console) to 7 (debug).
    ///
    /// # Errors
    /// [`Error::NotFound`] for the switch, [`Error::Busy`] when too many watch, [`Error::NoSwitch`].
    pub async fn watch_log(&self, switch: &str, level: u8) -> Result<LogWatch> {
        let driven = self.switch(switch)?;
        let watches = self.0.switches.logs.0.clone();
        if watches.fetch_add(1, Ordering::Relaxed) >= MOST_LOG_WATCHES {
            watches.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Busy(format!("{MOST_LOG_WATCHES} logs are watched already; close one")));
        }
        match LogStream::open(&driven.supervisor.address(), level).await {
            Ok(stream) => Ok(LogWatch { stream, watches }),
            Err(trouble) => {
                watches.fetch_sub(1, Ordering::Relaxed);
                Err(Error::NoSwitch { reason: trouble.to_string() })
            }
        }
    }
}

impl LogWatch {
    /// The next line; `None` when there was none for so long.
    ///
    /// # Errors
    /// Why there are no more.
    pub async fn next(&mut self, patience: Duration) -> std::result::Result<Option<LogLine>, Trouble> {
        self.stream.next(patience).await
    }
}

impl Drop for LogWatch {
    fn drop(&mut self) {
        self.watches.fetch_sub(1, Ordering::Relaxed);
    }
}
