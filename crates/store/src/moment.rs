//! Single revisions: by their number, and the one that was the newest at a moment.

use crate::error::Result;
use crate::revision::{Revision, read};
use crate::{InstanceId, RevisionId, Store};

const ONE: &str = "SELECT id, instance_id, at_ms, actor, origin, summary, parts FROM revision WHERE id = $1";
const AT: &str = "SELECT id, instance_id, at_ms, actor, origin, summary, parts FROM revision \
                  WHERE instance_id = $1 AND at_ms <= $2 ORDER BY id DESC LIMIT 1";

impl Store {
    /// A revision.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] besides those of the connection.
    pub async fn revision(&self, id: RevisionId) -> Result<Option<Revision>> {
        let mut tx = self.read(format!("read revision {id}")).await?;
        tx.row(ONE, &[id.0.into()]).await?.as_ref().map(read).transpose()
    }

    /// An instance's newest revision at a time, in milliseconds since 1970; `None` when there was none yet.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] besides those of the connection.
    pub async fn revision_at(&self, instance: InstanceId, at_ms: i64) -> Result<Option<Revision>> {
        let mut tx = self.read(format!("find the revision of instance {instance} at a moment")).await?;
        tx.row(AT, &[instance.0.into(), at_ms.into()]).await?.as_ref().map(read).transpose()
    }
}
