//! Reading what is around an element: its children, what is below it down to a level, the users of a domain as rows.

use std::collections::HashMap;

use custompbx_model::{Node, NodeId};

use crate::engine::{Row, Value, composed};
use crate::error::Result;
use crate::flat::{Flat, Texts, assemble, flat_columns};
use crate::page::{NodeRow, Page, attributes_pattern, check_filter};
use crate::{Store, UserCursor};

/// Nodes with what is below them, down to some level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cut {
    /// The nodes, in the order in which they were asked for; without those that are gone.
    pub nodes: Vec<Node>,
    /// How many children those nodes have whose children are left out.
    pub counts: HashMap<NodeId, i64>,
}

macro_rules! rows {
    () => {
        concat!(
            "SELECT ",
            flat_columns!(),
            ", (SELECT count(*) FROM node AS child WHERE child.parent_id = node.id) FROM node "
        )
    };
}

const CHILDREN: &str = concat!(rows!(), "WHERE parent_id = $1 ORDER BY order_key");
const NAMED: &str = concat!(rows!(), "WHERE domain_id = $1 AND user_id = $2 ORDER BY id");
/// `$2` has to be somewhere for PostgreSQL to know its type.
const USERS: &str = concat!(
    rows!(),
    "WHERE domain_id = $1 AND ($2 = '' OR lower(attributes) LIKE $2 ESCAPE '\\') AND (user_id, id) > ($3, $4) ",
    "ORDER BY user_id, id LIMIT $5"
);
const USERS_COUNT: &str = "SELECT count(*) FROM node \
    WHERE domain_id = $1 AND ($2 = '' OR lower(attributes) LIKE $2 ESCAPE '\\')";
const REPEATED: &str = "SELECT id, user_id FROM node WHERE domain_id = $1 AND user_id IN \
    (SELECT user_id FROM node WHERE domain_id = $1 GROUP BY user_id HAVING count(*) > 1) ORDER BY user_id, id";

/// Where the node stands among its siblings is not looked for: a user may have 100,000 of them.
fn node_row(row: &Row, texts: &mut Texts) -> Result<NodeRow> {
    let Flat { parent, node, .. } = Flat::read(row, texts)?;
    Ok(NodeRow { node, parent, position: 0, child_count: row.int(8)? })
}

