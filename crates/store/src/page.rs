//! Reading nodes one by one, and page by page.

use custompbx_model::edit::Step;
use custompbx_model::{Node, NodeId};

use crate::Store;
use crate::error::{Error, Result};
use crate::flat::{Flat, Texts, flat_columns, flat_names};
use crate::tree::{locate, position};

/// Some of many.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T, C> {
    /// In order.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: i64,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// A page of `limit` items may be followed by another.
    pub(crate) fn new(items: Vec<T>, total: i64, limit: u32, cursor: impl Fn(&T) -> C) -> Self {
        let full = u32::try_from(items.len()).is_ok_and(|count| count >= limit);
        let next = items.last().filter(|_| full).map(cursor);
        Self { items, total, next }
    }
}

/// One node, alone.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRow {
    /// Without its children.
    pub node: Node,
    /// `None` for a root.
    pub parent: Option<NodeId>,
    /// 1 for the first child, and so on without gaps.
    pub position: i64,
    /// How many children it has.
    pub child_count: i64,
}

/// The longest filter, in bytes. SQLite refuses patterns of 50,000.
const LONGEST_FILTER: usize = 1_000;

/// The pattern of LIKE that finds a text in another one that was made lower case, wherever it stands.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_ascii_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The same for attributes, where quotes and backslashes are escaped. Commas and brackets between the attributes are
/// found too; what is not a name or a value is not worth another column.
pub(crate) fn attributes_pattern(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    pattern(&json[1..json.len() - 1])
}

/// Refuses what the engines would refuse with less clear words.
pub(crate) fn check_filter(tx: &crate::engine::Tx, filter: &str) -> Result<()> {
    if filter.len() > LONGEST_FILTER || filter.contains('\0') {
        let why = format!("a filter has at most {LONGEST_FILTER} bytes, and no zero byte");
        return Err(Error::Invalid { operation: tx.operation(), why });
    }
    Ok(())
}

macro_rules! matching {
    () => {
        "lower(attributes) LIKE $2 ESCAPE '\\' OR lower(tag) LIKE $3 ESCAPE '\\' \
         OR lower(coalesce(text, '')) LIKE $3 ESCAPE '\\'"
    };
}

const COUNT: &str = "SELECT count(*) FROM node WHERE parent_id = $1";
const COUNT_MATCHING: &str =
    concat!("SELECT count(*) FROM node WHERE parent_id = $1 AND (", matching!(), ")");

/// With each row go the number of its children, and of those siblings that were passed since the row before.
macro_rules! children {
    ($matching:expr, $after:literal, $limit:literal) => {
        concat!(
            "WITH page AS (SELECT ",
            flat_columns!(),
            " FROM node WHERE parent_id = $1 AND ",
            $matching,
            " AND order_key > ",
            $after,
            " ORDER BY order_key LIMIT ",
            $limit,
            "), spaced AS (SELECT page.*, lag(order_key, 1, ",
            $after,
            ") OVER (ORDER BY order_key) AS previous FROM page) SELECT ",
            flat_names!(),
            ", (SELECT count(*) FROM node AS child WHERE child.parent_id = spaced.id), \
             (SELECT count(*) FROM node AS passed WHERE passed.parent_id = $1 \
             AND passed.order_key > spaced.previous AND passed.order_key <= spaced.order_key) \
             FROM spaced ORDER BY order_key"
        )
    };
}
const CHILDREN: &str = children!("true", "$2", "$3");
const CHILDREN_MATCHING: &str = children!(concat!("(", matching!(), ")"), "$4", "$5");
/// How many children are on the pages before.
const BEFORE: &str = "SELECT count(*) FROM node WHERE parent_id = $1 AND order_key <= $2";

impl Store {
    /// One node without its children, and the way to it: root first, the node itself last.
    ///
    /// # Errors
    /// [`Error::Corrupt`] besides those of the connection.
    pub async fn node(&self, id: NodeId) -> Result<Option<(NodeRow, Vec<Step>)>> {
        let mut tx = self.read(format!("read node {id}")).await?;
        let Some(found) = locate(&mut tx, id).await? else { return Ok(None) };
        let child_count = tx.number(COUNT, &[id.0.into()]).await?;
        let position = position(&mut tx, &found.flat).await?;
        let Flat { parent, node, .. } = found.flat;
        Ok(Some((NodeRow { node, parent, position, child_count }, found.path)))
    }

    /// The children of a node in order. `filter` is looked for in their tags, attributes and texts, without regard to
    /// the case of ASCII letters; `after` is the `next` of the page before, behind whose last item this one begins,
    /// whoever came and went meanwhile. A node that does not exist has none.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a filter that is too long.
    pub async fn children(
        &self,
        parent: NodeId,
        filter: Option<&str>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<NodeRow, i64>> {
        let mut tx = self.read(format!("list the children of node {parent}")).await?;
        let mut position = match after {
            Some(after) => tx.number(BEFORE, &[parent.0.into(), after.into()]).await?,
            None => 0,
        };
        let mut texts = Texts::default();
        let read = |row: &crate::engine::Row| {
            let Flat { parent, order, node, .. } = Flat::read(row, &mut texts)?;
            position += row.int(9)?;
            Ok((order, NodeRow { node, parent, position, child_count: row.int(8)? }))
        };
        let after = after.unwrap_or(i64::MIN);
        let (total, rows) = match filter.filter(|filter| !filter.is_empty()) {
            None => {
                let total = tx.number(COUNT, &[parent.0.into()]).await?;
                let values = [parent.0.into(), after.into(), i64::from(limit).into()];
                (total, tx.rows(CHILDREN, &values, read).await?)
            }
            Some(filter) => {
                check_filter(&tx, filter)?;
                let (attributes, text) = (attributes_pattern(filter), pattern(filter));
                let values = [parent.0.into(), attributes.as_str().into(), text.as_str().into()];
                let total = tx.number(COUNT_MATCHING, &values).await?;
                let [parent, attributes, text] = values;
                let values = [parent, attributes, text, after.into(), i64::from(limit).into()];
                (total, tx.rows(CHILDREN_MATCHING, &values, read).await?)
            }
        };
        let Page { items, total, next } = Page::new(rows, total, limit, |(order, _)| *order);
        Ok(Page { items: items.into_iter().map(|(_, row)| row).collect(), total, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_themselves() {
        assert_eq!(pattern("50%_A\\"), "%50\\%\\_a\\\\%");
        assert_eq!(attributes_pattern("a\"b"), "%a\\\\\"b%");
    }
}
