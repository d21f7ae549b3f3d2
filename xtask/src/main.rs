//! `cargo run -p xtask -- tidy`: checks of the repository that lints cannot make.

mod layers;
mod sources;
mod tidy;

use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "the report of a command")]
fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("tidy") {
        eprintln!("usage: cargo run -p xtask -- tidy");
        return ExitCode::FAILURE;
    }
    let root = sources::root();
    let mut complaints = tidy::complaints(&root);
    complaints.extend(layers::complaints(&root));
    for complaint in &complaints {
        eprintln!("tidy: {complaint}");
    }
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
