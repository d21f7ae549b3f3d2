//! Following the database.

use std::sync::Arc;
use std::time::Duration;

use custompbx_store::{RevisionId, Store};
use custompbx_xmlcurl::Snapshot;
use tokio::sync::watch;
use tokio::time::sleep;

use super::build;
use crate::Pbx;
use crate::error::Result;

/// How long after a change the snapshot is saved.
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// How often an unreachable database is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How often the revisions are looked at although nobody told of any.
const LOOK_EVERY: Duration = Duration::from_secs(30);

impl Pbx {
    /// Brings the snapshot up to the database's last revision.
    pub(crate) async fn refresh_from(&self, store: &Store) -> Result<()> {
        let served = &self.0.served;
        let _making = served.making.lock().await;
        let next = match served.snapshot() {
            Some(current) if current.store == store.identity() => {
                let head = store.head().await?.0;
                if head == current.revision {
                    return Ok(());
                }
                if head > current.revision {
                    follow(store, &current).await?
                } else {
                    build::everything(store).await?
                }
            }
            _ => build::everything(store).await?,
        };
        served.current.store(Some(Arc::new(next)));
        Ok(())
    }

    /// Follows the database until `stop` says so: connects it when it is not there, takes in what others wrote, and
    /// saves the snapshot now and then.
    pub async fn keep_up(&self, mut stop: watch::Receiver<bool>) {
        let follow = async {
            loop {
                if let Err(error) = self.follow_database().await {
                    tracing::warn!(
                        error = error.chain(),
                        "cannot follow the database; serving from memory and trying again"
                    );
                }
                sleep(RETRY).await;
            }
        };
        let save = async {
            loop {
                sleep(SAVE_EVERY).await;
                self.0.served.save().await;
            }
        };
        tokio::select! {
            () = follow => {}
            () = save => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Returns only with an error.
    async fn follow_database(&self) -> Result<()> {
        let store = self.0.database.connect().await?;
        let mut signal = store.changes_signal();
        loop {
            self.refresh_from(&store).await?;
            self.0.questions.look_at(self.snapshot().as_deref());
            tokio::select! {
                changed = signal.changed() => if changed.is_err() { return Ok(()) },
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }
}

async fn follow(store: &Store, current: &Snapshot) -> Result<Snapshot> {
    let revisions = store.revisions_after(RevisionId(current.revision)).await?;
    let last = revisions.last().map_or(current.revision, |revision| revision.id.0);
    let changed = revisions
        .into_iter()
        .flat_map(|revision| revision.parts.into_iter().map(move |part| (revision.instance, part)))
        .collect();
    let mut next = build::parts(store, current.clone(), changed).await?;
    next.revision = last;
    Ok(next)
}
