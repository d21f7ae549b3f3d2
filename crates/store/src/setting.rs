//! What an instance is set to beside its tree.

use crate::error::Result;
use crate::{InstanceId, Store};

impl Store {
    /// The value of a setting of an instance, if it was ever set.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn instance_setting(&self, instance: InstanceId, name: &str) -> Result<Option<String>> {
        let mut tx = self.read(format!("read the setting {name} of instance {instance}")).await?;
        let sql = "SELECT value FROM instance_setting WHERE instance_id = $1 AND name = $2";
        match tx.row(sql, &[instance.0.into(), name.into()]).await? {
            Some(row) => Ok(Some(row.text(0)?.to_owned())),
            None => Ok(None),
        }
    }

    /// Sets it.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn set_instance_setting(&self, instance: InstanceId, name: &str, value: &str) -> Result<()> {
        let mut tx = self.write(format!("set the setting {name} of instance {instance}")).await?;
        let sql = "INSERT INTO instance_setting (instance_id, name, value) VALUES ($1, $2, $3) \
                   ON CONFLICT (instance_id, name) DO UPDATE SET value = excluded.value";
        tx.execute(sql, &[instance.0.into(), name.into(), value.into()]).await?;
        tx.commit().await
    }
}
