//! The snapshot that FreeSWITCH is answered from.
//!
//! It is read without waiting. It comes from the disk at the start and from the database when that is there, and
//! follows the database's revisions from then on, whoever wrote them.

mod build;
mod disk;
mod refresh;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwapOption;
use custompbx_xmlcurl::Snapshot;
use tokio::sync::Mutex;

/// The current snapshot.
pub struct Served {
    current: ArcSwapOption<Snapshot>,
    /// Held by whoever makes the next snapshot.
    making: Mutex<()>,
    file: PathBuf,
    /// The store and the revision of the snapshot that is on disk.
    saved: std::sync::Mutex<Option<(String, i64)>>,
    /// When it got there, in milliseconds since 1970; 0: never.
    saved_at: AtomicI64,
}

impl Served {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            current: ArcSwapOption::empty(),
            making: Mutex::new(()),
            file: data_dir.join("snapshot.bin"),
            saved: std::sync::Mutex::default(),
            saved_at: AtomicI64::new(0),
        }
    }

    /// The current snapshot; `None` before there was one.
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.current.load_full()
    }

    /// When the snapshot was saved, in milliseconds since 1970; `None` when it never was.
    pub fn saved_at(&self) -> Option<i64> {
        Some(self.saved_at.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }
}

impl crate::Pbx {
    /// The snapshot that FreeSWITCH is answered from; `None` before there was one.
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.0.served.snapshot()
    }

    /// When the snapshot was saved, in milliseconds since 1970; `None` when it never was.
    pub fn snapshot_saved_at(&self) -> Option<i64> {
        self.0.served.saved_at()
    }
}
