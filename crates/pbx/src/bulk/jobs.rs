//! Upserts that go on by themselves: whoever sent one may leave, and look at it later.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use custompbx_model::address::Address;
use custompbx_store::{InstanceId, WebUserId};
use tokio::sync::watch;

use super::{How, Report, Row};
use crate::Pbx;
use crate::edit::By;
use crate::element::Outcome;
use crate::error::{Error, Result};

/// How many may run at a time: each holds all of its rows.
const MOST_RUNNING: usize = 2;
/// How many that have ended are remembered.
const MOST_REMEMBERED: usize = 100;

/// What became of an upsert.
pub type Ended = Arc<Result<Outcome<Report>>>;

/// How far an upsert is.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Nodes that were written.
    pub nodes: u64,
    /// What became of it, once it has ended.
    pub ended: Option<Ended>,
}

/// An upsert that was started.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number, until the program ends.
    pub id: u64,
    /// Whose it is.
    pub owner: WebUserId,
    /// When it was started, in milliseconds since 1970.
    pub started_at: i64,
    /// How many rows it has.
    pub rows: usize,
    state: watch::Receiver<State>,
}

impl Job {
    /// How far it is.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Waits until it has ended. `None`: the task that did it is gone without a word, which its panic was.
    pub async fn ended(&mut self) -> Option<Ended> {
        self.state.wait_for(|state| state.ended.is_some()).await.ok()?.ended.clone()
    }

    fn is_running(&self) -> bool {
        self.state.borrow().ended.is_none() && self.state.has_changed().is_ok()
    }
}

/// All that are known.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<(u64, BTreeMap<u64, Job>)>);

impl Pbx {
    /// Starts [`Pbx::bulk`] as a task of its own.
    ///
    /// # Errors
    /// [`Error::Busy`] while too many are running.
    pub fn start_bulk(
        &self,
        instance: InstanceId,
        by: By,
        owner: WebUserId,
        address: Address,
        rows: Vec<Row>,
        how: How,
    ) -> Result<Job> {
        let mut jobs = self.0.jobs.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, known) = &mut *jobs;
        if known.values().filter(|job| job.is_running()).count() >= MOST_RUNNING {
            return Err(Error::Busy(format!("{MOST_RUNNING} bulk requests are running; wait for one of them")));
        }
        while known.len() >= MOST_REMEMBERED {
            let Some(oldest) = known.values().find(|job| !job.is_running()).map(|job| job.id) else { break };
            known.remove(&oldest);
        }
        *last += 1;
        let (sender, state) = watch::channel(State::default());
        let job = Job { id: *last, owner, started_at: self.now(), rows: rows.len(), state };
        known.insert(job.id, job.clone());
        let pbx = self.clone();
        tokio::spawn(async move {
            let mut progress = |nodes| {
                sender.send_modify(|state| state.nodes = nodes);
            };
            let ended = pbx.bulk(instance, &by, &address, &rows, how, &mut progress).await;
            if let Err(error) = &ended {
                tracing::warn!(error = error.chain(), "a bulk request was not carried out");
            }
            sender.send_modify(|state| state.ended = Some(Arc::new(ended)));
        });
        Ok(job)
    }

    /// An upsert that was started by this web user.
    pub fn bulk_job(&self, id: u64, owner: WebUserId) -> Option<Job> {
        let jobs = self.0.jobs.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.1.get(&id).filter(|job| job.owner == owner).cloned()
    }
}
