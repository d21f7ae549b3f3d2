//! What an instance is set to beside its tree.

use std::collections::BTreeMap;

use crate::audit::{Act, note};
use crate::edit::Author;
use crate::error::Result;
use crate::instance::lock;
use crate::{InstanceId, Store};

const ALL: &str = "SELECT name, value FROM instance_setting WHERE instance_id = $1";
const SET: &str = "INSERT INTO instance_setting (instance_id, name, value) VALUES ($1, $2, $3) \
                   ON CONFLICT (instance_id, name) DO UPDATE SET value = excluded.value";

impl Store {
    /// The settings of an instance that have a value.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn instance_settings(&self, instance: InstanceId) -> Result<BTreeMap<String, String>> {
        let mut tx = self.read(format!("read the settings of instance {instance}")).await?;
        let read = |row: &crate::engine::Row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        Ok(tx.rows(ALL, &[instance.0.into()], read).await?.into_iter().collect())
    }

    /// Sets some of them, all or none; an empty value is none. `action` is what is noted in the audit.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is no such instance.
    pub async fn set_instance_settings(
        &self,
        instance: InstanceId,
        action: &str,
        settings: &BTreeMap<String, String>,
        author: &Author,
    ) -> Result<()> {
        let mut tx = self.write(format!("save settings of instance {instance}")).await?;
        lock(&mut tx, instance).await?;
        for (name, value) in settings {
            if value.is_empty() {
                let sql = "DELETE FROM instance_setting WHERE instance_id = $1 AND name = $2";
                tx.execute(sql, &[instance.0.into(), name.as_str().into()]).await?;
            } else {
                tx.execute(SET, &[instance.0.into(), name.as_str().into(), value.as_str().into()]).await?;
            }
            note(&mut tx, author, Act { action, target: name, detail: value }).await?;
        }
        tx.commit().await
    }
}
