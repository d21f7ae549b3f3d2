//! Reading what steps are about, as it stands now.

use std::collections::BTreeSet;

use custompbx_model::NodeId;
use custompbx_store::{Change, Op, Store};

use super::canvas::{Canvas, Cell};
use crate::error::Result;

/// The nodes that the steps touch, as far as they are there; all that lies below those that would go; and what lies
/// above all of these.
pub(super) async fn load(store: &Store, changes: &[Change]) -> Result<Canvas> {
    let mut came = BTreeSet::new();
    let mut touched = BTreeSet::new();
    // Whose children come, go or move.
    let mut parents = BTreeSet::new();
    for change in changes {
        let siblings = [&change.before, &change.after].into_iter().flatten();
        for siblings in siblings {
            let nodes = if change.op == Op::Insert { &mut came } else { &mut touched };
            for node in &siblings.nodes {
                node.walk(&mut |node| {
                    nodes.insert(node.id);
                });
            }
            if matches!(change.op, Op::Insert | Op::Delete | Op::Move) {
                parents.extend(siblings.parent);
            }
        }
    }
    let mut canvas = Canvas::default();
    for found in store.subtrees(&Vec::from_iter(came)).await? {
        canvas.add_whole(found.parent, &found.node);
    }
    touched.extend(&parents);
    touched.extend(canvas.nodes.values().filter_map(|cell| cell.parent));
    while !touched.is_empty() {
        let missing: Vec<NodeId> =
            touched.iter().copied().filter(|id| !canvas.nodes.contains_key(id)).collect();
        touched.clear();
        for (parent, head) in store.heads_of(&missing).await? {
            touched.extend(parent);
            canvas.nodes.insert(head.id, Cell { parent, head });
        }
    }
    parents.retain(|id| canvas.nodes.contains_key(id) && !canvas.children.contains_key(id));
    let parents = Vec::from_iter(parents);
    let mut children = store.child_ids(&parents).await?;
    canvas.children.extend(parents.into_iter().map(|id| (id, children.remove(&id).unwrap_or_default())));
    Ok(canvas)
}
