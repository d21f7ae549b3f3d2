//! A collection whose elements have names, seen as a whole: for upserting many of them at once.

use std::collections::HashMap;

use custompbx_model::address::Address;
use custompbx_model::declare::Inside;
use custompbx_model::wanted::Fault;
use custompbx_model::{At, Edit, Node, NodeId};
use custompbx_store::{InstanceId, Store};
use serde_json::Value;

use super::Outcome;
use super::container::Container;
use super::find::find;
use crate::change::head;
use crate::error::Result;

/// The longest name, in bytes.
const LONGEST_NAME: usize = 255;

/// The collection.
pub(crate) struct Named {
    parent: NodeId,
    around: Vec<Node>,
    /// The place of new elements from within.
    pub(crate) inside: Inside,
    /// Root first, the parent of new elements last, without their children.
    pub(crate) ancestors: Vec<Node>,
    /// The elements' tag.
    pub(crate) tag: Option<&'static str>,
    /// The attribute that names them.
    attribute: &'static str,
    /// Those that are there, by their names in lower case; the name as it is.
    pub(crate) known: HashMap<String, (NodeId, String)>,
}

impl Named {
    /// What a row calls its element: `key`, or the attribute that names it.
    pub(crate) fn name_of(&self, value: &Value) -> std::result::Result<String, Fault> {
        let key = value.get("key");
        let attribute = value.get("attributes").and_then(|attributes| attributes.get(self.attribute));
        let name = key.or(attribute);
        let name = match name {
            Some(Value::String(name)) => name.clone(),
            // 1000 without quotes is what people write.
            Some(Value::Number(name)) => name.to_string(),
            _ => {
                let message =
                    format!("a row names its element by key, or by the attribute {}", self.attribute);
                return Err(Fault::new("/key", message));
            }
        };
        if name.trim().is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
            let message = format!("a name has 1 to {LONGEST_NAME} bytes and no control characters");
            return Err(Fault::new("/key", message));
        }
        Ok(name)
    }

    /// The edit that adds elements at the end.
    pub(crate) fn insert(&self, nodes: Vec<Node>) -> Edit {
        let mut around = self.around.iter().rev().cloned();
        let nodes = match around.next() {
            None => nodes,
            Some(innermost) => {
                let holder = innermost.containing(nodes);
                vec![around.fold(holder, |inner, outer| outer.containing([inner]))]
            }
        };
        Edit::Insert { parent: self.parent, at: At::Last, nodes }
    }
}

/// The collection at an address; `None` where its elements have no names.
pub(crate) async fn named_container(
    store: &Store,
    instance: InstanceId,
    address: &Address,
) -> Result<Outcome<Option<Named>>> {
    let found = find(store, instance, address).await?;
    let container = match Container::of_found(store, found).await? {
        Ok(container) => container,
        Err(refused) => return Ok(Err(refused)),
    };
    let tag = container.tag(container.collection);
    let Some(attribute) = tag.and_then(|tag| container.inside.name_attribute(&Node::new(tag))) else {
        return Ok(Ok(None));
    };
    let gatherer = container.gatherer.as_ref().map(|it| it.id());
    let mut known = HashMap::new();
    let mut know = |id: NodeId, name: &str| {
        known.entry(name.to_lowercase()).or_insert_with(|| (id, name.to_owned()));
    };
    match gatherer {
        Some(domain) => {
            store.user_names(domain).await?.iter().for_each(|(id, name)| know(*id, name));
        }
        None if container.around.is_empty() => {
            for row in store.child_rows(container.parent.id()).await? {
                if Some(&*row.node.tag) == tag
                    && let Some(name) = row.node.attribute(attribute)
                {
                    know(row.node.id, name);
                }
            }
        }
        None => {}
    }
    let mut ancestors: Vec<Node> = match store.node(container.parent.id()).await? {
        Some((_, path)) => path.iter().map(head).collect(),
        None => Vec::new(),
    };
    ancestors.extend(container.around.iter().cloned());
    Ok(Ok(Some(Named {
        parent: container.parent.id(),
        around: container.around,
        inside: container.inside,
        ancestors,
        tag,
        attribute,
        known,
    })))
}
