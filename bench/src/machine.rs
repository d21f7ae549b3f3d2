//! What it was measured on.

use std::path::Path;
use std::process::Command;

use crate::figures::number;
use crate::server::program;

/// Lines for the top of the report.
pub(crate) fn describe() -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = field("/proc/meminfo", "MemTotal").and_then(|size| size.strip_suffix(" kB")?.parse().ok());
    let memory = memory.map_or("unknown".to_owned(), |size: f64| number(size / 1024.0 / 1024.0, 1) + " GiB");
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load: Vec<&str> = load.split(' ').take(3).collect();
    vec![
        format!("Date: {}", jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC")),
        format!("Machine: {processor}, {cores} cores, {memory} of memory, Linux {kernel}"),
        format!("Load before the start (1, 5, 15 minutes): {}", load.join(", ")),
        format!("Versions: {}", versions().join(", ")),
    ]
}

fn versions() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let commit = output(Command::new("git").arg("-C").arg(here).args(["describe", "--always", "--dirty"]));
    let mut versions = vec![format!("custompbx-bench {}", env!("CARGO_PKG_VERSION"))];
    versions.extend(program::path().ok().and_then(|path| output(Command::new(path).arg("--version"))));
    versions.extend(commit.map(|commit| format!("commit {commit}")));
    versions.extend(output(Command::new("rustc").arg("--version")));
    if cfg!(debug_assertions) {
        versions.push("BUILT WITHOUT OPTIMISATION".to_owned());
    }
    versions
}

/// The first line that a command prints, if it can be run.
fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = read(path);
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(field, _)| field.trim() == name).map(|(_, value)| value.trim().to_owned())
}
