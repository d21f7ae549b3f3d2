//! Reading the tree, for people and programs.

use custompbx_model::edit::Step;
use custompbx_model::{Node, NodeId};
use custompbx_store::{
    Instance, InstanceId, NodeRow, Page, RevisionId, Store, UserCursor, UserFilter, UserRow,
};

use crate::Pbx;
use crate::error::{Error, Result};

/// How many items a page may have.
pub const LARGEST_PAGE: u32 = 1_000;
/// How many nodes a subtree may have that is given as a whole.
pub const LARGEST_SUBTREE: u32 = 5_000;

/// The instance of this name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn instance(store: &Store, name: &str) -> Result<Instance> {
    let missing = || Error::NotFound { what: "instance", name: name.to_owned() };
    // PostgreSQL takes no zero byte for a text.
    if name.contains('\0') {
        return Err(missing());
    }
    store.instance_by_name(name).await?.ok_or_else(missing)
}

impl Pbx {
    /// All instances.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn instances(&self) -> Result<Vec<Instance>> {
        Ok(self.store()?.instances().await?)
    }

    /// The instance of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn instance(&self, name: &str) -> Result<Instance> {
        instance(&self.store()?, name).await
    }

    /// The last revision, and what is at the top of an instance's tree.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn top(&self, instance: &str) -> Result<(RevisionId, Vec<NodeRow>)> {
        let store = self.store()?;
        let instance = self.instance(instance).await?;
        let revision = store.head().await?;
        let root = store.root(instance.id).await?;
        Ok((revision, store.children(root, None, None, LARGEST_PAGE).await?.items))
    }

    /// A node and the way to it, root first, without the node itself.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a node of another instance.
    pub async fn node(&self, instance: &str, id: NodeId) -> Result<(NodeRow, Vec<Step>)> {
        let root = self.root(instance).await?;
        let found = self.store()?.node(id).await?.filter(|(_, path)| begins_with(path, root));
        let (row, mut path) = found.ok_or_else(|| missing(id))?;
        path.pop();
        Ok((row, path))
    }

    async fn root(&self, instance: &str) -> Result<NodeId> {
        let instance = self.instance(instance).await?;
        Ok(self.store()?.root(instance.id).await?)
    }

    /// A page of a node's children.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn children(
        &self,
        instance: &str,
        id: NodeId,
        filter: Option<&str>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<NodeRow, i64>> {
        let root = self.root(instance).await?;
        let store = self.store()?;
        store.path(id).await?.filter(|path| begins_with(path, root)).ok_or_else(|| missing(id))?;
        Ok(store.children(id, filter, after, limit.clamp(1, LARGEST_PAGE)).await?)
    }

    /// A node with everything below it; `None` when that is more than [`LARGEST_SUBTREE`].
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn subtree(&self, instance: &str, id: NodeId) -> Result<Option<(NodeRow, Node)>> {
        let (row, _) = self.node(instance, id).await?;
        let store = self.store()?;
        if store.count_below(id, LARGEST_SUBTREE + 1).await? > i64::from(LARGEST_SUBTREE) {
            return Ok(None);
        }
        let found = store.subtree(id).await?.ok_or_else(|| missing(id))?;
        Ok(Some((row, found.node)))
    }

    /// A page of an instance's users, by id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn users(
        &self,
        instance: &str,
        filter: Option<&str>,
        after: Option<&UserCursor>,
        limit: u32,
    ) -> Result<Page<UserRow, UserCursor>> {
        let instance = self.instance(instance).await?;
        let filter = UserFilter { text: filter.map(str::to_owned), domain: None };
        Ok(self.store()?.users(instance.id, &filter, after, limit.clamp(1, LARGEST_PAGE)).await?)
    }
}

/// The document of this name in the section `configuration`, whether it is served or not.
pub(crate) async fn document(store: &Store, instance: InstanceId, name: &str) -> Result<Option<Node>> {
    let root = store.root(instance).await?;
    let sections = store.children(root, None, None, LARGEST_PAGE).await?.items;
    for section in sections.iter().map(|row| &row.node) {
        if !section.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("configuration")) {
            continue;
        }
        let found = store.children(section.id, Some(name), None, LARGEST_PAGE).await?.items;
        let is_it =
            |node: &Node| node.attribute("name").is_some_and(|found| found.eq_ignore_ascii_case(name));
        if let Some(found) = found.iter().find(|row| is_it(&row.node)) {
            return Ok(store.subtree(found.node.id).await?.map(|found| found.node));
        }
    }
    Ok(None)
}

fn missing(id: NodeId) -> Error {
    Error::NotFound { what: "node", name: id.to_string() }
}

/// Whether the way to a node begins at this root: those of other instances do not exist for it.
fn begins_with(path: &[Step], root: NodeId) -> bool {
    path.first().is_some_and(|first| first.id == root)
}
