//! The users of the directory: real ones, that is, not the pointers that groups have to them.

use custompbx_model::{Node, NodeId};
use serde::{Deserialize, Serialize};

use crate::engine::{Row, Tx, Value};
use crate::error::Result;
use crate::flat::{Flat, Texts, flat_columns, flat_names};
use crate::instance::InstanceId;
use crate::page::{attributes_pattern, check_filter};
use crate::{Page, Store};

/// One line of the list of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Its node.
    pub id: NodeId,
    /// Its attribute `id`; empty when it has none.
    pub user: String,
    /// The domain's attribute `name`.
    pub domain: String,
    /// The domain's node.
    pub domain_id: NodeId,
    /// The name of the group that it is defined in.
    pub group: Option<String>,
    /// Its attribute `number-alias`.
    pub number_alias: Option<String>,
    /// Its attribute `cidr`.
    pub cidr: Option<String>,
    /// Whether it and everything that it is in are enabled.
    pub enabled: bool,
}

/// Which users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Stands somewhere in the attributes of the user's element, in whatever case of ASCII letters.
    pub text: Option<String>,
    /// In this domain.
    pub domain: Option<NodeId>,
}

/// Behind which user a page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCursor {
    /// Its attribute `id`.
    pub user: String,
    /// Its node.
    pub id: NodeId,
}

/// The queries for one set of users. `$1` is the instance or the domain, `$2` the pattern of a filter.
struct Queries {
    count: &'static str,
    page: &'static str,
}

/// A page is cut first, and only its users' ways up are followed.
macro_rules! queries {
    ($whose:literal, $filter:literal) => {
        Queries {
            count: concat!("SELECT count(*) FROM node WHERE domain_id IS NOT NULL AND ", $whose, $filter),
            page: concat!(
                "WITH RECURSIVE page AS (SELECT ",
                flat_columns!(),
                ", user_id FROM node WHERE domain_id IS NOT NULL AND ",
                $whose,
                $filter,
                " AND (user_id, id) > ($3, $4) ORDER BY user_id, id LIMIT $5), up (",
                flat_names!(),
                ", leaf, user_id, level) AS (SELECT ",
                flat_names!(),
                ", id, user_id, 0 FROM page UNION ALL SELECT ",
                flat_columns!(),
                ", up.leaf, up.user_id, up.level + 1 FROM up JOIN node ON node.id = up.parent_id) ",
                "SELECT ",
                flat_names!(),
                ", leaf, user_id FROM up ORDER BY user_id, leaf, level"
            ),
        }
    };
}

// `$2` has to be somewhere for PostgreSQL to know its type.
const OF_INSTANCE: Queries = queries!("instance_id = $1", " AND $2 = ''");
const OF_DOMAIN: Queries = queries!("domain_id = $1", " AND $2 = ''");
const OF_INSTANCE_MATCHING: Queries =
    queries!("instance_id = $1", " AND lower(attributes) LIKE $2 ESCAPE '\\'");
const OF_DOMAIN_MATCHING: Queries = queries!("domain_id = $1", " AND lower(attributes) LIKE $2 ESCAPE '\\'");

