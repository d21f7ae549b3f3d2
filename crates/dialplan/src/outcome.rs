//! What an evaluation comes to.

use std::fmt;

use custompbx_model::NodeId;

use crate::trace::Trace;
use crate::undecidable::Undecidable;
use crate::value::Value;
use crate::variables::Variables;

/// An action that the evaluation came to, inline or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The node of the action.
    pub node: NodeId,
    /// The application; empty if there is no attribute.
    pub application: Value,
    /// With the groups put in; `${name}` is not expanded.
    pub data: Value,
    /// It ran during the hunt, and is not among the extension's applications.
    pub inline: bool,
    /// It is an `anti-action`.
    pub anti: bool,
    /// Global variables that only the switch knows, and that still stand as `$${name}` in the data.
    pub missing: Vec<Value>,
}

/// An application that ran during the hunt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineRun {
    /// The application.
    pub application: Value,
    /// After expansion, as an `EXECUTE` line has it.
    pub data: Value,
}

/// As FreeSWITCH's log has it.
impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.application, self.data)
    }
}

/// As FreeSWITCH's log has it.
impl fmt::Display for InlineRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.application, self.data)
    }
}

/// What the switch would have changed itself while it hunted, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A channel variable was set; the name may be that of an element (`name[i]`).
    Set {
        /// Its name.
        name: Value,
        /// Its value.
        value: Value,
    },
    /// An element was added behind the others.
    Push {
        /// The name of the array.
        name: Value,
        /// The element.
        value: Value,
    },
    /// An element was added before the others.
    Unshift {
        /// The name of the array.
        name: Value,
        /// The element.
        value: Value,
    },
    /// A channel variable that there was, was deleted.
    Delete {
        /// Its name.
        name: Value,
    },
    /// A global variable was set; none deletes it.
    SetGlobal {
        /// Its name.
        name: Value,
        /// Its value.
        value: Option<Value>,
    },
    /// A field of the caller profile was set.
    SetProfile {
        /// Its name.
        name: Value,
        /// Its value.
        value: Value,
    },
    /// The call was hung up, for an inline application that there is not. The hunt goes on to its end all the same.
    HangUp {
        /// The cause.
        cause: &'static str,
    },
}

/// What an evaluation came to, as far as it came.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was tested, and what came of it; empty if no trace was wanted.
    pub trace: Trace,
    /// Every action that was reached, in order; those of extensions that did not match too.
    pub actions: Vec<Taken>,
    /// What ran during the hunt.
    pub inline: Vec<InlineRun>,
    /// Rule 7: the extension, even one without applications, by its name: that of the first one of the context that an
    /// action was reached in. Without one the call ends with `NO_ROUTE_DESTINATION`.
    pub extension: Option<Value>,
    /// What was changed on the way.
    pub changes: Vec<Change>,
    /// The channel variables in the end; none if they are still those of the call.
    pub variables: Option<Variables>,
    /// Where the evaluation stopped because it could not go on. What stands in the other fields comes before it.
    pub undecidable: Option<Undecidable>,
}

impl Outcome {
    /// One of which nothing is known but why.
    pub(crate) fn unknown(why: Undecidable) -> Self {
        Self {
            trace: Trace::default(),
            actions: Vec::new(),
            inline: Vec::new(),
            extension: None,
            changes: Vec::new(),
            variables: None,
            undecidable: Some(why),
        }
    }

    /// Whether the call was hung up during the hunt.
    pub fn is_hung_up(&self) -> bool {
        self.changes.iter().any(|change| matches!(change, Change::HangUp { .. }))
    }

    /// The state that the channel goes to: `CS_EXECUTE` if there is an extension and the call is still up.
    pub fn next_state(&self) -> Option<&'static str> {
        (self.undecidable.is_none() && self.extension.is_some() && !self.is_hung_up()).then_some("CS_EXECUTE")
    }

    /// The applications of the extension, in order.
    pub fn applications(&self) -> impl Iterator<Item = &Taken> {
        self.actions.iter().filter(|action| !action.inline)
    }
}
