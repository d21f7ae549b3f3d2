//! What FreeSWITCH's configuration *is*: one tree of [`Node`]s, the declarations that say what is known of each
//! module, and the way in and out of XML.
//!
//! - [`node`]: the tree, as it is kept, served, compared and undone;
//! - [`xml`]: FreeSWITCH's XML read as its own parser reads it, and written so that nothing in it can be mistaken
//!   for markup or for a preprocessor command;
//! - [`declare`]: the vocabulary of declarations, and validation by them;
//! - [`modules`]: one declaration for each module; adding one touches one file there and one line in its list;
//! - [`variables`]: `$${name}`, FreeSWITCH's global variables;
//! - [`merge`]: what must change so that a stored tree holds an imported one;
//! - [`address`]: the way to a node by natural keys, as REST's paths have it;
//! - [`wanted`]: what somebody wants an element to be, and the edits that make it so.
//!
//! Nothing here waits, reads a clock or does I/O.

pub mod address;
pub mod declare;
pub mod edit;
pub mod merge;
pub mod modules;
pub mod node;
pub mod variables;
pub mod wanted;
pub mod xml;

pub use edit::{At, Edit, Part};
pub use node::{Attribute, Node, NodeId, Text};
