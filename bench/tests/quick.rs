//! The workloads work; how fast is not asked here.

use std::process::Command;

/// A little of everything ends well: every answer was right.
#[test]
fn quick() {
    let output = Command::new(env!("CARGO_BIN_EXE_custompbx-bench")).arg("quick").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("## Targets"), "{text}\n{errors}");
}
