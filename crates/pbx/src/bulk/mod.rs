//! Many elements of a collection at once: each is made, or becomes what its row says.

mod jobs;
mod plan;
mod report;
pub mod rows;

use custompbx_model::address::Address;
use custompbx_store::InstanceId;

pub(crate) use jobs::Jobs;
pub use jobs::{Ended, Job, State};
pub use report::{MOST_FAILURES, Report, RowFailure};
pub use rows::Row;

use crate::Pbx;
use crate::edit::{By, Plan};
use crate::element::{Outcome, Refused};
use crate::error::Result;

/// How rows are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Whether a row says all of its element; else what it does not mention stays.
    pub replace: bool,
    /// Whether rows that are right are written although others are wrong.
    pub partly: bool,
    /// Nothing is written; the report says what would be.
    pub dry_run: bool,
}

impl Pbx {
    /// Upserts the rows into the collection at an address, as one revision. `progress` is told now and then how many
    /// nodes were written.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`]. What is wrong with rows is in the report.
    pub async fn bulk(
        &self,
        instance: InstanceId,
        by: &By,
        address: &Address,
        rows: &[Row],
        how: How,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Outcome<Report>> {
        if how.dry_run {
            let planned = plan::plan(&self.store()?, instance, address, rows, how).await?;
            return Ok(planned.map(|(_, report)| report));
        }
        let summary: String = format!("{} rows into {address}", rows.len()).chars().take(200).collect();
        let edited = self
            .edit_many(instance, by, progress, |store| {
                let summary = summary.clone();
                async move {
                    Ok(match plan::plan(&store, instance, address, rows, how).await? {
                        Ok((edits, report)) if report.failed == 0 || how.partly => {
                            Plan { summary, edits, value: Ok(report) }
                        }
                        Ok((_, report)) => Plan { summary, edits: Vec::new(), value: Ok(report) },
                        Err(refused) => Plan { summary, edits: Vec::new(), value: Err(refused) },
                    })
                }
            })
            .await?;
        Ok(edited.value.map(|report: Report| Report {
            written: report.failed == 0 || how.partly,
            revision: edited.revision,
            served: edited.served,
            ..report
        }))
    }
}

/// What is said when an address is not a collection.
fn no_collection(address: &Address) -> Refused {
    Refused::Query {
        name: "address",
        message: format!("{address} is no collection of elements that have names, such as the users of a domain"),
    }
}
