//! What FreeSWITCH gets follows the tree, also when the database does not answer.

mod away;
pub(crate) mod edits;
mod moves;
pub(crate) mod nodes;
