//! Giving the tree back as FreeSWITCH's files.

use std::path::{Path, PathBuf};

use custompbx_conf::{Bootstrap, WriteOptions, WriteReport};
use custompbx_model::Node;
use custompbx_store::Store;

use crate::browse;
use crate::error::{Error, Result};

/// The whole tree of an instance.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn tree(store: &Store, instance: &str) -> Result<Node> {
    Ok(store.tree(browse::instance(store, instance).await?.id).await?)
}

/// Writes a directory that FreeSWITCH boots from.
///
/// # Errors
/// The file and why; the directory is as it was.
pub async fn write(
    store: &Store,
    instance: &str,
    directory: &Path,
    options: WriteOptions,
) -> Result<WriteReport> {
    let document = tree(store, instance).await?;
    let directory = directory.to_owned();
    blocking(directory, move |directory| custompbx_conf::write(&document, directory, &options)).await
}

/// Writes only the files that FreeSWITCH needs to ask for everything else.
///
/// # Errors
/// The file and why; the directory is as it was.
pub async fn bootstrap(
    store: &Store,
    instance: &str,
    directory: &Path,
    bootstrap: Bootstrap,
) -> Result<WriteReport> {
    let document = tree(store, instance).await?;
    let directory = directory.to_owned();
    blocking(directory, move |directory| custompbx_conf::write_bootstrap(&document, directory, &bootstrap))
        .await
}

async fn blocking(
    directory: PathBuf,
    work: impl FnOnce(&Path) -> std::result::Result<WriteReport, custompbx_conf::WriteError> + Send + 'static,
) -> Result<WriteReport> {
    let written = tokio::task::spawn_blocking(move || work(&directory)).await;
    let written = written.map_err(|error| Error::File {
        operation: "write the export".to_owned(),
        source: std::io::Error::other(error),
    })?;
    Ok(written?)
}