impl Store {
    /// An instance's users by the text of their ids, and by node where these are the same.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] for a filter that is too long.
    pub async fn users(
        &self,
        instance: InstanceId,
        filter: &UserFilter,
        after: Option<&UserCursor>,
        limit: u32,
    ) -> Result<Page<UserRow, UserCursor>> {
        let mut tx = self.read(format!("list the users of instance {instance}")).await?;
        let text = filter.text.as_deref().filter(|text| !text.is_empty());
        if let Some(domain) = filter.domain {
            // A domain of another instance is none.
            let sql = "SELECT count(*) FROM node WHERE id = $1 AND instance_id = $2";
            if tx.number(sql, &[domain.0.into(), instance.0.into()]).await? == 0 {
                return Ok(Page { items: Vec::new(), total: 0, next: None });
            }
        }
        let queries = match (filter.domain, text) {
            (None, None) => OF_INSTANCE,
            (None, Some(_)) => OF_INSTANCE_MATCHING,
            (Some(_), None) => OF_DOMAIN,
            (Some(_), Some(_)) => OF_DOMAIN_MATCHING,
        };
        let whose = filter.domain.map_or(instance.0, |domain| domain.0);
        if let Some(text) = text {
            check_filter(&tx, text)?;
        }
        let pattern = text.map(attributes_pattern).unwrap_or_default();
        let total = tx.number(queries.count, &[whose.into(), pattern.as_str().into()]).await?;
        let (user, id) = after.map_or(("", 0), |cursor| (cursor.user.as_str(), cursor.id.0));
        let values = [whose.into(), pattern.as_str().into(), user.into(), id.into(), i64::from(limit).into()];
        let items = page(&mut tx, queries.page, &values).await?;
        Ok(Page::new(items, total, limit, |last| UserCursor { user: last.user.clone(), id: last.id }))
    }

    /// The nodes of all users of an instance, to be read in chunks with [`Store::subtrees`].
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn user_ids(&self, instance: InstanceId) -> Result<Vec<NodeId>> {
        let mut tx = self.read(format!("list the users of instance {instance}")).await?;
        let sql = "SELECT id FROM node WHERE domain_id IS NOT NULL AND instance_id = $1 ORDER BY id";
        tx.rows(sql, &[instance.0.into()], |row| row.int(0).map(NodeId)).await
    }

    /// The same for one domain.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn user_ids_of_domain(&self, domain: NodeId) -> Result<Vec<NodeId>> {
        let mut tx = self.read(format!("list the users of domain {domain}")).await?;
        let sql = "SELECT id FROM node WHERE domain_id = $1 ORDER BY id";
        tx.rows(sql, &[domain.0.into()], |row| row.int(0).map(NodeId)).await
    }

    /// The nodes of a domain's users with their attribute `id`, in the order of the nodes.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn user_names(&self, domain: NodeId) -> Result<Vec<(NodeId, String)>> {
        let mut tx = self.read(format!("list the names of the users of domain {domain}")).await?;
        let sql = "SELECT id, user_id FROM node WHERE domain_id = $1 ORDER BY id";
        tx.rows(sql, &[domain.0.into()], |row| Ok((NodeId(row.int(0)?), row.text(1)?.to_owned()))).await
    }
}

/// The rows of a page: each user's way up, from itself to the root.
async fn page(tx: &mut Tx, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<UserRow>> {
    let mut texts = Texts::default();
    let mut users: Vec<UserRow> = Vec::new();
    tx.each(sql, values, |row| {
        let flat = Flat::read(&row, &mut texts)?;
        let user = NodeId(row.int(8)?);
        match users.last_mut() {
            Some(last) if last.id == user => last.ancestor(&flat.node),
            _ => users.push(UserRow::begin(&row, &flat)?),
        }
        Ok(())
    })
    .await?;
    Ok(users)
}

impl UserRow {
    fn begin(row: &Row, flat: &Flat) -> Result<Self> {
        let node = &flat.node;
        let attribute = |name| node.attribute(name).map(str::to_owned);
        Ok(Self {
            id: node.id,
            user: row.optional_text(9)?.unwrap_or_default().to_owned(),
            domain: String::new(),
            domain_id: flat.domain.unwrap_or_default(),
            group: None,
            number_alias: attribute("number-alias"),
            cidr: attribute("cidr"),
            enabled: node.enabled,
        })
    }

    fn ancestor(&mut self, node: &Node) {
        self.enabled &= node.enabled;
        if node.id == self.domain_id {
            node.attribute("name").unwrap_or_default().clone_into(&mut self.domain);
        } else if &*node.tag == "group" && self.group.is_none() {
            self.group = node.attribute("name").map(str::to_owned);
        }
    }
}
