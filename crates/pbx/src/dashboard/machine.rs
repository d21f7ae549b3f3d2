//! What the machine is doing.
//!
//! A reading is made when somebody wants one and the last one is too old; nothing runs while nobody does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sysinfo::{MemoryRefreshKind, System};

/// How long a reading is shown.
pub const EVERY: Duration = Duration::from_secs(2);

/// A reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// When it was made, in milliseconds since 1970.
    pub at_ms: i64,
    /// The machine's name.
    pub hostname: String,
    /// The distribution, as `ID` in `/etc/os-release` has it.
    pub platform: String,
    /// What the processor calls itself.
    pub cpu_model: String,
    /// MHz.
    pub cpu_frequency: u64,
    /// Bytes.
    pub total_memory: u64,
    /// Bytes that nobody uses, not even for caches.
    pub free_memory: u64,
    /// Percent of the memory that is not available.
    pub used_memory: f64,
    /// Bytes of the file system with the data directory.
    pub total_disk: u64,
    /// Bytes of it that this program could use.
    pub free_disk: u64,
    /// Percent that is used of what this program could ever use, as `df` shows it.
    pub used_disk: f64,
    /// Percent for each core, since the reading before.
    pub cores: Vec<f64>,
}

/// The machine, and the last reading of it.
pub(crate) struct Machine {
    meters: Arc<Mutex<Meters>>,
    last: tokio::sync::Mutex<Option<(Instant, Arc<Reading>)>>,
}

impl Machine {
    /// The first reading tells what the cores did since this was called, so that nobody waits for it.
    pub(crate) fn new(data_dir: &Path) -> Self {
        let meters = Meters::new(data_dir);
        Self { meters: Arc::new(Mutex::new(meters)), last: tokio::sync::Mutex::default() }
    }

    /// A reading that is no older than [`EVERY`]. Many who ask at once get the same one.
    pub(crate) async fn read(&self, now_ms: i64) -> Arc<Reading> {
        let mut last = self.last.lock().await;
        if let Some((at, reading)) = &*last
            && at.elapsed() < EVERY - TOLERANCE
        {
            return reading.clone();
        }
        let meters = self.meters.clone();
        // A file system can take its time, if it is somewhere else.
        let read = tokio::task::spawn_blocking(move || {
            meters.lock().unwrap_or_else(PoisonError::into_inner).read(now_ms)
        });
        let reading = Arc::new(read.await.unwrap_or_default());
        *last = Some((Instant::now(), reading.clone()));
        reading
    }
}

/// Whoever asks every two seconds gets a new reading each time.
const TOLERANCE: Duration = Duration::from_millis(100);

struct Meters {
    /// `None` on a machine that cannot be read.
    system: Option<System>,
    data_dir: PathBuf,
    facts: Facts,
}

/// What stays.
#[derive(Clone, Default)]
struct Facts {
    hostname: String,
    platform: String,
    cpu_model: String,
    cpu_frequency: u64,
}

impl Meters {
    fn new(data_dir: &Path) -> Self {
        let mut system = System::new().inspect_err(|error| {
            tracing::warn!(%error, "this machine cannot be measured");
        });
        let facts = system.as_mut().map(Facts::find).unwrap_or_default();
        Self { system: system.ok(), data_dir: data_dir.to_owned(), facts }
    }

    fn read(&mut self, at_ms: i64) -> Reading {
        let Facts { hostname, platform, cpu_model, cpu_frequency } = self.facts.clone();
        let disk = Disk::of(&self.data_dir);
        let mut reading = Reading {
            at_ms,
            hostname,
            platform,
            cpu_model,
            cpu_frequency,
            total_disk: disk.total,
            free_disk: disk.free,
            used_disk: percent(disk.used, disk.used + disk.free),
            ..Reading::default()
        };
        if let Some(system) = &mut self.system {
            system.refresh_cpu_usage();
            system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
            reading.total_memory = system.total_memory();
            reading.free_memory = system.free_memory();
            let unavailable = reading.total_memory.saturating_sub(system.available_memory());
            reading.used_memory = percent(unavailable, reading.total_memory);
            reading.cores = system.cpus().iter().map(|core| f64::from(core.usage())).collect();
        }
        reading
    }
}

impl Facts {
    fn find(system: &mut System) -> Self {
        system.refresh_cpu_all();
        let core = system.cpus().first();
        Self {
            hostname: System::host_name().unwrap_or_default(),
            platform: System::distribution_id(),
            cpu_model: core.map(|core| core.brand().to_owned()).unwrap_or_default(),
            cpu_frequency: core.map(sysinfo::Cpu::frequency).unwrap_or_default(),
        }
    }
}

#[derive(Default)]
struct Disk {
    total: u64,
    used: u64,
    free: u64,
}

impl Disk {
    fn of(directory: &Path) -> Self {
        let Ok(found) = rustix::fs::statvfs(directory) else { return Self::default() };
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Self {
            total: bytes(found.f_blocks),
            used: bytes(found.f_blocks.saturating_sub(found.f_bfree)),
            free: bytes(found.f_bavail),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a percentage needs no 53 bits")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_machine_can_be_read() {
        let machine = Machine::new(Path::new("/"));
        let reading = machine.read(7).await;
        assert_eq!(reading.at_ms, 7);
        assert!(!reading.hostname.is_empty() && !reading.cores.is_empty());
        assert!(reading.total_memory > reading.free_memory && reading.free_memory > 0);
        assert!(reading.total_disk > reading.free_disk);
        for percentage in [reading.used_memory, reading.used_disk].iter().chain(&reading.cores) {
            assert!((0.0..=100.0).contains(percentage), "{reading:?}");
        }
        assert!(Arc::ptr_eq(&reading, &machine.read(8).await), "it is too new to be made again");
    }

    #[test]
    fn a_disk_that_is_not_there_is_empty() {
        assert_eq!(Disk::of(Path::new("/nonexistent")).total, 0);
        assert_eq!(percent(1, 0), 0.0);
    }
}
