//! Upserts that go on by themselves: whoever sent one may leave, and look at it later.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use custompbx_model::address::Address;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{How, Progress, Report, Row};
use crate::Pbx;
use crate::edit::By;
use crate::element::Outcome;
use crate::error::{Error, Result};

/// How many may run at a time: each holds all of its rows.
const MOST_RUNNING: usize = 2;
/// How many that have ended are remembered.
const MOST_REMEMBERED: usize = 20;
/// Of how many rows it is remembered what became of each, all requests together.
const MOST_LINES: usize = 1_000_000;

/// What became of an upsert.
pub type Ended = Arc<Result<Outcome<Report>>>;

/// What an upsert is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its rows are looked at.
    Checking,
    /// Its edits are written.
    Writing,
    /// Nothing more.
    Ended,
}

/// An upsert that was started.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number, until the program ends.
    pub id: u64,
    /// The login of whoever started it.
    pub owner: String,
    /// The instance's name.
    pub instance: String,
    /// The collection.
    pub address: Address,
    /// When it was started, in milliseconds since 1970.
    pub started_at: i64,
    /// How many rows it has.
    pub rows: usize,
    /// Whether it tells of each row.
    each: bool,
    progress: Arc<Progress>,
    ended: watch::Receiver<Option<Ended>>,
}

impl Job {
    /// What it is doing.
    pub fn phase(&self) -> Phase {
        match self.outcome() {
            Some(_) => Phase::Ended,
            None if self.progress.is_writing() => Phase::Writing,
            None => Phase::Checking,
        }
    }

    /// How many rows were looked at.
    pub fn checked(&self) -> u64 {
        self.progress.checked.load(Ordering::Relaxed)
    }

    /// How many nodes were written; edits of elements that are there do not count.
    pub fn written(&self) -> u64 {
        self.progress.written.load(Ordering::Relaxed)
    }

    /// What became of it, once it has ended.
    pub fn outcome(&self) -> Option<Ended> {
        self.ended.borrow().clone()
    }

    /// Waits until it has ended. `None`: the task that did it is gone without a word, which its panic was.
    pub async fn ended(&mut self) -> Option<Ended> {
        self.ended.wait_for(Option::is_some).await.ok()?.clone()
    }

    fn is_running(&self) -> bool {
        self.ended.borrow().is_none() && self.ended.has_changed().is_ok()
    }
}

/// Leave to run one.
#[derive(Debug)]
pub struct Place {
    /// Given back when this is dropped.
    _permit: OwnedSemaphorePermit,
}

/// All that are known.
pub(crate) struct Jobs {
    /// The last number, and those that run or are remembered.
    known: Mutex<(u64, BTreeMap<u64, Job>)>,
    places: Arc<Semaphore>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { known: Mutex::default(), places: Arc::new(Semaphore::new(MOST_RUNNING)) }
    }
}

impl Pbx {
    /// Leave to run an upsert, to be had before its rows are read.
    ///
    /// # Errors
    /// [`Error::Busy`] while too many are running.
    pub fn place_for_bulk(&self) -> Result<Place> {
        let place = self.0.jobs.places.clone().try_acquire_owned();
        let busy =
            || Error::Busy(format!("{MOST_RUNNING} bulk requests are running; try again when one has ended"));
        place.map(|permit| Place { _permit: permit }).map_err(|_| busy())
    }

    /// Starts [`Pbx::bulk`] as a task of its own.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the instance, and those of the database.
    pub async fn start_bulk(
        &self,
        place: Place,
        instance: &str,
        by: By,
        address: Address,
        rows: Vec<Row>,
        how: How,
    ) -> Result<Job> {
        let id = self.instance(instance).await?.id;
        let (sender, ended) = watch::channel(None);
        let progress = Arc::new(Progress::default());
        let mut jobs = self.0.jobs.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, known) = &mut *jobs;
        let lines = |job: &Job| if job.each { job.rows } else { 0 };
        let new = if how.each { rows.len() } else { 0 };
        while known.len() >= MOST_REMEMBERED || known.values().map(lines).sum::<usize>() + new > MOST_LINES {
            let Some(oldest) = known.values().find(|job| !job.is_running()).map(|job| job.id) else { break };
            known.remove(&oldest);
        }
        *last += 1;
        let job = Job {
            id: *last,
            owner: by.actor.clone(),
            instance: instance.to_owned(),
            address: address.clone(),
            started_at: self.now(),
            rows: rows.len(),
            each: how.each,
            progress: progress.clone(),
            ended,
        };
        known.insert(job.id, job.clone());
        let pbx = self.clone();
        tokio::spawn(async move {
            let ended = pbx.bulk(id, &by, &address, &rows, how, &progress).await;
            if let Err(error) = &ended {
                tracing::warn!(error = error.chain(), %address, "a bulk request was not carried out");
            }
            drop(rows);
            drop(place);
            sender.send_modify(|state| *state = Some(Arc::new(ended)));
        });
        Ok(job)
    }

    /// An upsert that runs, or is remembered.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn bulk_job(&self, id: u64) -> Result<Job> {
        let jobs = self.0.jobs.known.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = || Error::NotFound { what: "job", name: id.to_string() };
        jobs.1.get(&id).cloned().ok_or_else(missing)
    }

    /// Stops an upsert while nothing is written, and forgets one that has ended.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Busy`] when it is being written, which cannot be stopped.
    pub async fn end_bulk_job(&self, id: u64) -> Result<()> {
        let mut job = self.bulk_job(id)?;
        if job.is_running() {
            if !job.progress.stop() && job.outcome().is_none() {
                let why = "the rows are being written, which cannot be stopped; undo the revision afterwards";
                return Err(Error::Busy(why.to_owned()));
            }
            job.ended().await;
        } else {
            self.0.jobs.known.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&id);
        }
        Ok(())
    }
}
