//! Users, some at a time: a domain can have a hundred thousand.

use std::collections::VecDeque;

use custompbx_model::NodeId;
use custompbx_model::declare::kind::{Kind, Link};
use custompbx_model::modules::directory::kinds::USER;
use custompbx_store::{InstanceId, UserCursor};

use super::Object;
use super::read::Reader;
use crate::Pbx;
use crate::error::Result;

/// How many users are read at once.
const PAGE: u32 = 500;

/// The users of some domains, domain by domain, in each by the text of their ids.
pub struct UserPages {
    reader: Reader,
    domains: VecDeque<(NodeId, Vec<Link>)>,
    after: Option<UserCursor>,
}

impl UserPages {
    /// Some more; `None` when these were all. What others change meanwhile may be seen or not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next(&mut self) -> Result<Option<Vec<Object>>> {
        while let Some((domain, links)) = self.domains.front() {
            let found = self.reader.store.user_heads(*domain, self.after.as_ref(), PAGE).await?;
            let objects: Vec<Object> =
                found.into_iter().map(|user| self.reader.object(&USER, links.clone(), user)).collect();
            match objects.last() {
                Some(last) if objects.len() == PAGE as usize => {
                    let user = last.node.attribute("id").unwrap_or_default().to_owned();
                    self.after = Some(UserCursor { user, id: last.id() });
                }
                _ => {
                    self.domains.pop_front();
                    self.after = None;
                }
            }
            if !objects.is_empty() {
                return Ok(Some(objects));
            }
        }
        Ok(None)
    }
}

impl Pbx {
    /// The users of these domains.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn user_pages(&self, instance: InstanceId, domains: &[Object]) -> Result<UserPages> {
        let reader = self.reader(instance).await?;
        let domains = domains.iter().map(|domain| (domain.id(), vec![domain.link()])).collect();
        Ok(UserPages { reader, domains, after: None })
    }

    /// All objects of a kind that any of these has; not for users.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn objects_of(
        &self,
        instance: InstanceId,
        kind: &'static Kind,
        owners: &[Object],
    ) -> Result<Vec<Object>> {
        self.reader(instance).await?.owned_by_all(kind, owners).await
    }
}
