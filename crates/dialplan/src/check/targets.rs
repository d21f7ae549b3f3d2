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

/// What the data of a transfer says.
pub(crate) struct Words {
    pub(crate) leg: Option<String>,
    pub(crate) extension: String,
    pub(crate) dialplan: Option<String>,
    pub(crate) context: Option<String>,
}

/// Takes the data of a transfer apart; none without a number.
pub(crate) fn target_of(data: &[u8]) -> Option<Words> {
    let words = split(data, b' ');
    let mut words = words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).peekable();
    let leg = words.next_if(|word| LEGS.iter().any(|leg| same_word(leg.as_bytes(), word.as_bytes())));
    Some(Words { leg, extension: words.next()?, dialplan: words.next(), context: words.next() })
}

pub(super) fn of(context: &Context) -> Vec<Target> {
    let mut targets = Vec::new();
    conditions(context, &mut |visited| {
        for (action, _) in visited.actions() {
            let name = action.application.shown();
            if !APPLICATIONS.iter().any(|known| same_word(known.as_bytes(), name)) {
                continue;
            }
            let Some(words) = target_of(action.data.shown()) else { continue };
            targets.push(Target {
                from: visited.extension.name().to_string(),
                node: action.node,
                application: String::from_utf8_lossy(name).to_ascii_lowercase(),
                extension: words.extension,
                dialplan: words.dialplan,
                context: words.context,
                is_fixed: !action.data.shown().contains(&b'$'),
            });
        }
    });
    targets
}
