//! Looking at the tree, and changing it.

use custompbx_model::{Edit, Node};
use custompbx_pbx::{Change, Changed, Result};

use super::{INSTANCE, TestPbx};

impl TestPbx {
    /// The whole tree.
    pub async fn tree(&self) -> Node {
        let store = self.pbx.store().expect("the database is there");
        let instance = self.pbx.instance(INSTANCE).await.expect("the instance is there");
        store.tree(instance.id).await.expect("the tree can be read")
    }

    /// Makes a change as a person would.
    ///
    /// # Errors
    /// Those of [`custompbx_pbx::Pbx::change`].
    pub async fn try_change(&self, edits: Vec<Edit>) -> Result<Changed> {
        let instance = self.pbx.instance(INSTANCE).await?;
        let change = Change {
            instance: instance.id,
            actor: "test".into(),
            origin: "test".into(),
            summary: "a change".into(),
            edits,
        };
        self.pbx.change(change).await
    }

    /// Makes a change that works.
    pub async fn change(&self, edits: Vec<Edit>) -> Changed {
        self.try_change(edits).await.unwrap_or_else(|error| panic!("{}", error.chain()))
    }

    /// Gives the node at `way` another value of an attribute.
    pub async fn set(&self, way: &str, attribute: &str, value: &str) -> Changed {
        let tree = self.tree().await;
        let mut node = find(&tree, way).clone();
        node.set_attribute(attribute, value);
        self.change(vec![Edit::Update { id: node.id, attributes: node.attributes, text: node.text }]).await
    }
}

/// A node found by tags and names: `section/directory domain/d`.
pub fn find<'n>(root: &'n Node, way: &str) -> &'n Node {
    try_find(root, way).unwrap_or_else(|| panic!("there is no {way}"))
}

/// [`find`] that may find nothing.
pub fn try_find<'n>(root: &'n Node, way: &str) -> Option<&'n Node> {
    way.split_whitespace().try_fold(root, |node, step| {
        let (tag, name) = step.split_once('/').map_or((step, None), |(tag, name)| (tag, Some(name)));
        named_child(node, tag, name)
    })
}

/// The first child with this tag, and this name if one is given.
pub fn named_child<'n>(node: &'n Node, tag: &str, name: Option<&str>) -> Option<&'n Node> {
    let matches = |child: &&Node| &*child.tag == tag && (name.is_none() || child.natural_name() == name);
    node.children.iter().find(matches)
}

/// An element with a name.
pub fn named(tag: &str, name: &str) -> Node {
    Node::new(tag).with("name", name)
}
