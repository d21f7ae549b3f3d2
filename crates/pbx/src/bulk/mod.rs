//! Many elements of a collection at once: each is made, or becomes what its row says.
//!
//! [`rows`] reads what somebody sent, `plan` makes edits of it, which are one revision: FreeSWITCH gets all of them at
//! once, and a server that stops in between has written nothing. [`jobs`](Job) does that beside the requests.

mod jobs;
mod plan;
mod report;
pub mod rows;

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use custompbx_model::address::Address;
use custompbx_store::{InstanceId, Store, Subtree};

pub(crate) use jobs::Jobs;
pub use jobs::{Ended, Job, Phase, Place};
pub use report::{Became, MOST_REFUSALS, Refusal, Report};
pub use rows::Row;

use plan::Planned;

use crate::Pbx;
use crate::edit::{By, Plan};
use crate::element::{Outcome, Refused};
use crate::error::{Error, Result};

/// How rows are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Whether a row says all of its element; else what it does not mention stays.
    pub replace: bool,
    /// Whether rows that are right are written although others are wrong.
    pub partly: bool,
    /// Nothing is written; the report says what would be.
    pub dry_run: bool,
    /// Whether the report tells of each row.
    pub each: bool,
}

/// How far an upsert is, for those who look at it meanwhile.
#[derive(Debug, Default)]
pub struct Progress {
    /// Rows that were looked at. It begins anew when somebody else changed the instance meanwhile.
    pub(crate) checked: AtomicU64,
    /// Nodes that were written.
    pub(crate) written: AtomicU64,
    /// One of [`CHECKING`], [`WRITING`] and [`STOPPED`].
    state: AtomicU8,
}

/// Rows are looked at.
const CHECKING: u8 = 0;
/// The edits are being written: as long as that is so, nobody can stop it.
const WRITING: u8 = 1;
/// Somebody said that it is to stop; nothing else comes after that.
const STOPPED: u8 = 2;

impl Progress {
    /// Ends when somebody said so.
    fn go_on(&self) -> Result<()> {
        if self.state.load(Ordering::SeqCst) == STOPPED { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn is_writing(&self) -> bool {
        self.state.load(Ordering::SeqCst) == WRITING
    }

    /// Stops it, unless its edits are being written.
    fn stop(&self) -> bool {
        let now = self.state.compare_exchange(CHECKING, STOPPED, Ordering::SeqCst, Ordering::SeqCst);
        !matches!(now, Err(WRITING))
    }

    /// From one of the other states to another one.
    fn turn(&self, from: u8, to: u8) -> Result<()> {
        // It is in `to` already when a first try begins.
        let _ = self.state.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        self.go_on()
    }
}

impl Pbx {
    /// Upserts the rows into the collection at an address, as one revision.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`], and [`Error::Cancelled`]. What is wrong with rows is in the report.
    pub async fn bulk(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        rows: &[Row],
        how: How,
        progress: &Progress,
    ) -> Result<Outcome<Report>> {
        if how.dry_run {
            let planned = plan::plan(&self.store()?, instance, address, rows, how, progress).await?;
            return Ok(planned.map(|planned| planned.report));
        }
        let summary: String = format!("{} rows into {address}", rows.len()).chars().take(200).collect();
        let mut written = |nodes| progress.written.store(nodes, Ordering::Relaxed);
        let users = |value: &mut Outcome<(Report, Vec<Subtree>)>| match value {
            Ok((_, users)) => std::mem::take(users),
            Err(_) => Vec::new(),
        };
        let plan = |store: Store| {
            let summary = summary.clone();
            async move {
                progress.turn(WRITING, CHECKING)?;
                let planned = plan::plan(&store, instance, address, rows, how, progress).await?;
                progress.turn(CHECKING, WRITING)?;
                Ok(match planned {
                    Ok(Planned { edits, report, users }) if report.refused == 0 || how.partly => {
                        Plan { summary, edits, value: Ok((report, users)) }
                    }
                    Ok(Planned { report, .. }) => {
                        Plan { summary, edits: Vec::new(), value: Ok((report, Vec::new())) }
                    }
                    Err(refused) => Plan { summary, edits: Vec::new(), value: Err(refused) },
                })
            }
        };
        let edited = self.edit_many(instance, by, &mut written, users, plan).await?;
        Ok(edited.value.map(|(report, _)| Report {
            written: report.refused == 0 || how.partly,
            revision: edited.revision,
            served: edited.served,
            ..report
        }))
    }
}

/// What is said when an address is not a collection.
fn no_collection(address: &Address) -> Refused {
    let message = format!(
        "{address} is no collection of elements that have names; one is directory/domains/example.com/users"
    );
    Refused::Missing(message)
}