impl Store {
    /// All children of a node, in order. A node that does not exist has none.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn child_rows(&self, parent: NodeId) -> Result<Vec<NodeRow>> {
        let mut tx = self.read(format!("read the children of node {parent}")).await?;
        let mut texts = Texts::default();
        let mut position = 0;
        tx.rows(CHILDREN, &[parent.0.into()], |row| {
            position += 1;
            Ok(NodeRow { position, ..node_row(row, &mut texts)? })
        })
        .await
    }

    /// The users of a domain with this attribute `id`, in the order of their nodes; their positions are 0.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn users_of_id(&self, domain: NodeId, user: &str) -> Result<Vec<NodeRow>> {
        // PostgreSQL takes no zero byte for a text.
        if user.contains('\0') {
            return Ok(Vec::new());
        }
        let mut tx = self.read(format!("find a user of domain {domain}")).await?;
        let mut texts = Texts::default();
        tx.rows(NAMED, &[domain.0.into(), user.into()], |row| node_row(row, &mut texts)).await
    }

    /// The same for many ids at once.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn users_of_ids(&self, domain: NodeId, users: &[&str]) -> Result<Vec<NodeRow>> {
        let mut tx = self.read(format!("find {} users of domain {domain}", users.len())).await?;
        let sql =
            format!(concat!(rows!(), "WHERE domain_id = $1 AND {} ORDER BY id"), tx.among("user_id", "$2"));
        let users: Vec<String> =
            users.iter().filter(|user| !user.contains('\0')).map(ToString::to_string).collect();
        let mut texts = Texts::default();
        let values = [domain.0.into(), Value::Texts(users.into())];
        tx.rows(composed(sql), &values, |row| node_row(row, &mut texts)).await
    }

    /// The users of a domain by the text of their ids, and by node where these are the same. `filter` is looked for in
    /// the attributes of their elements, without regard to the case of ASCII letters. Their positions are 0.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] for a filter that is too long.
    pub async fn user_rows(
        &self,
        domain: NodeId,
        filter: Option<&str>,
        after: Option<&UserCursor>,
        limit: u32,
    ) -> Result<Page<NodeRow, UserCursor>> {
        let mut tx = self.read(format!("list the users of domain {domain}")).await?;
        let filter = filter.unwrap_or_default();
        check_filter(&tx, filter)?;
        let pattern = if filter.is_empty() { String::new() } else { attributes_pattern(filter) };
        let total = tx.number(USERS_COUNT, &[domain.0.into(), pattern.as_str().into()]).await?;
        let (user, id) = after.map_or(("", 0), |after| (after.user.as_str(), after.id.0));
        let values =
            [domain.0.into(), pattern.as_str().into(), user.into(), id.into(), i64::from(limit).into()];
        let mut texts = Texts::default();
        let items = tx.rows(USERS, &values, |row| node_row(row, &mut texts)).await?;
        Ok(Page::new(items, total, limit, |last: &NodeRow| UserCursor {
            user: last.node.attribute("id").unwrap_or_default().to_owned(),
            id: last.node.id,
        }))
    }

    /// Of the users of a domain that share their id with another one, which one of these each is, from 1. Those that are
    /// the only one of their id are not here.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn repeated_users(&self, domain: NodeId) -> Result<HashMap<NodeId, u32>> {
        let mut tx = self.read(format!("find the users of domain {domain} with the same id")).await?;
        let mut ranks = HashMap::new();
        let mut last: Option<(String, u32)> = None;
        tx.each(REPEATED, &[domain.0.into()], |row| {
            let user = row.text(1)?;
            let rank = match &last {
                Some((name, rank)) if name == user => rank + 1,
                _ => 1,
            };
            ranks.insert(NodeId(row.int(0)?), rank);
            last = Some((user.to_owned(), rank));
            Ok(())
        })
        .await?;
        Ok(ranks)
    }

    /// Nodes, none of them below another, and what is below them, `depth` levels down; `None` when that is more than
    /// `most` nodes. Goes down level by level, as all that reads subtrees here.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn cut(&self, ids: &[NodeId], depth: usize, most: u32) -> Result<Option<Cut>> {
        let mut tx = self.read(format!("read {} nodes and what is below them", ids.len())).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let select = |column| {
            format!(
                concat!("SELECT ", flat_columns!(), " FROM node WHERE {} LIMIT $2"),
                tx.among(column, "$1")
            )
        };
        let (first, next) = (select("id"), select("parent_id"));
        let count = format!(
            "SELECT parent_id, count(*) FROM node WHERE {} GROUP BY parent_id",
            tx.among("parent_id", "$1")
        );
        let mut texts = Texts::default();
        let mut rows: Vec<Flat> = Vec::new();
        let mut level: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut sql = first;
        for _ in 0..=depth {
            if level.is_empty() {
                break;
            }
            let left = i64::try_from(most - rows.len()).unwrap_or(i64::MAX).saturating_add(1);
            let values = [Value::Ids(level.into()), left.into()];
            let found = tx.rows(composed(sql), &values, |row| Flat::read(row, &mut texts)).await?;
            if rows.len() + found.len() > most {
                return Ok(None);
            }
            level = found.iter().map(|flat| flat.node.id.0).collect();
            rows.extend(found);
            sql = next.clone();
        }
        let mut counts = HashMap::new();
        if !level.is_empty() {
            let values = [Value::Ids(level.into())];
            tx.each(composed(count), &values, |row| {
                counts.insert(NodeId(row.int(0)?), row.int(1)?);
                Ok(())
            })
            .await?;
        }
        let order: HashMap<NodeId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut nodes: Vec<Node> = assemble(rows).into_iter().map(|top| top.node).collect();
        nodes.sort_by_key(|node| order.get(&node.id).copied());
        Ok(Some(Cut { nodes, counts }))
    }
}
