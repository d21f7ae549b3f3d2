//! Writing: from one document to a directory.

mod bootstrap;
mod error;
mod names;
mod plan;
mod target;

use std::path::{Path, PathBuf};

use custompbx_model::Node;
use serde::Serialize;

pub use bootstrap::{Bootstrap, write_bootstrap};
pub use error::WriteError;
use plan::Plan;

/// So many disabled nodes are named in a report.
const NAMED: usize = 20;

/// How to write.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteOptions {
    /// Replaces what an earlier export wrote into the same directory; other files there stay as they are.
    pub overwrite: bool,
}

/// What was written, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WriteReport {
    /// Below the target, `freeswitch.xml` first.
    pub files: Vec<PathBuf>,
    /// Bytes in them.
    pub bytes: u64,
    /// Nodes that were left out with all below them, because they are disabled: files cannot say that.
    pub disabled: usize,
    /// The first of them, by names from the section down.
    pub disabled_names: Vec<String>,
}

/// Writes a directory from which FreeSWITCH boots. [`read`](crate::read()) makes the same document of it, but for
/// what is disabled.
///
/// # Errors
/// Nothing is written, and the directory is as it was before.
pub fn write(document: &Node, dir: &Path, options: &WriteOptions) -> Result<WriteReport, WriteError> {
    install(document, &Plan::of(document)?, dir, options.overwrite)
}

fn install(document: &Node, plan: &Plan, dir: &Path, overwrite: bool) -> Result<WriteReport, WriteError> {
    target::install(dir, &plan.files, overwrite)?;
    let mut report = WriteReport {
        files: plan.files.iter().map(|(path, _)| path.clone()).collect(),
        bytes: plan.files.iter().map(|(_, bytes)| bytes.len() as u64).sum(),
        ..WriteReport::default()
    };
    for child in &document.children {
        disabled(child, "", &mut report);
    }
    Ok(report)
}

fn disabled(node: &Node, within: &str, report: &mut WriteReport) {
    let label = || format!("{within}{}", node.natural_name().unwrap_or(&node.tag));
    if !node.enabled {
        report.disabled += 1;
        if report.disabled_names.len() < NAMED {
            report.disabled_names.push(label());
        }
        return;
    }
    if node.children.is_empty() {
        return;
    }
    let within = label() + "/";
    node.children.iter().for_each(|child| disabled(child, &within, report));
}
