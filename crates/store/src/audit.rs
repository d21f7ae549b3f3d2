//! Who changed what is no tree: accounts, settings, templates. Revisions tell of trees only.

use crate::edit::Author;
use crate::engine::{Row, Tx};
use crate::error::Result;
use crate::{Page, Store};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// A later one has a greater id.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// By which way.
    pub origin: String,
    /// What was done, such as `web_user.disable`.
    pub action: String,
    /// With what, such as a login.
    pub target: String,
    /// What there is to know beside that, for people; no secret.
    pub detail: String,
}

/// What was done with what, to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act<'a> {
    /// As in [`AuditEntry::action`].
    pub action: &'a str,
    /// As in [`AuditEntry::target`].
    pub target: &'a str,
    /// As in [`AuditEntry::detail`].
    pub detail: &'a str,
}

const PAGE: &str = "SELECT id, at_ms, actor, origin, action, target, detail FROM audit \
                    WHERE id < $1 ORDER BY id DESC LIMIT $2";

fn read(row: &Row) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: row.int(0)?,
        at_ms: row.int(1)?,
        actor: row.text(2)?.to_owned(),
        origin: row.text(3)?.to_owned(),
        action: row.text(4)?.to_owned(),
        target: row.text(5)?.to_owned(),
        detail: row.text(6)?.to_owned(),
    })
}

impl Store {
    /// Writes down what was done elsewhere than in the database. What is done in it is written down with it.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn note(&self, author: &Author, act: Act<'_>) -> Result<()> {
        let mut tx = self.write(format!("write down {} {}", act.action, act.target)).await?;
        note(&mut tx, author, act).await?;
        tx.commit().await
    }

    /// What was done, newest first; `before` is the `next` of the page before.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Page<AuditEntry, i64>> {
        let mut tx = self.read("read the audit log").await?;
        let total = tx.number("SELECT count(*) FROM audit", &[]).await?;
        let values = [before.unwrap_or(i64::MAX).into(), i64::from(limit).into()];
        let items = tx.rows(PAGE, &values, read).await?;
        Ok(Page::new(items, total, limit, |last| last.id))
    }
}

/// Writes down what a transaction does.
pub(crate) async fn note(tx: &mut Tx, author: &Author, act: Act<'_>) -> Result<()> {
    let id = tx.next_ids("audit", 1).await?;
    let sql = "INSERT INTO audit (id, at_ms, actor, origin, action, target, detail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        id.into(),
        author.at_ms.into(),
        author.actor.as_str().into(),
        author.origin.as_str().into(),
        act.action.into(),
        act.target.into(),
        act.detail.into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(())
}
