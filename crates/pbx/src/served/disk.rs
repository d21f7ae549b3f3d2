//! The snapshot on disk.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::UNIX_EPOCH;

use custompbx_xmlcurl::Snapshot;

use super::Served;

impl Served {
    /// Reads the saved snapshot, if there is one. One that cannot be used is only worth a line in the log: the
    /// database has everything.
    pub(crate) async fn load_saved(&self) {
        let file = self.file.clone();
        let loaded = tokio::task::spawn_blocking(move || read(&file)).await;
        match loaded {
            Ok(Ok(Some((snapshot, at)))) => {
                tracing::info!(
                    revision = snapshot.revision,
                    users = snapshot.users(),
                    "loaded the saved snapshot"
                );
                self.note_saved(mark(&snapshot), at);
                self.current.store(Some(Arc::new(snapshot)));
            }
            Ok(Ok(None)) => {}
            Ok(Err(reason)) => {
                tracing::warn!(file = %self.file.display(), reason, "the saved snapshot cannot be used; it will be made anew");
            }
            Err(panic) => tracing::error!(error = %panic, "loading the saved snapshot failed"),
        }
    }

    /// Saves the current snapshot, unless it is on disk already.
    pub(crate) async fn save(&self) {
        let Some(snapshot) = self.snapshot() else { return };
        let mark = mark(&snapshot);
        if self.saved.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&mark) {
            return;
        }
        let (file, revision) = (self.file.clone(), snapshot.revision);
        let written = tokio::task::spawn_blocking(move || write(&file, &snapshot)).await;
        match written {
            Ok(Ok(at)) => {
                self.note_saved(mark, at);
                tracing::debug!(revision, "saved the snapshot");
            }
            Ok(Err(error)) => {
                tracing::error!(file = %self.file.display(), %error, "cannot save the snapshot; a start without the database would serve an older one");
            }
            Err(panic) => tracing::error!(error = %panic, "saving the snapshot failed"),
        }
    }

    fn note_saved(&self, mark: (String, i64), at: i64) {
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
        self.saved_at.store(at, Ordering::Relaxed);
    }
}

/// Tells snapshots apart: revisions of different stores have the same numbers.
fn mark(snapshot: &Snapshot) -> (String, i64) {
    (snapshot.store.clone(), snapshot.revision)
}

fn read(file: &Path) -> Result<Option<(Snapshot, i64)>, String> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let snapshot = Snapshot::load(&bytes).map_err(|error| error.to_string())?;
    Ok(Some((snapshot, modified(file))))
}

/// Writes a whole new file, readable for its owner only (there are passwords in it), and puts it in place of the old.
fn write(file: &Path, snapshot: &Snapshot) -> std::io::Result<i64> {
    let directory = file.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(&snapshot.save())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(modified(file))
}

fn modified(file: &Path) -> i64 {
    let since = std::fs::metadata(file)
        .and_then(|data| data.modified())
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_snapshot_of_another_store_replaces_the_saved_one() {
        let directory = tempfile::tempdir().unwrap();
        for store in ["one", "another"] {
            let served = Served::new(directory.path());
            served.load_saved().await;
            let snapshot = Snapshot { revision: 7, store: store.to_owned(), ..Snapshot::default() };
            served.current.store(Some(Arc::new(snapshot)));
            served.save().await;
            let again = Served::new(directory.path());
            again.load_saved().await;
            assert_eq!(again.snapshot().unwrap().store, store);
        }
    }
}
