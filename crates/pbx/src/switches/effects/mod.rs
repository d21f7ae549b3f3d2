//! What a change of the tree has the switches do.
//!
//! The history is the list of what is to be done: each switch knows the last revision whose effects it has seen, and
//! works off those behind it, in their order, many at once. So nothing is lost while a switch, or this program, is away,
//! nothing is done twice, and it does not matter which node wrote a revision or by which way.
//!
//! - [`plan`]: the commands of revisions, by the declarations;
//! - [`run`]: having them done, and what came of it;
//! - [`verify`]: reading back what a switch says it did.

mod offers;
mod plan;
mod run;
mod verify;

pub use offers::{Interrupts, Offer};

use std::sync::Arc;
use std::time::Duration;

use custompbx_store::RevisionId;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

use self::run::Undone;
use super::{Driven, import};
use crate::Pbx;
use crate::error::{Result, chain};
use crate::feed::Event;

/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(1);

impl Pbx {
    /// Has a switch do what changes need; does not end.
    pub(super) async fn follow_effects(&self, driven: &Arc<Driven>) {
        let mut events = self.events();
        let mut status = driven.supervisor.status_changes();
        let mut lost = None;
        loop {
            status.mark_unchanged();
            if driven.supervisor.status().is_live() {
                match self.catch_up(driven, &mut lost).await {
                    // More may have come meanwhile.
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => {
                        if !error.is_unavailable() {
                            tracing::warn!(
                                switch = driven.key,
                                error = chain(&error),
                                "what changed was not told to the switch; trying again"
                            );
                        }
                        sleep(RETRY).await;
                        continue;
                    }
                }
            }
            tokio::select! {
                () = changed(&mut events) => {}
                changed = status.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Works off what the switch has not seen; whether there was anything. `lost` is what it had seen when an answer of
    /// it was lost.
    async fn catch_up(&self, driven: &Arc<Driven>, lost: &mut Option<RevisionId>) -> Result<bool> {
        let store = self.store()?;
        let name = driven.name().to_lowercase();
        let Some(instance) = self.instance_of(driven) else { return Ok(false) };
        let head = store.head().await?;
        let progress = store.switch_progress(&name).await?;
        let Some(seen) = progress.filter(|seen| *seen <= head) else {
            // It is new here and has just read what there is, or the database was set back.
            store.add_effects(&name, progress, head, &[], self.now()).await?;
            return Ok(false);
        };
        // What it asks for because of a command must be what the command is about.
        let served = RevisionId(self.snapshot().map_or(0, |snapshot| snapshot.revision));
        let mut revisions = store.revisions_after(seen).await?;
        revisions.retain(|revision| revision.id <= served);
        let Some(last) = revisions.last().map(|revision| revision.id) else { return Ok(false) };
        // What was taken over from the switch it has.
        let own = import::origin(driven);
        revisions.retain(|revision| revision.instance == instance && revision.origin != own);
        let planned = plan::plan(self, &store, driven, instance, &revisions).await?;
        let effects = match run::run(self, driven, instance, planned, *lost == Some(seen)).await {
            Ok(effects) => effects,
            Err(undone) => {
                // A connection was lost in the middle; all of it is done once more, which does no harm. It need not be
                // the one that the state comes by: then no change of the status says when.
                if matches!(undone, Undone::Lost(_)) {
                    *lost = Some(seen);
                }
                sleep(RETRY).await;
                return Ok(true);
            }
        };
        if !store.add_effects(&name, progress, last, &effects, self.now()).await? {
            // Another node drives the same switch, and has told of them.
            return Ok(true);
        }
        let mut told: Vec<RevisionId> = effects.iter().map(|effect| effect.revision).collect();
        told.sort_unstable();
        told.dedup();
        if !told.is_empty() {
            self.0.feed.send(Event::Effects { switch: driven.key.clone(), revisions: told });
        }
        Ok(true)
    }
}

/// Returns when a revision is served that was not.
async fn changed(events: &mut tokio::sync::broadcast::Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::TreeChanged { .. } | Event::TreeReplaced) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // The house is being closed.
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
