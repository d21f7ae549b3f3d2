//! Everything in a context, with what it was compiled from.

use custompbx_model::Node;

use crate::context::Context;
use crate::extension::{Action, Condition, Extension};
use crate::undecidable::Place;

/// A condition, and where it is.
pub(super) struct Visited<'c> {
    pub(super) extension: &'c Extension,
    pub(super) condition: &'c Condition,
    pub(super) node: &'c Node,
    /// Counted from 1, and below it the nested ones.
    pub(super) path: Vec<usize>,
}

/// Calls `visit` for every condition, outer ones first.
pub(super) fn conditions<'c>(context: &'c Context, visit: &mut impl FnMut(&Visited<'c>)) {
    for extension in context.extensions() {
        in_extension(extension, visit);
    }
}

/// The same for one extension.
pub(super) fn in_extension<'c>(extension: &'c Extension, visit: &mut impl FnMut(&Visited<'c>)) {
    below(extension, extension.node(), &extension.conditions, &mut Vec::new(), visit);
}

fn below<'c>(
    extension: &'c Extension,
    node: &'c Node,
    conditions: &'c [Condition],
    path: &mut Vec<usize>,
    visit: &mut impl FnMut(&Visited<'c>),
) {
    for (number, (condition, node)) in conditions.iter().zip(enabled(node, "condition")).enumerate() {
        path.push(number + 1);
        visit(&Visited { extension, condition, node, path: path.clone() });
        below(extension, node, &condition.body.nested, path, visit);
        path.pop();
    }
}

/// The children of one kind that were compiled.
pub(super) fn enabled<'n>(node: &'n Node, tag: &'n str) -> impl Iterator<Item = &'n Node> {
    node.children_named(tag).filter(|child| child.enabled)
}

impl<'c> Visited<'c> {
    /// Actions and anti-actions, with their nodes.
    pub(super) fn actions(&self) -> impl Iterator<Item = (&'c Action, &'c Node)> {
        let actions = self.condition.body.actions.iter().zip(enabled(self.node, "action"));
        actions.chain(self.condition.body.anti_actions.iter().zip(enabled(self.node, "anti-action")))
    }

    pub(super) fn place(&self, node: custompbx_model::NodeId, what: &'static str) -> Place {
        Place { extension: Some(self.extension.name().to_string()), condition: self.path.clone(), node, what }
    }
}
