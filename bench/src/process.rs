//! Other processes: what they use, and how they end.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::Result;

/// The kernel counts processor time for others to see in hundredths of a second, on every Linux.
const TICKS: u64 = 100;

/// How long a process may take to end before it is made to.
const PATIENCE: Duration = Duration::from_secs(20);

/// The processor time that a process has used.
pub(crate) fn processor(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name, in parentheses, may have blanks in it; user and system time are the 12th and 13th field behind it.
    let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
    let ticks: u64 = behind.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// The memory that a process has now, in bytes.
pub(crate) fn memory(id: u32) -> Option<usize> {
    status(id, "VmRSS:")
}

/// Lets the count of [`peak_memory`] begin anew; see clear_refs in proc(5).
pub(crate) fn forget_peak(id: u32) {
    // Where that is not allowed, the peak is that of the whole life, which is never too little.
    let _ = std::fs::write(format!("/proc/{id}/clear_refs"), "5");
}

/// The most memory that it ever had, in bytes.
pub(crate) fn peak_memory(id: u32) -> Option<usize> {
    status(id, "VmHWM:")
}

fn status(id: u32, field: &str) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// A process that ends at the latest with this value.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Its id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end by SIGTERM, and waits.
    pub(crate) fn stop(&mut self) -> Result<()> {
        Command::new("kill").arg(self.id().to_string()).status()?;
        self.wait()
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.0.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("a server does not end".into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has ended already, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
