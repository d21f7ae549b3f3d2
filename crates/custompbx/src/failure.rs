//! The end of a command that did not work.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::process::ExitCode;

/// What went wrong, with its causes.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// An error with a line of what was tried before it.
    pub(crate) fn new(operation: &str, error: impl Error) -> Self {
        Self(format!("{operation}: {}", text(&error)))
    }

    /// Words alone.
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// Tells it, and gives the code to end with.
    #[expect(clippy::print_stderr, reason = "this is how a command says that it failed")]
    pub(crate) fn show(&self) -> ExitCode {
        eprintln!("custompbx: {}", self.0);
        ExitCode::FAILURE
    }
}

/// As a command shows it; for one that goes on.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(text(&error))
    }
}

/// The error, and each cause on a line of its own.
fn text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  because: {inner}");
        cause = inner.source();
    }
    text
}
