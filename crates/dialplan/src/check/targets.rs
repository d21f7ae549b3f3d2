//! Where actions lead that go to another extension.

use custompbx_model::NodeId;

use super::walk::conditions;
use crate::context::Context;
use crate::split::split;
use crate::words::same_word;

/// Another extension that an action goes to, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The extension that leads there.
    pub from: String,
    /// The action.
    pub node: NodeId,
    /// `transfer` or `execute_extension`.
    pub application: String,
    /// The number.
    pub extension: String,
    /// The dialplan; without one that of the call.
    pub dialplan: Option<String>,
    /// The context; without one that of the call.
    pub context: Option<String>,
    /// Nothing in it depends on the call.
    pub is_fixed: bool,
}

const APPLICATIONS: [&str; 2] = ["transfer", "execute_extension"];
/// What may stand before the number of a transfer.
const LEGS: [&str; 3] = ["-aleg", "-bleg", "-both"];

pub(super) fn of(context: &Context) -> Vec<Target> {
    let mut targets = Vec::new();
    conditions(context, &mut |visited| {
        for (action, _) in visited.actions() {
            let name = action.application.shown();
            if !APPLICATIONS.iter().any(|known| same_word(known.as_bytes(), name)) {
                continue;
            }
            let words = split(action.data.shown(), b' ');
            let mut words = words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).peekable();
            words.next_if(|word| LEGS.iter().any(|leg| same_word(leg.as_bytes(), word.as_bytes())));
            let Some(extension) = words.next() else { continue };
            targets.push(Target {
                from: visited.extension.name().to_string(),
                node: action.node,
                application: String::from_utf8_lossy(name).to_ascii_lowercase(),
                extension,
                dialplan: words.next(),
                context: words.next(),
                is_fixed: !action.data.shown().contains(&b'$'),
            });
        }
    });
    targets
}
