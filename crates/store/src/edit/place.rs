//! Positions: 1 to n among siblings, without gaps, after every step.

use custompbx_model::{At, NodeId};

use super::Work;
use crate::error::Result;
use crate::tree::missing;

impl Work<'_> {
    /// The position that a node gets at this place below `parent`, where `without` is not counted, because it is the
    /// node that moves there.
    pub(super) async fn position(&mut self, parent: NodeId, at: At, without: NodeId) -> Result<i64> {
        match at {
            At::First => Ok(1),
            At::Last => {
                // The last position is the number of children, and found without counting them.
                let sql = "SELECT coalesce(max(position), 0) FROM node WHERE parent_id = $1";
                let last = self.tx.number(sql, &[parent.0.into()]).await?;
                Ok(last - self.passed(parent, without, i64::MAX).await? + 1)
            }
            At::After(sibling) if sibling == without => {
                Err(self.invalid(format!("node {sibling} cannot stand behind itself")))
            }
            At::After(sibling) => {
                let sql = "SELECT parent_id, position FROM node WHERE id = $1 AND instance_id = $2";
                let values = [sibling.0.into(), self.instance.0.into()];
                let Some(row) = self.tx.row(sql, &values).await? else {
                    return Err(missing(self.operation(), sibling));
                };
                if row.optional_int(0)? != Some(parent.0) {
                    return Err(self.invalid(format!("node {sibling} is no child of node {parent}")));
                }
                let position = row.int(1)?;
                Ok(position - self.passed(parent, without, position).await? + 1)
            }
        }
    }

    /// 1 when `without` is a child of `parent` before this position, else 0.
    async fn passed(&mut self, parent: NodeId, without: NodeId, position: i64) -> Result<i64> {
        if without == NodeId::NEW {
            return Ok(0);
        }
        let sql = "SELECT count(*) FROM node WHERE id = $1 AND parent_id = $2 AND position < $3";
        self.tx.number(sql, &[without.0.into(), parent.0.into(), position.into()]).await
    }

    /// Moves the children of `parent` from one position to another, both included, by so many places.
    pub(super) async fn shift(&mut self, parent: NodeId, from: i64, to: i64, by: i64) -> Result<()> {
        if from > to {
            return Ok(());
        }
        let sql = "UPDATE node SET position = position + $4 \
                   WHERE parent_id = $1 AND position >= $2 AND position <= $3";
        self.tx.execute(sql, &[parent.0.into(), from.into(), to.into(), by.into()]).await.map(drop)
    }
}
