//! The log of a switch, for those who watch it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use custompbx_switch::{Address, LogStream, Phase};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::Driven;
use crate::Pbx;
use crate::error::{Error, Result};

/// A line of the log.
pub use custompbx_switch::LogLine;

/// So many may watch logs at once; each has a connection to a switch of their own.
pub const MOST_LOG_WATCHES: usize = 16;

/// FreeSWITCH's levels, by number: each shows all before it too.
pub const LEVELS: [&str; 8] = ["console", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// The level where none is asked for: info.
pub const USUAL_LEVEL: u8 = 6;

/// So many bytes of lines wait for who watches; what comes then is left out.
const MOST_WAITING: usize = 1024 * 1024;
/// What a line takes beside its texts.
const LINE: usize = 128;
/// As good as for ever: the end of a connection is heard of.
const NO_HURRY: Duration = Duration::from_secs(3600);
/// How long the last lines of a switch that is away are waited for.
const LAST_LINES: Duration = Duration::from_millis(500);

/// The number of a level, by its name or its number from 0 to 7.
pub fn level(word: &str) -> Option<u8> {
    let is_it = |(number, name): &(u8, &&str)| name.eq_ignore_ascii_case(word) || number.to_string() == word;
    (0..).zip(&LEVELS).find(is_it).map(|(number, _)| number)
}

/// How many watch now.
#[derive(Default)]
pub(super) struct Watches(Arc<AtomicUsize>);

/// The place of one who watches.
#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Watches {
    fn place(&self) -> Result<Place> {
        let place = Place(self.0.clone());
        if place.0.fetch_add(1, Ordering::Relaxed) >= MOST_LOG_WATCHES {
            return Err(Error::Busy(format!("{MOST_LOG_WATCHES} logs are watched already; close one")));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The log of a switch, line by line, until it is let go. It is read whether the lines are taken or not, so that a slow
/// watcher makes FreeSWITCH keep none; so many as fit wait here, and others are left out.
#[derive(Debug)]
pub struct LogWatch {
    waiting: Arc<Waiting>,
    reading: JoinHandle<()>,
    _place: Place,
}

/// Lines that were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLines {
    /// In their order.
    pub lines: Vec<LogLine>,
    /// How many were left out behind them.
    pub dropped: u64,
    /// Why there are no more, once all were taken.
    pub end: Option<String>,
}

impl Pbx {
    /// Watches the log of a switch up to a level, 0 (console) to 7 (debug); with a uuid, only the lines about that call.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the switch, [`Error::Busy`] when too many watch, [`Error::NoSwitch`].
    pub async fn watch_log(&self, switch: &str, level: u8, uuid: Option<String>) -> Result<LogWatch> {
        let driven = self.switch(switch)?;
        driven.check_connected()?;
        let place = self.0.switches.logs.place()?;
        let address = driven.supervisor.address();
        let stream = LogStream::open(&address, level).await;
        let stream = stream.map_err(|trouble| Error::NoSwitch { reason: trouble.to_string() })?;
        let waiting = Arc::new(Waiting::default());
        let reading = tokio::spawn({
            let waiting = waiting.clone();
            async move {
                let reason = read(stream, &driven, &address, uuid.as_deref(), &waiting).await;
                waiting.end(reason);
            }
        });
        Ok(LogWatch { waiting, reading, _place: place })
    }
}

impl LogWatch {
    /// Waits until there is something to take.
    pub async fn ready(&self) {
        while self.waiting.is_empty() {
            self.waiting.more.notified().await;
        }
    }

    /// Takes what is there, up to so many lines.
    pub fn take(&self, most: usize) -> LogLines {
        self.waiting.take(most)
    }
}

impl Drop for LogWatch {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// Reads until there is nothing more to read; why.
async fn read(
    mut stream: LogStream,
    driven: &Driven,
    address: &Address,
    uuid: Option<&str>,
    waiting: &Waiting,
) -> String {
    let mut status = driven.supervisor.status_changes();
    let mut stop = driven.stop.subscribe();
    // A machine that lost its power closes nothing; those who drive the switch find out. The last lines may still come.
    let mut away: Option<String> = None;
    loop {
        let patience = if away.is_some() { LAST_LINES } else { NO_HURRY };
        tokio::select! {
            line = stream.next(patience) => match (line, &away) {
                (Ok(Some(line)), _) if uuid.is_none() || line.uuid.as_deref() == uuid => waiting.put(line),
                (Ok(None), Some(reason)) => return reason.clone(),
                (Ok(_), _) => {}
                (Err(trouble), _) => return trouble.to_string(),
            },
            changed = status.changed() => {
                let status = status.borrow_and_update().clone();
                if changed.is_err() || driven.supervisor.address() != *address {
                    return "the switch is connected elsewhere".to_owned();
                }
                let trouble = || status.trouble.map_or_else(|| "the switch is away".to_owned(), |it| it.to_string());
                away = (status.phase == Phase::Away).then(trouble);
            }
            _ = stop.wait_for(|stop| *stop) => return "the switch is driven no longer".to_owned(),
        }
    }
}

/// What waits for who watches.
#[derive(Debug, Default)]
struct Waiting {
    queue: Mutex<Queue>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    end: Option<String>,
}

#[derive(Debug)]
enum Entry {
    Line(LogLine),
    /// So many were left out here.
    Gap(u64),
}

fn size(line: &LogLine) -> usize {
    let uuid = line.uuid.as_deref().map_or(0, str::len);
    LINE + line.text.len() + line.file.len() + line.function.len() + uuid
}

impl Waiting {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        let queue = self.queue();
        queue.entries.is_empty() && queue.end.is_none()
    }

    fn put(&self, line: LogLine) {
        let mut queue = self.queue();
        let bytes = queue.bytes + size(&line);
        if bytes <= MOST_WAITING {
            queue.bytes = bytes;
            queue.entries.push_back(Entry::Line(line));
        } else if let Some(Entry::Gap(count)) = queue.entries.back_mut() {
            *count += 1;
        } else {
            queue.entries.push_back(Entry::Gap(1));
        }
        self.more.notify_one();
    }

    fn end(&self, reason: String) {
        self.queue().end = Some(reason);
        self.more.notify_one();
    }

    fn take(&self, most: usize) -> LogLines {
        let mut queue = self.queue();
        let mut taken = LogLines::default();
        while taken.dropped == 0 && taken.lines.len() < most {
            match queue.entries.pop_front() {
                Some(Entry::Line(line)) => {
                    queue.bytes -= size(&line);
                    taken.lines.push(line);
                }
                Some(Entry::Gap(count)) => taken.dropped = count,
                None => break,
            }
        }
        if queue.entries.is_empty() {
            taken.end = queue.end.clone();
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine {
            level: 6,
            file: String::new(),
            function: String::new(),
            line: 1,
            uuid: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn levels_have_names_and_numbers() {
        assert_eq!(
            (level("7"), level("debug"), level("ERR"), level("0")),
            (Some(7), Some(7), Some(3), Some(0))
        );
        for wrong in ["", "8", "-1", "07", "+7", "debug1", " 7"] {
            assert_eq!(level(wrong), None, "{wrong:?}");
        }
        assert_eq!(level(LEVELS[usize::from(USUAL_LEVEL)]), Some(USUAL_LEVEL));
    }

    #[test]
    fn what_does_not_fit_is_counted_where_it_is_missing() {
        let waiting = Waiting::default();
        assert!(waiting.is_empty());
        let long = "x".repeat(MOST_WAITING / 2);
        waiting.put(line(&long));
        waiting.put(line("short"));
        waiting.put(line(&long));
        waiting.put(line(&long));
        waiting.put(line("after"));
        waiting.end("over".to_owned());
        let first = waiting.take(1);
        assert_eq!((first.lines.len(), first.dropped, first.end), (1, 0, None));
        let second = waiting.take(10);
        assert_eq!((second.lines, second.dropped, second.end), (vec![line("short")], 2, None));
        let third = waiting.take(10);
        assert_eq!((third.lines, third.dropped), (vec![line("after")], 0));
        assert_eq!(third.end.as_deref(), Some("over"));
        assert_eq!(waiting.queue().bytes, 0);
        assert!(!waiting.is_empty());
        // One that never fits.
        waiting.put(line(&"x".repeat(MOST_WAITING)));
        assert_eq!(waiting.take(10).dropped, 1);
    }

    #[test]
    fn a_place_is_given_back() {
        let watches = Watches::default();
        let places: Vec<Place> = (0..MOST_LOG_WATCHES).map(|_| watches.place().unwrap()).collect();
        assert!(matches!(watches.place(), Err(Error::Busy(_))));
        drop(places);
        assert!(watches.place().is_ok());
    }
}
