//! Work that takes the processor for long, beside those who wait for others.

use crate::error::{Error, Result};

/// Runs `work` on a thread of its own.
///
/// # Errors
/// [`Error::File`] when it panicked.
pub(crate) async fn run<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::File { operation: what.to_owned(), source: std::io::Error::other(error) })
}
