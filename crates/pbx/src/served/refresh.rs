//! Following the database.

use std::sync::Arc;
use std::time::Duration;

use custompbx_store::{RevisionId, Store, Subtree};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::build::{self, Fresh};
use crate::Pbx;
use crate::error::Result;
use crate::feed::Event;

/// How long after a change the snapshot is saved.
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// How often an unreachable database is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How often the revisions are looked at although nobody told of any.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked whether the database is still the one that was opened.
const IDENTIFY_EVERY: Duration = Duration::from_secs(5);
/// How often expired sessions are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);

impl Pbx {
    /// Brings the snapshot up to the database's last revision. `told`: one that is known to be there, with the users
    /// that it brought.
    pub(crate) async fn refresh_from(
        &self,
        store: &Store,
        told: Option<RevisionId>,
        users: Vec<Subtree>,
    ) -> Result<()> {
        let served = &self.0.served;
        let _making = served.making.lock().await;
        let next = match served.snapshot() {
            Some(current) if current.store == store.identity() => {
                // A snapshot that is ahead of what was told has more by now, or is of a database that was set back.
                let head = match told {
                    Some(told) if told.0 >= current.revision => told,
                    _ => store.head().await?,
                };
                if head.0 == current.revision {
                    return Ok(());
                }
                if head.0 > current.revision {
                    let revisions = store.revisions_after(RevisionId(current.revision)).await?;
                    let events = revisions.iter().map(|revision| Event::TreeChanged {
                        instance: revision.instance,
                        revision: revision.id,
                    });
                    let events = events.collect();
                    let later = revisions.iter().filter(|revision| Some(revision.id) > told);
                    let fresh = Fresh::as_of(told, users, later);
                    (build::after(store, (*current).clone(), revisions, fresh).await?, events)
                } else {
                    (build::everything(store, None, Vec::new()).await?, vec![Event::TreeReplaced])
                }
            }
            _ => (build::everything(store, told, users).await?, vec![Event::TreeReplaced]),
        };
        let (next, events) = next;
        served.current.store(Some(Arc::new(next)));
        self.compile_dialplans().await;
        events.into_iter().for_each(|event| self.0.feed.send(event));
        Ok(())
    }

    /// Brings the snapshot up to date after a change that is stored, with the users that came with it, whatever happens
    /// here; whether it is. If not, [`Pbx::keep_up`] does it as soon as the database can be read.
    pub(crate) async fn serve_changed(
        &self,
        store: &Store,
        revision: Option<RevisionId>,
        users: Vec<Subtree>,
    ) -> bool {
        match self.refresh_from(store, revision, users).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(
                    error = error.chain(),
                    "a change was stored and is not served yet; trying again"
                );
                false
            }
        }
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
        let tidy = async {
            loop {
                self.forget_old_sessions().await;
                sleep(TIDY_EVERY).await;
            }
        };
        tokio::select! {
            () = follow => {}
            () = save => {}
            () = tidy => {}
            () = self.follow_accounts() => {}
            () = self.follow_connection() => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Returns with an error, or when the database is another one.
    async fn follow_database(&self) -> Result<()> {
        let store = self.0.database.connect().await?;
        let mut signal = store.changes_signal();
        let mut identified = Instant::now();
        let mut told = None;
        loop {
            if identified.elapsed() >= IDENTIFY_EVERY {
                // Another node may serve contexts otherwise now.
                self.read_dialplan_modes().await?;
                if store.identity_now().await? != store.identity() {
                    tracing::warn!("another database was put into the place of the one in use; opening it");
                    self.0.database.drop_store().await;
                    return Ok(());
                }
                identified = Instant::now();
            }
            self.refresh_from(&store, told, Vec::new()).await?;
            self.0.questions.look_at(self.snapshot().as_deref());
            told = tokio::select! {
                changed = signal.changed() => match changed {
                    Ok(()) => Some(*signal.borrow_and_update()),
                    Err(_) => return Ok(()),
                },
                () = sleep(LOOK_EVERY) => None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use custompbx_model::{At, Edit, Node};
    use custompbx_store::Engine;
    use custompbx_xmlcurl::Snapshot;

    use super::*;
    use crate::{Change, Clock, Options};

    async fn open(path: &Path) -> Pbx {
        let engine = Engine::Sqlite { path: path.to_owned() };
        let data_dir = path.parent().unwrap().to_owned();
        let options = Options {
            engine,
            configuration: crate::config::Loaded::unsaved(&data_dir),
            data_dir,
            log_level: None,
            clock: Clock::system(),
        };
        Pbx::open(options).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_that_was_put_into_the_place_of_the_database_is_served() {
        let directory = tempfile::tempdir().unwrap();
        let (path, restored) = (directory.path().join("pbx.db"), directory.path().join("restored.db"));
        let other = Store::open(&Engine::Sqlite { path: restored.clone() }, 0).await.unwrap();
        let identity = other.identity().to_owned();
        other.close().await;
        let pbx = open(&path).await;
        assert_ne!(pbx.snapshot().unwrap().store, identity);
        for companion in ["db-wal", "db-shm"] {
            std::fs::remove_file(path.with_extension(companion)).unwrap();
        }
        std::fs::rename(restored, path).unwrap();
        let (stop, stopped) = watch::channel(false);
        let following = pbx.clone();
        let following = tokio::spawn(async move { following.keep_up(stopped).await });
        for _ in 0..200 {
            if pbx.snapshot().unwrap().store == identity {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(pbx.snapshot().unwrap().store, identity);
        assert_eq!(pbx.store().unwrap().identity(), identity);
        stop.send_replace(true);
        following.await.unwrap();
        pbx.close().await;
    }

    /// The revisions of a database that was set back begin anew below the snapshot's.
    #[tokio::test]
    async fn a_snapshot_that_is_ahead_of_its_database_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let pbx = open(&directory.path().join("pbx.db")).await;
        let store = pbx.store().unwrap();
        let ahead = Snapshot { revision: 1_000, store: store.identity().to_owned(), ..Default::default() };
        pbx.0.served.current.store(Some(Arc::new(ahead)));
        let instance = pbx.instance("default").await.unwrap();
        let nodes = vec![Node::new("section").with("name", "dialplan")];
        let parent = store.root(instance.id).await.unwrap();
        let edit = Edit::Insert { parent, at: At::Last, nodes };
        let (actor, origin, summary) = ("a".to_owned(), "test".to_owned(), "a section".to_owned());
        let change = Change { instance: instance.id, actor, origin, summary, edits: vec![edit] };
        let changed = pbx.change(change).await.unwrap();
        let snapshot = pbx.snapshot().unwrap();
        assert!(changed.served);
        assert_eq!(Some(RevisionId(snapshot.revision)), changed.revision);
        assert!(snapshot.instances[&instance.id.0].sections.contains_key("dialplan"));
        pbx.close().await;
    }
}
